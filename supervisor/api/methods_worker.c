#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/api/control.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"

void method_list_workers(struct api_call *call)
{
    const struct registry *registry = call->api->needs.registry;
    size_t count = registry_count(registry);
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '[');
    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_at(registry, i);
        if (!session_may(call->request, RIGHT_WORKER_READ, entry))
            continue;
        if (body.len > 1)
            buffer_append_char(&body, ',');
        view_append_record(&body, entry, session_may(call->request, RIGHT_SCRIPT_READ, entry));
    }
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

/* The worker that {sid} or {channel} names; NULL: answered with 400, 403 or 404. */
static const struct registry_entry *find_named(struct api_call *call, enum right right,
                                               char *ret_sid)
{
    if (!api_call_sid(call, ret_sid)) {
        api_call_refuse(call, 400, "Invalid sid: a worker's UUID or its channel expected");
        return NULL;
    }
    const struct registry_entry *entry = registry_find(call->api->needs.registry, ret_sid);
    if (!entry) {
        api_call_refuse(call, 404, "Worker not found");
        return NULL;
    }
    if (!session_may(call->request, right, entry)) {
        session_refuse_call(call);
        return NULL;
    }
    return entry;
}

struct source_read {
    struct api_call *call;
    char sid[ID_UUID_LEN + 1];
};

static void source_abandon(void *arg)
{
    free(arg);
}

/* The entry with raw.source as the last member of raw. */
static char *render_with_source(const struct registry_entry *entry, const char *source)
{
    char *text = NULL;
    cJSON *json = cJSON_ParseWithLength(entry->json, entry->json_len);
    cJSON *raw =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(json, "value"), "raw");
    if (raw && cJSON_AddStringToObject(raw, "source", source))
        text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

static void source_read(void *arg, int error, const char *source, size_t len)
{
    struct source_read *read = arg;
    struct api_call *call = read->call;
    const struct registry_entry *entry = registry_find(call->api->needs.registry, read->sid);
    char *text;
    if (entry && !error)
        error = session_renew(call->api, call->request, RIGHT_SCRIPT_READ, entry);
    text = entry && !error ? render_with_source(entry, source) : NULL;
    (void)len;
    if (text) {
        struct buffer body;
        buffer_init(&body, API_ANSWER_MAX_BYTES);
        buffer_append_str(&body, text);
        api_call_answer(call, 200, &body);
    } else if (!entry || error == AMID_E_NOT_FOUND) {
        api_call_refuse(call, 404, "Worker not found");
    } else {
        api_call_fail(call, error ? error : AMID_E_NOMEM);
    }
    cJSON_free(text);
    free(read);
}

void method_get_worker(struct api_call *call)
{
    char sid[ID_UUID_LEN + 1];
    const struct registry_entry *entry = find_named(call, RIGHT_WORKER_READ, sid);
    if (!entry)
        return;
    if (!session_may(call->request, RIGHT_SCRIPT_READ, entry)) {
        struct buffer body;
        buffer_init(&body, API_ANSWER_MAX_BYTES);
        view_append_record(&body, entry, false);
        api_call_answer(call, 200, &body);
        return;
    }
    struct source_read *read = calloc(1, sizeof *read);
    if (!read) {
        api_call_fail(call, AMID_E_NOMEM);
        return;
    }
    read->call = call;
    memcpy(read->sid, sid, sizeof read->sid);
    call->abandon = source_abandon;
    call->abandon_arg = read;
    int error = registry_source(call->api->needs.registry, sid, source_read, read);
    if (error) {
        free(read);
        api_call_fail(call, error);
    }
}

void method_delete_worker(struct api_call *call)
{
    char sid[ID_UUID_LEN + 1];
    if (find_named(call, RIGHT_WORKER_CHANGE, sid))
        control_delete(call, sid);
}

void method_restart_worker(struct api_call *call)
{
    char sid[ID_UUID_LEN + 1];
    if (find_named(call, RIGHT_WORKER_CONTROL, sid))
        control_change(call, sid, CONTROL_RESTART, false);
}
