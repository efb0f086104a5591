#ifndef AMID_HTTP_SERVER_H
#define AMID_HTTP_SERVER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/loop/defer.h"
#include "supervisor/loop/timer.h"

/*
 * HTTP/1.1 on bufferevents with llhttp. Knows nothing of workers. A handler gets the whole request
 * (body bounded) and answers now or later through http_respond, or streams with http_stream_*; a
 * request whose client has gone stays valid until answered (answers go nowhere).
 */
#define HTTP_HEADER_MAX_BYTES  (16 * 1024)
#define HTTP_BODY_MAX_BYTES    (1024 * 1024)
#define HTTP_HANDSHAKE_TIME_MS 10000
#define HTTP_HEADER_TIME_MS    10000
#define HTTP_BODY_TIME_MS      30000
#define HTTP_IDLE_TIME_MS      60000

struct http_server;
struct http_request;
struct http_context; /* http/connection.h */
struct http_tls;     /* http/tls.h */

/* Connections that several servers share. */
struct http_quota {
    uint32_t most;
    uint32_t open;
};

struct http_limits {
    uint32_t connections;
    uint32_t per_address;    /* of them; 0 = all of them. See http/crowd.h for who is not counted */
    const char *cors_origin; /* borrowed from the settings; "*" = every origin */
    /* Of common/network_list.h, copied; NULL = none. See http/forwarded.h. */
    const char *trusted_proxies;
    uint64_t body_bytes;      /* 0 = HTTP_BODY_MAX_BYTES; more only for what is forwarded */
    struct http_quota *quota; /* borrowed, lives longer than the server; NULL = none */
};

typedef void (*http_handler_fn)(void *arg, struct http_request *request);

struct http_counts {
    uint64_t accepted; /* connections since the start */
    uint64_t refused;  /* of them, over the limit */
    uint64_t requests;
    uint32_t connections; /* open now */
};

int http_server_new(struct event_base *base, struct timers *timers, struct defer *defer,
                    const struct http_limits *limits, struct http_server **ret_server);
/* "addr:port" or "[v6]:port"; port 0 = any (http_server_port tells). reason gets a sentence on
 * failure; AMID_E_UNSUPPORTED: this machine has no such address family or address. */
int http_server_listen(struct http_server *server, const char *address, char *reason,
                       size_t reason_size);
/* A unix socket at path, for which neither TLS nor the limit of connections counts. runner: the uid
 * that is never let in. Errors as of http_local_bind. */
int http_server_listen_local(struct http_server *server, const char *path, uid_t runner,
                             char *reason, size_t reason_size);
/* While held, connections wait in the kernel's queue: a start that is not complete yet. */
void http_server_hold(struct http_server *server, bool held);
uint16_t http_server_port(const struct http_server *server, size_t index);
void http_server_set_limits(struct http_server *server, const struct http_limits *limits);
/* From the next connection on; tls becomes the server's. NULL = no TLS. */
void http_server_set_tls(struct http_server *server, struct http_tls *tls);
/* method NULL = every method; a path that ends in "*" matches by prefix, others exactly. First
 * match wins. A path that matches with another method is answered 405 with Allow. */
int http_server_route(struct http_server *server, const char *method, const char *path,
                      http_handler_fn fn, void *arg);
/* Asked once the head is there and a route is found, before the body is read (or even sent): true =
 * go on; false = fn has answered, what comes of the body is read and dropped. */
typedef bool (*http_admit_fn)(void *arg, struct http_request *request);
/* Room in every request for what admit found out about it; all zero until then. */
#define HTTP_NOTE_BYTES 96
void *http_request_note(struct http_request *request);
const void *http_request_noted(const struct http_request *request);
/* The arg of its route. */
void *http_request_route_arg(const struct http_request *request);
void http_server_set_admit(struct http_server *server, http_admit_fn fn, void *arg);
/* Told of connections that end before a request could be read. who: as http_request_peer, or
 * "uid 1000" at the unix socket. fn NULL = nobody. */
enum http_refusal {
    HTTP_REFUSED_FULL,      /* beyond the limit of connections */
    HTTP_REFUSED_ADDRESS,   /* beyond that of one address */
    HTTP_REFUSED_HANDSHAKE, /* no TLS came about */
    HTTP_REFUSED_USER,      /* a stranger at the unix socket */
    HTTP_REFUSAL_MAX
};
typedef void (*http_refused_fn)(void *arg, enum http_refusal what, const char *who);
void http_server_on_refused(struct http_server *server, http_refused_fn fn, void *arg);
void http_server_count(const struct http_server *server, struct http_counts *ret_counts);
/* Gives the ports back: nobody can connect any more. What is open goes on. */
void http_server_unlisten(struct http_server *server);
/* Stops accepting, finishes answers under way (streams are ended). */
void http_server_drain(struct http_server *server);
void http_server_free(struct http_server *server);

/* "GET" for HEAD too: the body of its answer is left out by itself. */
const char *http_request_method(const struct http_request *request);
const char *
http_request_path(const struct http_request *request); /* decoded, no query, "//" as "/" */
/* The decoded value of a query member or NULL. */
const char *http_request_query(const struct http_request *request, const char *name);
const char *http_request_header(const struct http_request *request,
                                const char *name); /* NULL if absent */
const char *http_request_body(const struct http_request *request, size_t *ret_len);
#define HTTP_PEER_BYTES 64
/* "127.0.0.1:51234"; of a request that a trusted proxy passed on, its client's address alone. */
const char *http_request_peer(const struct http_request *request);
bool http_request_is_tls(const struct http_request *request);
/* It came over the unix socket, from somebody who may do everything. */
bool http_request_is_local(const struct http_request *request);
/* Called once when the client goes away before the answer; fn NULL = none. */
void http_request_on_gone(struct http_request *request, void (*fn)(void *arg), void *arg);

/* Consumes the request. type NULL = application/json. The body is copied. */
void http_respond(struct http_request *request, int status, const char *type, const char *body,
                  size_t len);
/* Same; body is from malloc and becomes ours, not copied. NULL = empty. */
void http_respond_owned(struct http_request *request, int status, const char *type, char *body,
                        size_t len);
/* Same with {"error":"…"} built from a printf text. */
void http_respond_error(struct http_request *request, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A header for the coming answer (at most 8, name and value copied). */
int http_request_add_header(struct http_request *request, const char *name, const char *value);

/* A streamed answer (chunked): begin, any number of writes, end. Writing fails with AMID_E_CLOSED
 * after the client has gone and with AMID_E_LIMIT when he reads too slowly (HTTP_STREAM_MAX_BYTES
 * waiting). */
#define HTTP_STREAM_MAX_BYTES (1024 * 1024)
int http_stream_begin(struct http_request *request, int status, const char *type);
int http_stream_write(struct http_request *request, const char *data, size_t len);
void http_stream_end(struct http_request *request);

#endif
