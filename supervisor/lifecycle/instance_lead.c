#include "common/error.h"
#include "supervisor/lifecycle/instance.h"

/*
 * The leadership of a leader worker. On a node alone, and for workers of the node's own, nobody
 * competes and the lease only shows (lease.h); for workers of a cluster's network there is an
 * election (cluster/election.h), whose deadline binds the process.
 */
static void solitary_won(void *arg)
{
    struct instance *instance = arg;

    instance->needs->reconsider(instance->needs->arg, instance);
}

/* What runs now runs on: it is told to stop, and what it still asks for is refused. */
static void mark_over(struct instance *instance)
{
    if (instance->runner != NULL && instance->is_elected)
        instance->is_lease_over = true;
}

static void election_changed(void *arg)
{
    struct instance *instance = arg;

    if (!election_may_act(&instance->election))
        mark_over(instance);
    instance->needs->reconsider(instance->needs->arg, instance);
}

static void election_kill(void *arg)
{
    struct instance *instance = arg;

    if (instance->runner == NULL || !instance->is_elected)
        return;
    mark_over(instance);
    runner_kill(instance->runner, RUNNER_KILL_LEASE, NULL);
}

void instance_lead_init(struct instance *instance)
{
    const struct election_handler handler = {election_changed, election_kill, instance};

    lease_init(&instance->lease, instance->sid, instance->needs->config->node_nid,
               instance->needs->timers, solitary_won, instance);
    election_init(&instance->election, instance->sid, instance->needs->timers, &handler);
}

void instance_lead_detach(struct instance *instance)
{
    lease_detach(&instance->lease);
    election_detach(&instance->election);
}

void instance_stand(struct instance *instance, struct kv *kv, struct elections *elections)
{
    bool is_elected = elections != NULL;

    if (is_elected != instance->is_elected && !instance_rests(instance))
        return; /* what leads by the other kind has to end first */
    if (is_elected != instance->is_elected)
        instance_withdraw(instance);
    instance->is_elected = is_elected;
    if (is_elected)
        election_stand(&instance->election, elections, instance->generation);
    else
        lease_take(&instance->lease, kv);
}

void instance_withdraw(struct instance *instance)
{
    lease_release(&instance->lease);
    instance->election.is_forgotten = instance->is_deleted;
    election_withdraw(&instance->election);
}

bool instance_leads(const struct instance *instance, bool is_elected)
{
    if (is_elected != instance->is_elected)
        return false;
    return is_elected ? election_may_act(&instance->election) : instance->lease.is_held;
}

void instance_lease_lost(void *arg)
{
    struct instance *instance = arg;

    if (instance->state == INSTANCE_STOPPING)
        return;
    mark_over(instance);
    if (election_may_act(&instance->election))
        election_lost(&instance->election); /* the store refused: it knows better */
    else
        instance->needs->reconsider(instance->needs->arg, instance);
}

bool instance_token(const struct instance *instance, char out[KV_VERSIONSTAMP_HEX + 1])
{
    bool is_held =
        instance->is_elected ? election_is_held(&instance->election) : instance->lease.is_held;

    out[0] = '\0';
    if (instance->execution != WORKER_LEADER || !is_held)
        return false;
    kv_versionstamp_to_hex(instance->is_elected ? &instance->broker.seat : &instance->lease.token,
                           out);
    return true;
}
