#ifndef AMID_HTTP_SOCKET_H
#define AMID_HTTP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/http/server.h"

/*
 * WebSockets on the server's connections: a handler of GET accepts the request and holds a socket
 * from then on. Pings, pongs, closing and slow or silent clients are dealt with below; the holder
 * gets messages and sends texts.
 */
#define HTTP_SOCKET_MESSAGE_MAX_BYTES (16 * 1024)
/* Waiting for a client that reads slowly; what does not fit is not sent. */
#define HTTP_SOCKET_QUEUE_MAX_BYTES (256 * 1024)
/* Clients are pinged this often; one that was silent since the last ping is closed. */
#define HTTP_SOCKET_PING_MS 30000

struct http_socket;

/* Called from the loop; each may send and close. Members may be NULL. */
struct http_socket_events {
    void (*message)(void *arg, const char *text, size_t len); /* binary ones are refused below */
    void (*gone)(void *arg); /* once, unless the holder closes; the socket is no more */
    void *arg;
};

/* The request asks for a WebSocket, rightly or not. */
bool http_socket_is_asked(const struct http_request *request);
/* Consumes the request. protocol is chosen if the client offers it; without an offer none is. 0;
 * else it was answered with an error and nothing is to be held. */
int http_socket_accept(struct http_request *request, const char *protocol,
                       const struct http_socket_events *events, struct http_socket **ret_socket);
/* AMID_E_LIMIT: the client is too slow. AMID_E_NOMEM. */
int http_socket_send(struct http_socket *socket, const char *text, size_t len);
/* Ends it with a close frame: a client that loses a connection without one takes it for an
 * accident. reason: at most WEBSOCKET_REASON_MAX_BYTES. */
void http_socket_close(struct http_socket *socket, uint16_t code, const char *reason);

/* The connection's part. */
struct http_connection;
/* Takes one chunk of input. False when there is no more to do. */
bool http_socket_read(struct http_connection *connection);
/* HTTP_SOCKET_PING_MS have passed. */
void http_socket_tick(struct http_connection *connection);
/* The server stops. */
void http_socket_drain(struct http_connection *connection);
/* The connection is gone. NULL is none. */
void http_socket_lost(struct http_socket *socket);

#endif
