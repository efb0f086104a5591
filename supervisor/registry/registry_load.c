#include "common/error.h"
#include "common/log.h"
#include "supervisor/registry/registry_internal.h"

/* Reading the records of a space, at the start and whenever changes may have been missed. */

/* Net being away is no reason to keep the local workers from running. */
static bool may_wait(const struct registry_space *space)
{
    return !kv_is_joint(space->kv, space->registry->spaces[WORKER_LOCAL].kv);
}

static void tell_complete(struct registry *registry)
{
    for (size_t i = 0; i < registry->watcher_count; i++)
        registry->watchers[i].fn(registry->watchers[i].arg, REGISTRY_COMPLETE, NULL, NULL);
}

/* May close the registry: nothing of it is touched afterwards. */
static void look_ready(struct registry_space *space, int error)
{
    struct registry *registry = space->registry;
    if (registry->is_ready || registry->ready == NULL)
        return;
    bool is_fatal = error != 0 && !may_wait(space);
    for (int scope = 0; scope < WORKER_SCOPE_MAX && !is_fatal; scope++) {
        if (!registry->spaces[scope].has_ended)
            return;
    }
    void (*ready)(void *arg, int error) = registry->ready;
    registry->ready = NULL;
    registry->is_ready = !is_fatal;
    ready(registry->ready_arg, is_fatal ? error : 0);
}

static void round_failed(struct registry_space *space, int error)
{
    static const struct log_about about = {.event = "registry"};
    if (may_wait(space)) {
        if (!space->has_failed)
            log_warn(&about, "The network's worker records cannot be read: %s; trying again",
                     error_text(error));
        space->has_failed = true;
        (void)timer_start(&space->retry, REGISTRY_RETRY_MS);
    }
    space->has_ended = true;
    look_ready(space, error);
}

static void round_ended(struct registry_space *space)
{
    struct registry *registry = space->registry;
    bool is_news = registry->is_ready && !space->is_complete;
    registry_sweep(space);
    space->is_complete = true;
    space->has_ended = true;
    space->has_failed = false;
    for (size_t i = 0; i < registry->count; i++)
        registry_heal(registry, registry->items[i]);
    if (is_news)
        tell_complete(registry);
    look_ready(space, 0);
}

static void round_goes_on(void *arg, int error)
{
    struct registry_space *space = arg;
    space->scan = NULL;
    if (error != 0)
        round_failed(space, error);
    else if (space->must_reload)
        registry_load(space);
    else
        round_ended(space);
}

static void record_read(void *arg, const struct kv_entry *entry)
{
    registry_record_changed(arg, entry);
}

/* 0: round_goes_on will be called. */
static int round_start(struct registry_space *space)
{
    struct kv_key prefix;
    int error = kv_key_of(&prefix, "ami", "worker", NULL);
    if (error != 0)
        return error;
    space->must_reload = false;
    space->round++;
    return kv_scan_start(space->kv, &prefix, record_read, round_goes_on, space, &space->scan);
}

void registry_load(struct registry_space *space)
{
    if (space->scan != NULL) {
        space->must_reload = true;
        return;
    }
    timer_stop(&space->retry);
    int error = round_start(space);
    if (error != 0)
        round_failed(space, error);
}

static void retry_due(void *arg)
{
    registry_load(arg);
}

static void changed(void *arg, const struct kv_entry *entry)
{
    struct registry_space *space = arg;
    if (entry == NULL)
        registry_load(space);
    else
        registry_record_changed(space, entry);
}

void registry_load_init(struct registry_space *space, struct timers *timers)
{
    timer_init(&space->retry, timers, retry_due, space);
}

int registry_load_open(struct registry_space *space)
{
    struct kv_key prefix;
    int error = kv_key_of(&prefix, "ami", "worker", NULL);
    if (error == 0)
        space->watch = kv_watch_new(space->kv, &prefix, changed, space);
    if (error == 0 && space->watch == NULL)
        error = AMID_E_NOMEM;
    if (error != 0 || !may_wait(space))
        return error != 0 ? error : round_start(space);
    registry_load(space);
    return 0;
}

void registry_load_close(struct registry_space *space)
{
    timer_stop(&space->retry);
    kv_scan_cancel(space->scan);
    space->scan = NULL;
    kv_watch_free(space->watch);
    space->watch = NULL;
}

/* --- one record --- */

static void caught_up(void *arg, int error, const struct kv_entry *entry)
{
    struct registry_task *task = arg;
    struct registry *registry = task->registry;
    if (error == 0 && entry != NULL && !registry->closed)
        registry_record_changed(task->behind, entry);
    registry_task_end(task, task->error);
    (void)registry_call_end(registry);
}

int registry_catch_up(struct registry_task *task, int error)
{
    struct kv_key key;
    int failed = registry_record_key(task->sid, &key);
    task->error = error;
    if (failed == 0)
        failed = kv_get(task->behind->kv, &key, caught_up, task);
    if (failed == 0)
        registry_call_begin(task->registry);
    return failed;
}
