#include "common/peer.h"

#include <arpa/inet.h>
#include <string.h>

#define PREFIX_BYTES 8 /* of an IPv6 address */

void peer_client(const char *address, char out[PEER_CLIENT_BYTES])
{
    const char *start = address[0] == '[' ? address + 1 : address;
    const char *colon = strrchr(address, ':');
    size_t len = strcspn(start, "]");
    struct in6_addr network;

    /* One colon alone stands before a port. */
    if (address[0] != '[' && colon != NULL && strchr(address, ':') == colon)
        len = (size_t)(colon - start);
    if (len >= PEER_CLIENT_BYTES)
        len = PEER_CLIENT_BYTES - 1;
    memcpy(out, start, len);
    out[len] = '\0';
    if (inet_pton(AF_INET6, out, &network) == 1 && !IN6_IS_ADDR_V4MAPPED(&network)) {
        memset(network.s6_addr + PREFIX_BYTES, 0, sizeof(network.s6_addr) - PREFIX_BYTES);
        inet_ntop(AF_INET6, &network, out, PEER_CLIENT_BYTES);
    }
}

bool peer_is_loopback(const char *client)
{
    /* ::1 has lost its last 64 bits; nobody else lives in that network. */
    return strcmp(client, "127.0.0.1") == 0 || strcmp(client, "::") == 0;
}
