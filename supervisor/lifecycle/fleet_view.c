#include "common/clock.h"
#include "common/error.h"
#include "supervisor/lifecycle/fleet_internal.h"

static bool is_running(const struct instance *instance)
{
    return instance->is_wanted && !instance_rests(instance);
}

static int64_t next_try_in_ms(const struct instance *instance)
{
    int64_t left_ms;

    if ((instance->state != INSTANCE_BACKOFF && instance->state != INSTANCE_PAUSED) ||
        !timer_is_pending(&instance->timer))
        return -1;
    left_ms = instance->timer.due_ms - clock_mono_ms();
    return left_ms > 0 ? left_ms : 0;
}

static void view_stats(const struct stats *stats, struct fleet_view *view)
{
    view->executions = stats->executions;
    view->ticks = stats->ticks;
    view->errors = stats->errors;
    view->network_errors = stats->network_errors;
    view->critical_errors = stats->critical_errors;
    view->skipped_errors = stats->skipped_errors;
    view->frames_refused = stats->frames_refused;
    view->heap_bytes = stats->heap_bytes;
    view->last_run_ms = stats->last_run_ms;
    view->last_error = stats->last_error;
    if (stats->last_error != NULL)
        view->last_error_type = policy_class_name(stats->last_class);
}

int fleet_view(struct fleet *fleet, const char *sid, struct fleet_view *ret_view)
{
    struct instance *instance = fleet_find(fleet, sid);
    struct fleet_view view;

    if (instance == NULL)
        return AMID_E_NOT_FOUND;
    instance_sample(instance);
    view = (struct fleet_view){
        .sid = instance->sid,
        .state = instance->state,
        .reason = instance->reason[0] == '\0' ? NULL : instance->reason,
        .instance = instance->stats.instances,
        .pid = instance->runner == NULL ? 0 : (int)instance->runner->pid,
        .is_running = is_running(instance),
        .started_ms = instance->started_ms,
        .next_try_in_ms = next_try_in_ms(instance),
        .restarts = instance->starts == 0 ? 0 : instance->starts - 1,
        .consecutive_errors = instance->policy.any,
    };
    view_stats(&instance->stats, &view);
    for (size_t i = 0; i < sizeof(view.script_hash); i++)
        view.script_hash[i] = instance->script_hash[i];
    certificate_view(&instance->certificate, &view.last_exit);
    *ret_view = view;
    return 0;
}

int fleet_lease(struct fleet *fleet, const char *sid, struct fleet_lease *ret_lease)
{
    const struct instance *instance = fleet_find(fleet, sid);

    if (instance == NULL || instance->execution != WORKER_LEADER)
        return AMID_E_NOT_FOUND;
    if (fleet_elections(fleet, instance) != NULL) {
        const struct leader_info *info = elections_info(fleet->elections, sid);

        *ret_lease = (struct fleet_lease){
            .held = elections_leader(fleet->elections, sid) != NULL,
            .leader = info == NULL ? "" : info->leader,
        };
        if (info != NULL) {
            ret_lease->elected_ms = info->elected_ms;
            ret_lease->renewed_ms = info->renewed_ms;
            ret_lease->expires_ms = info->expires_ms;
        }
        return 0;
    }
    *ret_lease = (struct fleet_lease){
        .held = instance->lease.is_held,
        .elected_ms = instance->lease.elected_ms,
        .renewed_ms = instance->lease.renewed_ms,
        .expires_ms = instance->lease.expires_ms,
        .leader = fleet->needs.config->node_nid,
    };
    return 0;
}

size_t fleet_running(const struct fleet *fleet)
{
    return fleet->shared.awake;
}

uint64_t fleet_frames_refused(const struct fleet *fleet)
{
    return fleet->shared.frames_refused + compiler_frames_refused(fleet->shared.compiler);
}

bool fleet_is_ready(const struct fleet *fleet)
{
    return fleet->is_loaded && zygote_is_ready(fleet->shared.zygote) &&
           zygote_is_ready(fleet->compiler_zygote);
}
