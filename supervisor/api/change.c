#include "supervisor/api/change.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/api/note.h"
#include "supervisor/api/session.h"
#include "supervisor/api/turn.h"

struct change {
    struct api_call *call;
    struct turn turn;
    enum right right;
    char sid[ID_UUID_LEN + 1];
    bool is_locked;
    struct kv_versionstamp lock;
    unsigned tries;
    change_edit_fn edit;
    change_done_fn done;
    void *arg;
};

static void change_try(struct change *change);

static void change_finish(struct change *change, int error, const struct registry_entry *entry)
{
    change->done(change->arg, error, entry);
    turn_end(&change->turn);
    free(change);
}

static void written(void *arg, int error, const struct registry_entry *entry)
{
    struct change *change = arg;
    if (error == AMID_E_CONFLICT && !change->is_locked && ++change->tries < CHANGE_TRIES_MAX) {
        change_try(change);
        return;
    }
    change_finish(change, error, entry);
}

static bool same_stamp(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Consumes edit's worker. */
static int change_write(struct change *change, const struct change_edit *edit,
                        const struct kv_versionstamp *before)
{
    const struct note note = {
        .event = edit->event, .sid = change->sid, .before = before, .detail = edit->detail};
    struct buffer text;
    int error = note_render(change->call, &note, &text);
    if (error)
        worker_free(edit->worker);
    else
        error = registry_put(change->call->api->needs.registry, edit->worker, before, edit->source,
                             edit->source_len, text.data, written, change);
    buffer_free(&text);
    return error;
}

static void change_try(struct change *change)
{
    struct registry *registry = change->call->api->needs.registry;
    const struct registry_entry *entry = registry_find(registry, change->sid);
    struct change_edit edit = {0};
    int error;
    if (!entry) {
        change_finish(change, AMID_E_NOT_FOUND, NULL);
        return;
    }
    if (change->is_locked && !same_stamp(&entry->versionstamp, &change->lock)) {
        change_finish(change, AMID_E_CONFLICT, NULL);
        return;
    }
    error = session_renew(change->call->api, change->call->request, change->right, entry);
    if (!error)
        error = change->edit(change->arg, entry, &edit);
    if (error || !edit.worker) {
        change_finish(change, error, error ? NULL : entry);
        return;
    }
    struct kv_versionstamp expected = entry->versionstamp;
    error = change_write(change, &edit, &expected);
    if (error)
        change_finish(change, error, NULL);
}

static void change_begin(void *arg)
{
    change_try(arg);
}

int change_start(struct api_call *call, enum right right, const char *sid,
                 const struct kv_versionstamp *lock, change_edit_fn edit, change_done_fn done,
                 void *arg, struct change **ret_change)
{
    struct change *change = calloc(1, sizeof *change);
    if (!change)
        return AMID_E_NOMEM;
    change->call = call;
    change->right = right;
    memcpy(change->sid, sid, sizeof change->sid);
    change->edit = edit;
    change->done = done;
    change->arg = arg;
    if (lock) {
        change->is_locked = true;
        change->lock = *lock;
    }
    if (ret_change)
        *ret_change = change;
    turn_ask(&change->turn, call->api, sid, change_begin, change);
    return 0;
}

void change_abandon(struct change *change)
{
    turn_end(&change->turn);
    free(change);
}
