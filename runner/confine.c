#include "runner/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/syscalls.h"

#define NOBODY            65534
#define NAMESPACES        (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS)
#define STACK_LIMIT_BYTES (8u * 1024 * 1024)
/* Beside the heap: frames in both directions (4 MiB each at most) and what the allocator wastes. */
#define DATA_EXTRA_BYTES    (16u * 1024 * 1024)
#define CAPABILITY_LAST_TRY 63

/* As the kernel has it since Landlock's sixth version; older headers know only the first member. */
struct landlock_attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

/* What each Landlock version added: numbers of access rights, highest one plus one. */
struct landlock_version {
    unsigned fs_rights, net_rights, scopes;
};

static const struct landlock_version landlock_versions[] = {
    {0, 0, 0}, {13, 0, 0}, {14, 0, 0}, {15, 0, 0}, {15, 2, 0}, {16, 2, 0}, {16, 2, 2},
};

static uint64_t low_bits(unsigned count)
{
    return ((uint64_t)1 << count) - 1;
}

static void landlock_prepare(struct confine *confine)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const long newest = sizeof(landlock_versions) / sizeof(landlock_versions[0]) - 1;
    const struct landlock_version *known;

    if (version < 1)
        return;
    known = &landlock_versions[version < newest ? version : newest];
    confine->landlock_fs = low_bits(known->fs_rights);
    confine->landlock_net = low_bits(known->net_rights);
    confine->landlock_scoped = low_bits(known->scopes);
    confine->landlock_bytes = version >= 6   ? 3 * sizeof(uint64_t)
                              : version >= 4 ? 2 * sizeof(uint64_t)
                                             : sizeof(uint64_t);
}

/* Children share the zygote's namespaces, so a start costs nothing; where the kernel or a container
 * forbids them, the system call table still stands. No PID namespace: amid's pidfds and
 * PR_SET_PDEATHSIG need to see the processes. */
static void namespaces_enter(struct confine *confine)
{
    if (unshare(NAMESPACES) == 0 || unshare(CLONE_NEWUSER | NAMESPACES) == 0)
        confine->confined |= PROTO_CONFINED_NAMESPACES;
}

static int root_leave(void)
{
    if (geteuid() != 0 && getuid() != 0)
        return 0;
    if (setgroups(0, NULL) != 0 && errno != EPERM)
        return -1;
    if (setresgid(NOBODY, NOBODY, NOBODY) != 0)
        return -1;
    return setresuid(NOBODY, NOBODY, NOBODY);
}

static int capabilities_drop(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

    for (int capability = 0; capability <= CAPABILITY_LAST_TRY; capability++) {
        /* Fails without CAP_SETPCAP, where there is little to drop, and past the last one. */
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            break;
    }
    return (int)syscall(SYS_capset, &header, none);
}

int confine_prepare(struct confine *confine, const char **ret_step)
{
    *confine = (struct confine){.amid = getppid()};
    namespaces_enter(confine);
    *ret_step = "uid";
    if (root_leave() != 0)
        return -1;
    *ret_step = "capabilities";
    if (capabilities_drop() != 0)
        return -1;
    landlock_prepare(confine);
    *ret_step = "filter";
    return syscalls_compile(&confine->filter);
}

static int descriptors_close(int channel_fd)
{
#ifdef AMID_SANITIZE
    const unsigned first = 3; /* a sanitizer's report goes to stderr */
#else
    const unsigned first = 0;
#endif

    if (channel_fd != CONFINE_CHANNEL_FD && dup2(channel_fd, CONFINE_CHANNEL_FD) < 0)
        return -1;
    if (first < CONFINE_CHANNEL_FD && close_range(first, CONFINE_CHANNEL_FD - 1, 0) != 0)
        return -1;
    return close_range(CONFINE_CHANNEL_FD + 1, ~0u, 0);
}

static int limit_set(int resource, rlim_t value)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
        return -1;
    if (limit.rlim_max < value)
        value = limit.rlim_max;
    limit.rlim_cur = value;
    limit.rlim_max = value;
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

/* CPU time is not limited here: each turn is, and amid watches the turns (RULES 19). */
static int limits_set(const struct confine_limits *limits)
{
    const rlim_t data =
        limits->held_bytes + limits->heap_bytes + limits->heap_bytes / 4 + DATA_EXTRA_BYTES;
    const struct {
        int resource;
        rlim_t value;
    } wanted[] = {
#ifndef AMID_SANITIZE /* shadow memory is terabytes */
        {RLIMIT_DATA, data},
#endif
        {RLIMIT_CORE, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_NPROC, 0},
        {RLIMIT_NOFILE, CONFINE_CHANNEL_FD + 1},
        {RLIMIT_STACK, STACK_LIMIT_BYTES},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
        {RLIMIT_LOCKS, 0},
        {RLIMIT_RTPRIO, 0},
    };

    (void)data;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (limit_set(wanted[i].resource, wanted[i].value) != 0)
            return -1;
    }
    return 0;
}

/* Dies with amid: the signal for the case that amid dies later, the look for the case that it has
 * died already. Set after the last change of uid, which would clear it. */
static int parent_bind(const struct confine *confine)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return -1;
    if (getppid() != confine->amid) {
        errno = ESRCH;
        return -1;
    }
    return 0;
}

static int landlock_enter(const struct confine *confine)
{
    struct landlock_attributes nothing = {confine->landlock_fs, confine->landlock_net,
                                          confine->landlock_scoped};
    long ruleset;
    long rc;

    if (confine->landlock_bytes == 0)
        return 0;
    ruleset = syscall(SYS_landlock_create_ruleset, &nothing, confine->landlock_bytes, 0);
    if (ruleset < 0)
        return -1;
    rc = syscall(SYS_landlock_restrict_self, ruleset, 0);
    close((int)ruleset);
    return (int)rc;
}

int confine_self(const struct confine *confine, const struct confine_limits *limits, int channel_fd,
                 uint32_t *ret_confined, const char **ret_step)
{
    uint32_t confined = confine->confined | PROTO_CONFINED_SECCOMP;

    *ret_step = "descriptors";
    if (descriptors_close(channel_fd) != 0)
        return -1;
    /* A better nice value than amid's own needs a right that a runner does not have. */
    (void)setpriority(PRIO_PROCESS, 0, limits->nice);
    *ret_step = "root";
    if (getuid() == 0 || geteuid() == 0) {
        errno = EPERM;
        return -1;
    }
    *ret_step = "parent";
    if (parent_bind(confine) != 0)
        return -1;
    *ret_step = "privileges";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return -1;
    *ret_step = "Landlock";
    if (landlock_enter(confine) != 0)
        return -1;
    if (confine->landlock_bytes != 0)
        confined |= PROTO_CONFINED_LANDLOCK;
    *ret_step = "limits"; /* after Landlock, whose rule set takes a descriptor for a moment */
    if (limits_set(limits) != 0)
        return -1;
    *ret_step = "seccomp";
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &confine->filter) != 0)
        return -1;
    *ret_confined = confined;
    return 0;
}
