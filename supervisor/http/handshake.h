#ifndef AMID_HTTP_HANDSHAKE_H
#define AMID_HTTP_HANDSHAKE_H

#include <stdbool.h>

#include "supervisor/http/message.h"

/* The server's side of RFC 6455's opening handshake (section 4.2). */

#define HANDSHAKE_ACCEPT_BYTES 29 /* base64 of a SHA-1, and a NUL */

/* The client asks for a WebSocket, rightly or not. */
bool handshake_is_asked(const struct http_message *message);
/* 0, or the HTTP status with a sentence in *ret_reason (static). */
int handshake_check(const struct http_message *message, const char **ret_reason);
/* What answers a key that handshake_check has passed. 0 or AMID_E_INTERNAL. */
int handshake_accept(const struct http_message *message, char ret_accept[HANDSHAKE_ACCEPT_BYTES]);
/* The client offers this subprotocol. */
bool handshake_offers(const struct http_message *message, const char *protocol);

#endif
