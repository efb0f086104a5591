#include "supervisor/lifecycle/fleet.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/error.h"
#include "common/id.h"
#include "common/log.h"
#include "supervisor/broker/permission.h"
#include "supervisor/files/files.h"
#include "supervisor/lifecycle/fleet_internal.h"

/* Kept for the database, the zygotes and what is open anyway (ARCHITECTURE 6). */
#define FILES_KEPT       256
#define FILES_PER_WORKER 2
/* 1 / this of the file limit is kept for connections that workers open. */
#define FETCH_FILES_SHARE 8
#define FOLDER_MAX_BYTES  2048
#define SPAWNS_AT_ONCE    16
#define SOURCES_AT_ONCE   16
#define LAUNCH_LINE_MAX   64

static size_t bucket_of(const char *sid)
{
    return id_hash(sid) & (FLEET_BUCKETS - 1);
}

struct instance *fleet_find(const struct fleet *fleet, const char *sid)
{
    struct instance *instance = fleet->buckets[bucket_of(sid)];

    while (instance != NULL && strcmp(instance->sid, sid) != 0)
        instance = instance->bucket_next;
    return instance;
}

void fleet_each(struct fleet *fleet, void (*fn)(void *arg, struct instance *instance), void *arg)
{
    for (size_t i = 0; i < FLEET_BUCKETS; i++) {
        struct instance *next;

        for (struct instance *instance = fleet->buckets[i]; instance != NULL; instance = next) {
            next = instance->bucket_next;
            fn(arg, instance);
        }
    }
}

size_t fleet_limit(const struct fleet *fleet)
{
    size_t configured = fleet->needs.config->runner_workers;

    return configured < fleet->files_allow ? configured : fleet->files_allow;
}

/* What workers' connections may take: all they are allowed, but no more than this share of a low
 * limit, or it would let no worker run. */
static size_t files_for_fetch(const struct fleet *fleet, size_t limit)
{
    size_t share = limit / FETCH_FILES_SHARE;

    return share < fleet->needs.fetch_files ? share : fleet->needs.fetch_files;
}

static void count_files(struct fleet *fleet)
{
    size_t kept =
        FILES_KEPT + fleet->needs.config->http_connections + fleet->needs.config->serve_connections;
    struct log_about about = {.event = "file-limit"};
    struct rlimit files;

    fleet->files_allow = SIZE_MAX;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return;
    kept += files_for_fetch(fleet, (size_t)files.rlim_cur);
    fleet->files_allow = files.rlim_cur > kept ? (files.rlim_cur - kept) / FILES_PER_WORKER : 0;
    if (fleet->files_allow < fleet->needs.config->runner_workers)
        log_warn(&about,
                 "The limit of %llu open files allows %zu workers at once, not the %u of "
                 "runner.workers",
                 (unsigned long long)files.rlim_cur, fleet->files_allow,
                 (unsigned)fleet->needs.config->runner_workers);
}

/* --- instances --- */

static void instance_free(void *arg)
{
    struct instance *instance = arg;

    instance_release(instance);
    free(instance);
}

static void fleet_drop(struct fleet *fleet, struct instance *instance)
{
    struct instance **at = &fleet->buckets[bucket_of(instance->sid)];

    if (instance->is_dropped)
        return;
    while (*at != instance)
        at = &(*at)->bucket_next;
    *at = instance->bucket_next;
    instance->is_dropped = true;
    fleet->count--;
    ledger_forget(fleet->ledger, instance->sid);
    journal_forget(fleet->needs.journal, instance->sid);
    if (fleet->needs.files != NULL)
        files_forget(fleet->needs.files, instance->sid);
    /* Its own functions may still be on the stack. */
    if (defer_call(fleet->needs.defer, instance_free, instance) != 0)
        instance_lead_detach(instance);
}

static void stop_settled(void *arg)
{
    struct fleet *fleet = arg;
    void (*stopped)(void *arg) = fleet->stopped;

    fleet->has_stopped = true;
    fleet->stopped = NULL;
    if (stopped != NULL)
        stopped(fleet->stopped_arg);
}

static void stop_look(void *arg)
{
    struct fleet *fleet = arg;

    if (fleet->is_closed || !fleet->is_stopping || fleet->has_stopped || fleet->shared.awake > 0)
        return;
    ledger_flush(fleet->ledger);
    ledger_settle(fleet->ledger, stop_settled, fleet);
}

