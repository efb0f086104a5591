#ifndef AMID_HTTP_CONNECTION_H
#define AMID_HTTP_CONNECTION_H

#include <event2/util.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "supervisor/http/crowd.h"
#include "supervisor/http/route.h"
#include "supervisor/http/server.h"

struct http_connection;

/* Past these the connection stops reading, or stops answering pipelined requests. */
#define HTTP_INPUT_HIGH_BYTES  (64 * 1024)
#define HTTP_OUTPUT_HIGH_BYTES (256 * 1024)
#define HTTP_OUTPUT_LOW_BYTES  (64 * 1024)
/* What goes into one system call; libevent's own 16 KiB would need several turns for one list. */
#define HTTP_WRITE_BYTES (256 * 1024)
/* Requests of one connection answered before others get their turn. */
#define HTTP_PIPELINE_MAX 32
/* After the last answer: how long and how much is still read, so that the client sees the answer
 * and no reset. */
#define HTTP_LINGER_TIME_MS   2000
#define HTTP_LINGER_MAX_BYTES (HTTP_BODY_MAX_BYTES + HTTP_INPUT_HIGH_BYTES)

/* What connections share; owned by the server. */
struct http_context {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    struct http_routes routes;
    http_handler_fn forward; /* instead of routes; NULL = routes */
    void *forward_arg;
    struct http_tls *tls; /* NULL = none */
    struct http_crowd crowd;
    uint64_t body_max;
    struct http_quota *quota; /* borrowed; NULL = none */
    http_admit_fn admit;
    void *admit_arg;
    http_refused_fn refused; /* NULL = nobody wants to know */
    void *refused_arg;
    char *cors_origin;
    char *trusted_proxies;
    bool is_draining;
    struct http_counts counts;
    struct http_connection *first; /* every open connection */
};

/* "127.0.0.1:51234", "[::1]:51234", "local". */
void connection_write_peer(const struct sockaddr *peer, char out[HTTP_PEER_BYTES]);
struct http_context *http_server_context(struct http_server *server);
/* Takes over fd, also on failure. refuse: answers 503 to its first request. */
int connection_open(struct http_context *context, evutil_socket_t fd, const struct sockaddr *peer,
                    bool refuse);
/* Closes at once; a request in a handler's hands lives on without it. */
void connection_close(struct http_connection *connection);
/* Closes what is idle; the others close after the answer under way, streams end now. */
void connection_drain(struct http_connection *connection);
struct http_connection *connection_next(const struct http_connection *connection);

/* Somebody took of the body for which the client was held back. */
void connection_body_taken(struct http_connection *connection);
/* From now on a client who takes nothing of the answer is cut off after a while. */
void connection_stall(struct http_connection *connection);

/* The answer to the request under way; body is from malloc and becomes ours. */
void connection_answer(struct http_connection *connection, int status, const char *type, char *body,
                       size_t len);
int connection_stream_begin(struct http_connection *connection, int status, const char *type);
int connection_stream_write(struct http_connection *connection, const char *data, size_t len);
void connection_stream_end(struct http_connection *connection);

#endif
