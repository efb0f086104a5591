#include "supervisor/api/operator.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "supervisor/api/control.h"
#include "supervisor/api/logs.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"

#define WORKERS_PATH   "/api/workers/"
#define UNKNOWN_WORKER "Worker not found"
#define ACTION_MAX     16

/* "/api/workers/{sid}" or "/api/workers/{sid}/{action}"; false: answered with 404. */
static bool parse_path(struct http_request *request, char *ret_sid, char *ret_action)
{
    const char *rest = http_request_path(request) + strlen(WORKERS_PATH);
    size_t sid_len = strcspn(rest, "/");
    const char *action = rest[sid_len] == '/' ? rest + sid_len + 1 : "";
    if (!api_sid_normalize(rest, sid_len, ret_sid)) {
        http_respond_error(request, 404, UNKNOWN_WORKER);
        return false;
    }
    if (snprintf(ret_action, ACTION_MAX, "%s", action) >= ACTION_MAX) {
        http_respond_error(request, 404, "Not found");
        return false;
    }
    return true;
}

/* The route's right, for this very worker: a developer has it for his own only. True also for one
 * that does not exist: that is the handler's to say. */
static bool may(struct api *api, struct http_request *request, enum right right, const char *sid)
{
    const struct registry_entry *entry = registry_find(api->needs.registry, sid);
    if (!entry || session_may(request, right, entry))
        return true;
    session_refuse(api, request);
    return false;
}

static void refuse_method(struct http_request *request, const char *allow)
{
    http_request_add_header(request, "Allow", allow);
    http_respond_error(request, 405, "Method not allowed here, only: %s", allow);
}

void operator_list(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct api_call *call = api_call_new(api, request, NULL);
    struct buffer body;
    if (!call)
        return;
    size_t count = registry_count(api->needs.registry);
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '[');
    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_at(api->needs.registry, i);
        if (!session_may(request, RIGHT_WORKER_READ, entry))
            continue;
        if (body.len > 1)
            buffer_append_char(&body, ',');
        view_append_entry(&body, entry, session_may(request, RIGHT_SCRIPT_READ, entry),
                          api->needs.fleet);
    }
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

static void answer_worker(struct api *api, struct http_request *request, const char *sid)
{
    const struct registry_entry *entry = registry_find(api->needs.registry, sid);
    struct buffer body;
    if (!entry) {
        http_respond_error(request, 404, UNKNOWN_WORKER);
        return;
    }
    struct api_call *call = api_call_new(api, request, NULL);
    if (!call)
        return;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    view_append_entry(&body, entry, session_may(request, RIGHT_SCRIPT_READ, entry),
                      api->needs.fleet);
    api_call_answer(call, 200, &body);
}

static const struct {
    const char *name;
    enum control_action action;
} actions[] = {{"start", CONTROL_START}, {"stop", CONTROL_STOP}, {"restart", CONTROL_RESTART}};

/* CONTROL_ACTION_MAX if there is none of that name. */
static enum control_action find_action(const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].action;
    }
    return CONTROL_ACTION_MAX;
}

void operator_get(void *arg, struct http_request *request)
{
    char sid[ID_UUID_LEN + 1], action[ACTION_MAX];
    if (!parse_path(request, sid, action) || !may(arg, request, RIGHT_WORKER_READ, sid))
        return;
    if (action[0] == '\0')
        answer_worker(arg, request, sid);
    else if (strcmp(action, "logs") == 0)
        logs_answer(arg, request, sid);
    else if (find_action(action) != CONTROL_ACTION_MAX)
        refuse_method(request, "POST, OPTIONS");
    else
        http_respond_error(request, 404, "Not found");
}

void operator_post(void *arg, struct http_request *request)
{
    char sid[ID_UUID_LEN + 1], name[ACTION_MAX];
    if (!parse_path(request, sid, name) || !may(arg, request, RIGHT_WORKER_CONTROL, sid))
        return;
    enum control_action action = find_action(name);
    if (name[0] == '\0') {
        refuse_method(request, "GET, HEAD, DELETE, OPTIONS");
    } else if (strcmp(name, "logs") == 0) {
        refuse_method(request, "GET, HEAD, OPTIONS");
    } else if (action == CONTROL_ACTION_MAX) {
        http_respond_error(request, 404, "Not found");
    } else {
        struct api_call *call = api_call_new(arg, request, NULL);
        if (call)
            control_change(call, sid, action, true);
    }
}

void operator_delete(void *arg, struct http_request *request)
{
    char sid[ID_UUID_LEN + 1], action[ACTION_MAX];
    if (!parse_path(request, sid, action) || !may(arg, request, RIGHT_WORKER_CHANGE, sid))
        return;
    if (action[0] != '\0') {
        http_respond_error(request, 404, "Not found");
        return;
    }
    struct api_call *call = api_call_new(arg, request, NULL);
    if (call)
        control_delete(call, sid);
}

static void append_states(struct buffer *out, struct api *api)
{
    size_t count = registry_count(api->needs.registry);
    size_t states[INSTANCE_STATE_MAX] = {0};
    for (size_t i = 0; i < count; i++) {
        struct fleet_view view;
        const char *sid = registry_at(api->needs.registry, i)->worker->sid;
        if (fleet_view(api->needs.fleet, sid, &view) == 0 && view.state < INSTANCE_STATE_MAX)
            states[view.state]++;
    }
    buffer_printf(out, "{\"total\":%zu", count);
    for (int i = 0; i < INSTANCE_STATE_MAX; i++)
        view_append_member_int(out, instance_state_name((enum instance_state)i),
                               (int64_t)states[i]);
    buffer_append_char(out, '}');
}

void operator_stats(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct api_call *call = api_call_new(api, request, NULL);
    struct http_counts counts;
    struct buffer body;
    if (!call)
        return;
    http_server_count(api->needs.http, &counts);
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"nid\":");
    view_append_text(&body, api->needs.config->node_nid);
    view_append_member_text(&body, "network", api->needs.config->node_network);
    view_append_member_text(&body, "version", AMID_VERSION);
    view_append_member_int(&body, "uptimeMs", clock_mono_ms() - api->started_ms);
    buffer_append_str(&body, ",\"workers\":");
    append_states(&body, api);
    buffer_append_str(&body, ",\"http\":{\"connections\":");
    buffer_printf(&body, "%u", counts.connections);
    view_append_member_int(&body, "accepted", (int64_t)counts.accepted);
    view_append_member_int(&body, "refused", (int64_t)counts.refused);
    view_append_member_int(&body, "requests", (int64_t)counts.requests);
    buffer_append_char(&body, '}');
    view_append_member_int(&body, "timestamp", clock_real_ms());
    buffer_append_char(&body, '}');
    api_call_answer(call, 200, &body);
}

void operator_health(void *arg, struct http_request *request)
{
    static const char body[] = "{\"status\":\"ok\"}";
    (void)arg;
    http_respond(request, 200, NULL, body, sizeof body - 1);
}

void operator_ready(void *arg, struct http_request *request)
{
    const struct api *api = arg;
    const struct registry *registry = api->needs.registry;
    bool is_ready = fleet_is_ready(api->needs.fleet) && registry_is_complete(registry);
    const char *body = "{\"status\":\"starting\"}";
    if (!registry_is_complete(registry))
        body = "{\"status\":\"waiting\",\"reason\":\"the cluster's store has not been read yet\"}";
    else if (is_ready)
        body = registry_is_stale(registry) ? "{\"status\":\"ready\",\"net\":\"stale\"}"
                                           : "{\"status\":\"ready\"}";
    http_respond(request, is_ready ? 200 : 503, NULL, body, strlen(body));
}
