#ifndef AMID_HTTP_FORWARDED_H
#define AMID_HTTP_FORWARDED_H

#include <stdbool.h>
#include <sys/socket.h>

#include "supervisor/http/message.h"

/*
 * Who asks by way of a proxy. A proxy adds the address it was asked from to the end of
 * X-Forwarded-For; what stands before that came from whoever asked, and is believed only where
 * that is a proxy of ours, too. trusted: of common/network_list.h.
 */

/* Of one request; what is further away is not looked at. */
#define HTTP_FORWARDED_HOPS_MAX 16

bool http_forwarded_is_proxy(const char *trusted, const struct sockaddr *peer);
/*
 * peer: as http_request_peer has it, HTTP_PEER_BYTES; becomes the address of the client, without a
 * port, if it is a proxy that says whose request this is. Read from the end, the client is the
 * first that is no proxy of ours; of what cannot be read, or says 127.0.0.1 or ::1 of another
 * machine, the proxy that passed it on.
 */
void http_forwarded_find(const char *trusted, const struct http_message *message, char *peer);

#endif
