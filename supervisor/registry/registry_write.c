#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/registry/registry_internal.h"

#define RECORD_MAX_BYTES (2 * KV_VALUE_MAX_BYTES) /* the KV has the last word */

static struct registry_task *task_new(struct registry *registry, const char *sid, const char *note,
                                      registry_done_fn done, void *arg)
{
    struct registry_task *task = calloc(1, sizeof(*task));
    if (task != NULL && note != NULL)
        task->note = strdup(note);
    if (task == NULL || (note != NULL && task->note == NULL)) {
        free(task);
        return NULL;
    }
    task->registry = registry;
    snprintf(task->sid, sizeof(task->sid), "%s", sid);
    task->done = done;
    task->arg = arg;
    return task;
}

static void task_free(struct registry_task *task)
{
    worker_free(task->worker);
    free(task->note);
    free(task);
}

int registry_record_key(const char *sid, struct kv_key *ret_key)
{
    return kv_key_of(ret_key, "ami", "worker", sid, NULL);
}

struct kv *registry_kv(const struct registry *registry, enum worker_scope scope)
{
    return registry->spaces[scope].kv;
}

void registry_task_end(struct registry_task *task, int error)
{
    const struct registry_entry *entry = NULL;
    if (task->registry->closed) {
        task_free(task);
        return;
    }
    if (error == 0 && !task->is_delete) {
        entry = registry_find(task->registry, task->sid);
        if (entry == NULL) /* written, but not fit to be read, or not heard of yet */
            error = AMID_E_INTERNAL;
    }
    task->done(task->arg, error, entry);
    task_free(task);
}

/* A store that others write, too, tells of changes in its own time: this node's copy can be behind
 * what it has just written, and behind what made a check fail. */
static bool is_behind(const struct registry_task *task, int error)
{
    if (task->behind == NULL || task->registry->closed)
        return false;
    return error == AMID_E_CONFLICT ||
           (error == 0 && !task->is_delete && registry_find(task->registry, task->sid) == NULL);
}

static void written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    (void)stamp;
    if (!is_behind(task, error) || registry_catch_up(task, error) != 0)
        registry_task_end(task, error);
    (void)registry_call_end(registry);
}

static void note_lost(const struct registry_task *task, int error)
{
    struct log_about about = {.event = "audit", .sid = task->sid};
    log_error(&about, "The audit row of a change that was made could not be written (%s): %s",
              error_text(error), task->note);
}

/* A row in a store of its own comes after what it tells of, and before the answer; there is no
 * commit for both. */
static void written_elsewhere(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    if (error != 0) {
        written(task, error, stamp);
        return;
    }
    registry_note_and_end(task);
    (void)registry_call_end(registry);
}

static void noted(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct registry_task *task = arg;
    if (error != 0)
        note_lost(task, error);
    written(task, 0, stamp);
}

void registry_note_and_end(struct registry_task *task)
{
    struct kv_atomic *atomic = task->note == NULL ? NULL : kv_atomic_new();
    int error = AMID_E_NOMEM;
    if (atomic != NULL) {
        (void)kv_atomic_note(atomic, task->note, strlen(task->note));
        error = kv_commit(registry_kv(task->registry, WORKER_LOCAL), atomic, noted, task);
    }
    if (error == 0) {
        registry_call_begin(task->registry);
        return;
    }
    if (task->note != NULL)
        note_lost(task, error);
    registry_task_end(task, 0);
}

/* Consumes atomic; task only on success. */
static int commit(struct registry_task *task, struct kv *kv, struct kv_atomic *atomic)
{
    bool is_joint = kv_is_joint(kv, registry_kv(task->registry, WORKER_LOCAL));
    /* What the note refuses, kv_commit refuses again. */
    if (task->note != NULL && is_joint)
        (void)kv_atomic_note(atomic, task->note, strlen(task->note));
    if (!is_joint)
        task->behind = &task->registry->spaces[WORKER_NETWORK];
    int error =
        kv_commit(kv, atomic, task->note == NULL || is_joint ? written : written_elsewhere, task);
    if (error == 0)
        registry_call_begin(task->registry);
    return error;
}

int registry_put_record(struct kv_atomic *atomic, const struct kv_key *key,
                        const struct worker *worker)
{
    struct buffer value;
    buffer_init(&value, RECORD_MAX_BYTES);
    int error = worker_to_value(worker, &value);
    if (error == 0)
        error = kv_atomic_set(atomic, key, value.data, value.len, 0);
    buffer_free(&value);
    return error;
}

