#ifndef AMID_COMMON_LOG_H
#define AMID_COMMON_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_MAX };

/* What a line is about. Any pointer may be NULL; all are borrowed for the duration of the call. */
struct log_about {
    const char *event;  /* AMID_EVENT: a fixed identifier of ours such as "instance-exit" */
    const char *sid;    /* WORKER_SID */
    uint64_t instance;  /* WORKER_INSTANCE, 0 = none */
    const char *peer;   /* AMID_PEER: address of an HTTP client */
    bool from_script;   /* the text was written by a worker's script */
    const char *fields; /* JSON object from a script's logger call, or NULL */
    const char *audit;  /* AMID_AUDIT: a row of the audit table; such a record is the owner's, none
                           of the worker's own lines */
};

struct log_record {
    enum log_level level;
    int64_t real_ms; /* wall clock, for display */
    const struct log_about *about;
    const char *text; /* not terminated by a newline; may hold any byte but NUL */
    size_t text_len;
};

/* The sink gets every record at or above the level, and those from scripts whatever theirs is: each
 * worker has a level of its own, applied before. It must not log. The default sink writes a line to
 * stderr. Any thread may log, but only the loop's about a worker. */
typedef void (*log_sink_fn)(void *arg, const struct log_record *record);
void log_set_sink(log_sink_fn sink, void *arg);
void log_set_level(enum log_level level);
enum log_level log_level(void);
/* "debug", "info", "warn", "error"; -1 / NULL for anything else. */
int log_level_parse(const char *name, enum log_level *ret_level);
const char *log_level_name(enum log_level level);

/* Texts longer than LOG_TEXT_MAX_BYTES are cut on a character boundary. */
#define LOG_TEXT_MAX_BYTES 8192

void log_at(enum log_level level, const struct log_about *about, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Same, for a text that is already there. */
void log_text(enum log_level level, const struct log_about *about, const char *text, size_t len);

#define log_debug(about, ...) log_at(LOG_LEVEL_DEBUG, (about), __VA_ARGS__)
#define log_info(about, ...)  log_at(LOG_LEVEL_INFO, (about), __VA_ARGS__)
#define log_warn(about, ...)  log_at(LOG_LEVEL_WARN, (about), __VA_ARGS__)
#define log_error(about, ...) log_at(LOG_LEVEL_ERROR, (about), __VA_ARGS__)

#endif
