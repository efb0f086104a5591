#include "supervisor/http/forwarded.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "common/network_list.h"
#include "supervisor/http/connection.h"

#define HEADER "x-forwarded-for"

/* The way back from the peer. */
struct walk {
    const char *trusted;
    struct in6_addr client; /* the furthest that is believed */
    unsigned hops;
};

static bool is_mapped_loopback(const struct in6_addr *address)
{
    return IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[12] == 127;
}

static bool is_loopback(const struct in6_addr *address)
{
    return IN6_IS_ADDR_LOOPBACK(address) || is_mapped_loopback(address);
}

/* "10.0.0.1", "10.0.0.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". */
static int parse_hop(const char *text, size_t len, struct in6_addr *ret_address)
{
    const char *end = text[0] == '[' ? memchr(text, ']', len) : memchr(text, ':', len);

    if (text[0] == '[') {
        if (end == NULL || (end + 1 < text + len && end[1] != ':'))
            return AMID_E_INVALID;
        return network_address_parse(text + 1, (size_t)(end - text) - 1, ret_address);
    }
    /* One colon alone stands before a port. */
    if (end != NULL && memchr(end + 1, ':', (size_t)(text + len - end) - 1) == NULL)
        len = (size_t)(end - text);
    return network_address_parse(text, len, ret_address);
}

/* False: this is as far as it goes. */
static bool take_hop(struct walk *walk, const char *text, size_t len)
{
    struct in6_addr address;

    while (len > 0 && strchr(" \t", text[len - 1]) != NULL)
        len--;
    while (len > 0 && strchr(" \t", *text) != NULL) {
        text++;
        len--;
    }
    if (len == 0 || walk->hops++ >= HTTP_FORWARDED_HOPS_MAX ||
        parse_hop(text, len, &address) != 0 ||
        (is_loopback(&address) && !is_loopback(&walk->client)))
        return false;
    walk->client = address;
    return network_list_has(walk->trusted, &address);
}

static bool take_value(struct walk *walk, const char *value)
{
    size_t end = strlen(value);

    for (;;) {
        size_t start = end;

        while (start > 0 && value[start - 1] != ',')
            start--;
        if (!take_hop(walk, value + start, end - start))
            return false;
        if (start == 0)
            return true;
        end = start - 1;
    }
}

static void write_client(const struct in6_addr *client, char *peer)
{
    if (IN6_IS_ADDR_V4MAPPED(client))
        inet_ntop(AF_INET, client->s6_addr + 12, peer, HTTP_PEER_BYTES);
    else
        inet_ntop(AF_INET6, client, peer, HTTP_PEER_BYTES);
}

bool http_forwarded_is_proxy(const char *trusted, const struct sockaddr *peer)
{
    char text[HTTP_PEER_BYTES];
    struct in6_addr address;

    if (trusted[0] == '\0')
        return false;
    connection_write_peer(peer, text);
    return parse_hop(text, strlen(text), &address) == 0 && network_list_has(trusted, &address);
}

void http_forwarded_find(const char *trusted, const struct http_message *message, char *peer)
{
    struct walk walk = {.trusted = trusted};
    const char *text = message->text.data;

    if (trusted[0] == '\0' || parse_hop(peer, strlen(peer), &walk.client) != 0 ||
        !network_list_has(trusted, &walk.client))
        return;
    for (size_t i = message->header_count; i-- > 0;) {
        if (strcasecmp(text + message->headers[i].name, HEADER) == 0 &&
            !take_value(&walk, text + message->headers[i].value))
            break;
    }
    if (walk.hops > 0)
        write_client(&walk.client, peer);
}
