#include "supervisor/lifecycle/watchdog.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"

struct watchdog {
    const struct config *config;
    struct timer look;
    struct runner *first;
    int64_t looked_ms;
};

/* -1 once the process has ended. */
static int64_t cpu_ms(const struct runner *runner)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(runner->pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return -1;
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void runner_ask(struct runner *runner, int64_t used_ms)
{
    runner->is_pinged = true;
    runner->pinged_cpu_ms = used_ms;
    runner->waited_wall_ms = 0;
    runner->since_ping_ms = 0;
    runner_send(runner, PROTO_PING, 0, NULL);
}

static void runner_excuse(struct runner *runner, int64_t used_ms)
{
    runner->pinged_cpu_ms = used_ms;
    runner->waited_wall_ms = 0;
}

static void runner_judge(struct runner *runner, int64_t used_ms, const struct config *config)
{
    int64_t turn_ms = used_ms - runner->pinged_cpu_ms;
    char detail[64];

    if (turn_ms > (int64_t)config->runner_turn_cpu_ms + WATCHDOG_GRACE_CPU_MS)
        snprintf(detail, sizeof(detail), "%.1f s of CPU time", (double)turn_ms / 1e3);
    else if (runner->waited_wall_ms > (int64_t)config->runner_turn_wall_ms)
        snprintf(detail, sizeof(detail), "%.1f s of waiting", (double)runner->waited_wall_ms / 1e3);
    else
        return;
    runner_kill(runner, RUNNER_KILL_WATCHDOG, detail);
}

static void watchdog_look(void *arg)
{
    struct watchdog *watchdog = arg;
    int64_t now_ms = clock_mono_ms();
    int64_t passed_ms = now_ms - watchdog->looked_ms;
    int64_t most_ms = watchdog->config->runner_turn_wall_ms / WATCHDOG_LOOKS_MIN;

    if (most_ms < 2 * WATCHDOG_LOOK_MS)
        most_ms = 2 * WATCHDOG_LOOK_MS;
    /* A clock that jumped, or an amid that stood still, is not yet a runner that hangs: it takes
     * several looks to say so. */
    if (passed_ms > most_ms)
        passed_ms = most_ms;
    watchdog->looked_ms = now_ms;
    for (struct runner *runner = watchdog->first; runner != NULL; runner = runner->watch_next) {
        int64_t used_ms = cpu_ms(runner);
        int64_t busy_ms = used_ms - runner->seen_cpu_ms;

        if (used_ms < 0)
            continue;
        runner->seen_cpu_ms = used_ms;
        runner->waited_wall_ms += passed_ms;
        runner->since_ping_ms += passed_ms;
        /* Its answer may stand in a queue that we do not read while its calls are under way. */
        if (runner->is_pinged && channel_is_held(runner->channel, CHANNEL_HOLD_CALLS))
            runner_excuse(runner, used_ms);
        else if (runner->is_pinged)
            runner_judge(runner, used_ms, watchdog->config);
        else if (busy_ms >= WATCHDOG_BUSY_CPU_MS || runner->since_ping_ms >= WATCHDOG_EVERYONE_MS)
            runner_ask(runner, used_ms);
    }
    if (watchdog->first != NULL)
        timer_start(&watchdog->look, WATCHDOG_LOOK_MS);
}

struct watchdog *watchdog_new(struct timers *timers, const struct config *config)
{
    struct watchdog *watchdog = calloc(1, sizeof(*watchdog));

    if (watchdog == NULL)
        return NULL;
    watchdog->config = config;
    timer_init(&watchdog->look, timers, watchdog_look, watchdog);
    return watchdog;
}

void watchdog_free(struct watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    timer_stop(&watchdog->look);
    free(watchdog);
}

void watchdog_add(struct watchdog *watchdog, struct runner *runner)
{
    if (runner->is_watched)
        return;
    if (watchdog->first == NULL) {
        watchdog->looked_ms = clock_mono_ms();
        timer_start(&watchdog->look, WATCHDOG_LOOK_MS);
    }
    runner->is_watched = true;
    runner->is_pinged = false;
    /* Spread over time, so that those started together are not asked together. */
    runner->since_ping_ms = runner->pid % (WATCHDOG_EVERYONE_MS / 2);
    runner->seen_cpu_ms = 0;
    runner->watch_previous = NULL;
    runner->watch_next = watchdog->first;
    if (runner->watch_next != NULL)
        runner->watch_next->watch_previous = runner;
    watchdog->first = runner;
}

void watchdog_remove(struct watchdog *watchdog, struct runner *runner)
{
    if (!runner->is_watched)
        return;
    runner->is_watched = false;
    if (runner->watch_previous != NULL)
        runner->watch_previous->watch_next = runner->watch_next;
    else
        watchdog->first = runner->watch_next;
    if (runner->watch_next != NULL)
        runner->watch_next->watch_previous = runner->watch_previous;
}

void watchdog_pong(struct runner *runner)
{
    runner->is_pinged = false;
}
