#include "supervisor/lifecycle/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/trace.h"

#define SWEEP_MS     500
#define SWEEP_ROUNDS 20

struct children {
    struct event_base *base;
    struct child *first;
    struct timer sweep;
    int sweeps_left;
};

static void children_sweep_now(void *arg);

struct children *children_new(struct event_base *base, struct timers *timers)
{
    struct children *children = calloc(1, sizeof(*children));

    if (children == NULL)
        return NULL;
    children->base = base;
    timer_init(&children->sweep, timers, children_sweep_now, children);
    return children;
}

void children_free(struct children *children)
{
    struct child *next;

    if (children == NULL)
        return;
    for (struct child *child = children->first; child != NULL; child = next) {
        next = child->next;
        child_finish(child);
    }
    timer_stop(&children->sweep);
    free(children);
}

bool child_is_ours(pid_t pid, int pidfd)
{
    char path[64];
    char text[512];
    const char *line;
    siginfo_t info;
    ssize_t len;
    long shown;
    int fd;

    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return false;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true; /* no /proc: the kernel has said that it is a child of ours */
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (len <= 0)
        return false;
    text[len] = '\0';
    line = strstr(text, "\nPid:");
    /* -1: it has ended already, and nobody but us can reap it. */
    shown = line == NULL ? 0 : strtol(line + 5, NULL, 10);
    return shown == pid || shown == -1;
}

static void child_release(struct child *child)
{
    if (child->previous != NULL)
        child->previous->next = child->next;
    else
        child->owner->first = child->next;
    if (child->next != NULL)
        child->next->previous = child->previous;
    event_free(child->exit_event);
    close(child->pidfd);
    child->owner = NULL;
    child->pidfd = -1;
}

static void child_readable(evutil_socket_t fd, short what, void *arg)
{
    struct child *child = arg;
    siginfo_t info = {.si_pid = 0};

    (void)what;
    if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0)
        return;
    child_release(child);
    child->exited(child->arg, &info);
}

int child_watch(struct children *children, struct child *child, pid_t pid, int pidfd,
                void (*exited)(void *arg, const siginfo_t *info), void *arg)
{
    *child =
        (struct child){.owner = children, .pid = pid, .pidfd = pidfd, .exited = exited, .arg = arg};
    child->exit_event =
        event_new(children->base, pidfd, EV_READ | EV_PERSIST, child_readable, child);
    if (child->exit_event == NULL || event_add(child->exit_event, NULL) != 0) {
        if (child->exit_event != NULL)
            event_free(child->exit_event);
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
        close(pidfd);
        child->owner = NULL;
        children_sweep(children);
        return AMID_E_NOMEM;
    }
    child->next = children->first;
    if (child->next != NULL)
        child->next->previous = child;
    children->first = child;
    return 0;
}

static void discarded_exited(void *arg, const siginfo_t *info)
{
    (void)info;
    free(arg);
}

void children_discard(struct children *children, pid_t pid, int pidfd)
{
    struct child *child = calloc(1, sizeof(*child));

    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    if (child == NULL) {
        close(pidfd);
        children_sweep(children);
        return;
    }
    if (child_watch(children, child, pid, pidfd, discarded_exited, child) != 0)
        free(child);
}

void child_signal(const struct child *child, int signal_number)
{
    if (child->owner != NULL)
        syscall(SYS_pidfd_send_signal, child->pidfd, signal_number, NULL, 0);
}

void child_finish(struct child *child)
{
    siginfo_t info;

    if (child->owner == NULL)
        return;
    child_signal(child, SIGKILL);
    while (waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED) != 0 && errno == EINTR)
        continue;
    child_release(child);
    if (child->exited == discarded_exited)
        free(child);
}

static bool is_known(const struct children *children, pid_t pid)
{
    for (const struct child *child = children->first; child != NULL; child = child->next) {
        if (child->pid == pid)
            return true;
    }
    return false;
}

/* WNOWAIT only looks; what is reaped is reaped by its own pid. A known one is left to its pidfd,
 * and the rest to the next round. */
static void children_sweep_now(void *arg)
{
    struct children *children = arg;
    siginfo_t info = {.si_pid = 0};

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 &&
           !is_known(children, info.si_pid)) {
        waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
        log_debug(NULL, "Reaped process %d, which a dying zygote had left behind",
                  (int)info.si_pid);
        trace_event("stray", "\"pid\":%d", (int)info.si_pid);
        info.si_pid = 0;
    }
    if (--children->sweeps_left > 0)
        timer_start(&children->sweep, SWEEP_MS);
}

void children_sweep(struct children *children)
{
    children->sweeps_left = SWEEP_ROUNDS;
    timer_start(&children->sweep, SWEEP_MS);
}
