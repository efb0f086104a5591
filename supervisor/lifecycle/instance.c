#include "supervisor/lifecycle/instance.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/trace.h"

static const char *const state_names[INSTANCE_STATE_MAX] = {
    [INSTANCE_INACTIVE] = "inactive",   [INSTANCE_WAITING] = "waiting",
    [INSTANCE_COMPILING] = "compiling", [INSTANCE_STARTING] = "starting",
    [INSTANCE_RUNNING] = "running",     [INSTANCE_BACKOFF] = "backoff",
    [INSTANCE_PAUSED] = "paused",       [INSTANCE_STOPPING] = "stopping",
    [INSTANCE_COMPLETED] = "completed", [INSTANCE_FAILED] = "failed",
};

static const char *const event_names[INSTANCE_EVENT_MAX] = {
    [EVENT_WANTED] = "wanted",     [EVENT_UNWANTED] = "unwanted", [EVENT_RENEWED] = "renewed",
    [EVENT_COMPILED] = "compiled", [EVENT_RELAUNCH] = "relaunch", [EVENT_LOADED] = "loaded",
    [EVENT_AGAIN] = "again",       [EVENT_FRESH] = "fresh",       [EVENT_DONE] = "done",
    [EVENT_RETRY] = "retry",       [EVENT_PAUSE] = "pause",       [EVENT_GIVE_UP] = "give-up",
    [EVENT_GONE] = "gone",
};

static const char *const action_names[INSTANCE_ACTION_MAX] = {
    [ACTION_IGNORE] = "ignore", [ACTION_COMPILE] = "compile", [ACTION_LAUNCH] = "launch",
    [ACTION_RUN] = "run",       [ACTION_WAIT] = "wait",       [ACTION_END] = "end",
    [ACTION_REST] = "rest",
};

/* A worker's whole life. What is not listed is ignored: it comes too late to matter. REST leads to
 * whatever the instance rests as (inactive, waiting, completed or failed); END goes on at once to
 * what GONE or FRESH says where there is no process to end. */
/* clang-format off */
#define COMPILE {ACTION_COMPILE, INSTANCE_COMPILING}
#define LAUNCH  {ACTION_LAUNCH, INSTANCE_STARTING}
#define RUN     {ACTION_RUN, INSTANCE_RUNNING}
#define BACKOFF {ACTION_WAIT, INSTANCE_BACKOFF}
#define PAUSE   {ACTION_WAIT, INSTANCE_PAUSED}
#define END     {ACTION_END, INSTANCE_STOPPING}
#define REST    {ACTION_REST, INSTANCE_INACTIVE}

#define AT_REST {[EVENT_WANTED] = COMPILE, [EVENT_RENEWED] = COMPILE, [EVENT_UNWANTED] = REST}
#define DELAYED {[EVENT_UNWANTED] = END, [EVENT_RENEWED] = END, [EVENT_AGAIN] = RUN,               \
                 [EVENT_FRESH] = COMPILE, [EVENT_RETRY] = BACKOFF, [EVENT_PAUSE] = PAUSE,          \
                 [EVENT_GIVE_UP] = END}

static const struct instance_step table[INSTANCE_STATE_MAX][INSTANCE_EVENT_MAX] = {
    [INSTANCE_INACTIVE] = AT_REST,
    [INSTANCE_WAITING] = AT_REST,
    [INSTANCE_COMPILING] = {
        [EVENT_UNWANTED] = REST, [EVENT_RENEWED] = COMPILE, [EVENT_COMPILED] = LAUNCH,
        [EVENT_FRESH] = COMPILE, [EVENT_RETRY] = BACKOFF, [EVENT_PAUSE] = PAUSE,
        [EVENT_GIVE_UP] = REST},
    [INSTANCE_STARTING] = {
        [EVENT_UNWANTED] = END, [EVENT_RENEWED] = END, [EVENT_RELAUNCH] = LAUNCH,
        [EVENT_LOADED] = RUN, [EVENT_RETRY] = BACKOFF, [EVENT_PAUSE] = PAUSE,
        [EVENT_GIVE_UP] = END},
    [INSTANCE_RUNNING] = {
        [EVENT_UNWANTED] = END, [EVENT_RENEWED] = END, [EVENT_AGAIN] = RUN, [EVENT_DONE] = END,
        [EVENT_RETRY] = BACKOFF, [EVENT_PAUSE] = PAUSE, [EVENT_GIVE_UP] = END},
    [INSTANCE_BACKOFF] = DELAYED,
    [INSTANCE_PAUSED] = DELAYED,
    [INSTANCE_STOPPING] = {[EVENT_GONE] = REST, [EVENT_FRESH] = COMPILE},
    [INSTANCE_COMPLETED] = AT_REST,
    [INSTANCE_FAILED] = AT_REST,
};
/* clang-format on */

