#include "supervisor/http/crowd.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define V6_CLIENT_BYTES 8

_Static_assert(HTTP_CROWD_KEY_BYTES == crypto_shorthash_KEYBYTES, "the secret keys the hash");

void http_crowd_init(struct http_crowd *crowd)
{
    memset(crowd, 0, sizeof(*crowd));
    randombytes_buf(crowd->secret, sizeof(crowd->secret));
}

/* False for those that are not counted. */
static bool key_of(const struct sockaddr *peer, unsigned char key[HTTP_CROWD_KEY_BYTES])
{
    memset(key, 0, HTTP_CROWD_KEY_BYTES);
    key[0] = (unsigned char)peer->sa_family;
    if (peer->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;

        memcpy(key + 1, &in->sin_addr, sizeof(in->sin_addr));
        return in->sin_addr.s_addr != htonl(INADDR_LOOPBACK);
    }
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;

        memcpy(key + 1, &in6->sin6_addr, V6_CLIENT_BYTES);
        return !IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
    }
    return false;
}

static size_t place_of(const struct http_crowd *crowd, const unsigned char *key)
{
    uint64_t hash;

    crypto_shorthash((unsigned char *)&hash, key, HTTP_CROWD_KEY_BYTES, crowd->secret);
    return hash % HTTP_CROWD_PLACES;
}

uint32_t http_crowd_count(const struct http_crowd *crowd, const struct sockaddr *peer)
{
    unsigned char key[HTTP_CROWD_KEY_BYTES];
    uint32_t count = 0;

    if (!key_of(peer, key))
        return 0;
    for (const struct http_crowd_seat *seat = crowd->places[place_of(crowd, key)]; seat != NULL;
         seat = seat->next)
        count += memcmp(seat->address, key, sizeof(key)) == 0;
    return count;
}

void http_crowd_join(struct http_crowd *crowd, struct http_crowd_seat *seat,
                     const struct sockaddr *peer)
{
    struct http_crowd_seat **place;

    if (!key_of(peer, seat->address))
        return;
    place = &crowd->places[place_of(crowd, seat->address)];
    seat->next = *place;
    if (seat->next != NULL)
        seat->next->link = &seat->next;
    seat->link = place;
    *place = seat;
}

void http_crowd_leave(struct http_crowd_seat *seat)
{
    if (seat->link == NULL)
        return;
    *seat->link = seat->next;
    if (seat->next != NULL)
        seat->next->link = seat->link;
    seat->link = NULL;
}
