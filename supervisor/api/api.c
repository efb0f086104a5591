#include "supervisor/api/api.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/api/audit_view.h"
#include "supervisor/api/call.h"
#include "supervisor/api/logs.h"
#include "supervisor/api/operator.h"
#include "supervisor/api/secret_route.h"
#include "supervisor/api/session.h"
#include "supervisor/api/sockets.h"
#include "supervisor/api/webfix.h"

static const struct {
    const char *method;
    const char *path;
    http_handler_fn fn;
} routes[] = {
    {"POST", "/", webfix_handle},
    {"GET", "/", sockets_open},
    {"GET", "/api/workers", operator_list},
    {"GET", "/api/workers/*", operator_get},
    {"POST", "/api/workers/*", operator_post},
    {"DELETE", "/api/workers/*", operator_delete},
    {"GET", "/api/worker/logs/stream", logs_stream},
    {"GET", "/api/stats", operator_stats},
    {"GET", "/api/audit", audit_view},
    {"GET", "/api/secrets", secret_route_list},
    {"POST", "/api/secrets/*", secret_route_set},
    {"DELETE", "/api/secrets/*", secret_route_remove},
    {"GET", "/healthz", operator_health},
    {"GET", "/readyz", operator_ready},
};

int api_open(const struct api_needs *needs, struct api **ret_api)
{
    struct api *api = calloc(1, sizeof *api);
    int error = 0;
    if (!api)
        return AMID_E_NOMEM;
    api->needs = *needs;
    api->started_ms = clock_mono_ms();
    timer_init(&api->sockets_timer, needs->timers, sockets_tick, api);
    for (size_t i = 0; i < sizeof routes / sizeof *routes && !error; i++)
        error = http_server_route(needs->http, routes[i].method, routes[i].path, routes[i].fn, api);
    if (error) {
        free(api);
        return error;
    }
    http_server_set_admit(needs->http, session_admit, api);
    *ret_api = api;
    return 0;
}

void api_close(struct api *api)
{
    if (!api)
        return;
    api->is_closing = true;
    logs_close(api);
    sockets_close(api);
    api_calls_close(api);
    free(api);
}
