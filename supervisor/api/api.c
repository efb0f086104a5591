#include "supervisor/api/api.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/api/access.h"
#include "supervisor/api/attempts.h"
#include "supervisor/api/audit_view.h"
#include "supervisor/api/call.h"
#include "supervisor/api/credentials.h"
#include "supervisor/api/logs.h"
#include "supervisor/api/nodes.h"
#include "supervisor/api/note.h"
#include "supervisor/api/operator.h"
#include "supervisor/api/secret_route.h"
#include "supervisor/api/session.h"
#include "supervisor/api/sockets.h"
#include "supervisor/api/webfix.h"

static const struct {
    const char *method;
    const char *path;
    http_handler_fn fn;
    enum right right; /* what of it concerns single workers, the handler asks */
} routes[] = {
    {"POST", "/", webfix_handle, RIGHT_PUBLIC},    /* each method has its own */
    {"GET", "/", sockets_open, RIGHT_WORKER_READ}, /* but see session_admit */
    {"GET", "/api/workers", operator_list, RIGHT_WORKER_READ},
    {"GET", "/api/workers/*", operator_get, RIGHT_WORKER_READ},
    {"POST", "/api/workers/*", operator_post, RIGHT_WORKER_CONTROL},
    {"DELETE", "/api/workers/*", operator_delete, RIGHT_WORKER_CHANGE},
    {"GET", "/api/worker/logs/stream", logs_stream, RIGHT_WORKER_READ},
    {"GET", "/api/stats", operator_stats, RIGHT_NODE_READ},
    {"GET", "/api/nodes", nodes_list, RIGHT_NODE_READ},
    {"GET", "/api/audit", audit_view, RIGHT_ADMIN},
    {"GET", "/api/sessions", credentials_sessions, RIGHT_ADMIN},
    {"DELETE", "/api/sessions/*", credentials_revoke_session, RIGHT_ADMIN},
    {"GET", "/api/tokens", credentials_tokens, RIGHT_ADMIN},
    {"POST", "/api/tokens", credentials_create, RIGHT_ADMIN},
    {"DELETE", "/api/tokens/*", credentials_revoke_token, RIGHT_ADMIN},
    {"POST", "/api/owner-token", credentials_rotate_owner, RIGHT_ADMIN},
    {"DELETE", "/api/owner-token", credentials_revoke_owner, RIGHT_ADMIN},
    {"GET", "/api/secrets", secret_route_list, RIGHT_ADMIN},
    {"POST", "/api/secrets/*", secret_route_set, RIGHT_ADMIN},
    {"DELETE", "/api/secrets/*", secret_route_remove, RIGHT_ADMIN},
    {"GET", "/api/access", access_list, RIGHT_ADMIN},
    {"POST", "/api/access/*", access_decide, RIGHT_ADMIN},
    {"GET", "/healthz", operator_health, RIGHT_PUBLIC},
    {"GET", "/readyz", operator_ready, RIGHT_PUBLIC},
};

_Static_assert(sizeof routes / sizeof *routes <= API_ROUTES_MAX, "room in struct api");

static void dispatch(void *arg, struct http_request *request)
{
    const struct api_route *route = arg;
    size_t len;
    /* A body may take its time, and who sent it lose meanwhile what he had. */
    http_request_body(request, &len);
    if (len > 0 && session_renew(route->api, request, route->right, NULL) != 0)
        session_refuse(route->api, request);
    else
        route->fn(route->api, request);
}

int api_open(const struct api_needs *needs, struct api **ret_api)
{
    struct api *api = calloc(1, sizeof *api);
    int error = 0;
    if (!api)
        return AMID_E_NOMEM;
    api->needs = *needs;
    api->started_ms = clock_mono_ms();
    api->attempts = attempts_new(needs->config);
    if (!api->attempts)
        error = AMID_E_NOMEM;
    timer_init(&api->sockets_timer, needs->timers, sockets_tick, api);
    timer_init(&api->streams_timer, needs->timers, logs_tick, api);
    for (size_t i = 0; i < sizeof routes / sizeof *routes && !error; i++) {
        api->routes[i] =
            (struct api_route){.api = api, .fn = routes[i].fn, .right = routes[i].right};
        error = http_server_route(needs->http, routes[i].method, routes[i].path, dispatch,
                                  &api->routes[i]);
    }
    if (error) {
        attempts_free(api->attempts);
        free(api);
        return error;
    }
    http_server_set_admit(needs->http, session_admit, api);
    http_server_on_refused(needs->http, note_refused_connection, api);
    *ret_api = api;
    return 0;
}

void api_close(struct api *api)
{
    if (!api)
        return;
    api->is_closing = true;
    http_server_on_refused(api->needs.http, NULL, NULL);
    logs_close(api);
    sockets_close(api);
    api_calls_close(api);
    attempts_free(api->attempts);
    free(api);
}
