#include "supervisor/lifecycle/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/trace.h"
#include "proto/wire.h"
#include "supervisor/lifecycle/words.h"

static const char *const kill_names[RUNNER_KILL_MAX] = {
    [RUNNER_KILL_NONE] = "none",         [RUNNER_KILL_GRACE] = "grace",
    [RUNNER_KILL_PROTOCOL] = "protocol", [RUNNER_KILL_WATCHDOG] = "watchdog",
    [RUNNER_KILL_START] = "start",       [RUNNER_KILL_CONFINE] = "confine",
    [RUNNER_KILL_LEASE] = "lease",       [RUNNER_KILL_TIME] = "time",
    [RUNNER_KILL_UNWANTED] = "unwanted",
};

const char *runner_kill_name(enum runner_kill why)
{
    return kill_names[why];
}

static void runner_free(void *arg)
{
    struct runner *runner = arg;

    channel_free(runner->channel);
    status_close(&runner->status);
    if (runner->start_limit != NULL)
        event_free(runner->start_limit);
    if (runner->runner_fd >= 0)
        close(runner->runner_fd);
    free(runner->end.fatal_text);
    free(runner->end.fatal_stack);
    free(runner);
}

static void runner_over(void *arg)
{
    struct runner *runner = arg;

    runner->is_over = true;
    runner->handler.ended(runner->handler.arg, &runner->end);
    /* Whoever called us may still look at it in this turn. */
    if (defer_call(runner->plan.defer, runner_free, runner) != 0)
        runner_free(runner);
}

static void runner_exited(void *arg, const siginfo_t *info)
{
    struct runner *runner = arg;

    event_del(runner->start_limit);
    channel_drain(runner->channel);
    runner->end.code = info->si_code == CLD_EXITED ? info->si_status : -1;
    runner->end.signal = info->si_code == CLD_EXITED ? 0 : info->si_status;
    runner->end.syscall_number =
        runner->end.signal == SIGSYS ? status_syscall(&runner->status) : -1;
    runner_over(runner);
}

static int take_hello(struct runner *runner, const uint8_t *payload, size_t len)
{
    struct words_hello hello;

    if (runner->confined != 0 || words_hello_read(payload, len, &hello) != 0)
        return AMID_E_PROTOCOL;
    event_del(runner->start_limit);
    runner->confined = hello.confined;
    if (hello.version != PROTO_VERSION)
        runner_kill(runner, RUNNER_KILL_CONFINE, "it speaks another version of the protocol");
    else if (memcmp(hello.build_id, zygote_build_id(runner->plan.zygote), WORDS_BUILD_ID_BYTES) !=
             0)
        runner_kill(runner, RUNNER_KILL_CONFINE, "it is another build than its zygote");
    else if ((hello.confined & PROTO_CONFINED_SECCOMP) == 0)
        runner_kill(runner, RUNNER_KILL_CONFINE, "it runs without a system call filter");
    else
        runner->handler.confined(runner->handler.arg);
    return 0;
}

static int take_fatal(struct runner *runner, const uint8_t *payload, size_t len)
{
    struct runner_end *end = &runner->end;
    struct words_fatal fatal;

    if (end->has_fatal || words_fatal_read(payload, len, &fatal) != 0)
        return AMID_E_PROTOCOL;
    end->has_fatal = true;
    end->fatal_kind = fatal.kind;
    end->fatal_text = strdup(fatal.text);
    end->fatal_stack = fatal.stack;
    return 0;
}

static int runner_frame(void *arg, const struct proto_message_info *message, uint32_t id,
                        const uint8_t *payload, size_t len)
{
    struct runner *runner = arg;

    if (runner->end.kill != RUNNER_KILL_NONE && runner->end.kill != RUNNER_KILL_GRACE)
        return 0; /* it has had its last word */
    if (message->type == PROTO_HELLO)
        return take_hello(runner, payload, len);
    if (message->type == PROTO_FATAL)
        return take_fatal(runner, payload, len);
    return runner->handler.frame(runner->handler.arg, message, id, payload, len);
}

