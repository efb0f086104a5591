#include "supervisor/api/control.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/api/note.h"
#include "supervisor/api/session.h"
#include "supervisor/api/turn.h"
#include "supervisor/api/view.h"

#define UNKNOWN_WORKER "Worker not found"

struct control {
    struct api_call *call;
    enum control_action action;
    bool with_state;
    struct change *change;
    struct turn turn; /* of a delete */
    char sid[ID_UUID_LEN + 1];
};

int control_edit(void *action, const struct registry_entry *entry, struct change_edit *ret_edit)
{
    static const char *const events[CONTROL_ACTION_MAX] = {[CONTROL_START] = "worker-start",
                                                           [CONTROL_STOP] = "worker-stop",
                                                           [CONTROL_RESTART] = "worker-restart"};
    enum control_action wish = *(const enum control_action *)action;
    const struct worker *current = entry->worker;
    if (wish == (current->active ? CONTROL_START : CONTROL_STOP))
        return 0;
    struct worker *worker = worker_copy(current);
    if (!worker)
        return AMID_E_NOMEM;
    worker->active = wish != CONTROL_STOP;
    worker->timestamp_ms = clock_real_ms();
    if (wish != CONTROL_STOP)
        worker->generation++;
    ret_edit->worker = worker;
    ret_edit->event = events[wish];
    return 0;
}

static void control_abandon(void *arg)
{
    struct control *control = arg;
    turn_end(&control->turn);
    if (control->change)
        change_abandon(control->change);
    free(control);
}

static struct control *control_new(struct api_call *call, const char *sid)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control) {
        api_call_fail(call, AMID_E_NOMEM);
        return NULL;
    }
    control->call = call;
    memcpy(control->sid, sid, sizeof control->sid);
    call->abandon = control_abandon;
    call->abandon_arg = control;
    return control;
}

static void refuse(struct api_call *call, int error)
{
    if (error == AMID_E_NOT_FOUND)
        api_call_refuse(call, 404, UNKNOWN_WORKER);
    else
        api_call_fail(call, error);
}

static void changed(void *arg, int error, const struct registry_entry *entry)
{
    struct control *control = arg;
    struct api_call *call = control->call;
    control->change = NULL;
    if (error) {
        refuse(call, error);
    } else {
        struct buffer body;
        buffer_init(&body, API_ANSWER_MAX_BYTES);
        if (control->with_state)
            view_append_entry(&body, entry, true, call->api->needs.fleet);
        else
            buffer_append(&body, entry->json, entry->json_len);
        api_call_answer(call, 200, &body);
    }
    free(control);
}

static int edit_record(void *arg, const struct registry_entry *entry, struct change_edit *ret_edit)
{
    struct control *control = arg;
    return control_edit(&control->action, entry, ret_edit);
}

void control_change(struct api_call *call, const char *sid, enum control_action action,
                    bool with_state)
{
    struct control *control = control_new(call, sid);
    if (!control)
        return;
    control->action = action;
    control->with_state = with_state;
    int error = change_start(call, RIGHT_WORKER_CONTROL, sid, NULL, edit_record, changed, control,
                             &control->change);
    if (error) {
        free(control);
        refuse(call, error);
    }
}

static void answer_deleted(struct control *control)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_printf(&body, "{\"success\":true,\"sid\":\"%s\"}", control->sid);
    api_call_answer(control->call, 200, &body);
}

static void deleted(void *arg, int error, const struct registry_entry *entry)
{
    struct control *control = arg;
    (void)entry;
    turn_end(&control->turn);
    if (error) {
        refuse(control->call, error);
    } else {
        journal_forget(control->call->api->needs.journal, control->sid);
        answer_deleted(control);
    }
    free(control);
}

static void begin_delete(void *arg)
{
    struct control *control = arg;
    struct registry *registry = control->call->api->needs.registry;
    const struct registry_entry *entry = registry_find(registry, control->sid);
    int error = AMID_E_NOT_FOUND;
    if (entry) {
        const struct note note = {
            .event = "worker-delete", .sid = control->sid, .before = &entry->versionstamp};
        struct buffer text;
        error = note_render(control->call, &note, &text);
        if (!error)
            error = session_renew(control->call->api, control->call->request, RIGHT_WORKER_CHANGE,
                                  entry);
        if (!error)
            error = registry_delete(registry, control->sid, NULL, text.data, deleted, control);
        buffer_free(&text);
    }
    if (error)
        deleted(control, error, NULL);
}

void control_delete(struct api_call *call, const char *sid)
{
    struct control *control = control_new(call, sid);
    if (control)
        turn_ask(&control->turn, call->api, sid, begin_delete, control);
}
