#ifndef AMID_HTTP_TLS_H
#define AMID_HTTP_TLS_H

#include <event2/bufferevent.h>
#include <stddef.h>

/*
 * The server's side of TLS 1.2 and 1.3: one certificate chain and its key. What a connection has of
 * it lives on when it is freed or replaced.
 */
struct http_tls;

/* Both files are PEM: the server's certificate with those that lead to the authority, and its key
 * without a passphrase. AMID_E_INVALID: reason names the file and what is wrong with it.
 * AMID_E_NOMEM. */
int http_tls_new(const char *chain_path, const char *key_path, struct http_tls **ret_tls,
                 char *reason, size_t reason_size);
void http_tls_free(struct http_tls *tls);
/* A stream that begins with the client's handshake and tells its end as BEV_EVENT_CONNECTED. It
 * owns fd. NULL: no memory, and fd is still the caller's. */
struct bufferevent *http_tls_accept(struct http_tls *tls, struct event_base *base,
                                    evutil_socket_t fd);
/* Tells the client that nothing follows (RFC 8446, 6.1): without it the end could be an attacker's.
 * A stream without TLS is left alone. */
void http_tls_say_end(struct bufferevent *stream);

#endif
