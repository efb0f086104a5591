#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/cluster/mirror.h"
#include "supervisor/lifecycle/fleet_internal.h"

/*
 * What other nodes have to do with the workers here. Who leads is cluster/election.h's. That the
 * old process has ended everywhere before a leader or exclusive one starts (RULES 6) is a barrier:
 * each node tells up to which change of such a worker it has settled everything, and a change is
 * waited for until every live node has. A node that is gone has ended its processes with its lease
 * or is cut off, which docs/architecture.md speaks of.
 */
#define STATES_MAX 100000
#define TIME_BYTES 32

static bool is_of_network(const struct fleet *fleet, enum worker_scope scope)
{
    return fleet->elections != NULL && scope == WORKER_NETWORK;
}

struct elections *fleet_elections(const struct fleet *fleet, const struct instance *instance)
{
    return is_of_network(fleet, instance->scope) ? fleet->elections : NULL;
}

static bool has_one_place(const struct worker *worker)
{
    return worker->execution == WORKER_LEADER || worker->execution == WORKER_EXCLUSIVE;
}

/* --- why a worker waits --- */

bool fleet_cluster_forbids(const struct fleet *fleet, struct instance *instance,
                           const struct registry_entry *entry, char *reason, size_t reason_size)
{
    char why[MEMBERSHIP_WHY_BYTES];
    const char *other;

    if (!is_of_network(fleet, entry->worker->scope))
        return false;
    instance->is_in_cluster_way = true;
    if (!membership_may_run(fleet->needs.membership, why)) {
        snprintf(reason, reason_size, "%s", why);
        return true;
    }
    if (instance->is_wanted || !has_one_place(entry->worker)) {
        instance->is_in_cluster_way = false;
        return false;
    }
    if (!mirror_is_complete(fleet->states)) {
        snprintf(reason, reason_size, "the cluster's store is being read");
        return true;
    }
    other = membership_unsettled(fleet->needs.membership, &entry->versionstamp);
    if (other == NULL)
        return false;
    snprintf(reason, reason_size,
             "waiting until node %s has ended what it ran of this worker before the change", other);
    return true;
}

void fleet_cluster_leader_reason(const struct fleet *fleet, struct instance *instance, char *reason,
                                 size_t reason_size)
{
    const char *leader = NULL;

    if (fleet_elections(fleet, instance) != NULL)
        leader = elections_leader(fleet->elections, instance->sid);
    if (leader != NULL && strcmp(leader, fleet->needs.config->node_nid) != 0)
        snprintf(reason, reason_size, "node %s leads", leader);
    else if (instance->is_elected && election_is_held(&instance->election))
        snprintf(reason, reason_size, "this node could not renew its lease in time");
    else
        snprintf(reason, reason_size, "waiting for the leader's lease");
}

void fleet_cluster_elsewhere_reason(const struct fleet *fleet, struct instance *instance,
                                    const struct worker *worker, char *reason, size_t reason_size)
{
    const struct node_view *node;
    char text[TIME_BYTES];
    struct tm at;
    time_t seconds;

    if (!is_of_network(fleet, worker->scope) || worker->assigned_node == NULL)
        return;
    instance->is_in_cluster_way = true;
    node = membership_find(fleet->needs.membership, worker->assigned_node);
    if (node == NULL) {
        snprintf(reason, reason_size, "assigned to node %s, which nobody here has seen",
                 worker->assigned_node);
    } else if (!node->is_up) {
        seconds = (time_t)(node->down_since_ms / 1000);
        gmtime_r(&seconds, &at);
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &at);
        snprintf(reason, reason_size, "assigned to node %s, which is down since %s",
                 worker->assigned_node, text);
    }
}

/* --- what is settled here --- */

static void settle(struct fleet *fleet)
{
    if (fleet->unsettled == 0)
        membership_settle(fleet->needs.membership, &fleet->seen);
}

static void see(struct fleet *fleet, const struct registry_entry *entry)
{
    if (memcmp(entry->versionstamp.bytes, fleet->seen.bytes, sizeof(fleet->seen.bytes)) > 0)
        fleet->seen = entry->versionstamp;
}

