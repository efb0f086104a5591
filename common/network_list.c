#include "common/network_list.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "common/error.h"

#define ADDRESS_BITS 128
#define V4_BITS      32

struct network {
    struct in6_addr address;
    unsigned bits; /* of it that count */
};

int network_address_parse(const char *text, size_t len, struct in6_addr *ret_address)
{
    static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;

    if (len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
        return AMID_E_INVALID;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, &v4) == 1) {
        memcpy(ret_address->s6_addr, mapped, sizeof(mapped));
        memcpy(ret_address->s6_addr + sizeof(mapped), &v4, sizeof(v4));
        return 0;
    }
    return inet_pton(AF_INET6, copy, ret_address) == 1 ? 0 : AMID_E_INVALID;
}

static int parse_bits(const char *text, size_t len, unsigned most, unsigned *ret_bits)
{
    unsigned bits = 0;

    if (len == 0 || len > 3)
        return AMID_E_INVALID;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return AMID_E_INVALID;
        bits = 10 * bits + (unsigned)(text[i] - '0');
    }
    if (bits > most)
        return AMID_E_INVALID;
    *ret_bits = bits;
    return 0;
}

static int parse_network(const char *item, size_t len, struct network *ret_network)
{
    const char *slash = memchr(item, '/', len);
    size_t address_len = slash != NULL ? (size_t)(slash - item) : len;
    unsigned most = memchr(item, ':', address_len) != NULL ? ADDRESS_BITS : V4_BITS;
    unsigned bits = most;

    if (network_address_parse(item, address_len, &ret_network->address) != 0)
        return AMID_E_INVALID;
    if (slash != NULL && parse_bits(slash + 1, len - address_len - 1, most, &bits) != 0)
        return AMID_E_INVALID;
    ret_network->bits = bits + ADDRESS_BITS - most;
    return 0;
}

static bool is_within(const struct network *network, const struct in6_addr *address)
{
    unsigned bytes = network->bits / 8, rest = network->bits % 8;

    if (memcmp(network->address.s6_addr, address->s6_addr, bytes) != 0)
        return false;
    return rest == 0 ||
           (network->address.s6_addr[bytes] ^ address->s6_addr[bytes]) >> (8 - rest) == 0;
}

const char *network_list_fault(const char *list)
{
    struct network network;

    while (*list != '\0') {
        size_t len = strcspn(list, ",");

        if (parse_network(list, len, &network) != 0)
            return "is no address and no network such as 10.0.0.0/8";
        list += len + (list[len] == ',');
    }
    return NULL;
}

bool network_list_has(const char *list, const struct in6_addr *address)
{
    struct network network;

    while (*list != '\0') {
        size_t len = strcspn(list, ",");

        if (parse_network(list, len, &network) == 0 && is_within(&network, address))
            return true;
        list += len + (list[len] == ',');
    }
    return false;
}
