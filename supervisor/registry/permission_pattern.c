#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "supervisor/registry/permissions.h"

struct host_pattern {
    const char *name; /* without brackets and "*." */
    size_t len;
    bool is_below; /* what lies below the name */
    bool is_any;
    bool is_v6;
    uint16_t port; /* 0 = every port */
};

static bool is_v6(const char *text, size_t len)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr bytes;

    if (len >= sizeof(address))
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    return inet_pton(AF_INET6, address, &bytes) == 1;
}

/* Labels of letters, digits, '-' and '_', each at most 63 bytes and none empty: DNS, and IPv4. */
static bool is_name(const char *text, size_t len)
{
    size_t label = 0;

    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '.') {
            if (label == 0 || i + 1 == len)
                return false;
            label = 0;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_') {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return true;
}

static bool parse_bracketed(const char *pattern, struct host_pattern *host)
{
    size_t end = strcspn(pattern, "]");

    if (pattern[end] != ']' || !is_v6(pattern + 1, end - 1))
        return false;
    host->name = pattern + 1;
    host->len = end - 1;
    host->is_v6 = true;
    if (pattern[end + 1] == '\0')
        return true;
    return pattern[end + 1] == ':' &&
           port_parse(pattern + end + 2, strlen(pattern + end + 2), &host->port);
}

static bool parse_pattern(const char *pattern, struct host_pattern *ret_host)
{
    struct host_pattern host = {.name = pattern};

    if (strlen(pattern) > PERMISSIONS_HOST_MAX_BYTES)
        return false;
    if (pattern[0] == '[') {
        if (!parse_bracketed(pattern, &host))
            return false;
        *ret_host = host;
        return true;
    }
    if (is_v6(pattern, strlen(pattern))) {
        *ret_host = (struct host_pattern){.name = pattern, .len = strlen(pattern), .is_v6 = true};
        return true;
    }
    host.len = strcspn(pattern, ":");
    if (pattern[host.len] == ':' &&
        !port_parse(pattern + host.len + 1, strlen(pattern + host.len + 1), &host.port))
        return false;
    if (host.len == 1 && pattern[0] == '*') {
        host.is_any = true;
    } else {
        if (strncmp(pattern, "*.", 2) == 0) {
            host.is_below = true;
            host.name += 2;
            host.len -= 2;
        }
        if (!is_name(host.name, host.len))
            return false;
    }
    *ret_host = host;
    return true;
}

bool permission_host_is_valid(const char *pattern)
{
    struct host_pattern host;

    return parse_pattern(pattern, &host);
}

static bool same_v6(const struct host_pattern *pattern, const char *host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr a, b;

    memcpy(text, pattern->name, pattern->len);
    text[pattern->len] = '\0';
    return inet_pton(AF_INET6, text, &a) == 1 && inet_pton(AF_INET6, host, &b) == 1 &&
           memcmp(&a, &b, sizeof(a)) == 0;
}

bool permission_host_matches(const char *pattern, const char *host, uint16_t port)
{
    struct host_pattern wanted;
    struct in_addr address;
    size_t len = strlen(host);

    if (!parse_pattern(pattern, &wanted) || (wanted.port != 0 && wanted.port != port))
        return false;
    if (wanted.is_any)
        return true;
    if (wanted.is_v6)
        return same_v6(&wanted, host);
    /* A name may be written with the root's dot, which makes it no other name. */
    if (len > 0 && host[len - 1] == '.')
        len--;
    if (wanted.is_below) /* an address lies below no name, whatever it ends with */
        return inet_pton(AF_INET, host, &address) != 1 && len > wanted.len + 1 &&
               host[len - wanted.len - 1] == '.' &&
               strncasecmp(host + len - wanted.len, wanted.name, wanted.len) == 0;
    return len == wanted.len && strncasecmp(host, wanted.name, len) == 0;
}

bool permission_host_covers(const char *allowed, const char *pattern)
{
    struct host_pattern outer, inner;
    char name[PERMISSIONS_HOST_MAX_BYTES + 1];

    if (!parse_pattern(allowed, &outer) || !parse_pattern(pattern, &inner) ||
        (outer.port != 0 && outer.port != inner.port))
        return false;
    if (outer.is_any || inner.is_any)
        return outer.is_any;
    memcpy(name, inner.name, inner.len);
    name[inner.len] = '\0';
    if (!inner.is_below)
        return permission_host_matches(allowed, name, inner.port);
    return outer.is_below &&
           ((inner.len == outer.len && strncasecmp(inner.name, outer.name, inner.len) == 0) ||
            permission_host_matches(allowed, name, inner.port));
}