/* The record goes to the new space before it leaves the old one: whoever follows both in order
 * never sees the worker gone. */
static int build_move(struct registry *registry, struct kv_atomic *atomic, const struct kv_key *key,
                      const char *sid, enum worker_scope from)
{
    kv_atomic_target(atomic, registry_kv(registry, from));
    int error = kv_atomic_delete(atomic, key);
    return error != 0 ? error : source_put(atomic, sid, NULL, 0);
}

/* stamp NULL: the record must not exist in either space. */
static int build_put(struct registry *registry, struct kv_atomic *atomic,
                     const struct worker *worker, enum worker_scope from,
                     const struct kv_versionstamp *stamp, const char *source, size_t source_len)
{
    struct kv_key key;
    enum worker_scope other = worker->scope == WORKER_LOCAL ? WORKER_NETWORK : WORKER_LOCAL;
    struct kv *beside = registry_kv(registry, other);
    int error = registry_record_key(worker->sid, &key);
    /* In a store of its own the other space is looked at in memory: sids are random. */
    if (error == 0 && (stamp == NULL || from != worker->scope) &&
        kv_is_joint(beside, registry_kv(registry, worker->scope))) {
        kv_atomic_target(atomic, beside);
        error = kv_atomic_check(atomic, &key, stamp);
        stamp = NULL;
    }
    kv_atomic_target(atomic, registry_kv(registry, worker->scope));
    if (error == 0)
        error = kv_atomic_check(atomic, &key, stamp);
    if (error == 0)
        error = registry_put_record(atomic, &key, worker);
    if (error == 0 && source != NULL)
        error = source_put(atomic, worker->sid, source, source_len);
    if (error == 0 && from != worker->scope)
        error = build_move(registry, atomic, &key, worker->sid, from);
    return error;
}

static int put_now(struct registry_task *task, const char *source, size_t source_len)
{
    struct registry *registry = task->registry;
    const struct worker *worker = task->worker;
    struct kv *kv = registry_kv(registry, worker->scope);
    if (task->from != worker->scope && !kv_is_joint(kv, registry_kv(registry, task->from)))
        return registry_move(task, source, source_len);
    struct kv_atomic *atomic = kv_atomic_new();
    if (atomic == NULL)
        return AMID_E_NOMEM;
    int error = build_put(registry, atomic, worker, task->from,
                          task->is_create ? NULL : &task->stamp, source, source_len);
    if (error != 0) {
        kv_atomic_free(atomic);
        return error;
    }
    return commit(task, kv, atomic);
}

static int source_ask(struct registry_task *task, enum worker_scope scope, kv_list_fn fn)
{
    struct kv_key prefix;
    struct kv_range range;
    int error = source_key(task->sid, &prefix);
    if (error != 0)
        return error;
    kv_range_of_prefix(&range, &prefix);
    error = kv_list(registry_kv(task->registry, scope), &range, fn, task);
    if (error == 0)
        registry_call_begin(task->registry);
    return error;
}

static void move_goes_on(void *arg, int error, const struct kv_entry *entries, size_t count,
                         bool more)
{
    struct registry_task *task = arg;
    char *source = NULL;
    size_t len = 0;
    (void)more;
    if (!registry_call_end(task->registry)) {
        task_free(task);
        return;
    }
    if (error == 0)
        error = source_join(entries, count, &source, &len);
    if (error == 0)
        error = put_now(task, source, len);
    if (error != 0) {
        task->done(task->arg, error, NULL);
        task_free(task);
    }
    free(source);
}

/* Owns worker. */
static int put(struct registry *registry, struct worker *worker, enum worker_scope from,
               const struct kv_versionstamp *stamp, const char *source, size_t source_len,
               const char *note, registry_done_fn fn, void *arg)
{
    struct registry_task *task = task_new(registry, worker->sid, note, fn, arg);
    int error;
    if (task == NULL) {
        worker_free(worker);
        return AMID_E_NOMEM;
    }
    task->worker = worker;
    task->from = from;
    task->is_create = stamp == NULL;
    if (stamp != NULL)
        task->stamp = *stamp;
    if (stamp != NULL && source == NULL && from != worker->scope)
        error = source_ask(task, from, move_goes_on);
    else
        error = put_now(task, source, source_len);
    if (error != 0)
        task_free(task);
    return error;
}

