#include <stdio.h>
#include <string.h>

#include "common/module.h"
#include "supervisor/lifecycle/fleet_internal.h"

/* What is to be, here and now. */
struct wish {
    bool is_wanted;
    bool is_refused;
    bool needs_lease;
    enum instance_state rest;
    char reason[INSTANCE_REASON_MAX_BYTES];
};

static void wish_for_leader(const struct fleet *fleet, struct instance *instance, struct wish *wish)
{
    wish->needs_lease = true;
    wish->is_wanted = instance_leads(instance, fleet_elections(fleet, instance) != NULL);
    wish->rest = INSTANCE_WAITING;
    if (!wish->is_wanted)
        fleet_cluster_leader_reason(fleet, instance, wish->reason, sizeof(wish->reason));
}

/* Everything the record lists must be there, whether or not the script gets to it. */
static bool lacks_packages(const struct fleet *fleet, const struct instance *instance,
                           const struct worker *worker, struct wish *wish)
{
    for (size_t i = 0; i < worker->dependency_count; i++) {
        const char *name = worker->dependencies[i];
        const char *fault =
            module_is_built_in(name) ? NULL : modules_fault(fleet->shared.modules, name);

        if (fault != NULL) {
            snprintf(wish->reason, sizeof(wish->reason), "waiting for package \"%.100s\", which %s",
                     name, fault);
            return true;
        }
    }
    snprintf(wish->reason, sizeof(wish->reason), "%s", instance->lacks);
    return instance->lacks[0] != '\0';
}

static void wish_of_record(const struct fleet *fleet, struct instance *instance,
                           const struct registry_entry *entry, struct wish *wish)
{
    const struct worker *worker = entry->worker;

    switch (
        placement_of(worker, fleet->needs.config->node_nid, wish->reason, sizeof(wish->reason))) {
    case PLACEMENT_INACTIVE:
        wish->rest = INSTANCE_INACTIVE;
        wish->reason[0] = '\0';
        return;
    case PLACEMENT_ELSEWHERE:
        wish->rest = INSTANCE_WAITING;
        fleet_cluster_elsewhere_reason(fleet, instance, worker, wish->reason, sizeof(wish->reason));
        return;
    default:
        break;
    }
    if (!instance->is_recalled) {
        wish->rest = INSTANCE_WAITING;
        snprintf(wish->reason, sizeof(wish->reason),
                 "waiting for the cluster's store, which this node has not read yet");
        return;
    }
    if (memory_forbids(&instance->memory, worker->generation)) {
        wish->rest = instance->memory.state;
        snprintf(wish->reason, sizeof(wish->reason), "%s",
                 instance->memory.reason == NULL ? "" : instance->memory.reason);
        return;
    }
    if (fleet_cluster_forbids(fleet, instance, entry, wish->reason, sizeof(wish->reason)) ||
        lacks_packages(fleet, instance, worker, wish)) {
        wish->rest = INSTANCE_WAITING;
        return;
    }
    if (!instance->is_wanted && fleet->shared.wanted >= fleet_limit(fleet)) {
        wish->rest = INSTANCE_WAITING;
        wish->is_refused = true;
        snprintf(wish->reason, sizeof(wish->reason),
                 "this node runs %zu workers, as many as %s allow", fleet_limit(fleet),
                 fleet_limit(fleet) == fleet->files_allow ? "its open files" : "its settings");
        return;
    }
    wish->is_wanted = true;
    if (worker->execution == WORKER_LEADER)
        wish_for_leader(fleet, instance, wish);
}

static void wish_make(const struct fleet *fleet, struct instance *instance, struct wish *wish)
{
    const struct registry_entry *entry = registry_find(fleet->needs.registry, instance->sid);

    *wish = (struct wish){.rest = INSTANCE_INACTIVE};
    if (instance->is_deleted || entry == NULL) {
        snprintf(wish->reason, sizeof(wish->reason), "deleted");
    } else if (fleet->is_stopping) {
        wish->rest = INSTANCE_WAITING;
        snprintf(wish->reason, sizeof(wish->reason), "amid is shutting down");
    } else {
        wish_of_record(fleet, instance, entry, wish);
    }
}

static void lease_follow(struct fleet *fleet, struct instance *instance, const struct wish *wish)
{
    if (wish->needs_lease)
        instance_stand(instance,
                       instance->scope == WORKER_LOCAL ? fleet->needs.local : fleet->needs.net,
                       fleet_elections(fleet, instance));
    else if (instance_rests(instance) && !instance->is_telling)
        instance_withdraw(instance); /* else when it has ended: see fleet's rested */
}

static void unwant(struct fleet *fleet, struct instance *instance, const struct wish *wish)
{
    bool was_wanted = instance->is_wanted;
    bool is_news = was_wanted || instance->rest != wish->rest ||
                   (instance_rests(instance) && strcmp(instance->reason, wish->reason) != 0);

    instance_want(instance, false);
    instance->rest = wish->rest;
    if (was_wanted) {
        instance->stop_why = fleet->is_stopping ? PROTO_STOP_SHUTDOWN : PROTO_STOP_OWNER;
        fleet_poke_refused(fleet);
    }
    if (!is_news)
        return;
    snprintf(instance->reason, sizeof(instance->reason), "%s", wish->reason);
    instance_fire(instance, EVENT_UNWANTED);
}

void fleet_reconsider(struct fleet *fleet, struct instance *instance, bool is_renewed)
{
    bool was_wanted = instance->is_wanted;
    struct wish wish;

    if (!fleet->is_loaded)
        return;
    wish_make(fleet, instance, &wish);
    instance->is_refused = wish.is_refused;
    lease_follow(fleet, instance, &wish);
    if (!wish.is_wanted) {
        unwant(fleet, instance, &wish);
        return;
    }
    instance_want(instance, true);
    instance->rest = INSTANCE_INACTIVE;
    if (!was_wanted) {
        instance_fire(instance, EVENT_WANTED);
    } else if (is_renewed) {
        instance->stop_why = PROTO_STOP_RELOAD;
        instance_because(instance, "it is to run anew");
        instance_fire(instance, EVENT_RENEWED);
    }
}

/* By priority, so that the more important ones get the room. */
static void admit_refused(void *arg)
{
    struct fleet *fleet = arg;

    fleet->is_poked = false;
    if (fleet->is_closed)
        return;
    for (int priority = 0; priority < WORKER_PRIORITY_MAX; priority++) {
        for (size_t i = 0; i < FLEET_BUCKETS; i++) {
            for (struct instance *instance = fleet->buckets[i]; instance != NULL;
                 instance = instance->bucket_next) {
                if (fleet->shared.wanted >= fleet_limit(fleet))
                    return;
                if (instance->is_refused && (int)instance->priority == priority)
                    fleet_reconsider(fleet, instance, false);
            }
        }
    }
}

void fleet_poke_refused(struct fleet *fleet)
{
    if (!fleet->is_poked && !fleet->is_stopping && fleet->shared.wanted < fleet_limit(fleet))
        fleet->is_poked = defer_call(fleet->needs.defer, admit_refused, fleet) == 0;
}
