#ifndef AMID_API_WEBFIX_H
#define AMID_API_WEBFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"
#include "supervisor/http/server.h"

/* The http_handler_fn of POST /: WebFIX 1.0 envelope and method table. arg: struct api. */
void webfix_handle(void *arg, struct http_request *request);

/* What an envelope asks for; separate from the request so that it can be fuzzed. */
struct webfix_envelope {
    struct cJSON *json; /* owned by the caller, freed with cJSON_Delete */
    const char *method; /* borrowed from json */
    const struct cJSON *body;
    bool is_current; /* "webfix":"1.0" */
};

/* 0, or AMID_E_INVALID / AMID_E_NOMEM with a sentence in ret_reason. */
int webfix_parse(const char *text, size_t len, struct webfix_envelope *ret_envelope,
                 char *ret_reason, size_t reason_size);
/* {"webfix":"1.0","error":{"code":…,"message":…}} */
void webfix_append_fault(struct buffer *out, int code, const char *message);

#endif
