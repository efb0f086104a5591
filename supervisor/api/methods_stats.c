#include <math.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"

struct totals {
    size_t workers, running;
    uint64_t executions, errors, network_errors, critical_errors;
};

static void totals_add(struct totals *totals, const struct fleet_view *view)
{
    totals->workers++;
    totals->running += view->is_running;
    totals->executions += view->executions;
    totals->errors += view->errors;
    totals->network_errors += view->network_errors;
    totals->critical_errors += view->critical_errors;
}

/* Per cent, two decimals at most (RULES 9). */
static double error_rate(const struct fleet_view *view)
{
    if (view->executions == 0)
        return 0;
    return round((double)view->errors * 10000.0 / (double)view->executions) / 100.0;
}

static void append_rate(struct buffer *out, const struct fleet_view *view, bool as_number)
{
    buffer_append_str(out, as_number ? ",\"errorRate\":" : ",\"errorRate\":\"");
    json_append_number(out, error_rate(view));
    if (!as_number)
        buffer_append_str(out, "%\"");
}

static void append_flag(struct buffer *out, const char *name, bool value)
{
    buffer_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

/* The documented members in the documented order. */
static void append_documented(struct buffer *out, const struct fleet_view *view, int64_t now_ms,
                              bool is_list)
{
    int64_t uptime_ms = view->is_running && view->started_ms > 0 ? now_ms - view->started_ms : 0;
    view_append_member_int(out, "started", view->started_ms);
    view_append_member_int(out, "uptime", uptime_ms > 0 ? uptime_ms : 0);
    view_append_member_int(out, "executions", (int64_t)view->executions);
    view_append_member_int(out, "errors", (int64_t)view->errors);
    view_append_member_int(out, "networkErrors", (int64_t)view->network_errors);
    view_append_member_int(out, "criticalErrors", (int64_t)view->critical_errors);
    view_append_member_int(out, "consecutiveErrors", view->consecutive_errors);
    append_rate(out, view, is_list);
    view_append_member_text(out, "lastError", view->last_error);
    view_append_member_text(out, "lastErrorType", view->last_error_type);
    view_append_member_time(out, "lastRun", view->last_run_ms);
    int64_t ago_ms = now_ms - view->last_run_ms;
    if (view->last_run_ms > 0)
        view_append_member_int(out, "lastRunAgo", ago_ms > 0 ? ago_ms : 0);
    else
        buffer_append_str(out, ",\"lastRunAgo\":null");
    view_append_member_text(out, "scriptHash", view->script_hash);
    append_flag(out, "isRunning", view->is_running);
}

static void append_ours(struct buffer *out, const struct fleet_view *view,
                        const struct worker *worker)
{
    view_append_member_time(out, "lastExecution", view->last_run_ms);
    view_append_member_text(out, "state", instance_state_name(view->state));
    view_append_member_text(out, "stopReason", view->reason);
    view_append_member_int(out, "restarts", (int64_t)view->restarts);
    buffer_append_str(out, ",\"nextTryInMs\":");
    if (view->next_try_in_ms >= 0)
        json_append_int(out, view->next_try_in_ms);
    else
        buffer_append_str(out, "null");
    buffer_append_str(out, ",\"lastExit\":");
    view_append_exit(out, &view->last_exit);
    view_append_member_int(out, "ticks", (int64_t)view->ticks);
    view_append_member_int(out, "skippedErrors", (int64_t)view->skipped_errors);
    view_append_member_text(out, "priority", worker_priority_name(worker->priority));
    view_append_member_text(out, "mode", worker_mode_name(worker->mode));
    view_append_member_text(out, "executionMode", worker_execution_name(worker->execution));
    append_flag(out, "active", worker->active);
    view_append_member_int(out, "instance", (int64_t)view->instance);
    view_append_member_time(out, "pid", view->pid);
    view_append_member_int(out, "heapBytes", (int64_t)view->heap_bytes);
    view_append_member_int(out, "framesRefused", (int64_t)view->frames_refused);
}

static void append_rows(struct buffer *out, struct api_call *call, int64_t now_ms, bool is_list,
                        struct totals *totals)
{
    const struct api *api = call->api;
    const struct registry *registry = api->needs.registry;
    size_t count = registry_count(registry);
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_at(registry, i);
        struct fleet_view view;
        if (!session_may(call->request, RIGHT_WORKER_READ, entry))
            continue;
        if (fleet_view(api->needs.fleet, entry->worker->sid, &view) != 0)
            continue;
        totals_add(totals, &view);
        buffer_append_str(out, is_first ? "{\"sid\":" : ",{\"sid\":");
        is_first = false;
        view_append_text(out, view.sid);
        append_documented(out, &view, now_ms, is_list);
        append_ours(out, &view, entry->worker);
        buffer_append_char(out, '}');
    }
}

static void answer_object(struct api_call *call, const struct buffer *rows,
                          const struct totals *totals, int64_t now_ms)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_printf(&body, "{\"totalWorkers\":%zu", totals->workers);
    view_append_member_int(&body, "runningWorkers", (int64_t)totals->running);
    view_append_member_int(&body, "stoppedWorkers", (int64_t)(totals->workers - totals->running));
    view_append_member_int(&body, "totalExecutions", (int64_t)totals->executions);
    view_append_member_int(&body, "totalErrors", (int64_t)totals->errors);
    view_append_member_int(&body, "totalNetworkErrors", (int64_t)totals->network_errors);
    view_append_member_int(&body, "totalCriticalErrors", (int64_t)totals->critical_errors);
    buffer_append_str(&body, ",\"workers\":[");
    buffer_append(&body, rows->data, rows->len);
    buffer_append_char(&body, ']');
    view_append_member_int(&body, "timestamp", now_ms);
    view_append_member_int(&body, "framesRefused",
                           (int64_t)fleet_frames_refused(call->api->needs.fleet));
    buffer_append_char(&body, '}');
    api_call_answer(call, 200, &body);
}

static void answer_list(struct api_call *call, const struct buffer *rows)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '[');
    buffer_append(&body, rows->data, rows->len);
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

void method_get_worker_stats(struct api_call *call)
{
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(call->body, "format");
    bool is_list = cJSON_IsString(format) && strcmp(format->valuestring, "list") == 0;
    bool is_object =
        !format || (cJSON_IsString(format) && strcmp(format->valuestring, "object") == 0);
    if (!is_list && !is_object) {
        api_call_refuse(call, 400, "Invalid format: \"object\" or \"list\" expected");
        return;
    }
    struct totals totals = {0};
    struct buffer rows;
    int64_t now_ms = clock_real_ms();
    buffer_init(&rows, API_ANSWER_MAX_BYTES);
    append_rows(&rows, call, now_ms, is_list, &totals);
    int error = buffer_status(&rows);
    if (error)
        api_call_fail(call, error);
    else if (is_list)
        answer_list(call, &rows);
    else
        answer_object(call, &rows, &totals, now_ms);
    buffer_free(&rows);
}
