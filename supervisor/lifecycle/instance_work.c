#include <stdio.h>

#include "common/clock.h"
#include "proto/wire.h"
#include "supervisor/lifecycle/instance.h"

static void state_timer(void *arg)
{
    struct instance *instance = arg;
    bool is_waiting = instance->runner != NULL && instance->phase == PROTO_PHASE_WAITING;
    struct policy_rules rules = {.priority = instance->priority};

    switch (instance->state) {
    case INSTANCE_COMPILING:
        instance_fire(instance, EVENT_FRESH);
        break;
    case INSTANCE_STARTING:
        instance_fire(instance, EVENT_RELAUNCH);
        break;
    case INSTANCE_RUNNING:
        if (is_waiting)
            instance_fire(instance, EVENT_AGAIN);
        else /* a long run without an error is as good as a success (RULES 14) */
            policy_decide(&instance->policy, POLICY_SUCCEEDED, &rules, clock_mono_ms(), 0);
        break;
    case INSTANCE_BACKOFF:
    case INSTANCE_PAUSED:
        instance_fire(instance, instance->runner != NULL ? EVENT_AGAIN : EVENT_FRESH);
        break;
    case INSTANCE_STOPPING:
        if (instance->runner != NULL)
            runner_kill(instance->runner, RUNNER_KILL_GRACE, NULL);
        break;
    default:
        break;
    }
}

void instance_init(struct instance *instance, struct instance_needs *needs, const char *sid)
{
    *instance = (struct instance){.needs = needs, .state = INSTANCE_INACTIVE};
    snprintf(instance->sid, sizeof(instance->sid), "%s", sid);
    instance->memory_is_written = true;
    policy_reset(&instance->policy);
    timer_init(&instance->timer, needs->timers, state_timer, instance);
    instance->compile_ticket.admit = instance_compile;
    instance->compile_ticket.arg = instance;
    instance->spawn_ticket.admit = instance_launch;
    instance->spawn_ticket.arg = instance;
    instance_lead_init(instance);
}

/* Out of every line, no answer awaited: what a state does not take along into the next. */
static void drop_work(struct instance *instance)
{
    timer_stop(&instance->timer);
    gate_leave(&instance->needs->spawn_gate, &instance->spawn_ticket);
    instance_drop_compile(instance);
}

void instance_release(struct instance *instance)
{
    drop_work(instance);
    instance_drop_code(instance);
    if (instance->runner != NULL) {
        watchdog_remove(instance->needs->watchdog, instance->runner);
        broker_worker_end(&instance->broker);
        runner_destroy(instance->runner);
    }
    instance->runner = NULL;
    permissions_unref(instance->permissions);
    instance_lead_detach(instance);
    stats_free(&instance->stats);
    memory_free(&instance->memory);
}

static void action_run(struct instance *instance)
{
    bool has_failed = instance->policy.any > 0;
    struct policy_rules rules = {.priority = instance->priority};
    struct log_about about = instance_about(instance, "start");
    struct buffer payload;

    if (instance->phase == PROTO_PHASE_LOADING) {
        instance_drop_code(instance);
        instance->started_ms = clock_real_ms();
        log_info(
            &about, "Started as process %d, confined by seccomp%s%s", (int)instance->runner->pid,
            (instance->runner->confined & PROTO_CONFINED_LANDLOCK) != 0 ? ", Landlock" : "",
            (instance->runner->confined & PROTO_CONFINED_NAMESPACES) != 0 ? ", namespaces" : "");
    }
    instance_set_phase(instance, PROTO_PHASE_RUNNING);
    policy_decide(&instance->policy, POLICY_STARTED, &rules, clock_mono_ms(), 0);
    buffer_init(&payload, 16);
    wire_put_u8(&payload, has_failed);
    runner_send(instance->runner, PROTO_RUN, 0, &payload);
    buffer_free(&payload);
    if (has_failed)
        timer_start(&instance->timer, POLICY_QUIET_MS);
}

static void action_end(struct instance *instance)
{
    bool can_hear =
        instance->phase == PROTO_PHASE_RUNNING || instance->phase == PROTO_PHASE_WAITING;
    struct buffer payload;

    if (!can_hear) { /* the script has not begun: there is nothing to tidy up */
        runner_kill(instance->runner, RUNNER_KILL_UNWANTED, NULL);
        return;
    }
    instance_set_phase(instance, PROTO_PHASE_STOPPING);
    broker_worker_stops(&instance->broker, instance->is_wanted);
    buffer_init(&payload, 16);
    wire_put_u8(&payload, (uint8_t)instance->stop_why);
    runner_send(instance->runner, PROTO_STOP, 0, &payload);
    buffer_free(&payload);
    timer_start(&instance->timer, instance->needs->config->runner_stop_grace_ms);
}

void instance_do(struct instance *instance, enum instance_action action)
{
    drop_work(instance);
    switch (action) {
    case ACTION_COMPILE:
        instance_drop_code(instance);
        gate_enter(&instance->needs->compile_gate, &instance->compile_ticket, instance->priority);
        break;
    case ACTION_LAUNCH:
        gate_enter(&instance->needs->spawn_gate, &instance->spawn_ticket, instance->priority);
        break;
    case ACTION_RUN:
        action_run(instance);
        break;
    case ACTION_WAIT:
        instance_drop_code(instance);
        timer_start(&instance->timer, instance->delay_ms);
        break;
    case ACTION_END:
        action_end(instance);
        break;
    default:
        instance_drop_code(instance);
        instance->needs->rested(instance->needs->arg, instance);
        break;
    }
}
