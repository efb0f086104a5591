#include "common/endpoints.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/host_pattern.h"

#define WHITE " \t"

static bool is_endpoint(const char *url, uint16_t *ret_port)
{
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    const char *authority = url + scheme;
    struct host_pattern host;

    if (scheme == 0 || !host_is_authority(authority) ||
        host_pattern_parse(authority, strlen(authority), &host) != NULL || host.port == 0)
        return false;
    *ret_port = host.port;
    return true;
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
        if (!is_endpoint(url, &endpoints->ports[endpoints->count])) {
            snprintf(reason, reason_size, "\"%s\" is not http(s)://host:port", url);
            return AMID_E_INVALID;
        }
        endpoints->count++;
        item = comma == NULL ? NULL : comma + 1;
    }
    return 0;
}
