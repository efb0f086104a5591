#include "common/host_pattern.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "common/port_range.h"

static bool address_of(const char *text, size_t len, struct in6_addr *ret_address)
{
    char copy[INET6_ADDRSTRLEN];

    if (len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return inet_pton(AF_INET6, copy, ret_address) == 1;
}

static bool is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* Labels with dots between them, none empty: DNS, and IPv4. */
static bool is_name(const char *text, size_t len)
{
    size_t label = 0;

    if (len == 0 || len > HOST_NAME_MAX_BYTES || text[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.' && label > 0)
            label = 0;
        else if (!is_label_char(text[i]) || ++label > HOST_LABEL_MAX_BYTES)
            return false;
    }
    return true;
}

/* Takes the host's part; where it ends, which is before the port's colon or at the end. NULL for
 * brackets that do not close there. */
static const char *split(const char *text, size_t len, struct host_pattern *pattern)
{
    const char *end = text + len;
    const char *colon = memchr(text, ':', len);

    *pattern = (struct host_pattern){.name = text, .len = len};
    if (len > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', len);

        if (close == NULL || (close + 1 < end && close[1] != ':'))
            return NULL;
        pattern->name = text + 1;
        pattern->len = (size_t)(close - text - 1);
        pattern->is_v6 = true;
        return close + 1;
    }
    if (colon == NULL)
        return end;
    if (memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL) {
        pattern->is_v6 = true;
        return end;
    }
    pattern->len = (size_t)(colon - text);
    return colon;
}

const char *host_pattern_parse(const char *text, size_t len, struct host_pattern *ret_pattern)
{
    struct host_pattern pattern;
    struct in6_addr address;
    const char *colon = split(text, len, &pattern);

    if (colon == NULL)
        return "has a bracket that is not closed by one and a port";
    if (colon < text + len &&
        !port_parse(colon + 1, (size_t)(text + len - colon - 1), &pattern.port))
        return "has a port that is not a number from 1 to 65535";
    if (pattern.is_v6 && !address_of(pattern.name, pattern.len, &address))
        return "is not an IPv6 address";
    pattern.is_any = pattern.len == 1 && pattern.name[0] == '*';
    if (pattern.len > 2 && memcmp(pattern.name, "*.", 2) == 0) {
        pattern.is_below = true;
        pattern.name += 2;
        pattern.len -= 2;
    }
    if (!pattern.is_v6 && !pattern.is_any && !is_name(pattern.name, pattern.len))
        return "is neither host, *.domain, address nor *";
    *ret_pattern = pattern;
    return NULL;
}

static bool same_address(const struct host_pattern *pattern, const char *host, size_t len)
{
    struct in6_addr wanted, asked;

    return address_of(pattern->name, pattern->len, &wanted) && address_of(host, len, &asked) &&
           memcmp(&wanted, &asked, sizeof(wanted)) == 0;
}

/* An IPv4 address lies below no name, whatever it ends with. */
static bool is_below(const struct host_pattern *pattern, const char *host, size_t len)
{
    char copy[INET_ADDRSTRLEN];
    struct in_addr address;

    if (len <= pattern->len + 1 || host[len - pattern->len - 1] != '.' ||
        strncasecmp(host + len - pattern->len, pattern->name, pattern->len) != 0)
        return false;
    if (len >= sizeof(copy))
        return true;
    memcpy(copy, host, len);
    copy[len] = '\0';
    return inet_pton(AF_INET, copy, &address) != 1;
}

static bool has_name(const struct host_pattern *pattern, const char *host, size_t len)
{
    if (pattern->is_any)
        return true;
    if (pattern->is_v6)
        return same_address(pattern, host, len);
    /* A name may be written with the root's dot, which makes it no other name. */
    if (len > 0 && host[len - 1] == '.')
        len--;
    if (pattern->is_below)
        return is_below(pattern, host, len);
    return len == pattern->len && strncasecmp(host, pattern->name, len) == 0;
}

bool host_pattern_has(const struct host_pattern *pattern, const char *host, uint16_t port)
{
    return (pattern->port == 0 || pattern->port == port) && has_name(pattern, host, strlen(host));
}

bool host_pattern_covers(const struct host_pattern *outer, const struct host_pattern *inner)
{
    if (outer->port != 0 && outer->port != inner->port)
        return false;
    if (outer->is_any || inner->is_any)
        return outer->is_any;
    if (!inner->is_below)
        return has_name(outer, inner->name, inner->len);
    return outer->is_below &&
           ((inner->len == outer->len && strncasecmp(inner->name, outer->name, inner->len) == 0) ||
            has_name(outer, inner->name, inner->len));
}

bool host_is_authority(const char *text)
{
    struct host_pattern pattern;

    return host_pattern_parse(text, strlen(text), &pattern) == NULL && !pattern.is_any &&
           !pattern.is_below && pattern.is_v6 == (text[0] == '[');
}
