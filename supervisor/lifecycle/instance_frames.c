#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/lifecycle/instance.h"
#include "supervisor/lifecycle/words.h"

static double chance(void)
{
    return randombytes_random() / 4294967296.0;
}

static void remember(struct instance *instance, enum instance_state state)
{
    instance_want(instance, false);
    instance->rest = state;
    instance->stop_why = PROTO_STOP_OWNER;
    memory_set(&instance->memory, state, instance->generation, instance->reason, clock_real_ms());
    instance->memory_is_written = false;
    instance->needs->memory_changed(instance->needs->arg, instance);
}

void instance_done(struct instance *instance)
{
    struct log_about about = instance_about(instance, "completed");

    log_info(&about, "Completed; it does not run again until it is started anew");
    instance_because(instance, "it finished, as a single worker does");
    remember(instance, INSTANCE_COMPLETED);
    instance_fire(instance, EVENT_DONE);
}

static void give_up(struct instance *instance, enum policy_verdict verdict, const char *text)
{
    struct log_about about = instance_about(instance, "failed");

    if (verdict == POLICY_STOP_CRITICAL)
        instance_because(instance,
                         "stopped after %u critical errors in a row, as many as priority %s "
                         "allows; the last was: %.120s",
                         (unsigned)instance->policy.critical,
                         worker_priority_name(instance->priority), text);
    else
        instance_because(instance, "stopped after %u errors in a row; the last was: %.120s",
                         (unsigned)instance->policy.any, text);
    log_error(&about, "Given up: %s. Restart it when the cause is removed", instance->reason);
    remember(instance, INSTANCE_FAILED);
    instance_fire(instance, EVENT_GIVE_UP);
}

static void try_again(struct instance *instance, const struct policy_decision *decision,
                      enum policy_class class_of_error, const char *text)
{
    struct log_about about = instance_about(instance, "error");
    bool is_pause = decision->verdict == POLICY_PAUSE;

    instance->delay_ms = decision->delay_ms;
    if (is_pause)
        instance_because(instance, "%u network errors in a row; the last was: %.160s",
                         (unsigned)instance->policy.network, text);
    else
        instance_because(instance, "%.240s", text);
    log_warn(&about, "%s (%s error, %u in a row); %s %.1f s", text,
             policy_class_name(class_of_error), (unsigned)instance->policy.any,
             is_pause ? "pausing for" : "trying again in", (double)decision->delay_ms / 1e3);
    instance_fire(instance, is_pause ? EVENT_PAUSE : EVENT_RETRY);
}

void instance_failed(struct instance *instance, enum policy_class class_of_error, const char *text)
{
    struct policy_rules rules = {.priority = instance->priority,
                                 .network_stops = instance->needs->config->policy_network_stops};
    struct log_about about = instance_about(instance, "error");
    struct policy_decision decision;

    stats_error(&instance->stats, class_of_error, text);
    if (class_of_error == POLICY_CLASS_SKIP) {
        policy_decide(&instance->policy, POLICY_SKIPPED_ERROR, &rules, clock_mono_ms(), 0);
        log_warn(&about, "%s (skipped: counted apart, the next iteration follows)", text);
        timer_start(&instance->timer, policy_delay_ms(instance->priority));
        return;
    }
    decision = policy_decide(&instance->policy,
                             class_of_error == POLICY_CLASS_NETWORK ? POLICY_NETWORK_ERROR
                                                                    : POLICY_CRITICAL_ERROR,
                             &rules, clock_mono_ms(), chance());
    if (decision.verdict == POLICY_RETRY || decision.verdict == POLICY_PAUSE)
        try_again(instance, &decision, class_of_error, text);
    else
        give_up(instance, decision.verdict, text);
}

static void log_stack(const struct instance *instance, const char *stack)
{
    struct log_about about = instance_about(instance, "error-stack");

    if (stack != NULL)
        log_text(LOG_LEVEL_WARN, &about, stack, strlen(stack));
}

static int iteration_error(struct instance *instance, const uint8_t *payload, size_t len)
{
    struct words_error error;

    if (words_error_read(payload, len, &error) != 0)
        return AMID_E_PROTOCOL;
    if (instance->state == INSTANCE_RUNNING) { /* what a stop rejects is no error (RULES 16) */
        instance_set_phase(instance, PROTO_PHASE_WAITING);
        instance_failed(instance, error.class_of_error, error.text);
        log_stack(instance, error.stack);
    }
    free(error.stack);
    return 0;
}

static void iteration_ok(struct instance *instance)
{
    struct policy_rules rules = {.priority = instance->priority};

    if (instance->state != INSTANCE_RUNNING)
        return;
    timer_stop(&instance->timer);
    policy_decide(&instance->policy, POLICY_SUCCEEDED, &rules, clock_mono_ms(), 0);
}

static int iteration_done(struct instance *instance)
{
    if (instance->state != INSTANCE_RUNNING)
        return 0;
    if (instance->mode != WORKER_MODE_SINGLE)
        return AMID_E_PROTOCOL;
    instance_set_phase(instance, PROTO_PHASE_WAITING);
    instance_done(instance);
    return 0;
}

int instance_frame(void *arg, const struct proto_message_info *message, uint32_t id,
                   const uint8_t *payload, size_t len)
{
    struct instance *instance = arg;

    if (broker_takes(message->type))
        return broker_handle(&instance->broker, message->type, id, payload, len);
    switch (message->type) {
    case PROTO_READY:
        instance_fire(instance, EVENT_LOADED);
        return 0;
    case PROTO_ITERATION_OK:
        iteration_ok(instance);
        return 0;
    case PROTO_ITERATION_ERROR:
        return iteration_error(instance, payload, len);
    case PROTO_DONE:
        return iteration_done(instance);
    case PROTO_PONG:
        watchdog_pong(instance->runner);
        return 0;
    case PROTO_STOPPED:
        return 0; /* its exit says the same */
    default:
        return AMID_E_PROTOCOL;
    }
}