int registry_create(struct registry *registry, struct worker *worker, const char *source,
                    size_t source_len, const char *note, registry_done_fn fn, void *arg)
{
    int error = registry->count >= REGISTRY_WORKERS_MAX        ? AMID_E_LIMIT
                : registry_find(registry, worker->sid) != NULL ? AMID_E_CONFLICT
                                                               : 0;
    if (error != 0) {
        worker_free(worker);
        return error;
    }
    return put(registry, worker, worker->scope, NULL, source, source_len, note, fn, arg);
}

int registry_put(struct registry *registry, struct worker *worker,
                 const struct kv_versionstamp *expected, const char *source, size_t source_len,
                 const char *note, registry_done_fn fn, void *arg)
{
    const struct registry_entry *held = registry_find(registry, worker->sid);
    if (held == NULL) {
        worker_free(worker);
        return AMID_E_CONFLICT;
    }
    return put(registry, worker, held->worker->scope,
               expected != NULL ? expected : &held->versionstamp, source, source_len, note, fn,
               arg);
}

/* What lifecycle remembers of a worker goes with it, in both spaces; what lies in another store
 * than the record, the fleet of each node removes. */
static int build_forget(struct registry *registry, struct kv_atomic *atomic, const struct kv *kv,
                        const char *sid)
{
    static const char *const kinds[] = {"state", "totals"};
    int error = 0;
    for (int scope = 0; scope < WORKER_SCOPE_MAX; scope++) {
        struct kv *space = registry_kv(registry, (enum worker_scope)scope);
        if (!kv_is_joint(space, kv))
            continue;
        kv_atomic_target(atomic, space);
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && error == 0; i++) {
            struct kv_key key;
            error = kv_key_of(&key, "ami", kinds[i], sid, NULL);
            if (error == 0)
                error = kv_atomic_delete(atomic, &key);
        }
    }
    return error;
}

int registry_delete(struct registry *registry, const char *sid,
                    const struct kv_versionstamp *expected, const char *note, registry_done_fn fn,
                    void *arg)
{
    const struct registry_entry *held = registry_find(registry, sid);
    struct kv_key key;
    if (held == NULL)
        return AMID_E_NOT_FOUND;
    struct registry_task *task = task_new(registry, sid, note, fn, arg);
    struct kv_atomic *atomic = kv_atomic_new();
    int error = task == NULL || atomic == NULL ? AMID_E_NOMEM : registry_record_key(sid, &key);
    if (error == 0) {
        task->is_delete = true;
        kv_atomic_target(atomic, registry_kv(registry, held->worker->scope));
        error = kv_atomic_check(atomic, &key, expected != NULL ? expected : &held->versionstamp);
    }
    if (error == 0)
        error = kv_atomic_delete(atomic, &key);
    if (error == 0)
        error = source_put(atomic, sid, NULL, 0);
    if (error == 0)
        error = build_forget(registry, atomic, registry_kv(registry, held->worker->scope), sid);
    if (error == 0) {
        error = commit(task, registry_kv(registry, held->worker->scope), atomic);
        atomic = NULL;
    }
    kv_atomic_free(atomic);
    if (error != 0 && task != NULL)
        task_free(task);
    return error;
}

static void source_read(void *arg, int error, const struct kv_entry *entries, size_t count,
                        bool more)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    char *text = NULL;
    size_t len = 0;
    (void)more;
    if (!registry_call_end(registry)) {
        task_free(task);
        return;
    }
    const struct registry_entry *held = registry_find(registry, task->sid);
    if (error == 0)
        error = source_join(entries, count, &text, &len);
    if (error == 0 && held == NULL)
        error = AMID_E_NOT_FOUND;
    if (error != 0)
        task->source_done(task->arg, error, NULL, 0);
    else if (text != NULL)
        task->source_done(task->arg, 0, text, len);
    else
        task->source_done(task->arg, 0, held->worker->script, held->worker->script_len);
    free(text);
    task_free(task);
}

int registry_source(struct registry *registry, const char *sid, registry_source_fn fn, void *arg)
{
    const struct registry_entry *held = registry_find(registry, sid);
    if (held == NULL)
        return AMID_E_NOT_FOUND;
    struct registry_task *task = task_new(registry, sid, NULL, NULL, arg);
    if (task == NULL)
        return AMID_E_NOMEM;
    task->source_done = fn;
    int error = source_ask(task, held->worker->scope, source_read);
    if (error != 0)
        task_free(task);
    return error;
}
