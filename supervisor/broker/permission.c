#include "supervisor/broker/permission.h"

#include <string.h>
#include <strings.h>

#define PORT_DIGITS_MAX 5

/* Digits alone, up to a port's. */
static bool read_port(const char *text, size_t len, uint16_t *ret_port)
{
    unsigned port = 0;

    if (len == 0 || len > PORT_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

/* Takes ":port" off the end; false if there is one that is not port. An address of several colons
 * has a port only behind brackets. */
static bool take_port(const char *text, size_t *len, uint16_t port)
{
    const char *colon = memrchr(text, ':', *len);
    bool is_bracketed = *len > 0 && text[0] == '[';
    uint16_t wanted;

    if (colon == NULL || (!is_bracketed && memchr(text, ':', *len) != colon) ||
        (is_bracketed && colon[-1] != ']'))
        return true;
    if (!read_port(colon + 1, *len - (size_t)(colon + 1 - text), &wanted) || wanted != port)
        return false;
    *len = (size_t)(colon - text);
    return true;
}

bool permission_host_matches(const char *text, size_t len, const char *host, uint16_t port)
{
    size_t host_len = strlen(host);

    if (!take_port(text, &len, port))
        return false;
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 1 && text[0] == '*')
        return true;
    if (len > 2 && text[0] == '*' && text[1] == '.') {
        text++;
        len--;
        return host_len > len && strncasecmp(host + host_len - len, text, len) == 0;
    }
    return host_len == len && len > 0 && strncasecmp(host, text, len) == 0;
}

bool permission_port_matches(const char *text, size_t len, uint16_t port)
{
    const char *dash = memchr(text, '-', len);
    uint16_t least, most;

    if (dash == NULL)
        return read_port(text, len, &least) && least == port;
    return read_port(text, (size_t)(dash - text), &least) &&
           read_port(dash + 1, len - (size_t)(dash + 1 - text), &most) && least <= port &&
           port <= most;
}

/* The next item of a list as the settings keep it: commas alone between items. */
static bool next_item(const char **list, const char **ret_item, size_t *ret_len)
{
    const char *at = *list;

    if (*at == '\0')
        return false;
    *ret_item = at;
    *ret_len = strcspn(at, ",");
    *list = at + *ret_len + (at[*ret_len] == ',');
    return true;
}

bool permission_fetch(const struct broker_worker *worker, const char *host, uint16_t port)
{
    const char *list = worker->broker->config->fetch_allow;
    const char *item;
    size_t len;

    while (next_item(&list, &item, &len)) {
        if (permission_host_matches(item, len, host, port))
            return true;
    }
    return false;
}

bool permission_serve(const struct broker_worker *worker, uint16_t port)
{
    const char *list = worker->broker->config->serve_ports;
    const char *item;
    size_t len;

    while (next_item(&list, &item, &len)) {
        if (permission_port_matches(item, len, port))
            return true;
    }
    return false;
}

bool permission_kv(const struct broker_worker *worker, bool is_net, const uint8_t *key, size_t len)
{
    (void)worker;
    (void)is_net;
    (void)key;
    (void)len;
    return true;
}

bool permission_wallet(const struct broker_worker *worker)
{
    (void)worker;
    return true;
}
