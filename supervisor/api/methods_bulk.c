#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/api/control.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"

/* Writes under way at once: enough for one group commit, few enough for the writer's queue. */
#define STOPS_AT_ONCE 64

enum stop_status { STOP_PENDING, STOP_STOPPED, STOP_ALREADY, STOP_FAILED, STOP_ERROR };

struct stop_item {
    struct stop_all *all;
    struct change *change;
    enum stop_status status;
    bool was_active; /* when its turn came */
    int error;
    char sid[ID_UUID_LEN + 1];
};

struct stop_all {
    struct api_call *call;
    size_t count, next, under_way;
    bool is_starting;
    struct stop_item items[];
};

static void stop_abandon(void *arg)
{
    struct stop_all *all = arg;
    for (size_t i = 0; i < all->next; i++) {
        if (all->items[i].change)
            change_abandon(all->items[i].change);
    }
    free(all);
}

static void append_channel(struct buffer *out, const struct stop_item *item)
{
    buffer_printf(out, "{\"channel\":\"ami.worker.%s\"", item->sid);
}

static void append_errors(struct buffer *out, const struct stop_all *all)
{
    bool is_first = true;
    for (size_t i = 0; i < all->count; i++) {
        const struct stop_item *item = &all->items[i];
        if (!item->error)
            continue;
        if (!is_first)
            buffer_append_char(out, ',');
        is_first = false;
        append_channel(out, item);
        buffer_append_str(out, ",\"error\":");
        struct buffer text;
        buffer_init(&text, 256);
        buffer_printf(&text, "Failed to stop worker: %s", error_text(item->error));
        view_append_text(out, text.data);
        buffer_free(&text);
        buffer_append_char(out, '}');
    }
}

static void stop_answer(struct stop_all *all)
{
    static const char *const names[] = {"error", "stopped", "already_stopped", "failed", "error"};
    size_t failed = 0;
    struct buffer body;
    for (size_t i = 0; i < all->count; i++)
        failed += all->items[i].error != 0;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_printf(&body, "{\"total\":%zu,\"stopped\":%zu,\"failed\":%zu,\"errors\":[", all->count,
                  all->count - failed, failed);
    append_errors(&body, all);
    buffer_append_str(&body, "],\"workers\":[");
    for (size_t i = 0; i < all->count; i++) {
        if (i > 0)
            buffer_append_char(&body, ',');
        append_channel(&body, &all->items[i]);
        buffer_printf(&body, ",\"status\":\"%s\"}", names[all->items[i].status]);
    }
    buffer_append_str(&body, "]}");
    api_call_answer(all->call, failed > 0 ? 207 : 200, &body);
    free(all);
}

static int stop_edit(void *arg, const struct registry_entry *entry, struct change_edit *ret_edit)
{
    struct stop_item *item = arg;
    enum control_action action = CONTROL_STOP;
    item->was_active = entry->worker->active;
    ret_edit->detail = "stopAllWorkers";
    return control_edit(&action, entry, ret_edit);
}

static void stop_more(struct stop_all *all);

static void stop_ended(void *arg, int error, const struct registry_entry *entry)
{
    struct stop_item *item = arg;
    (void)entry;
    item->change = NULL;
    /* Deleted while we were at it: it runs no more, which is what was asked for. */
    if (error == AMID_E_NOT_FOUND)
        error = 0;
    item->error = error;
    if (!error)
        item->status = item->was_active ? STOP_STOPPED : STOP_ALREADY;
    else
        item->status = error == AMID_E_CONFLICT ? STOP_FAILED : STOP_ERROR;
    item->all->under_way--;
    stop_more(item->all);
}

static void stop_more(struct stop_all *all)
{
    /* Those that end inside change_start come back here: the outer loop goes on for them. */
    if (all->is_starting)
        return;
    all->is_starting = true;
    while (all->next < all->count && all->under_way < STOPS_AT_ONCE) {
        struct stop_item *item = &all->items[all->next++];
        all->under_way++;
        int error = change_start(all->call, RIGHT_WORKER_CONTROL, item->sid, NULL, stop_edit,
                                 stop_ended, item, &item->change);
        if (error)
            stop_ended(item, error, NULL);
    }
    all->is_starting = false;
    if (all->next == all->count && all->under_way == 0)
        stop_answer(all);
}

static void answer_none(struct api_call *call)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"message\":\"No workers found\",\"total\":0,\"stopped\":0,"
                             "\"failed\":0,\"workers\":[]}");
    api_call_answer(call, 200, &body);
}

/* All that he who asks may stop. */
void method_stop_all_workers(struct api_call *call)
{
    const struct registry *registry = call->api->needs.registry;
    size_t count = registry_count(registry);
    struct stop_all *all = calloc(1, sizeof *all + count * sizeof *all->items);
    if (!all) {
        api_call_fail(call, AMID_E_NOMEM);
        return;
    }
    all->call = call;
    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_at(registry, i);
        if (!session_may(call->request, RIGHT_WORKER_CONTROL, entry))
            continue;
        struct stop_item *item = &all->items[all->count++];
        item->all = all;
        memcpy(item->sid, entry->worker->sid, sizeof item->sid);
    }
    if (all->count == 0) {
        free(all);
        answer_none(call);
        return;
    }
    call->abandon = stop_abandon;
    call->abandon_arg = all;
    stop_more(all);
}
