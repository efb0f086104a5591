#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/registry/registry_internal.h"

/*
 * A worker that changes its scope where the spaces lie in two stores: the new record is written
 * before the old one is removed, so that it is never lost; what a crash in between leaves is
 * settled by registry_heal (registry.h tells the rule).
 */

static bool is_beside_local(const struct registry_task *task, enum worker_scope scope)
{
    return kv_is_joint(registry_kv(task->registry, scope),
                       registry_kv(task->registry, WORKER_LOCAL));
}

/* Consumes atomic. error: what building it came to. */
static int step(struct registry_task *task, enum worker_scope scope, struct kv_atomic *atomic,
                int error, kv_commit_fn fn)
{
    if (error != 0) {
        kv_atomic_free(atomic);
        return error;
    }
    error = kv_commit(registry_kv(task->registry, scope), atomic, fn, task);
    if (error == 0)
        registry_call_begin(task->registry);
    return error;
}

static void move_end(struct registry_task *task, int error)
{
    task->registry->moves_under_way--;
    registry_task_end(task, error);
}

/* Takes the record with the stamp out of the space. */
static int remove_from(struct registry_task *task, enum worker_scope scope,
                       const struct kv_versionstamp *stamp, bool with_note, kv_commit_fn fn)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    int error = atomic == NULL ? AMID_E_NOMEM : registry_record_key(task->sid, &key);
    if (error == 0)
        error = kv_atomic_check(atomic, &key, stamp);
    if (error == 0)
        error = kv_atomic_delete(atomic, &key);
    if (error == 0)
        error = source_put(atomic, task->sid, NULL, 0);
    if (error == 0 && with_note)
        error = kv_atomic_note(atomic, task->note, strlen(task->note));
    return step(task, scope, atomic, error, fn);
}

static void undone(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    struct log_about about = {.event = "registry", .sid = task->sid};
    (void)stamp;
    if (error != 0)
        log_warn(&about, "A move to another scope could not be taken back: %s", error_text(error));
    move_end(task, AMID_E_CONFLICT);
    (void)registry_call_end(registry);
}

static void removed_goes_on(struct registry_task *task, int error)
{
    /* Somebody has changed the old record meanwhile: his change counts. */
    if (error == AMID_E_CONFLICT &&
        remove_from(task, task->worker->scope, &task->moved, false, undone) == 0)
        return;
    if (error != 0 || is_beside_local(task, task->from)) {
        move_end(task, error); /* after another error both may be there: left to registry_heal */
        return;
    }
    task->registry->moves_under_way--;
    registry_note_and_end(task);
}

static void removed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    (void)stamp;
    removed_goes_on(task, error);
    (void)registry_call_end(registry);
}

static void arrived(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    bool with_note = task->note != NULL && is_beside_local(task, task->from);
    if (error == 0) {
        task->moved = *stamp;
        error = remove_from(task, task->from, &task->stamp, with_note, removed);
    }
    if (error != 0)
        move_end(task, error);
    (void)registry_call_end(registry);
}

int registry_move(struct registry_task *task, const char *source, size_t source_len)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    int error = atomic == NULL ? AMID_E_NOMEM : registry_record_key(task->sid, &key);
    if (error == 0)
        error = kv_atomic_check(atomic, &key, NULL);
    if (error == 0)
        error = registry_put_record(atomic, &key, task->worker);
    if (error == 0 && source != NULL)
        error = source_put(atomic, task->sid, source, source_len);
    error = step(task, task->worker->scope, atomic, error, arrived);
    if (error == 0)
        task->registry->moves_under_way++;
    return error;
}

/* --- healing --- */

struct healing {
    struct registry *registry;
    char sid[ID_UUID_LEN + 1];
    struct kv_versionstamp stamp; /* of the local record */
};

static void healed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct healing *healing = arg;
    struct log_about about = {.event = "registry", .sid = healing->sid};
    (void)stamp;
    (void)registry_call_end(healing->registry);
    if (error == 0)
        log_warn(&about, "A move between local and network had been cut short: the network's "
                         "record counts, the local one was removed");
    free(healing);
}

static int heal_commit(struct healing *healing)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    int error = atomic == NULL ? AMID_E_NOMEM : registry_record_key(healing->sid, &key);
    if (error == 0)
        error = kv_atomic_check(atomic, &key, &healing->stamp);
    if (error == 0)
        error = kv_atomic_delete(atomic, &key);
    if (error == 0)
        error = source_put(atomic, healing->sid, NULL, 0);
    if (error != 0) {
        kv_atomic_free(atomic);
        return error;
    }
    return kv_commit(registry_kv(healing->registry, WORKER_LOCAL), atomic, healed, healing);
}

/* Memory may be behind the network's store: only what that says now counts. */
static void looked(void *arg, int error, const struct kv_entry *entry)
{
    struct healing *healing = arg;
    bool is_wanted = !healing->registry->closed && healing->registry->moves_under_way == 0 &&
                     error == 0 && entry != NULL;
    if (is_wanted && heal_commit(healing) == 0)
        return;
    (void)registry_call_end(healing->registry);
    free(healing);
}

void registry_heal(struct registry *registry, const struct registry_item *item)
{
    const struct registry_record *local = item->records[WORKER_LOCAL];
    struct kv *net = registry_kv(registry, WORKER_NETWORK);
    struct kv_key key;
    if (local == NULL || item->records[WORKER_NETWORK] == NULL || registry->moves_under_way > 0 ||
        kv_is_joint(net, registry_kv(registry, WORKER_LOCAL)))
        return;
    struct healing *healing = calloc(1, sizeof(*healing));
    if (healing == NULL)
        return;
    healing->registry = registry;
    memcpy(healing->sid, item->sid, sizeof(healing->sid));
    healing->stamp = local->entry.versionstamp;
    if (registry_record_key(item->sid, &key) == 0 && kv_get(net, &key, looked, healing) == 0)
        registry_call_begin(registry);
    else
        free(healing);
}
