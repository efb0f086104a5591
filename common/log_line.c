#include "common/log_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/utf8.h"

#define SID_SHOWN_CHARS 8

static const char *const level_column[LOG_LEVEL_MAX] = {
    [LOG_LEVEL_DEBUG] = "DEBUG",
    [LOG_LEVEL_INFO] = "INFO ",
    [LOG_LEVEL_WARN] = "WARN ",
    [LOG_LEVEL_ERROR] = "ERROR",
};

/* Line and paragraph separator end a line in some viewers; the direction marks reorder one. */
static bool is_hidden(uint32_t code)
{
    return (code >= 0x80 && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static void escape_control(struct buffer *out, unsigned char c)
{
    switch (c) {
    case '\n':
        buffer_append_str(out, "\\n");
        break;
    case '\r':
        buffer_append_str(out, "\\r");
        break;
    case '\t':
        buffer_append_str(out, "\\t");
        break;
    default:
        buffer_printf(out, "\\x%02x", c);
    }
}

void log_line_escape(struct buffer *out, const char *text, size_t len)
{
    size_t plain = 0; /* start of what can be copied as it is */
    size_t i = 0;

    while (i < len) {
        size_t n = utf8_width(text + i, len - i);
        uint32_t code = n > 0 ? utf8_char(text + i, n) : 0;

        if (n > 0 && code >= 0x20 && code != 0x7f && !is_hidden(code)) {
            i += n;
            continue;
        }
        buffer_append(out, text + plain, i - plain);
        if (n <= 1)
            escape_control(out, (unsigned char)text[i]);
        else
            buffer_printf(out, "\\u%04" PRIx32, code);
        i += n == 0 ? 1 : n;
        plain = i;
    }
    buffer_append(out, text + plain, len - plain);
}

void log_line_time(int64_t real_ms, char out[LOG_LINE_TIME_BYTES])
{
    time_t seconds = (time_t)(real_ms / 1000);
    struct tm tm;
    size_t len;

    if (gmtime_r(&seconds, &tm) == NULL) {
        out[0] = '\0';
        return;
    }
    len = strftime(out, LOG_LINE_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, LOG_LINE_TIME_BYTES - len, ".%03dZ", (int)(real_ms % 1000));
}

void log_line_format(struct buffer *out, const struct log_record *record)
{
    const struct log_about *about = record->about;
    char when[LOG_LINE_TIME_BYTES];

    log_line_time(record->real_ms, when);
    buffer_printf(out, "%s %s ", when, level_column[record->level]);
    if (about != NULL && about->sid != NULL) {
        buffer_append_char(out, '[');
        log_line_escape(out, about->sid, strnlen(about->sid, SID_SHOWN_CHARS));
        if (about->instance != 0)
            buffer_printf(out, "#%" PRIu64, about->instance);
        buffer_append_str(out, "] ");
    }
    if (about != NULL && about->peer != NULL) {
        buffer_append_char(out, '<');
        log_line_escape(out, about->peer, strnlen(about->peer, 64));
        buffer_append_str(out, "> ");
    }
    log_line_escape(out, record->text, record->text_len);
    buffer_append_char(out, '\n');
}
