#ifndef AMID_RUNNER_SYSCALLS_H
#define AMID_RUNNER_SYSCALLS_H

#include <linux/filter.h>
#include <stdbool.h>

/* Compiles the table of allowed system calls for seccomp; everything else kills the process. The
 * program is allocated once and never freed. 0 or -1 with errno. */
int syscalls_compile(struct sock_fprog *ret_filter);

/* For the proof: whether the table names the call at all, whatever its arguments. */
bool syscalls_allows(int number);

#endif
