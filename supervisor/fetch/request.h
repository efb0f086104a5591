#ifndef AMID_FETCH_REQUEST_H
#define AMID_FETCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/curl/curl_library.h"

#define REQUEST_METHOD_MAX_BYTES  32
#define REQUEST_HEADERS_MAX       128
#define REQUEST_HEADERS_MAX_BYTES (64u * 1024)
#define REQUEST_BODY_MAX_BYTES    (4u * 1024 * 1024 - 128u * 1024) /* one frame, less its head */

enum request_redirect { REQUEST_FOLLOW, REQUEST_REFUSE, REQUEST_MANUAL };

struct request_header {
    const char *name, *value; /* bytes as they go out */
};

/* What is asked for, from a script: nothing in it is believed. Everything is borrowed. */
struct request {
    const char *method;
    const char *url;
    const struct request_header *headers;
    size_t header_count;
    enum request_redirect redirect;
    uint32_t timeout_ms; /* for all of it; 0 = as long as it makes progress */
    bool has_body;
    const uint8_t *body;
    size_t body_len;
};

/* 0, or AMID_E_INVALID / AMID_E_TOO_LARGE with a sentence. */
int request_check(const struct request *request, char *fault, size_t fault_size);
/* True for the headers that amid or curl writes itself: whoever may choose them chooses where a
 * message ends, or which of a machine's hosts is meant whatever the permission says. */
bool request_header_is_ours(const char *name);
/* Adds "name: value" to a list for curl. On AMID_E_NOMEM the list stays as it was. */
int request_header_add(struct curl_slist **list, const char *name, const char *value);

#endif
