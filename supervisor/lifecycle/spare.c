#include "supervisor/lifecycle/spare.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/trace.h"
#include "supervisor/lifecycle/policy.h"

struct spare {
    struct spare_needs needs;
    struct runner *runner; /* NULL = none */
    bool is_ready;         /* it has confined itself */
    bool is_given_up;      /* killed, and its end awaited */
    bool is_zygote_ready;
    bool is_stopping;
    struct event *rest;
    int64_t backoff_ms;
    int64_t ready_ms;
};

static const struct log_about about = {.event = "spare"};

/* In real time, like everything that waits for a process and not for a rule. */
static void make_later(struct spare *spare)
{
    int64_t ms = spare->backoff_ms > SPARE_REST_MS ? spare->backoff_ms : SPARE_REST_MS;
    const struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    if (spare->is_zygote_ready && !spare->is_stopping && spare->runner == NULL)
        event_add(spare->rest, &delay);
}

static void give_up(struct spare *spare)
{
    if (spare->runner == NULL || spare->is_given_up)
        return;
    spare->is_ready = false;
    spare->is_given_up = true;
    runner_kill(spare->runner, RUNNER_KILL_UNWANTED, NULL);
}

/* True for the first of a row. */
static bool back_off(struct spare *spare)
{
    bool is_first;

    if (spare->is_ready && clock_mono_ms() - spare->ready_ms >= SPARE_STEADY_MS)
        spare->backoff_ms = 0;
    is_first = spare->backoff_ms == 0;
    spare->backoff_ms = spare->backoff_ms == 0 ? SPARE_BACKOFF_MS : spare->backoff_ms * 2;
    if (spare->backoff_ms > SPARE_BACKOFF_MAX_MS)
        spare->backoff_ms = SPARE_BACKOFF_MAX_MS;
    return is_first;
}

static void spare_confined(void *arg)
{
    struct spare *spare = arg;

    if (spare->is_given_up)
        return;
    spare->is_ready = true;
    spare->ready_ms = clock_mono_ms();
    trace_event("spare", "\"state\":\"ready\",\"pid\":%d", (int)spare->runner->pid);
}

/* Its phase allows none but HELLO; a second one is no better. */
static int spare_frame(void *arg, const struct proto_message_info *message, uint32_t id,
                       const uint8_t *payload, size_t len)
{
    (void)arg;
    (void)message;
    (void)id;
    (void)payload;
    (void)len;
    return AMID_E_PROTOCOL;
}

static void spare_ended(void *arg, const struct runner_end *end)
{
    struct spare *spare = arg;

    trace_event("spare", "\"state\":\"gone\",\"pid\":%d", (int)spare->runner->pid);
    if (!spare->is_given_up) {
        bool is_first = back_off(spare);

        if (end->spawn_error == 0)
            log_at(is_first ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, &about,
                   "The spare process %d ended by %s %d; no worker is affected",
                   (int)spare->runner->pid, end->signal == 0 ? "exit code" : "signal",
                   end->signal == 0 ? end->code : end->signal);
    }
    spare->runner = NULL;
    spare->is_ready = spare->is_given_up = false;
    make_later(spare);
}

static void spare_make(evutil_socket_t fd, short what, void *arg)
{
    struct spare *spare = arg;
    struct runner_handler handler = {spare_confined, spare_frame, spare_ended, spare};
    struct runner_plan plan = {
        .base = spare->needs.base,
        .defer = spare->needs.defer,
        .children = spare->needs.children,
        .zygote = spare->needs.zygote,
        .heap_bytes = spare->needs.config->runner_heap_mib * 1024 * 1024,
        .turn_cpu_ms = spare->needs.config->runner_turn_cpu_ms,
        .nice = policy_nice(WORKER_CRITICAL),
        .is_spare = true,
    };
    bool is_crowded = spare->needs.line->inside + spare->needs.line->waiting > 0;

    (void)fd;
    (void)what;
    if (!is_crowded && runner_spawn(&plan, &handler, &spare->runner) == 0)
        return;
    if (!is_crowded)
        back_off(spare);
    make_later(spare);
}

int spare_open(const struct spare_needs *needs, struct spare **ret_spare)
{
    struct spare *spare = calloc(1, sizeof(*spare));

    if (spare == NULL)
        return AMID_E_NOMEM;
    spare->needs = *needs;
    spare->rest = evtimer_new(needs->base, spare_make, spare);
    if (spare->rest == NULL) {
        free(spare);
        return AMID_E_NOMEM;
    }
    *ret_spare = spare;
    return 0;
}

void spare_close(struct spare *spare)
{
    if (spare == NULL)
        return;
    event_free(spare->rest);
    runner_destroy(spare->runner);
    free(spare);
}

void spare_zygote_is(struct spare *spare, bool is_ready)
{
    spare->is_zygote_ready = is_ready;
    if (is_ready) {
        make_later(spare);
        return;
    }
    event_del(spare->rest);
    give_up(spare);
}

void spare_stop(struct spare *spare)
{
    spare->is_stopping = true;
    event_del(spare->rest);
    give_up(spare);
}

/* It may have ended, or been stopped, without our having heard of it yet. */
static bool is_alive(const struct runner *runner)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PIDFD, (id_t)runner->child.pidfd, &info,
                  WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
}

/* Never to a better one, even if amid may: a clone of the worker's own has no right to that. */
static bool renice(const struct runner *runner, int nice)
{
    return getpriority(PRIO_PROCESS, (id_t)runner->pid) >= nice ||
           setpriority(PRIO_PROCESS, (id_t)runner->pid, nice) == 0;
}

static bool fits(const struct runner *runner, const struct runner_plan *plan)
{
    const struct runner_plan *has = &runner->plan;

    return plan->zygote == has->zygote && plan->heap_bytes == has->heap_bytes &&
           plan->turn_cpu_ms == has->turn_cpu_ms && is_alive(runner) && renice(runner, plan->nice);
}

struct runner *spare_take(struct spare *spare, const struct runner_plan *plan,
                          const struct runner_handler *handler)
{
    struct runner *runner = spare->runner;

    if (runner != NULL && spare->is_ready) {
        if (!fits(runner, plan)) {
            give_up(spare);
            return NULL;
        }
        spare->runner = NULL;
        spare->is_ready = false;
        spare->backoff_ms = 0;
        runner_hand_over(runner, plan, handler);
    } else {
        runner = NULL;
    }
    make_later(spare);
    return runner;
}
