#ifndef AMID_HTTP_ANSWER_H
#define AMID_HTTP_ANSWER_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* How an answer says where its body ends. */
enum http_framing {
    HTTP_FRAMING_LENGTH,
    HTTP_FRAMING_CHUNKED,
    HTTP_FRAMING_CLOSE, /* HTTP/1.0 streams */
    HTTP_FRAMING_NONE   /* 204: there is no body */
};

struct http_answer {
    int status;
    const char *type; /* NULL = application/json */
    enum http_framing framing;
    size_t length;
    bool keep_alive;
    bool is_old;                /* the client speaks HTTP/1.0: keep-alive has to be said */
    const char *origin;         /* for CORS */
    const char *asked_origin;   /* of the request, NULL = none */
    const struct buffer *extra; /* further header lines, or NULL */
};

/* Writes status line and headers with the empty line. 0 or AMID_E_NOMEM. */
int http_answer_write_head(struct evbuffer *out, const struct http_answer *answer);
/* For a Date header; valid until the next call. */
const char *http_date_text(void);
const char *http_status_phrase(int status);

#endif
