#ifndef AMID_HTTP_CROWD_H
#define AMID_HTTP_CROWD_H

#include <stdint.h>
#include <sys/socket.h>

/*
 * How many connections each client address has open. Of IPv6 a /64 is one client. 127.0.0.1, ::1
 * and the unix socket are not counted: there a proxy speaks for many, or the operator himself. Nor
 * does a trusted proxy take a seat.
 */
#define HTTP_CROWD_PLACES    1024
#define HTTP_CROWD_KEY_BYTES 16

struct http_crowd_seat {
    struct http_crowd_seat *next, **link; /* link NULL = not counted */
    unsigned char address[HTTP_CROWD_KEY_BYTES];
};

struct http_crowd {
    struct http_crowd_seat *places[HTTP_CROWD_PLACES];
    unsigned char secret[HTTP_CROWD_KEY_BYTES]; /* or clients would choose their place */
};

void http_crowd_init(struct http_crowd *crowd);
uint32_t http_crowd_count(const struct http_crowd *crowd, const struct sockaddr *peer);
/* seat: zeroed, and lives until it has left. */
void http_crowd_join(struct http_crowd *crowd, struct http_crowd_seat *seat,
                     const struct sockaddr *peer);
void http_crowd_leave(struct http_crowd_seat *seat);

#endif
