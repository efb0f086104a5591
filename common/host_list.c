#include "common/host_list.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

struct item {
    const char *host; /* without brackets */
    size_t len;
    bool has_brackets;
    bool has_port;
    uint16_t port;
};

static bool parse_port(const char *text, size_t len, uint16_t *ret_port)
{
    uint32_t port = 0;

    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

static bool address_of(const char *text, size_t len, struct in6_addr *ret_address)
{
    char copy[INET6_ADDRSTRLEN];

    if (len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return inet_pton(AF_INET6, copy, ret_address) == 1;
}

/* Where the port's colon is, or the end. An address with several colons stands in brackets when it
 * has a port. */
static const char *split(const char *text, size_t len, struct item *item)
{
    const char *end = text + len;
    const char *colon = memchr(text, ':', len);

    *item = (struct item){.host = text, .len = len};
    if (len > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', len);

        if (close == NULL)
            return NULL;
        item->host = text + 1;
        item->len = (size_t)(close - text - 1);
        item->has_brackets = true;
        colon = close + 1;
        if (colon < end && *colon != ':')
            return NULL;
    } else if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL) {
        item->has_brackets = true;
        return end;
    } else if (colon != NULL) {
        item->len = (size_t)(colon - text);
    }
    return colon == NULL ? end : colon;
}

static const char *parse(const char *text, size_t len, struct item *item)
{
    const char *colon = split(text, len, item);
    struct in6_addr address;
    size_t at = 0;

    if (colon == NULL)
        return "has a bracket that is not closed by one and a port";
    item->has_port = colon < text + len;
    if (item->has_port && !parse_port(colon + 1, (size_t)(text + len - colon - 1), &item->port))
        return "has a port that is not a number from 1 to 65535";
    if (item->has_brackets)
        return address_of(item->host, item->len, &address) ? NULL : "is not an IPv6 address";
    if (item->len == 1 && item->host[0] == '*')
        return NULL;
    if (item->len > 2 && memcmp(item->host, "*.", 2) == 0)
        at = 2;
    if (item->len == at || item->len - at > HOST_NAME_MAX_BYTES)
        return "has no host or a name that is too long";
    for (; at < item->len; at++) {
        unsigned char c = (unsigned char)item->host[at];

        if (!isascii(c) || (!isalnum(c) && c != '-' && c != '_' && c != '.'))
            return "is neither host, *.domain, address nor *";
    }
    if (item->host[item->len - 1] == '.')
        return "ends in a dot";
    return NULL;
}

const char *host_item_fault(const char *item, size_t len)
{
    struct item parsed;

    return parse(item, len, &parsed);
}

bool host_is_authority(const char *text)
{
    struct item parsed;

    return parse(text, strlen(text), &parsed) == NULL && text[0] != '*' &&
           parsed.has_brackets == (text[0] == '[');
}

static bool item_has(const struct item *item, const char *host, uint16_t port)
{
    size_t len = strlen(host);
    struct in6_addr wanted, asked;

    if (item->has_port && item->port != port)
        return false;
    if (item->has_brackets)
        return address_of(item->host, item->len, &wanted) && address_of(host, len, &asked) &&
               memcmp(&wanted, &asked, sizeof(wanted)) == 0;
    if (item->len == 1 && item->host[0] == '*')
        return true;
    if (item->host[0] == '*') /* the dot after it is part of what must be equal */
        return len > item->len - 1 &&
               strncasecmp(host + len - (item->len - 1), item->host + 1, item->len - 1) == 0;
    return len == item->len && strncasecmp(host, item->host, len) == 0;
}

bool host_item_has(const char *item, size_t len, const char *host, uint16_t port)
{
    struct item parsed;

    return parse(item, len, &parsed) == NULL && item_has(&parsed, host, port);
}

/* The next item without the white space around it; false at the end. */
static bool next_item(const char **list, const char **ret_item, size_t *ret_len)
{
    const char *item = *list;
    size_t len;

    if (item == NULL || *item == '\0')
        return false;
    len = strcspn(item, ",");
    *list = item[len] == ',' ? item + len + 1 : NULL;
    while (len > 0 && isspace((unsigned char)*item)) {
        item++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)item[len - 1]))
        len--;
    *ret_item = item;
    *ret_len = len;
    return true;
}

const char *host_list_fault(const char *list)
{
    const char *item, *fault = NULL;
    size_t len;

    while (fault == NULL && next_item(&list, &item, &len))
        fault = host_item_fault(item, len);
    return fault;
}

bool host_list_has(const char *list, const char *host, uint16_t port)
{
    const char *item;
    size_t len;

    while (next_item(&list, &item, &len)) {
        if (host_item_has(item, len, host, port))
            return true;
    }
    return false;
}

bool host_list_names_port(const char *list, const char *host, uint16_t port)
{
    const char *text;
    struct item item;
    size_t len;

    while (next_item(&list, &text, &len)) {
        if (parse(text, len, &item) == NULL && item.has_port && item_has(&item, host, port))
            return true;
    }
    return false;
}
