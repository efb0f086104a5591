#ifndef AMID_LIFECYCLE_ZYGOTE_EXEC_H
#define AMID_LIFECYCLE_ZYGOTE_EXEC_H

#include <sys/types.h>

struct zygote_exec {
    int runner_fd;
    int control_fd; /* becomes ZYGOTE_CONTROL_FD */
    int node_fd;    /* becomes ZYGOTE_NODE_FD; -1 = none */
    const char *mode;
    unsigned uid; /* (unsigned)-1 = keep ours */
    unsigned gid;
};

/* Forks and executes amid-runner. Returns the process id and its pidfd, or a negative error. */
int zygote_exec(const struct zygote_exec *what, pid_t *ret_pid, int *ret_pidfd);

#endif
