#include "supervisor/api/view.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "common/json.h"

void view_append_text(struct buffer *out, const char *text)
{
    if (text)
        json_append_string(out, text, strlen(text));
    else
        buffer_append_str(out, "null");
}

static void append_name(struct buffer *out, const char *name)
{
    buffer_append_str(out, ",\"");
    buffer_append_str(out, name);
    buffer_append_str(out, "\":");
}

void view_append_member_int(struct buffer *out, const char *name, int64_t number)
{
    append_name(out, name);
    json_append_int(out, number);
}

void view_append_member_text(struct buffer *out, const char *name, const char *text)
{
    append_name(out, name);
    view_append_text(out, text);
}

void view_append_member_time(struct buffer *out, const char *name, int64_t number)
{
    append_name(out, name);
    if (number > 0)
        json_append_int(out, number);
    else
        buffer_append_str(out, "null");
}

void view_append_exit(struct buffer *out, const struct exit_certificate *exit)
{
    if (!exit->known) {
        buffer_append_str(out, "null");
        return;
    }
    buffer_append_str(out, "{\"code\":");
    if (exit->signal)
        buffer_append_str(out, "null");
    else
        json_append_int(out, exit->code);
    view_append_member_time(out, "signal", exit->signal);
    view_append_member_text(out, "syscall", exit->syscall);
    view_append_member_text(out, "limit", exit->limit);
    view_append_member_text(out, "sentence", exit->sentence);
    view_append_member_int(out, "at", exit->at_ms);
    buffer_append_char(out, '}');
}

static void append_instance(struct buffer *out, const struct fleet_view *view)
{
    buffer_append_str(out, "{\"number\":");
    json_append_int(out, (int64_t)view->instance);
    view_append_member_time(out, "pid", view->pid);
    view_append_member_text(out, "reason", view->reason);
    view_append_member_time(out, "started", view->started_ms);
    view_append_member_int(out, "restarts", (int64_t)view->restarts);
    buffer_append_str(out, ",\"nextTryInMs\":");
    if (view->next_try_in_ms >= 0)
        json_append_int(out, view->next_try_in_ms);
    else
        buffer_append_str(out, "null");
    view_append_member_int(out, "consecutiveErrors", view->consecutive_errors);
    view_append_member_text(out, "lastError", view->last_error);
    view_append_member_text(out, "lastErrorType", view->last_error_type);
    buffer_append_str(out, ",\"lastExit\":");
    view_append_exit(out, &view->last_exit);
    buffer_append_char(out, '}');
}

/* NULL when out of memory. */
static char *render_without_script(const struct registry_entry *entry)
{
    char *text = NULL;
    cJSON *json = cJSON_ParseWithLength(entry->json, entry->json_len);
    cJSON *raw =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(json, "value"), "raw");
    cJSON *nothing = cJSON_CreateString("");
    if (raw && nothing && cJSON_ReplaceItemInObjectCaseSensitive(raw, "script", nothing))
        text = cJSON_PrintUnformatted(json);
    else
        cJSON_Delete(nothing);
    cJSON_Delete(json);
    return text;
}

void view_append_record(struct buffer *out, const struct registry_entry *entry, bool with_script)
{
    if (with_script) {
        buffer_append(out, entry->json, entry->json_len);
        return;
    }
    char *text = render_without_script(entry);
    if (text)
        buffer_append_str(out, text);
    else
        out->failed = out->out_of_memory = true;
    cJSON_free(text);
}

void view_append_entry(struct buffer *out, const struct registry_entry *entry, bool with_script,
                       struct fleet *fleet)
{
    struct fleet_view view = {0};
    if (fleet_view(fleet, entry->worker->sid, &view) != 0) {
        /* Just written: the fleet hears of it in this same turn. */
        view = (struct fleet_view){.state = INSTANCE_INACTIVE, .next_try_in_ms = -1};
        if (entry->worker->active)
            view.state = INSTANCE_WAITING;
    }
    view_append_record(out, entry, with_script);
    if (buffer_status(out) != 0)
        return;
    out->len--; /* the bracket */
    view_append_member_text(out, "state", instance_state_name(view.state));
    append_name(out, "instance");
    append_instance(out, &view);
    buffer_append_char(out, '}');
}
