#ifndef AMID_HTTP_ROUTE_H
#define AMID_HTTP_ROUTE_H

#include <stddef.h>

#include "common/buffer.h"
#include "supervisor/http/server.h"

#define HTTP_ROUTES_MAX 64

struct http_route {
    const char *method; /* static; NULL = every method */
    const char *path;   /* static */
    http_handler_fn fn;
    void *arg;
};

struct http_routes {
    struct http_route list[HTTP_ROUTES_MAX];
    size_t count;
};

int http_routes_add(struct http_routes *routes, const char *method, const char *path,
                    http_handler_fn fn, void *arg);
/* The first route for method and path. NULL: *ret_status is 404, or 405 (allow then lists what the
 * path takes, as in an Allow header). */
const struct http_route *http_routes_find(const struct http_routes *routes, const char *method,
                                          const char *path, int *ret_status, struct buffer *allow);

#endif
