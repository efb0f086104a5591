#ifndef AMID_HTTP_FORWARD_H
#define AMID_HTTP_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/http/server.h"

/*
 * Requests that are passed on instead of being answered from a route: each is handed over at its
 * head, or once its body has come if that is announced as small. A longer body streams, and the
 * client is held back while nobody takes it. The answer has the headers that its author gives it;
 * where a body ends, and whether the connection goes on, stays ours.
 */
#define HTTP_FORWARD_WHOLE_BYTES (16 * 1024) /* a body of at most this is waited for */
#define HTTP_FORWARD_BODY_BYTES  (64 * 1024) /* not taken: past this the client is not read from */
/* A client that takes nothing of an answer for this long is cut off. */
#define HTTP_FORWARD_STALL_MS HTTP_IDLE_TIME_MS

/* Called from the loop; each may answer. Members may be NULL. */
struct http_forward_events {
    void (*body)(void *arg);    /* there is more of the body, or its end */
    void (*drained)(void *arg); /* most of what was written is sent */
    void (*gone)(void *arg);    /* once: the client has gone, or sends nonsense for a body */
    void *arg;
};

struct http_forward_head {
    int status;
    const char *lines; /* whole header lines, each with its CR LF, checked by the caller */
    size_t lines_len;
    bool has_date; /* lines holds a Date */
    bool has_length;
    uint64_t length; /* of the body to come */
};

/* Every request goes to fn; there are no routes, no admission and no CORS. */
void http_server_forward(struct http_server *server, http_handler_fn fn, void *arg);

void http_forward_watch(struct http_request *request, const struct http_forward_events *events);
/* "HEAD" too. Static. */
const char *http_forward_method(const struct http_request *request);
bool http_forward_is_head(const struct http_request *request);
/* As it was sent: "/path?query", "http://host/path" or "*". */
const char *http_forward_target(const struct http_request *request, size_t *ret_len);
/* The n-th header in the order sent, false beyond the last. */
bool http_forward_header(const struct http_request *request, size_t n, const char **ret_name,
                         const char **ret_value);
bool http_forward_has_body(const struct http_request *request);
/* The client sends its body only when told to, and was not. */
bool http_forward_awaits(const struct http_request *request);
/* What has come and was not taken yet; valid until the loop goes on. ret_end: nothing follows it.
 * A client who waits for it is told to continue. */
const char *http_forward_body(struct http_request *request, size_t *ret_len, bool *ret_end);
/* Takes the first len bytes of it. */
void http_forward_take(struct http_request *request, size_t len);

/* A whole answer. Consumes the request; the body is copied. */
void http_forward_answer(struct http_request *request, const struct http_forward_head *head,
                         const void *body, size_t len);
/* An answer in pieces: begin, any number of writes, end. 0, AMID_E_NOMEM or AMID_E_CLOSED. */
int http_forward_begin(struct http_request *request, const struct http_forward_head *head);
/* Also AMID_E_LIMIT: the client is behind by HTTP_STREAM_MAX_BYTES, ask http_forward_unsent first;
 * AMID_E_TOO_LARGE: more than the head has promised. */
int http_forward_write(struct http_request *request, const void *data, size_t len);
/* Bytes that the client has not taken yet. */
size_t http_forward_unsent(const struct http_request *request);
/* Consumes the request. An answer shorter than promised cuts the connection, so that the client
 * sees it. */
void http_forward_end(struct http_request *request);
/* Consumes the request and cuts the connection: what was answered so far must not look complete. */
void http_forward_cut(struct http_request *request);

#endif
