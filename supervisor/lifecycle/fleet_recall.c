#include "common/error.h"
#include "common/log.h"
#include "supervisor/lifecycle/fleet_internal.h"

static void start_by_priority(void *arg, struct instance *instance)
{
    struct fleet *fleet = arg;

    if (instance->priority == fleet->starting)
        fleet_reconsider(fleet, instance, false);
}

static bool net_is_known(const struct fleet *fleet)
{
    return registry_is_complete(fleet->needs.registry);
}

static void mark_recalled(void *arg, struct instance *instance)
{
    const struct fleet *fleet = arg;

    if (instance->scope == WORKER_LOCAL || fleet->recalls_net)
        instance->is_recalled = true;
}

static void loaded(void *arg, int error)
{
    struct fleet *fleet = arg;
    struct log_about about = {.event = "fleet"};

    fleet->is_recalling = false;
    if (error != 0)
        log_error(&about, "What workers did before cannot be read: %s", error_text(error));
    fleet_each(fleet, mark_recalled, fleet);
    fleet->is_loaded = true;
    /* Where there is not room for all, the more important ones get it. */
    for (int priority = 0; priority < WORKER_PRIORITY_MAX; priority++) {
        fleet->starting = (enum worker_priority)priority;
        fleet_each(fleet, start_by_priority, fleet);
    }
    if (fleet->must_recall && !fleet->is_stopping)
        (void)fleet_recall(fleet);
}

/* In a store of its own net may go away while it is read, and then holds up nobody but its own
 * workers: they come in a second pass, which lasts until it has succeeded. */
int fleet_recall(struct fleet *fleet)
{
    bool is_joint = kv_is_joint(fleet->needs.local, fleet->needs.net);
    int error;

    if (fleet->is_recalling) {
        fleet->must_recall = true;
        return 0;
    }
    fleet->recalls_net = is_joint || (fleet->is_loaded && net_is_known(fleet));
    fleet->must_recall = !fleet->recalls_net && net_is_known(fleet);
    error = ledger_load(fleet->ledger, fleet->recalls_net, loaded, fleet);
    fleet->is_recalling = error == 0;
    return error;
}
