#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/trace.h"
#include "proto/wire.h"
#include "supervisor/broker/permission.h"
#include "supervisor/lifecycle/instance.h"
#include "wallet/wallet.h"

#define CONFIG_MAX_BYTES  16384
#define LAUNCH_REFUSED_MS 2000

static void put_config(struct instance *instance, struct buffer *out)
{
    const struct config *config = instance->needs->config;
    char token[KV_VERSIONSTAMP_HEX + 1];

    buffer_printf(out, "{\"sid\":\"%s\",\"nid\":", instance->sid);
    json_append_string(out, config->node_nid, strlen(config->node_nid));
    buffer_append_str(out, ",\"network\":");
    json_append_string(out, config->node_network, strlen(config->node_network));
    buffer_append_str(out, ",\"title\":");
    json_append_string(out, config->node_title, strlen(config->node_title));
    buffer_printf(out,
                  ",\"workers\":%zu,\"limit\":%u,\"tick\":%u,\"mode\":\"%s\",\"executionMode\":"
                  "\"%s\",\"priority\":\"%s\",\"instance\":%llu,\"startTime\":%lld",
                  registry_count(instance->needs->registry), (unsigned)config->runner_workers,
                  (unsigned)policy_delay_ms(instance->priority), worker_mode_name(instance->mode),
                  worker_execution_name(instance->execution),
                  worker_priority_name(instance->priority),
                  (unsigned long long)instance->stats.instances, (long long)clock_real_ms());
    if (permission_wallet(&instance->broker) && instance->needs->broker.wallet != NULL)
        buffer_printf(out, ",\"wallet\":\"%s\"",
                      wallet_card(instance->needs->broker.wallet)->public_key);
    else
        buffer_append_str(out, ",\"wallet\":null");
    if (instance_token(instance, token))
        buffer_printf(out, ",\"token\":\"%s\"", token);
    buffer_printf(out, ",\"delayMs\":%u,\"logLevel\":\"%s\"}",
                  (unsigned)policy_delay_ms(instance->priority),
                  log_level_name(instance->broker.level));
}