static void rested(void *arg, struct instance *instance)
{
    struct fleet *fleet = arg;

    if (fleet->needs.serve != NULL)
        serve_forget(fleet->needs.serve, instance->sid);
    /* A leader that rests has ended here: the next may stand (RULES 17, 20). One that waits for its
     * lease goes on standing. */
    if ((instance->is_deleted || instance->rest != INSTANCE_WAITING || fleet->is_stopping ||
         instance->execution != WORKER_LEADER) &&
        (instance->is_deleted || !instance->is_telling))
        instance_withdraw(instance);
    fleet_cluster_settled(fleet, instance);
    if (instance->is_deleted) {
        fleet_drop(fleet, instance);
    } else {
        fleet_cluster_rested(fleet, instance);
        fleet_poke_refused(fleet);
    }
    if (fleet->is_stopping && fleet->shared.awake == 0)
        defer_call(fleet->needs.defer, stop_look, fleet);
}

static void memory_changed(void *arg, struct instance *instance)
{
    struct fleet *fleet = arg;

    ledger_outcome(fleet->ledger, instance);
}

/* All nodes can know by now that it has completed: the seat may be left. */
static void outcome_told(void *arg, struct instance *instance)
{
    if (instance_rests(instance))
        fleet_reconsider(arg, instance, false);
}

static void reconsider(void *arg, struct instance *instance)
{
    fleet_reconsider(arg, instance, false);
}

/* --- following the registry --- */

static void hash_script(struct instance *instance, const struct worker *worker)
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const uint8_t *)worker->script, worker->script_len);
    id_hex(hash, 4, instance->script_hash);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_dependencies(const struct worker *a, const struct worker *b)
{
    if (a->dependency_count != b->dependency_count)
        return false;
    for (size_t i = 0; i < a->dependency_count; i++) {
        if (strcmp(a->dependencies[i], b->dependencies[i]) != 0)
            return false;
    }
    return true;
}

/* RULES 6 and 7. */
static bool is_other(const struct worker *a, const struct worker *b)
{
    return a->generation != b->generation || a->mode != b->mode || a->execution != b->execution ||
           a->scope != b->scope || !same_text(a->assigned_node, b->assigned_node) ||
           a->script_len != b->script_len || memcmp(a->script, b->script, a->script_len) != 0 ||
           !same_dependencies(a, b);
}

static struct instance *instance_new(struct fleet *fleet, const char *sid)
{
    struct instance *instance = calloc(1, sizeof(*instance));
    struct instance **bucket = &fleet->buckets[bucket_of(sid)];

    if (instance == NULL) {
        struct log_about about = {.event = "instance", .sid = sid};

        log_error(&about, "No memory left to look after this worker");
        return NULL;
    }
    instance_init(instance, &fleet->shared, sid);
    instance->bucket_next = *bucket;
    *bucket = instance;
    fleet->count++;
    return instance;
}

/* They apply to the process that is there, at once (RULES 6 would have it start anew). */
static void take_permissions(struct instance *instance, const struct worker *worker)
{
    struct permissions *old = instance->permissions;

    instance->permissions = permissions_ref(worker->permissions);
    if (instance->runner != NULL && instance->permissions != old) {
        permission_changed(&instance->broker, instance->permissions);
        instance_send_config(instance); /* whether it has the wallet */
    }
    permissions_unref(old);
}

static void take_record(struct instance *instance, const struct worker *worker)
{
    bool is_new_priority = instance->priority != worker->priority;

    instance->lacks[0] = '\0';
    if (instance->generation != worker->generation) {
        policy_reset(&instance->policy);
        instance->starts = 0;
    }
    instance->is_deleted = false;
    instance->generation = worker->generation;
    instance->mode = worker->mode;
    instance->execution = worker->execution;
    instance->scope = worker->scope;
    instance->priority = worker->priority;
    hash_script(instance, worker);
    take_permissions(instance, worker);
    if (is_new_priority)
        instance_send_config(instance);
}

static void follow(void *arg, enum registry_event event, const struct registry_entry *entry,
                   const struct worker *old)
{
    struct fleet *fleet = arg;
    struct instance *instance;

    if (event == REGISTRY_COMPLETE) {
        fleet_recall(fleet);
        return;
    }
    instance = fleet_find(fleet, entry->worker->sid);
    if (event == REGISTRY_DELETED) {
        if (instance == NULL)
            return;
        instance->is_deleted = true;
        fleet_reconsider(fleet, instance, false);
        if (instance_rests(instance))
            fleet_drop(fleet, instance);
        return;
    }
    if (instance == NULL)
        instance = instance_new(fleet, entry->worker->sid);
    if (instance == NULL)
        return;
    /* Made just now, it has nothing behind it; else it is one of those read late. */
    if (old == NULL && registry_is_complete(fleet->needs.registry))
        instance->is_recalled = true;
    take_record(instance, entry->worker);
    fleet_reconsider(fleet, instance, old != NULL && is_other(old, entry->worker));
    fleet_cluster_follow(fleet, instance, entry);
}

