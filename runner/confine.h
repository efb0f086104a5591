#ifndef AMID_RUNNER_CONFINE_H
#define AMID_RUNNER_CONFINE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/message.h"

/* Where a confined child finds its channel; nothing else is open. */
#define CONFINE_CHANNEL_FD 3

/* What every child needs and only the zygote can make: children inherit it. */
struct confine {
    struct sock_fprog filter; /* the compiled system call table */
    uint64_t landlock_fs, landlock_net, landlock_scoped;
    size_t landlock_bytes; /* of the attribute structure this kernel knows; 0 = no Landlock */
    pid_t amid;            /* whose child every runner is */
    uint32_t confined;     /* enum proto_confined bits that hold already */
};

struct confine_limits {
    size_t heap_bytes;
    size_t held_bytes; /* already mapped for data when the limits are set */
    int nice;
};

/* In the zygote, once: own namespaces, no root, no capabilities, the filter. 0, or -1 with
 * *ret_step and errno. */
int confine_prepare(struct confine *confine, const char **ret_step);

/*
 * In a child, before a byte of script is read; the order is fixed and a step that fails ends the
 * sequence. On return only the channel is open and only the calls of runner/syscalls.c are left. 0
 * and *ret_confined (enum proto_confined), or -1 with *ret_step and errno.
 */
int confine_self(const struct confine *confine, const struct confine_limits *limits, int channel_fd,
                 uint32_t *ret_confined, const char **ret_step);

#endif
