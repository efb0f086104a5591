#ifndef AMID_API_SCRIPT_H
#define AMID_API_SCRIPT_H

#include "supervisor/api/call.h"

/* One compile on behalf of a call: what comes of an owner's text, or why nothing does. */
struct script {
    struct api *api;
    void (*done)(void *arg, int error);
    void *arg;
    char *minified; /* NULL until compiled */
    size_t minified_len;
    char *warnings; /* JSON array */
    size_t warnings_len;
    char *message; /* after AMID_E_SYNTAX */
    uint32_t line;
    uint32_t column;
};

/* 0: done is called later, once. worker tells priority and dependencies. script must be zeroed. */
int script_compile(struct script *script, struct api *api, const struct worker *worker,
                   const char *source, void (*done)(void *arg, int error), void *arg);
void script_cancel(struct script *script);
void script_free(struct script *script);

/* Answers the call with what the error of script_compile or done means. */
void script_refuse(const struct script *script, struct api_call *call, int error);

/* What the compiler has to say about a good script. */
bool script_has_warnings(const struct script *script);
void script_append_warnings(const struct script *script, struct buffer *out);

#endif
