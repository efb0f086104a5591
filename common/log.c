#include "common/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log_line.h"

static const char *const level_names[LOG_LEVEL_MAX] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_ERROR] = "error",
};

static void stderr_sink(void *arg, const struct log_record *record)
{
    struct buffer line;

    (void)arg;
    buffer_init(&line, LOG_LINE_MAX_BYTES);
    log_line_format(&line, record);
    /* One write keeps the lines of several processes apart. */
    if (buffer_status(&line) == 0) {
        ssize_t written = write(STDERR_FILENO, line.data, line.len);

        (void)written; /* there is nobody to tell */
    }
    buffer_free(&line);
}

static log_sink_fn current_sink = stderr_sink;
static void *current_arg;
static enum log_level current_level = LOG_LEVEL_INFO;

void log_set_sink(log_sink_fn sink, void *arg)
{
    current_sink = sink != NULL ? sink : stderr_sink;
    current_arg = arg;
}

void log_set_level(enum log_level level)
{
    current_level = level;
}

enum log_level log_level(void)
{
    return current_level;
}

int log_level_parse(const char *name, enum log_level *ret_level)
{
    for (int i = 0; i < LOG_LEVEL_MAX; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return AMID_E_INVALID;
}

const char *log_level_name(enum log_level level)
{
    return level < LOG_LEVEL_MAX ? level_names[level] : NULL;
}

static bool is_below_level(enum log_level level, const struct log_about *about)
{
    return level < current_level && (about == NULL || !about->from_script);
}

/* text must be readable up to text[LOG_TEXT_MAX_BYTES] where len is larger. */
static size_t cut_on_character(const char *text, size_t len)
{
    size_t cut = LOG_TEXT_MAX_BYTES;

    if (len <= LOG_TEXT_MAX_BYTES)
        return len;
    while (cut > LOG_TEXT_MAX_BYTES - 4 && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}

void log_text(enum log_level level, const struct log_about *about, const char *text, size_t len)
{
    struct log_record record = {.level = level, .about = about, .text = text};

    if (level >= LOG_LEVEL_MAX || is_below_level(level, about))
        return;
    record.real_ms = clock_real_ms();
    record.text_len = cut_on_character(text, len);
    current_sink(current_arg, &record);
}

void log_at(enum log_level level, const struct log_about *about, const char *format, ...)
{
    char text[LOG_TEXT_MAX_BYTES + 2];
    va_list args;
    int len;

    if (is_below_level(level, about))
        return;
    va_start(args, format);
    len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len < 0)
        return;
    log_text(level, about, text, (size_t)len < sizeof(text) ? (size_t)len : LOG_TEXT_MAX_BYTES + 1);
}