static enum log_level level_of(enum worker_priority priority)
{
    return priority == WORKER_CRITICAL ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

/* A process that cannot be placed keeps the weight of amid's own group, and its nice value. */
static void weigh(const struct instance *instance)
{
    struct log_about about = instance_about(instance, "cgroup");
    int error = cgroup_place(&instance->needs->cgroup, instance->priority, instance->runner->pid);

    if (error != 0)
        log_debug(&about, "No CPU weight: %s", error_text(error));
}

int instance_send_config(struct instance *instance)
{
    struct buffer json, payload;
    int error;

    if (instance->runner == NULL)
        return 0;
    instance->broker.priority = instance->priority;
    instance->broker.level = level_of(instance->priority);
    /* Where it is not permitted the worker keeps the value it started with. */
    if (instance->runner->pid > 0) {
        setpriority(PRIO_PROCESS, (id_t)instance->runner->pid, policy_nice(instance->priority));
        weigh(instance);
    }
    if (instance->phase == PROTO_PHASE_STARTING)
        return 0; /* LOAD will tell */
    buffer_init(&json, CONFIG_MAX_BYTES);
    buffer_init(&payload, CONFIG_MAX_BYTES);
    put_config(instance, &json);
    wire_put_bytes(&payload, json.data, json.len);
    error = runner_send(instance->runner, PROTO_CONFIG, 0, &payload);
    buffer_free(&json);
    buffer_free(&payload);
    return error;
}

void instance_set_phase(struct instance *instance, enum proto_phase phase)
{
    instance->phase = phase;
    runner_set_phase(instance->runner, phase);
}

static void runner_confined(void *arg)
{
    struct instance *instance = arg;
    struct buffer config, load;

    buffer_init(&config, CONFIG_MAX_BYTES);
    buffer_init(&load, PROTO_CODE_MAX);
    put_config(instance, &config);
    wire_put_bytes(&load, config.data, config.len);
    wire_put_bytes(&load, instance->code, instance->code_len);
    wire_put_bytes(&load, instance->lines, instance->lines_len);
    if (instance->modules != NULL)
        wire_put_bytes(&load, instance->modules, instance->modules_len);
    weigh(instance);
    instance_set_phase(instance, PROTO_PHASE_LOADING);
    watchdog_add(instance->needs->watchdog, instance->runner);
    if (config.failed || runner_send(instance->runner, PROTO_LOAD, 0, &load) != 0)
        runner_kill(instance->runner, RUNNER_KILL_START, "the compiled script is too large");
    buffer_free(&config);
    buffer_free(&load);
}

static int broker_send(void *arg, enum proto_message type, uint32_t id,
                       const struct buffer *payload)
{
    const struct instance *instance = arg;

    return instance->runner == NULL ? AMID_E_CLOSED
                                    : runner_send(instance->runner, type, id, payload);
}

static void broker_hold_reading(void *arg, bool is_held)
{
    const struct instance *instance = arg;

    if (instance->runner != NULL)
        channel_hold(instance->runner->channel, CHANNEL_HOLD_CALLS, is_held);
}

static void runner_ended(void *arg, const struct runner_end *end);

static void process_begins(struct instance *instance)
{
    instance->phase = PROTO_PHASE_STARTING;
    stats_process_begins(&instance->stats);
    instance->starts++;
    instance->is_lease_over = false;
    if (instance->execution != WORKER_LEADER)
        instance_withdraw(instance); /* the process that led has ended */
    instance->broker = (struct broker_worker){
        .broker = &instance->needs->broker,
        .sid = instance->sid,
        .instance = instance->stats.instances,
        .priority = instance->priority,
        .level = level_of(instance->priority),
        .permissions = instance->permissions,
        .election = instance->execution == WORKER_LEADER && instance->is_elected
                        ? &instance->election
                        : NULL,
        .lease_lost = instance_lease_lost,
        .send = broker_send,
        .hold = broker_hold_reading,
        .arg = instance,
    };
    if (instance->broker.election != NULL)
        instance->broker.seat = instance->election.stamp;
    broker_worker_begin(&instance->broker);
}

void instance_launch(void *arg)
{
    struct instance *instance = arg;
    const struct instance_needs *needs = instance->needs;
    struct runner_handler handler = {runner_confined, instance_frame, runner_ended, instance};
    struct runner_plan plan = {
        .base = needs->base,
        .defer = needs->defer,
        .children = needs->children,
        .zygote = needs->zygote,
        .heap_bytes = needs->config->runner_heap_mib * 1024 * 1024,
        .turn_cpu_ms = needs->config->runner_turn_cpu_ms,
        .nice = policy_nice(instance->priority),
    };
    struct log_about about = instance_about(instance, "spawn");
    struct runner *spare = spare_take(needs->spare, &plan, &handler);
    int error = 0;

    if (spare != NULL)
        instance->runner = spare;
    else
        error = runner_spawn(&plan, &handler, &instance->runner);
    if (error == 0) {
        process_begins(instance);
        if (spare != NULL)
            runner_confined(instance);
        return;
    }
    if (error == AMID_E_BUSY) {
        /* It is dying, which closes the gate in a moment. */
        instance_fire(instance, EVENT_RELAUNCH);
        return;
    }
    gate_leave(&instance->needs->spawn_gate, &instance->spawn_ticket);
    log_error(&about, "A process could not be started: %s; trying again", error_text(error));
    instance_because(instance, "a process could not be started: %s", error_text(error));
    timer_start(&instance->timer, LAUNCH_REFUSED_MS);
}

void instance_sample(struct instance *instance)
{
    struct status_reading reading;

    if (instance->runner == NULL || instance->runner->status.page == NULL)
        return;
    status_read(&instance->runner->status,
                (uint64_t)instance->needs->config->runner_heap_mib * 1024 * 1024, &reading);
    stats_sample(&instance->stats, &reading);
}

static void write_certificate(struct instance *instance, const struct runner_end *end)
{
    const struct config *config = instance->needs->config;
    struct certificate_limits limits = {.heap_mib = config->runner_heap_mib,
                                        .turn_cpu_ms = config->runner_turn_cpu_ms,
                                        .grace_ms = config->runner_stop_grace_ms};
    bool was_asked = instance->state == INSTANCE_STOPPING && end->kill == RUNNER_KILL_NONE &&
                     end->signal == 0 && end->code == 0;
    struct log_about about = instance_about(instance, "exit");

    certificate_write(&instance->certificate, end, &limits, clock_real_ms());
    if (instance->is_lease_over)
        certificate_of_lease(&instance->certificate);
    if (end->kill == RUNNER_KILL_PROTOCOL) {
        instance->needs->frames_refused++;
        stats_refused(&instance->stats);
    }
    trace_event("exit",
                "\"sid\":\"%s\",\"instance\":%llu,\"code\":%d,\"signal\":%d,\"kill\":\"%s\"",
                instance->sid, (unsigned long long)instance->stats.instances, end->code,
                end->signal, runner_kill_name(end->kill));
    if (was_asked && !instance->is_lease_over)
        log_info(&about, "Stopped");
    else
        log_at(end->kill == RUNNER_KILL_UNWANTED ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, &about,
               "Process %d has ended. %s", (int)instance->runner->pid,
               instance->certificate.sentence);
}

/* It ended by itself and without complaint (RULES 18): as good as the end of its iteration. */
static void ended_well(struct instance *instance)
{
    struct policy_rules rules = {.priority = instance->priority};

    policy_decide(&instance->policy, POLICY_SUCCEEDED, &rules, clock_mono_ms(), 0);
    if (instance->mode == WORKER_MODE_SINGLE) {
        instance_done(instance);
        return;
    }
    instance->delay_ms = policy_delay_ms(instance->priority);
    instance_because(instance, "it ended its process; the next iteration gets a new one");
    instance_fire(instance, EVENT_RETRY);
}

static void spawn_failed(struct instance *instance, int error)
{
    struct log_about about = instance_about(instance, "spawn");

    instance->starts--;
    if (error == AMID_E_CLOSED || error == AMID_E_TIMEOUT) {
        log_info(&about, "The zygote ended before it gave a process; asking the next one");
        instance_fire(instance, EVENT_RELAUNCH);
        return;
    }
    log_error(&about, "The system gave no process: %s; trying again", error_text(error));
    timer_start(&instance->timer, LAUNCH_REFUSED_MS);
}

/* Killed while it was a spare, or as good as: its end came too late to be seen when it was taken.
 * No spare is made while this worker waits, so this happens once. */
static bool is_lost_spare(const struct instance *instance, const struct runner_end *end)
{
    return instance->state == INSTANCE_STARTING && instance->runner->was_spare &&
           end->kill == RUNNER_KILL_NONE && end->signal == SIGKILL;
}

static void spare_lost(struct instance *instance)
{
    struct log_about about = instance_about(instance, "spawn");

    instance->starts--;
    log_info(&about, "The process that was kept for it had been killed; cloning one");
    instance_fire(instance, EVENT_RELAUNCH);
}

static void runner_ended(void *arg, const struct runner_end *end)
{
    struct instance *instance = arg;
    bool is_lost = is_lost_spare(instance, end);
    struct log_about about = instance_about(instance, "error-stack");
    char text[STATS_ERROR_TEXT_MAX_BYTES];

    instance_sample(instance);
    instance->stats.heap_bytes = 0;
    watchdog_remove(instance->needs->watchdog, instance->runner);
    broker_worker_end(&instance->broker);
    gate_leave(&instance->needs->spawn_gate, &instance->spawn_ticket);
    if (is_lost)
        trace_event("spare", "\"state\":\"gone\",\"pid\":%d", (int)instance->runner->pid);
    else if (end->spawn_error == 0)
        write_certificate(instance, end);
    instance->runner = NULL;
    if (instance->state == INSTANCE_STOPPING) {
        instance_fire(instance, instance->is_wanted ? EVENT_FRESH : EVENT_GONE);
    } else if (is_lost) {
        spare_lost(instance);
    } else if (end->spawn_error != 0) {
        spawn_failed(instance, end->spawn_error);
    } else if (instance->state == INSTANCE_RUNNING && end->signal == 0 && end->code == 0) {
        ended_well(instance);
    } else {
        certificate_error(&instance->certificate, end, text, sizeof(text));
        /* The engine has counted the iteration in which it ran out of memory, nobody this one. */
        if (instance->phase == PROTO_PHASE_RUNNING && end->code != PROTO_EXIT_HEAP)
            stats_cut_off(&instance->stats);
        instance_failed(instance, POLICY_CLASS_CRITICAL, text);
        if (end->fatal_stack != NULL)
            log_text(LOG_LEVEL_WARN, &about, end->fatal_stack, strlen(end->fatal_stack));
    }
}