const struct instance_step *instance_step(enum instance_state state, enum instance_event event)
{
    return &table[state][event];
}

const char *instance_state_name(enum instance_state state)
{
    return state_names[state];
}

const char *instance_event_name(enum instance_event event)
{
    return event_names[event];
}

const char *instance_action_name(enum instance_action action)
{
    return action_names[action];
}

struct log_about instance_about(const struct instance *instance, const char *event)
{
    return (struct log_about){
        .event = event, .sid = instance->sid, .instance = instance->stats.instances};
}

void instance_because(struct instance *instance, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, in the line above
    vsnprintf(instance->reason, sizeof(instance->reason), format, args);
    va_end(args);
}

#ifdef AMID_TEST_HOOKS
static void trace_state(const struct instance *instance, enum instance_state from)
{
    struct buffer reason;

    buffer_init(&reason, 8 * INSTANCE_REASON_MAX_BYTES);
    json_append_string(&reason, instance->reason, strlen(instance->reason));
    trace_event("state",
                "\"sid\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"reason\":%s,\"delayMs\":%lld,"
                "\"instance\":%llu,\"pid\":%d",
                instance->sid, state_names[from], state_names[instance->state],
                reason.data == NULL ? "null" : reason.data,
                instance->state == INSTANCE_BACKOFF || instance->state == INSTANCE_PAUSED
                    ? (long long)instance->delay_ms
                    : 0LL,
                (unsigned long long)instance->stats.instances,
                instance->runner == NULL ? 0 : (int)instance->runner->pid);
    buffer_free(&reason);
}
#else
#define trace_state(instance, from) ((void)(from))
#endif

void instance_want(struct instance *instance, bool is_wanted)
{
    if (instance->is_wanted == is_wanted)
        return;
    instance->is_wanted = is_wanted;
    if (is_wanted)
        instance->needs->wanted++;
    else
        instance->needs->wanted--;
}

static bool is_rest(enum instance_state state)
{
    return state == INSTANCE_INACTIVE || state == INSTANCE_WAITING || state == INSTANCE_COMPLETED ||
           state == INSTANCE_FAILED;
}

bool instance_rests(const struct instance *instance)
{
    return is_rest(instance->state);
}

void instance_fire(struct instance *instance, enum instance_event event)
{
    const struct instance_step *step = &table[instance->state][event];
    enum instance_state from = instance->state;
    enum instance_state next;

    if (step->action == ACTION_END && instance->runner == NULL)
        step = &table[INSTANCE_STOPPING][instance->is_wanted ? EVENT_FRESH : EVENT_GONE];
    if (step->action == ACTION_IGNORE)
        return;
    next = step->action == ACTION_REST ? instance->rest : step->next;
    instance->state = next;
    if (is_rest(from) && !is_rest(next))
        instance->needs->awake++;
    if (!is_rest(from) && is_rest(next))
        instance->needs->awake--;
    if (next != INSTANCE_BACKOFF && next != INSTANCE_PAUSED && next != INSTANCE_STOPPING &&
        step->action != ACTION_REST)
        instance->reason[0] = '\0';
    if (next != from || step->action != ACTION_REST)
        trace_state(instance, from);
    instance_do(instance, step->action);
}
