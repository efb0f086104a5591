#include "runner/syscalls.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/confine.h"

#define RULE_ARGS_MAX 3

struct syscall_rule {
    int number;
    unsigned arg_count;
    struct scmp_arg_cmp args[RULE_ARGS_MAX];
    const char *reason;
};

#define IS(arg, value)                                                                             \
    {                                                                                              \
        (arg), SCMP_CMP_EQ, (value), 0                                                             \
    }
#define AT_MOST(arg, value)                                                                        \
    {                                                                                              \
        (arg), SCMP_CMP_LE, (value), 0                                                             \
    }

/*
 * Everything a confined runner may ask of the kernel, with the engine, the C library's allocator
 * and the channel as its only users. The order is that of how often they are called.
 */
static const struct syscall_rule rules[] = {
    {SCMP_SYS(ppoll),
     2,
     {AT_MOST(1, 1), IS(3, 0)},
     "waiting for frames and timers; no signal mask"},
    {SCMP_SYS(recvfrom), 2, {IS(0, CONFINE_CHANNEL_FD), IS(4, 0)}, "frames from amid"},
    {SCMP_SYS(sendto), 2, {IS(0, CONFINE_CHANNEL_FD), IS(4, 0)}, "frames to amid, no address"},
    {SCMP_SYS(clock_gettime), 1, {AT_MOST(0, 2)}, "real, monotonic and own CPU time"},
    {SCMP_SYS(brk), 0, {{0}}, "the allocator"},
    {SCMP_SYS(mmap),
     2,
     {IS(2, PROT_READ | PROT_WRITE), IS(3, MAP_PRIVATE | MAP_ANONYMOUS)},
     "the allocator, big blocks: never executable, never a file"},
    {SCMP_SYS(munmap), 0, {{0}}, "the allocator, big blocks"},
    {SCMP_SYS(mremap), 1, {IS(3, MREMAP_MAYMOVE)}, "the allocator, big blocks that grow"},
    {SCMP_SYS(madvise), 1, {IS(2, MADV_DONTNEED)}, "free pages go back after a collection"},
    {SCMP_SYS(getrandom), 1, {IS(2, 0)}, "Math.random and crypto random values"},
    {SCMP_SYS(exit_group), 0, {{0}}, "the end"},
    {SCMP_SYS(restart_syscall), 0, {{0}}, "the kernel's own, when ppoll goes on after SIGCONT"},
#ifdef AMID_SANITIZE
    {SCMP_SYS(mmap), 0, {{0}}, "sanitizer: shadow memory"},
    {SCMP_SYS(madvise), 0, {{0}}, "sanitizer: shadow memory"},
    {SCMP_SYS(mprotect), 0, {{0}}, "sanitizer: guard pages"},
    {SCMP_SYS(futex), 0, {{0}}, "sanitizer: its locks"},
    {SCMP_SYS(getrandom), 0, {{0}}, "sanitizer: its allocator"},
    {SCMP_SYS(sched_yield), 0, {{0}}, "sanitizer: its locks"},
    {SCMP_SYS(write), 1, {IS(0, STDERR_FILENO)}, "sanitizer: its report"},
    {SCMP_SYS(getpid), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(gettid), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(rt_sigaction), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(rt_sigprocmask), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(rt_sigreturn), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(sigaltstack), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(getrlimit), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(prlimit64), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(open), 0, {{0}}, "sanitizer: its report (no descriptor is free)"},
    {SCMP_SYS(openat), 0, {{0}}, "sanitizer: its report (no descriptor is free)"},
    {SCMP_SYS(readlink), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(readlinkat), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(close), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(stat), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(newfstatat), 0, {{0}}, "sanitizer: its report"},
    {SCMP_SYS(ioctl), 1, {IS(0, STDERR_FILENO)}, "sanitizer: its report"},
    {SCMP_SYS(tgkill), 0, {{0}}, "sanitizer: abort"},
#endif
};

bool syscalls_allows(int number)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].number == number)
            return true;
    }
    return false;
}

/* The library writes the program to a descriptor only. */
static int read_program(scmp_filter_ctx filter, struct sock_fprog *ret_filter)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    struct sock_filter *program = NULL;
    off_t len;
    int rc = -1;

    if (fd < 0)
        return -1;
    if (seccomp_export_bpf(filter, fd) != 0 || (len = lseek(fd, 0, SEEK_END)) <= 0)
        goto cleanup;
    program = malloc((size_t)len);
    if (program == NULL || pread(fd, program, (size_t)len, 0) != len)
        goto cleanup;
    ret_filter->filter = program;
    ret_filter->len = (unsigned short)((size_t)len / sizeof(program[0]));
    program = NULL;
    rc = 0;
cleanup:
    free(program);
    close(fd);
    return rc;
}

int syscalls_compile(struct sock_fprog *ret_filter)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int rc = 0;

    if (filter == NULL) {
        errno = ENOMEM;
        return -1;
    }
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && rc == 0; i++)
        rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].number, rules[i].arg_count,
                                    rules[i].args);
    if (rc != 0) {
        errno = -rc;
        rc = -1;
    } else {
        rc = read_program(filter, ret_filter);
    }
    seccomp_release(filter);
    return rc;
}