static void look_for_packages(void *arg, struct instance *instance)
{
    instance->lacks[0] = '\0';
    fleet_reconsider(arg, instance, false);
}

static void modules_changed(void *arg)
{
    struct fleet *fleet = arg;

    fleet_each(fleet, look_for_packages, fleet);
}

static void start_instance(void *arg, struct instance *instance)
{
    fleet_reconsider(arg, instance, false);
}

static bool is_known(void *arg, const char *sid)
{
    return fleet_find(arg, sid) != NULL;
}

int fleet_start(struct fleet *fleet)
{
    size_t count = registry_count(fleet->needs.registry);
    int error;

    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_at(fleet->needs.registry, i);
        struct instance *instance = instance_new(fleet, entry->worker->sid);

        if (instance == NULL)
            return AMID_E_NOMEM;
        take_record(instance, entry->worker);
    }
    if (fleet->needs.files != NULL)
        files_sweep(fleet->needs.files, is_known, fleet);
    fleet_cluster_start(fleet);
    error = registry_watch(fleet->needs.registry, follow, fleet);
    return error != 0 ? error : fleet_recall(fleet);
}

/* --- opening and closing --- */

static void worker_zygote_changed(void *arg, bool is_ready)
{
    struct fleet *fleet = arg;

    gate_set_open(&fleet->shared.spawn_gate, is_ready);
    spare_zygote_is(fleet->shared.spare, is_ready);
}

static void compiler_zygote_changed(void *arg, bool is_ready)
{
    struct fleet *fleet = arg;

    compiler_zygote_is(fleet->shared.compiler, is_ready);
    if (is_ready) /* from now on the build is known, and with it what the cache holds */
        gate_set_open(&fleet->shared.compile_gate, true);
}

static int open_zygotes(struct fleet *fleet)
{
    struct zygote_needs needs = {.base = fleet->needs.base,
                                 .children = fleet->shared.children,
                                 .runner_fd = fleet->needs.runner_fd,
                                 .node_fd = node_facts_fd(fleet->facts),
                                 .runner_uid = fleet->needs.runner_uid,
                                 .runner_gid = fleet->needs.runner_gid,
                                 .arg = fleet};
    int error;

    needs.kind = ZYGOTE_WORKER;
    needs.changed = worker_zygote_changed;
    error = zygote_open(&needs, &fleet->shared.zygote);
    if (error != 0)
        return error;
    needs.kind = ZYGOTE_COMPILER;
    needs.changed = compiler_zygote_changed;
    return zygote_open(&needs, &fleet->compiler_zygote);
}

static int open_spare(struct fleet *fleet)
{
    struct spare_needs needs = {.base = fleet->needs.base,
                                .defer = fleet->needs.defer,
                                .children = fleet->shared.children,
                                .zygote = fleet->shared.zygote,
                                .config = fleet->needs.config,
                                .line = &fleet->shared.spawn_gate};

    return spare_open(&needs, &fleet->shared.spare);
}

static int open_compiler(struct fleet *fleet)
{
    struct compiler_needs needs = {.base = fleet->needs.base,
                                   .timers = fleet->needs.timers,
                                   .defer = fleet->needs.defer,
                                   .children = fleet->shared.children,
                                   .zygote = fleet->compiler_zygote,
                                   .config = fleet->needs.config};

    return compiler_open(&needs, &fleet->shared.compiler);
}

static struct instance *ledger_find(void *arg, const char *sid)
{
    return fleet_find(arg, sid);
}

static void ledger_each(void *arg, void (*fn)(void *fn_arg, struct instance *instance),
                        void *fn_arg)
{
    fleet_each(arg, fn, fn_arg);
}

static int open_ledger(struct fleet *fleet)
{
    struct ledger_needs needs = {.local = fleet->needs.local,
                                 .net = fleet->needs.net,
                                 .timers = fleet->needs.timers,
                                 .each = ledger_each,
                                 .find = ledger_find,
                                 .told = outcome_told,
                                 .arg = fleet};

    return ledger_open(&needs, &fleet->ledger);
}

