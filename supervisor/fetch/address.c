#include "supervisor/fetch/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"

struct range4 {
    uint32_t net;
    unsigned bits;
    const char *what;
};

#define V4(a, b, c, d)                                                                             \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct range4 ranges4[] = {
    {V4(0, 0, 0, 0), 8, "this network"},
    {V4(10, 0, 0, 0), 8, "a private network"},
    {V4(100, 64, 0, 0), 10, "a carrier's shared network"},
    {V4(127, 0, 0, 0), 8, "loopback"},
    {V4(169, 254, 0, 0), 16, "link-local"},
    {V4(172, 16, 0, 0), 12, "a private network"},
    {V4(192, 0, 0, 0), 24, "reserved for protocols"},
    {V4(192, 0, 2, 0), 24, "an example"},
    {V4(192, 88, 99, 0), 24, "a 6to4 relay"},
    {V4(192, 168, 0, 0), 16, "a private network"},
    {V4(198, 18, 0, 0), 15, "for benchmarks"},
    {V4(198, 51, 100, 0), 24, "an example"},
    {V4(203, 0, 113, 0), 24, "an example"},
    {V4(224, 0, 0, 0), 4, "multicast"},
    {V4(240, 0, 0, 0), 4, "reserved or broadcast"},
};

struct range6 {
    uint8_t net[16];
    unsigned bits;
    const char *what;
};

/* Within 2000::/3, outside of which nothing is public. */
static const struct range6 ranges6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23, "reserved for protocols, Teredo among them"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "an example"},
    {{0x20, 0x02}, 16, "6to4, which carries an IPv4 address"},
    {{0x3f, 0xff, 0x00}, 20, "an example"},
};

int address_of(const struct sockaddr *from, socklen_t len, struct address *ret_address)
{
    struct address address = {.len = len};

    if ((from->sa_family != AF_INET || len != sizeof(address.v4)) &&
        (from->sa_family != AF_INET6 || len != sizeof(address.v6)))
        return AMID_E_INVALID;
    memcpy(&address.any, from, len);
    *ret_address = address;
    return 0;
}

int address_parse(const char *text, uint16_t port, struct address *ret_address)
{
    struct address address = {.len = sizeof(address.v4)};

    if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons(port);
        *ret_address = address;
        return 0;
    }
    address = (struct address){.len = sizeof(address.v6)};
    if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) != 1)
        return AMID_E_INVALID;
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    *ret_address = address;
    return 0;
}

uint16_t address_port(const struct address *address)
{
    return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

void address_text(const struct address *address, char out[ADDRESS_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host));
        snprintf(out, ADDRESS_TEXT_BYTES, "%.15s:%u", host, (unsigned)address_port(address));
    } else {
        inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host));
        snprintf(out, ADDRESS_TEXT_BYTES, "[%.45s]:%u", host, (unsigned)address_port(address));
    }
}

bool address_is_same_host(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
}

static const char *fault4(uint32_t host)
{
    for (size_t i = 0; i < sizeof(ranges4) / sizeof(ranges4[0]); i++) {
        if ((host ^ ranges4[i].net) >> (32 - ranges4[i].bits) == 0)
            return ranges4[i].what;
    }
    return NULL;
}

static bool is_within(const uint8_t *host, const struct range6 *range)
{
    unsigned bytes = range->bits / 8, bits = range->bits % 8;

    return memcmp(host, range->net, bytes) == 0 &&
           (bits == 0 || (host[bytes] ^ range->net[bytes]) >> (8 - bits) == 0);
}

/* Names what is outside of 2000::/3, for the message alone: it is refused either way. */
static const char *name6(const struct in6_addr *host)
{
    static const uint8_t nat64[] = {0x00, 0x64, 0xff, 0x9b};

    if (IN6_IS_ADDR_UNSPECIFIED(host))
        return "no address";
    if (IN6_IS_ADDR_LOOPBACK(host))
        return "loopback";
    if (IN6_IS_ADDR_V4MAPPED(host) || IN6_IS_ADDR_V4COMPAT(host) ||
        memcmp(host, nat64, sizeof(nat64)) == 0)
        return "an IPv4 address within an IPv6 one";
    if (IN6_IS_ADDR_LINKLOCAL(host))
        return "link-local";
    if ((host->s6_addr[0] & 0xfe) == 0xfc)
        return "a private network";
    if (host->s6_addr[0] == 0xff)
        return "multicast";
    return "not of the public internet";
}

static const char *fault6(const struct in6_addr *host)
{
    if (host->s6_addr[0] >> 5 != 1)
        return name6(host);
    for (size_t i = 0; i < sizeof(ranges6) / sizeof(ranges6[0]); i++) {
        if (is_within(host->s6_addr, &ranges6[i]))
            return ranges6[i].what;
    }
    return NULL;
}

const char *address_fault(const struct address *address)
{
    switch (address->any.sa_family) {
    case AF_INET:
        return fault4(ntohl(address->v4.sin_addr.s_addr));
    case AF_INET6:
        return fault6(&address->v6.sin6_addr);
    default:
        return "of no known family";
    }
}