static void channel_over(void *arg, enum channel_end reason,
                         const struct proto_message_info *message, uint32_t number)
{
    struct runner *runner = arg;
    char detail[96];

    if (reason == CHANNEL_END_EOF) {
        /* It is about to exit, with a code that says more than a kill; a mute one must not live. */
        child_signal(&runner->child, SIGKILL);
        return;
    }
    snprintf(detail, sizeof(detail), "%s frame %s (0x%04x)", channel_end_name(reason),
             message == NULL ? "of no known kind" : message->name, (unsigned)number);
    trace_event("frame-refused", "\"pid\":%d,\"reason\":\"%s\",\"type\":%u", (int)runner->pid,
                channel_end_name(reason), (unsigned)number);
    runner_kill(runner, RUNNER_KILL_PROTOCOL, detail);
}

static void send_go(struct runner *runner)
{
    struct buffer go;

    buffer_init(&go, 64);
    wire_put_u32(&go, runner->plan.heap_bytes);
    wire_put_u32(&go, runner->plan.turn_cpu_ms);
    wire_put_u32(&go, (uint32_t)runner->plan.nice);
    if (runner->plan.is_spare)
        wire_put_u8(&go, 1);
    runner_send(runner, PROTO_GO, 0, &go);
    buffer_free(&go);
}

static void runner_spawned(void *arg, int error, pid_t pid, int pidfd)
{
    const struct timeval limit = {.tv_sec = RUNNER_START_MS / 1000};
    struct runner *runner = arg;

    close(runner->runner_fd);
    runner->runner_fd = -1;
    status_passed(&runner->status);
    if (error == 0)
        error =
            child_watch(runner->plan.children, &runner->child, pid, pidfd, runner_exited, runner);
    if (error != 0) {
        runner->end.spawn_error = error;
        runner_over(runner);
        return;
    }
    runner->pid = pid;
    if (!runner->plan.is_spare)
        trace_event("spawn", "\"pid\":%d", (int)pid);
    if (runner->end.kill != RUNNER_KILL_NONE) {
        child_signal(&runner->child, SIGKILL);
        return;
    }
    send_go(runner);
    event_add(runner->start_limit, &limit);
}

static void runner_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    runner_kill(arg, RUNNER_KILL_START, "it did not confine itself in time");
}

int runner_spawn(const struct runner_plan *plan, const struct runner_handler *handler,
                 struct runner **ret_runner)
{
    struct runner *runner = calloc(1, sizeof(*runner));
    struct channel_handler on_channel = {runner_frame, channel_over, runner};
    int pair[2];
    int error;

    if (runner == NULL)
        return AMID_E_NOMEM;
    runner->plan = *plan;
    runner->handler = *handler;
    runner->runner_fd = -1;
    runner->end.syscall_number = -1;
    /* Time that another process takes is real time, whatever a test makes of the clock. */
    runner->start_limit = evtimer_new(plan->base, runner_late, runner);
    error = runner->start_limit == NULL ? AMID_E_NOMEM : status_open(&runner->status);
    if (error == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        error = error_from_errno(errno);
    if (error == 0) {
        runner->runner_fd = pair[1];
        error = channel_new(plan->base, pair[0], &on_channel, &runner->channel);
    }
    if (error == 0)
        error = zygote_spawn(plan->zygote, runner->runner_fd, runner->status.fd, runner_spawned,
                             runner);
    if (error != 0) {
        runner_free(runner);
        return error;
    }
    *ret_runner = runner;
    return 0;
}

void runner_hand_over(struct runner *runner, const struct runner_plan *plan,
                      const struct runner_handler *handler)
{
    runner->plan = *plan;
    runner->handler = *handler;
    runner->was_spare = true;
    status_begin(&runner->status);
    trace_event("spawn", "\"pid\":%d", (int)runner->pid);
}

void runner_set_phase(struct runner *runner, enum proto_phase phase)
{
    channel_set_phase(runner->channel, phase);
}

int runner_send(struct runner *runner, enum proto_message type, uint32_t id,
                const struct buffer *payload)
{
    if (runner->is_over)
        return AMID_E_CLOSED;
    return channel_send(runner->channel, type, id, payload);
}

void runner_kill(struct runner *runner, enum runner_kill why, const char *detail)
{
    if (runner->is_over)
        return;
    if (runner->end.kill == RUNNER_KILL_NONE) {
        runner->end.kill = why;
        snprintf(runner->end.kill_detail, sizeof(runner->end.kill_detail), "%s",
                 detail == NULL ? "" : detail);
    }
    child_signal(&runner->child, SIGKILL);
}

void runner_destroy(struct runner *runner)
{
    if (runner == NULL || runner->is_over)
        return;
    zygote_cancel(runner->plan.zygote, runner_spawned, runner);
    child_finish(&runner->child);
    runner_free(runner);
}
