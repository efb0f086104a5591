#include "supervisor/lifecycle/zygote_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/zygote.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

/* Descriptors up to the control socket are given new meanings in the child. */
#define FIRST_FREE_FD 10
#define EXIT_NO_EXEC  127

/* Between fork and exec only what is safe in a process with threads: plain system calls. */
static void become_runner_user(const struct zygote_exec *what)
{
    if (what->uid == (unsigned)-1)
        return;
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setgid, what->gid) != 0 ||
        syscall(SYS_setuid, what->uid) != 0)
        _exit(EXIT_NO_EXEC);
}

static void reset_signals(void)
{
    struct sigaction fresh = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &fresh, NULL); /* fails for KILL and STOP, which is fine */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_main(const struct zygote_exec *what, int runner_fd, int control_fd, int node_fd,
                       pid_t parent)
{
    char *const argv[] = {"amid-runner", (char *)what->mode, NULL};
    char *const environment[] = {"LC_ALL=C", "TZ=UTC", NULL};
    int nothing = open("/dev/null", O_RDWR);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
        dup2(control_fd, ZYGOTE_CONTROL_FD) < 0 ||
        dup2(node_fd < 0 ? nothing : node_fd, ZYGOTE_NODE_FD) < 0)
        _exit(EXIT_NO_EXEC);
    if (syscall(SYS_close_range, ZYGOTE_NODE_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        _exit(EXIT_NO_EXEC);
    reset_signals();
    become_runner_user(what);
    /* After setuid, which clears it; then the race with a parent that is gone already. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_NO_EXEC);
    syscall(SYS_execveat, runner_fd, "", argv, environment, AT_EMPTY_PATH);
    _exit(EXIT_NO_EXEC);
}

int zygote_exec(const struct zygote_exec *what, pid_t *ret_pid, int *ret_pidfd)
{
    int runner_fd = fcntl(what->runner_fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    int control_fd = fcntl(what->control_fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    int node_fd = what->node_fd < 0 ? -1 : fcntl(what->node_fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    pid_t parent = getpid();
    sigset_t all, before;
    int pidfd = -1;
    int error = 0;
    pid_t pid = -1;

    if (runner_fd < 0 || control_fd < 0) {
        error = error_from_errno(errno);
        goto cleanup;
    }
    /* No handler of ours may run in the child. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid = fork();
    if (pid == 0)
        child_main(what, runner_fd, control_fd, node_fd, parent);
    error = pid < 0 ? error_from_errno(errno) : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        goto cleanup;
    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        error = error_from_errno(errno);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        goto cleanup;
    }
    *ret_pid = pid;
    *ret_pidfd = pidfd;
cleanup:
    if (runner_fd >= 0)
        close(runner_fd);
    if (control_fd >= 0)
        close(control_fd);
    if (node_fd >= 0)
        close(node_fd);
    return error;
}
