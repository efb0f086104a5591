#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "common/utf8.h"
#include "proto/wire.h"
#include "supervisor/broker/broker_call.h"

#define WINDOW_MS 1000
/* A worker this far over its rate is not even read for the rest of the second. */
#define FLOOD_TIMES 20

static const uint32_t rates[WORKER_PRIORITY_MAX] = {
    [WORKER_CRITICAL] = 1000,
    [WORKER_HIGH] = 500,
    [WORKER_NORMAL] = 200,
    [WORKER_LOW] = 50,
};

uint32_t broker_log_rate(enum worker_priority priority)
{
    return rates[priority];
}

static void window_close(struct broker_worker *worker)
{
    struct log_about about = {
        .event = "log-suppressed", .sid = worker->sid, .instance = worker->instance};

    if (worker->suppressed > 0)
        log_warn(&about, "suppressed %u lines: more than %u a second", (unsigned)worker->suppressed,
                 (unsigned)rates[worker->priority]);
    worker->suppressed = 0;
    worker->window_lines = 0;
}

static void window_ends(void *arg)
{
    struct broker_worker *worker = arg;

    window_close(worker);
    worker->is_flooding = false;
    broker_hold(worker);
}

void broker_log_begin(struct broker_worker *worker)
{
    worker->is_flooding = false;
    worker->window_lines = 0;
    worker->suppressed = 0;
    timer_init(&worker->window, worker->broker->timers, window_ends, worker);
}

void broker_log_end(struct broker_worker *worker)
{
    timer_stop(&worker->window);
    window_close(worker);
}

/* True if the line is within the worker's rate. */
static bool line_is_admitted(struct broker_worker *worker)
{
    if (!timer_is_pending(&worker->window))
        timer_start(&worker->window, WINDOW_MS);
    if (++worker->window_lines <= rates[worker->priority])
        return true;
    worker->suppressed++;
    if (worker->window_lines > rates[worker->priority] * FLOOD_TIMES) {
        worker->is_flooding = true;
        broker_hold(worker);
    }
    return false;
}

/* Text of a script as a record may hold it: UTF-8, no NUL, no control characters but tab and line
 * feed, which every sink escapes in its own way. NULL when out of memory. */
static char *clean_text(const uint8_t *text, size_t len, size_t *ret_len)
{
    char *clean = malloc(3 * len + 1);
    size_t out = 0;

    if (clean == NULL)
        return NULL;
    for (size_t i = 0; i < len;) {
        size_t width = utf8_width((const char *)text + i, len - i);

        if (width == 0 || (width == 1 && text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') ||
            (width == 1 && text[i] == 0x7f)) {
            memcpy(clean + out, "\xef\xbf\xbd", 3);
            out += 3;
            i++;
            continue;
        }
        memcpy(clean + out, text + i, width);
        out += width;
        i += width;
    }
    clean[out] = '\0';
    *ret_len = out;
    return clean;
}

int broker_log(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len)
{
    struct log_about about = {
        .sid = worker->sid, .instance = worker->instance, .from_script = true};
    size_t text_len, fields_len, clean_len;
    const uint8_t *text, *fields;
    struct wire_reader reader;
    struct json_fault fault;
    char *copy = NULL;
    uint8_t level;
    char *clean;

    (void)id;
    wire_read(&reader, payload, len);
    level = wire_get_u8(&reader);
    text = wire_get_bytes(&reader, len, &text_len);
    fields = wire_get_bytes(&reader, len, &fields_len);
    if (!wire_end(&reader) || level >= LOG_LEVEL_MAX)
        return AMID_E_PROTOCOL;
    if ((enum log_level)level < worker->level || !line_is_admitted(worker))
        return 0;
    if (fields_len > 0 && fields[0] == '{' &&
        json_check((const char *)fields, fields_len, false, &fault) == 0)
        copy = strndup((const char *)fields, fields_len);
    about.fields = copy;
    if (text_len > LOG_TEXT_MAX_BYTES)
        text_len = LOG_TEXT_MAX_BYTES;
    clean = clean_text(text, text_len, &clean_len);
    if (clean != NULL)
        log_text((enum log_level)level, &about, clean, clean_len);
    free(clean);
    free(copy);
    return 0;
}
