#ifndef AMID_PEER_H
#define AMID_PEER_H

#include <stdbool.h>

/*
 * Which client an address stands for, where clients are counted or limited: of IPv6 a whole /64 is
 * one, for that is what one customer gets.
 */
#define PEER_CLIENT_BYTES 64

/* address: with or without a port ("10.0.0.1:80", "[2001:db8::1]:80"); what is no address is its
 * own client, cut to fit. */
void peer_client(const char *address, char out[PEER_CLIENT_BYTES]);
/* Whether what peer_client made stands for this machine itself: 127.0.0.1 or ::1. */
bool peer_is_loopback(const char *client);

#endif
