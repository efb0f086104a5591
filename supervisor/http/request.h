#ifndef AMID_HTTP_REQUEST_H
#define AMID_HTTP_REQUEST_H

#include <stdbool.h>

#include "supervisor/http/message.h"
#include "supervisor/http/route.h"
#include "supervisor/http/server.h"
#include "supervisor/http/target.h"

#include "supervisor/http/forward.h"

struct http_connection;

#define HTTP_EXTRA_HEADERS_MAX 8
#define HTTP_EXTRA_MAX_BYTES   2048

/*
 * From the first byte of a request until its answer. Owned by the connection while it is being
 * read, then by the handler, who gives it up by answering.
 */
struct http_request {
    struct http_connection *connection; /* NULL once the client has gone */
    const struct http_route *route;
    struct http_message message;
    struct http_target target;
    bool is_local; /* over the unix socket */
    bool is_tls;
    bool is_streaming;
    bool is_handed_over; /* to a handler; the connection no longer owns it */
    struct http_forward_events events;
    bool has_left;
    uint64_t left;       /* bytes that the answer's head has promised and that are still to come */
    bool body_awaits_us; /* Expect: 100-continue, and nobody told the client to go on */
    enum { STREAM_DROPPED, STREAM_CHUNKED, STREAM_PLAIN } stream; /* how stream bytes are written */
    size_t extra_count;
    struct buffer extra; /* header lines for the answer */
    void (*gone)(void *arg);
    void *gone_arg;
    char peer[HTTP_PEER_BYTES]; /* see http_request_peer */
    _Alignas(16) unsigned char note[HTTP_NOTE_BYTES];
};

struct http_request *http_request_new(struct http_connection *connection, const char *peer);
void http_request_free(struct http_request *request);
/* Calls what waits for it, once. */
void http_request_tell_gone(struct http_request *request);
bool http_request_is_head(const struct http_request *request);

#endif
