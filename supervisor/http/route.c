#include "supervisor/http/route.h"

#include <stdbool.h>
#include <string.h>

#include "common/error.h"

int http_routes_add(struct http_routes *routes, const char *method, const char *path,
                    http_handler_fn fn, void *arg)
{
    if (routes->count == HTTP_ROUTES_MAX)
        return AMID_E_LIMIT;
    routes->list[routes->count++] =
        (struct http_route){.method = method, .path = path, .fn = fn, .arg = arg};
    return 0;
}

static bool path_matches(const char *pattern, const char *path)
{
    size_t len = strlen(pattern);
    if (len > 1 && pattern[len - 1] == '*')
        return strncmp(pattern, path, len - 1) == 0;
    return strcmp(pattern, path) == 0;
}

static void allow_add(struct buffer *allow, const char *method)
{
    if (allow->len > 0 && strstr(allow->data, method))
        return;
    if (allow->len > 0)
        buffer_append_str(allow, ", ");
    buffer_append_str(allow, method);
    if (strcmp(method, "GET") == 0)
        allow_add(allow, "HEAD");
}

const struct http_route *http_routes_find(const struct http_routes *routes, const char *method,
                                          const char *path, int *ret_status, struct buffer *allow)
{
    for (size_t i = 0; i < routes->count; i++) {
        const struct http_route *route = &routes->list[i];
        if (!path_matches(route->path, path))
            continue;
        if (!route->method || strcmp(route->method, method) == 0)
            return route;
        allow_add(allow, route->method);
    }
    *ret_status = allow->len > 0 ? 405 : 404;
    if (allow->len > 0)
        allow_add(allow, "OPTIONS");
    return NULL;
}