static void share(struct fleet *fleet)
{
    const struct fleet_needs *needs = &fleet->needs;

    fleet->shared = (struct instance_needs){
        .base = needs->base,
        .timers = needs->timers,
        .defer = needs->defer,
        .config = needs->config,
        .registry = needs->registry,
        .local = needs->local,
        .net = needs->net,
        .broker = {.local = needs->local,
                   .net = needs->net,
                   .timers = needs->timers,
                   .config = needs->config,
                   .files = needs->files,
                   .fetch = needs->fetch,
                   .wallet = needs->wallet,
                   .audit = needs->audit,
                   .secrets = needs->secrets,
                   .serve = needs->serve},
        .memory_changed = memory_changed,
        .rested = rested,
        .reconsider = reconsider,
        .arg = fleet,
    };
    gate_init(&fleet->shared.compile_gate, needs->defer, SOURCES_AT_ONCE);
    gate_init(&fleet->shared.spawn_gate, needs->defer, SPAWNS_AT_ONCE);
    gate_lead_to(&fleet->shared.compile_gate, &fleet->shared.spawn_gate, LAUNCH_LINE_MAX);
    gate_set_open(&fleet->shared.compile_gate, false);
    gate_set_open(&fleet->shared.spawn_gate, false);
}

static int open_modules(struct fleet *fleet)
{
    const struct config *config = fleet->needs.config;
    struct modules_needs needs = {
        .base = fleet->needs.base, .changed = modules_changed, .arg = fleet};
    char folder[FOLDER_MAX_BYTES];

    if (config->node_modules[0] != '\0')
        snprintf(folder, sizeof(folder), "%s", config->node_modules);
    else
        snprintf(folder, sizeof(folder), "%s/modules", config->node_state);
    needs.folder = folder;
    return modules_open(&needs, &fleet->shared.modules);
}

int fleet_open(const struct fleet_needs *needs, struct fleet **ret_fleet)
{
    struct fleet *fleet = calloc(1, sizeof(*fleet));
    int error = AMID_E_NOMEM;

    if (fleet == NULL)
        return AMID_E_NOMEM;
    fleet->needs = *needs;
    share(fleet);
    count_files(fleet);
    cgroup_open(&fleet->shared.cgroup); /* before the first child */
    fleet->shared.children = children_new(needs->base, needs->timers);
    fleet->shared.watchdog = watchdog_new(needs->timers, needs->config);
    if (fleet->shared.children != NULL && fleet->shared.watchdog != NULL)
        error = node_facts_open(needs->timers, &fleet->facts);
    if (error == 0)
        error = open_zygotes(fleet);
    if (error == 0)
        error = open_spare(fleet);
    if (error == 0)
        error = open_compiler(fleet);
    if (error == 0)
        error = open_modules(fleet);
    if (error == 0)
        error = open_ledger(fleet);
    if (error == 0)
        error = fleet_cluster_open(fleet);
    if (error != 0) {
        fleet_close(fleet);
        return error;
    }
    *ret_fleet = fleet;
    return 0;
}

void fleet_stop(struct fleet *fleet, void (*done)(void *arg), void *arg)
{
    fleet->stopped = done;
    fleet->stopped_arg = arg;
    fleet->is_stopping = true;
    fleet->is_loaded = true;
    compiler_stop(fleet->shared.compiler);
    spare_stop(fleet->shared.spare);
    fleet_each(fleet, start_instance, fleet);
    if (fleet->shared.awake == 0)
        defer_call(fleet->needs.defer, stop_look, fleet);
}

void fleet_close(struct fleet *fleet)
{
    if (fleet == NULL)
        return;
    fleet->is_closed = true;
    gate_set_open(&fleet->shared.compile_gate, false);
    gate_set_open(&fleet->shared.spawn_gate, false);
    for (size_t i = 0; i < FLEET_BUCKETS; i++) {
        while (fleet->buckets[i] != NULL) {
            struct instance *instance = fleet->buckets[i];

            fleet->buckets[i] = instance->bucket_next;
            instance_free(instance);
        }
    }
    fleet_cluster_close(fleet);
    compiler_close(fleet->shared.compiler);
    modules_close(fleet->shared.modules);
    spare_close(fleet->shared.spare);
    zygote_close(fleet->shared.zygote);
    zygote_close(fleet->compiler_zygote);
    watchdog_free(fleet->shared.watchdog);
    ledger_close(fleet->ledger);
    children_free(fleet->shared.children);
    node_facts_close(fleet->facts);
    cgroup_close(&fleet->shared.cgroup);
    /* Deferred calls may still lead here. */
    if (defer_call(fleet->needs.defer, free, fleet) != 0)
        free(fleet);
}

static void permissions_again(void *arg, struct instance *instance)
{
    (void)arg;
    if (instance->runner != NULL)
        permission_changed(&instance->broker, instance->permissions);
}

void fleet_config_changed(struct fleet *fleet)
{
    count_files(fleet);
    fleet_each(fleet, permissions_again, NULL);
    modules_refresh(fleet->shared.modules);
    fleet_poke_refused(fleet);
}

struct compiler *fleet_compiler(struct fleet *fleet)
{
    return fleet->shared.compiler;
}
