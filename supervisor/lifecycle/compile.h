#ifndef AMID_LIFECYCLE_COMPILE_H
#define AMID_LIFECYCLE_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/registry/worker.h"

/*
 * Compiles owners' scripts in confined, short-lived clones of the compiler zygote: at most
 * config.compile_parallel at once, the others wait in a bounded queue ordered by priority. Results
 * are cached on disk (ES5 text and line table, never bytecode; key = SHA-256 of source, options and
 * compiler build; each value carries its own hash).
 */
struct compiler;

struct compile_result {
    const char *code; /* ES5 text */
    size_t code_len;
    const char *lines; /* line table, see proto LOAD */
    size_t lines_len;
    const char *minified;
    size_t minified_len;
    const char *warnings; /* JSON array of {message, line, column} */
    size_t warnings_len;
    const char *needs; /* JSON array of what it asks of modules: "i" (import) or "r" (require) and
                          the specifier */
    size_t needs_len;
    /* Only when error is AMID_E_SYNTAX: */
    const char *message;
    uint32_t line;
    uint32_t column;
};

/* error: 0, AMID_E_SYNTAX (result has message, line, column), AMID_E_TOO_LARGE (memory or size),
 * AMID_E_TIMEOUT, AMID_E_CLOSED (the clone died), AMID_E_STOPPED (shutdown). result is borrowed;
 * NULL when there is nothing to say. */
typedef void (*compile_fn)(void *arg, int error, const struct compile_result *result);

/* 0: fn is called exactly once, later. AMID_E_BUSY: the queue is full. dependencies_json: JSON
 * array text. */
int compile_submit(struct compiler *compiler, enum worker_priority priority, const char *source,
                   size_t len, const char *dependencies_json, compile_fn fn, void *arg);
/* Same for a file of a package. */
int compile_submit_module(struct compiler *compiler, enum worker_priority priority,
                          const char *source, size_t len, bool is_module, compile_fn fn, void *arg);
/* Forgets a caller who is going away: his fn will not be called. */
void compile_cancel(struct compiler *compiler, compile_fn fn, void *arg);

#endif
