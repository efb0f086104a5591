#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/registry/registry_internal.h"

#define RECORD_MAX_BYTES (2 * KV_VALUE_MAX_BYTES) /* the KV has the last word */

/* One write or read of a source under way. */
struct task {
    struct registry *registry;
    char sid[ID_UUID_LEN + 1];
    bool is_delete;
    registry_done_fn done;
    registry_source_fn source_done;
    void *arg;
    char *note; /* text of the audit row that goes with it, or NULL */
    /* A move that first has to read the source it takes along. */
    struct worker *worker;
    enum worker_scope from;
    struct kv_versionstamp stamp;
};

static struct task *task_new(struct registry *registry, const char *sid, const char *note,
                             registry_done_fn done, void *arg)
{
    struct task *task = calloc(1, sizeof(*task));
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

static void task_free(struct task *task)
{
    worker_free(task->worker);
    free(task->note);
    free(task);
}

static int record_key(const char *sid, struct kv_key *ret_key)
{
    return kv_key_of(ret_key, "ami", "worker", sid, NULL);
}

static struct kv *space_of(const struct registry *registry, enum worker_scope scope)
{
    return registry->spaces[scope].kv;
}

static void written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct task *task = arg;
    struct registry *registry = task->registry;
    const struct registry_entry *entry = NULL;
    (void)stamp;
    if (registry_call_end(registry)) {
        if (error == 0 && !task->is_delete) {
            entry = registry_find(registry, task->sid);
            if (entry == NULL)
                error = AMID_E_INTERNAL; /* written, but not fit to be read: told in the log */
        }
        task->done(task->arg, error, entry);
    }
    task_free(task);
}

/* Consumes atomic; task only on success. */
static int commit(struct task *task, struct kv *kv, struct kv_atomic *atomic)
{
    /* What the note refuses, kv_commit refuses again. */
    if (task->note != NULL)
        (void)kv_atomic_note(atomic, task->note, strlen(task->note));
    int error = kv_commit(kv, atomic, written, task);
    if (error == 0)
        registry_call_begin(task->registry);
    return error;
}

static int put_record(struct kv_atomic *atomic, const struct kv_key *key,
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
    kv_atomic_target(atomic, space_of(registry, from));
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
    int error = record_key(worker->sid, &key);
    if (error == 0 && (stamp == NULL || from != worker->scope)) {
        kv_atomic_target(atomic, space_of(registry, other));
        error = kv_atomic_check(atomic, &key, stamp);
        stamp = NULL;
    }
    kv_atomic_target(atomic, space_of(registry, worker->scope));
    if (error == 0)
        error = kv_atomic_check(atomic, &key, stamp);
    if (error == 0)
        error = put_record(atomic, &key, worker);
    if (error == 0 && source != NULL)
        error = source_put(atomic, worker->sid, source, source_len);
    if (error == 0 && from != worker->scope)
        error = build_move(registry, atomic, &key, worker->sid, from);
    return error;
}

static int put_now(struct task *task, const struct worker *worker, enum worker_scope from,
                   const struct kv_versionstamp *stamp, const char *source, size_t source_len)
{
    struct registry *registry = task->registry;
    struct kv_atomic *atomic = kv_atomic_new();
    if (atomic == NULL)
        return AMID_E_NOMEM;
    int error = build_put(registry, atomic, worker, from, stamp, source, source_len);
    if (error != 0) {
        kv_atomic_free(atomic);
        return error;
    }
    return commit(task, space_of(registry, worker->scope), atomic);
}

static int source_ask(struct task *task, enum worker_scope scope, kv_list_fn fn)
{
    struct kv_key prefix;
    struct kv_range range;
    int error = source_key(task->sid, &prefix);
    if (error != 0)
        return error;
    kv_range_of_prefix(&range, &prefix);
    error = kv_list(space_of(task->registry, scope), &range, fn, task);
    if (error == 0)
        registry_call_begin(task->registry);
    return error;
}

static void move_goes_on(void *arg, int error, const struct kv_entry *entries, size_t count,
                         bool more)
{
    struct task *task = arg;
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
        error = put_now(task, task->worker, task->from, &task->stamp, source, len);
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
    struct task *task = task_new(registry, worker->sid, note, fn, arg);
    int error = AMID_E_NOMEM;
    if (task != NULL && stamp != NULL && source == NULL && from != worker->scope) {
        task->worker = worker;
        task->from = from;
        task->stamp = *stamp;
        worker = NULL;
        error = source_ask(task, from, move_goes_on);
    } else if (task != NULL) {
        error = put_now(task, worker, from, stamp, source, source_len);
    }
    worker_free(worker);
    if (error != 0 && task != NULL)
        task_free(task);
    return error;
}

int registry_create(struct registry *registry, struct worker *worker, const char *source,
                    size_t source_len, const char *note, registry_done_fn fn, void *arg)
{
    if (registry->count >= REGISTRY_WORKERS_MAX) {
        worker_free(worker);
        return AMID_E_LIMIT;
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

/* What lifecycle remembers of a worker goes with it, in both spaces. */
static int build_forget(struct registry *registry, struct kv_atomic *atomic, const char *sid)
{
    static const char *const kinds[] = {"state", "totals"};
    int error = 0;
    for (int scope = 0; scope < WORKER_SCOPE_MAX; scope++) {
        kv_atomic_target(atomic, space_of(registry, (enum worker_scope)scope));
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
    struct task *task = task_new(registry, sid, note, fn, arg);
    struct kv_atomic *atomic = kv_atomic_new();
    int error = task == NULL || atomic == NULL ? AMID_E_NOMEM : record_key(sid, &key);
    if (error == 0) {
        task->is_delete = true;
        kv_atomic_target(atomic, space_of(registry, held->worker->scope));
        error = kv_atomic_check(atomic, &key, expected != NULL ? expected : &held->versionstamp);
    }
    if (error == 0)
        error = kv_atomic_delete(atomic, &key);
    if (error == 0)
        error = source_put(atomic, sid, NULL, 0);
    if (error == 0)
        error = build_forget(registry, atomic, sid);
    if (error == 0) {
        error = commit(task, space_of(registry, held->worker->scope), atomic);
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
    struct task *task = arg;
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
    struct task *task = task_new(registry, sid, NULL, NULL, arg);
    if (task == NULL)
        return AMID_E_NOMEM;
    task->source_done = fn;
    int error = source_ask(task, held->worker->scope, source_read);
    if (error != 0)
        task_free(task);
    return error;
}