void fleet_cluster_follow(struct fleet *fleet, struct instance *instance,
                          const struct registry_entry *entry)
{
    if (!is_of_network(fleet, entry->worker->scope) || !has_one_place(entry->worker))
        return;
    see(fleet, entry);
    if (!instance->is_unsettled && !instance_rests(instance) && !instance->is_wanted) {
        instance->is_unsettled = true;
        fleet->unsettled++;
    }
    settle(fleet);
}

void fleet_cluster_settled(struct fleet *fleet, struct instance *instance)
{
    if (!instance->is_unsettled)
        return;
    instance->is_unsettled = false;
    fleet->unsettled--;
    settle(fleet);
}

/* --- what others do --- */

static void look_at(void *arg, struct instance *instance)
{
    struct fleet *fleet = arg;

    if (!instance->is_in_cluster_way &&
        !(fleet->must_look_at_all && is_of_network(fleet, instance->scope)))
        return;
    instance->is_in_cluster_way = false;
    fleet_reconsider(fleet, instance, false);
}

static void look(void *arg)
{
    struct fleet *fleet = arg;

    fleet->is_looking = false;
    if (!fleet->is_closed)
        fleet_each(fleet, look_at, fleet);
    fleet->must_look_at_all = false;
}

void fleet_cluster_look(struct fleet *fleet)
{
    if (!fleet->is_looking && !fleet->is_closed)
        fleet->is_looking = defer_call(fleet->needs.defer, look, fleet) == 0;
}

void fleet_cluster_rested(struct fleet *fleet, struct instance *instance)
{
    if (fleet->elections == NULL)
        return;
    instance->is_in_cluster_way = true;
    fleet_cluster_look(fleet);
}

static void member_event(void *arg, enum membership_event event)
{
    struct fleet *fleet = arg;

    if (event == MEMBERSHIP_RENEWED || event == MEMBERSHIP_LOST)
        return; /* the elections' business */
    if (event == MEMBERSHIP_DISPLACED || event == MEMBERSHIP_JOINED)
        fleet->must_look_at_all = true;
    fleet_cluster_look(fleet);
}

/* A leader's completion is everybody's (RULES 13): heard before the seat that it leaves. */
static void state_changed(void *arg, struct mirror_item *item, const struct kv_entry *entry)
{
    struct fleet *fleet = arg;
    struct instance *instance = fleet_find(fleet, item->name);

    if (instance == NULL || entry->value == NULL)
        return;
    ledger_learn(instance, entry);
    fleet_reconsider(fleet, instance, false);
}

static void states_complete(void *arg)
{
    fleet_cluster_look(arg);
}

int fleet_cluster_open(struct fleet *fleet)
{
    const struct elections_needs needs = {.net = fleet->needs.net,
                                          .timers = fleet->needs.timers,
                                          .membership = fleet->needs.membership,
                                          .nid = fleet->needs.config->node_nid};
    const struct mirror_needs states = {.kv = fleet->needs.net,
                                        .timers = fleet->needs.timers,
                                        .first = "ami",
                                        .second = "state",
                                        .item_bytes = sizeof(struct mirror_item),
                                        .items_max = STATES_MAX,
                                        .changed = state_changed,
                                        .complete = states_complete,
                                        .arg = fleet};
    int error;

    if (!membership_is_clustered(fleet->needs.membership))
        return 0;
    error = elections_open(&needs, &fleet->elections);
    if (error == 0)
        error = mirror_open(&states, &fleet->states);
    return error != 0 ? error : membership_watch(fleet->needs.membership, member_event, fleet);
}

void fleet_cluster_close(struct fleet *fleet)
{
    membership_unwatch(fleet->needs.membership, fleet);
    mirror_close(fleet->states);
    elections_close(fleet->elections);
    fleet->states = NULL;
    fleet->elections = NULL;
}

void fleet_cluster_start(struct fleet *fleet)
{
    size_t count = registry_count(fleet->needs.registry);

    if (fleet->elections == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct registry_entry *entry = registry_at(fleet->needs.registry, i);

        if (is_of_network(fleet, entry->worker->scope) && has_one_place(entry->worker))
            see(fleet, entry);
    }
    settle(fleet);
}
