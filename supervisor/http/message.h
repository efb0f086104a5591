#ifndef AMID_HTTP_MESSAGE_H
#define AMID_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

#define HTTP_HEADERS_MAX 100

/* A request as the parser leaves it. Owned by the struct http_request it is part of. */
struct http_message {
    uint8_t method; /* llhttp's number */
    uint8_t major;
    uint8_t minor;
    bool keep_alive;
    bool has_length;
    uint64_t content_length; /* 0 unless has_length */
    struct buffer text;      /* the target, then name and value of each header, NUL after each */
    size_t target_len;
    size_t header_count;
    struct {
        uint16_t name; /* offsets into text */
        uint16_t value;
    } headers[HTTP_HEADERS_MAX];
    struct buffer body;
};

void http_message_init(struct http_message *message);
void http_message_free(struct http_message *message);
/* The value of the first header of that name (any case), NULL if there is none. */
const char *http_message_header(const struct http_message *message, const char *name);
size_t http_message_header_count(const struct http_message *message, const char *name);
/* True if a comma-separated header value lists the token (any case). */
bool http_token_is_listed(const char *value, const char *token);

/*
 * Checks what llhttp leaves to its caller, once the head is complete: version, Host, transfer
 * coding, headers that must not be repeated. 0, or the HTTP status with a sentence in *ret_reason
 * (static).
 */
int http_message_check(const struct http_message *message, const char **ret_reason);

#endif
