#include "common/endpoints.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

#define WHITE    " \t"
#define PORT_MAX 65535

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 5 || text[digits] != '\0')
        return false;
    long port = strtol(text, NULL, 10);
    return port >= 1 && port <= PORT_MAX;
}

static bool is_host(const char *text, size_t len)
{
    static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    static const char digits[] = "0123456789abcdefABCDEF:.";

    if (len > 2 && text[0] == '[' && text[len - 1] == ']')
        return strspn(text + 1, digits) == len - 2;
    return len > 0 && strspn(text, name) >= len;
}

static bool is_endpoint(const char *url)
{
    const char *host = strstr(url, "://");
    const char *port = strrchr(url, ':');

    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return false;
    host += 3;
    return port > host && is_host(host, (size_t)(port - host)) && is_port(port + 1);
}

int endpoints_parse(const char *text, struct endpoints *ret_endpoints, char *reason,
                    size_t reason_size)
{
    struct endpoints *endpoints = ret_endpoints;

    endpoints->count = 0;
    for (const char *item = text; item != NULL;) {
        const char *comma = strchr(item, ',');
        item += strspn(item, WHITE);
        size_t len = strcspn(item, ",");
        while (len > 0 && strchr(WHITE, item[len - 1]) != NULL)
            len--;
        if (len >= ENDPOINT_URL_MAX_BYTES || endpoints->count == ENDPOINTS_MAX) {
            snprintf(reason, reason_size, "at most %d servers of at most %d characters",
                     ENDPOINTS_MAX, ENDPOINT_URL_MAX_BYTES - 1);
            return AMID_E_INVALID;
        }
        char *url = endpoints->urls[endpoints->count];
        memcpy(url, item, len);
        url[len] = '\0';
        if (!is_endpoint(url)) {
            snprintf(reason, reason_size, "\"%s\" is not http(s)://host:port", url);
            return AMID_E_INVALID;
        }
        endpoints->count++;
        item = comma == NULL ? NULL : comma + 1;
    }
    return 0;
}
