#ifndef AMID_API_SOCKETS_H
#define AMID_API_SOCKETS_H

#include "supervisor/api/call.h"

/*
 * WebSockets of clients: GET / with an upgrade, subprotocol "webfix", the session in the query
 * because browsers send no headers with one. A client subscribes and gets frames {"value":…} of
 * this node's numbers, one at once and then one every SOCKETS_PERIOD_MS.
 *
 * The existing web client takes a handshake that is refused, a connection that ends without a close
 * frame and certain words in the reason of one for the end of its session, and deletes everything
 * it holds, the wallet's key too. So whoever may not in is let in first and then told to go, in
 * words that mean nothing to it.
 */
#define SOCKETS_MAX             256
#define SOCKETS_PER_SESSION_MAX 32 /* tabs of one browser share a session */
#define SOCKETS_STRANGERS_MAX   64 /* of all whose wallets may do nothing */
#define SOCKETS_ANSWERS_MAX                                                                        \
    4 /* to subscriptions of one socket in a period; the next comes by itself */
#define SOCKETS_PERIOD_MS 5000
/* Close codes of ours, from the range for private use (RFC 6455, 7.4.2). */
#define SOCKETS_CODE_UNKNOWN 4001 /* no such session, or not any more */
#define SOCKETS_CODE_ORIGIN  4003 /* http.cors does not name this page's origin */

/* An http_handler_fn; arg: struct api. */
void sockets_open(void *arg, struct http_request *request);
/* Of api->sockets_timer; arg: struct api. */
void sockets_tick(void *arg);
/* Ends every socket. */
void sockets_close(struct api *api);

#endif
