/*
 * The promise: a runner that has confined itself can ask the kernel for nothing outside the table
 * of runner/syscalls.c. Each probe is a child of its own, confined by the very function that
 * workers use; every system call number that the table does not name, and every call that it names
 * with arguments it does not allow, must kill the child with SIGSYS. The results are printed as a
 * table.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proto/status_page.h"
#include "runner/confine.h"
#include "runner/refusal.h"
#include "runner/syscalls.h"

#define LAST_NUMBER  460
#define HEAP_BYTES   (32u * 1024 * 1024)
#define ALLOWED_TEXT "works"

enum outcome { OUTCOME_SIGSYS, OUTCOME_WORKS, OUTCOME_REFUSED, OUTCOME_OTHER };

static const char *const outcome_names[] = {"killed by SIGSYS", "works", "refused", "?"};

struct probe {
    const char *name;
    void (*run)(void); /* may return; then the child says "works" */
    enum outcome expected;
    bool release_only; /* a sanitizer's additions to the table allow it */
};

#ifdef AMID_SANITIZE
static const bool is_release = false;
#else
static const bool is_release = true;
#endif

static struct confine confine;
static struct status_page *status_page; /* shared with the children */
static int probe_number;
static unsigned failures;
static pid_t tester;
/* Stands in for amid.sock; anybody may write to it, so that only confinement is in the way. */
static struct sockaddr_un operator_socket = {.sun_family = AF_UNIX};
static int operator_fd = -1;

#define EXIT_REFUSED 3

/* Since Linux 6.14 the x86-64 kernel lets these two pass every filter, for programs that are being
 * traced; anywhere but in the kernel's own trampoline they end in SIGILL or an error. */
#ifdef __x86_64__
#define CALL_URETPROBE 335
#define CALL_UPROBE    336
#endif

static bool passes_every_filter(int number)
{
#ifdef __x86_64__
    return number == CALL_URETPROBE || number == CALL_UPROBE;
#else
    return number < 0;
#endif
}

static void do_number(void)
{
    if (syscall(probe_number, 0L, 0L, 0L, 0L, 0L, 0L) < 0)
        _exit(EXIT_REFUSED);
}

static void do_open(void)
{
    syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}
static void do_create(void)
{
    syscall(SYS_openat, AT_FDCWD, "/tmp/amid-probe", O_CREAT | O_WRONLY, 0600);
}
static void do_inet(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}
static void do_unix(void)
{
    socket(AF_UNIX, SOCK_STREAM, 0);
}
/* As if to amid's unix socket, by a descriptor that a socket is already. */
static void do_connect(void)
{
    connect(CONFINE_CHANNEL_FD, (const struct sockaddr *)&operator_socket, sizeof(operator_socket));
}
static void do_netlink(void)
{
    socket(AF_NETLINK, SOCK_RAW, 0);
}
static void do_exec(void)
{
    char *const argv[] = {"sh", NULL};

    execv("/bin/sh", argv);
}
static void do_fork(void)
{
    syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static void do_thread(void)
{
    syscall(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0);
}
static void do_clone3(void)
{
    struct clone_args args = {.exit_signal = SIGCHLD};

    syscall(SYS_clone3, &args, sizeof(args));
}
static void do_ptrace(void)
{
    ptrace(PTRACE_ATTACH, tester, 0, 0);
}
static void do_read_memory(void)
{
    syscall(SYS_process_vm_readv, tester, NULL, 0, NULL, 0, 0);
}
static void do_kill(void)
{
    kill(tester, SIGTERM);
}
static void do_kill_group(void)
{
    kill(0, SIGTERM);
}
static void do_kill_self(void)
{
    syscall(SYS_tgkill, 1, 1, SIGABRT);
}
static void do_user_namespace(void)
{
    unshare(CLONE_NEWUSER);
}
static void do_io_uring(void)
{
    syscall(SYS_io_uring_setup, 1, NULL);
}
static void do_bpf(void)
{
    syscall(SYS_bpf, 0, NULL, 0);
}
static void do_write_stdout(void)
{
    syscall(SYS_write, 1, "x", 1);
}
static void do_write_channel(void)
{
    syscall(SYS_write, CONFINE_CHANNEL_FD, "x", 1);
}
static void do_mmap_exec(void)
{
    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void do_mmap_shared(void)
{
    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, CONFINE_CHANNEL_FD, 0);
}
static void do_mmap_fixed(void)
{
    syscall(SYS_mmap, 0x10000, 4096, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}
static void do_madvise(void)
{
    syscall(SYS_madvise, 0x10000, 4096, MADV_MERGEABLE);
}
static void do_mprotect(void)
{
    syscall(SYS_mprotect, (long)&confine & ~4095L, 4096, PROT_READ | PROT_EXEC);
}
static void do_mremap_fixed(void)
{
    syscall(SYS_mremap, 0x10000, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, 0x20000);
}
static void do_recv_other(void)
{
    char byte;

    recv(0, &byte, 1, MSG_DONTWAIT);
}
static void do_send_address(void)
{
    struct sockaddr address = {.sa_family = AF_UNIX};

    sendto(CONFINE_CHANNEL_FD, "x", 1, 0, &address, sizeof(address));
}
static void do_send_descriptor(void)
{
    struct msghdr message = {0};

    sendmsg(CONFINE_CHANNEL_FD, &message, 0);
}
static void do_poll_many(void)
{
    struct pollfd fds[2] = {{.fd = CONFINE_CHANNEL_FD}, {.fd = 0}};
    struct timespec now = {0};

    syscall(SYS_ppoll, fds, 2, &now, NULL, 0);
}
static void do_poll_mask(void)
{
    sigset_t mask;
    struct timespec now = {0};

    sigfillset(&mask);
    syscall(SYS_ppoll, NULL, 0, &now, &mask, 8);
}
static void do_other_clock(void)
{
    struct timespec ts;

    /* The CPU clock of another process, as the kernel numbers it. */
    syscall(SYS_clock_gettime, (long)(~(unsigned long)tester << 3 | 2), &ts);
}
static void do_blocking_random(void)
{
    char byte;

    syscall(SYS_getrandom, &byte, 1, 2);
}
#ifdef __x86_64__
static void do_x32(void)
{
    syscall(0x40000000 | SYS_getpid);
}
static void do_i386(void)
{
    long result = 20; /* getpid there, writev here */

    __asm__ volatile("int $0x80" : "+a"(result)::"memory");
}
#endif

/* Without 32-bit system calls in the kernel there is nothing for the filter to see: the processor
 * itself refuses the instruction. */
static bool is_in_this_kernel(void (*run)(void))
{
#ifdef __x86_64__
    int status = 0;
    pid_t pid;

    if (run != do_i386)
        return true;
    pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        run();
        _exit(0);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status);
#else
    (void)run;
    return true;
#endif
}

static void do_needed(void)
{
    struct pollfd pollfd = {.fd = CONFINE_CHANNEL_FD, .events = POLLOUT};
    struct timespec ts = {0};
    char byte;
    void *block;

    if (ppoll(&pollfd, 1, &ts, NULL) != 1 ||
        recv(CONFINE_CHANNEL_FD, &byte, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN ||
        syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts) != 0 ||
        syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts) != 0 ||
        syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &ts) != 0 ||
        syscall(SYS_getrandom, &byte, 1, 0) != 1 || sbrk(65536) == (void *)-1)
        _exit(1);
    block = malloc(1024 * 1024);
    block = block == NULL ? NULL : realloc(block, 4 * 1024 * 1024);
    if (block == NULL)
        _exit(2);
    free(block);
}
/* The heap limit bounds what the kernel gives, whatever the engine thinks. */
static void do_exhaust(void)
{
    size_t total = 0;

    while (total < 4u * HEAP_BYTES) {
        char *block = malloc(1024 * 1024);

        if (block == NULL)
            _exit(EXIT_REFUSED);
        memset(block, 1, 1024 * 1024);
        total += 1024 * 1024;
    }
}

static const struct probe probes[] = {
    {"channel, clocks, memory, random", do_needed, OUTCOME_WORKS, false},
    {"memory beyond the limit", do_exhaust, OUTCOME_REFUSED, true},
    {"open /etc/passwd", do_open, OUTCOME_SIGSYS, true},
    {"create a file", do_create, OUTCOME_SIGSYS, true},
    {"abort by tgkill", do_kill_self, OUTCOME_SIGSYS, true},
    {"mmap PROT_EXEC", do_mmap_exec, OUTCOME_SIGSYS, true},
    {"mmap MAP_SHARED of a descriptor", do_mmap_shared, OUTCOME_SIGSYS, true},
    {"mmap MAP_FIXED", do_mmap_fixed, OUTCOME_SIGSYS, true},
    {"madvise MADV_MERGEABLE", do_madvise, OUTCOME_SIGSYS, true},
    {"mprotect PROT_EXEC", do_mprotect, OUTCOME_SIGSYS, true},
    {"socket AF_INET", do_inet, OUTCOME_SIGSYS, false},
    {"socket AF_UNIX", do_unix, OUTCOME_SIGSYS, false},
    {"connect to amid's unix socket", do_connect, OUTCOME_SIGSYS, false},
    {"socket AF_NETLINK", do_netlink, OUTCOME_SIGSYS, false},
    {"exec /bin/sh", do_exec, OUTCOME_SIGSYS, false},
    {"fork", do_fork, OUTCOME_SIGSYS, false},
    {"thread", do_thread, OUTCOME_SIGSYS, false},
    {"clone3", do_clone3, OUTCOME_SIGSYS, false},
    {"ptrace attach", do_ptrace, OUTCOME_SIGSYS, false},
    {"read another's memory", do_read_memory, OUTCOME_SIGSYS, false},
    {"signal another process", do_kill, OUTCOME_SIGSYS, false},
    {"signal the process group", do_kill_group, OUTCOME_SIGSYS, false},
    {"user namespace", do_user_namespace, OUTCOME_SIGSYS, false},
    {"io_uring", do_io_uring, OUTCOME_SIGSYS, false},
    {"bpf", do_bpf, OUTCOME_SIGSYS, false},
    {"write to stdout", do_write_stdout, OUTCOME_SIGSYS, false},
    {"write(2) to the channel", do_write_channel, OUTCOME_SIGSYS, false},
    {"mremap MREMAP_FIXED", do_mremap_fixed, OUTCOME_SIGSYS, false},
    {"recv from another descriptor", do_recv_other, OUTCOME_SIGSYS, false},
    {"send with an address", do_send_address, OUTCOME_SIGSYS, false},
    {"send a descriptor", do_send_descriptor, OUTCOME_SIGSYS, false},
    {"poll two descriptors", do_poll_many, OUTCOME_SIGSYS, false},
    {"poll with a signal mask", do_poll_mask, OUTCOME_SIGSYS, false},
    {"another process's clock", do_other_clock, OUTCOME_SIGSYS, false},
    {"getrandom with flags", do_blocking_random, OUTCOME_SIGSYS, true},
#ifdef __x86_64__
    {"x32 system call", do_x32, OUTCOME_SIGSYS, false},
    {"i386 system call", do_i386, OUTCOME_SIGSYS, false},
#endif
};

static _Noreturn void child_main(int channel_fd, void (*run)(void))
{
    const struct confine_limits limits = {.heap_bytes = HEAP_BYTES};
    uint32_t confined = 0;
    const char *step = NULL;

    refusal_note_in(status_page);
    if (confine_self(&confine, &limits, channel_fd, &confined, &step) != 0) {
        dprintf(STDERR_FILENO, "confine_self failed at %s: %s\n", step, strerror(errno));
        _exit(100);
    }
    run();
    send(CONFINE_CHANNEL_FD, ALLOWED_TEXT, sizeof(ALLOWED_TEXT), MSG_NOSIGNAL);
    _exit(0);
}

/* This process stands in for the zygote and for amid: it is the parent that the child is bound to.
 */
static enum outcome probe_run(void (*run)(void))
{
    int status = 0;
    int pair[2];
    char text[sizeof(ALLOWED_TEXT)] = "";
    struct clone_args args = {.exit_signal = SIGCHLD};
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return OUTCOME_OTHER;
    pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (pid == 0) {
        /* Here the stand-in itself is the parent that the child is bound to. */
        confine.amid = getppid();
        child_main(pair[1], run);
    }
    close(pair[1]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (recv(pair[0], text, sizeof(text), MSG_DONTWAIT) < 0)
        text[0] = '\0';
    close(pair[0]);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return OUTCOME_SIGSYS;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && strcmp(text, ALLOWED_TEXT) == 0)
        return OUTCOME_WORKS;
    if ((WIFEXITED(status) && WEXITSTATUS(status) == EXIT_REFUSED) ||
        (WIFSIGNALED(status) && WTERMSIG(status) == SIGILL))
        return OUTCOME_REFUSED;
    return OUTCOME_OTHER;
}

static void judge(const char *name, enum outcome expected, enum outcome outcome)
{
    bool ok = outcome == expected;

    printf("%-34s %s%s\n", name, outcome_names[outcome], ok ? "" : "   <-- NOT AS PROMISED");
    if (!ok)
        failures++;
}

static void probe_numbers(void)
{
    unsigned killed = 0, in_table = 0, noted = 0;

    for (probe_number = 0; probe_number <= LAST_NUMBER; probe_number++) {
        enum outcome outcome;

        if (syscalls_allows(probe_number)) {
            in_table++;
            printf("system call %-3d                    in the table\n", probe_number);
            continue;
        }
        status_page->refused_syscall = 0;
        outcome = probe_run(do_number);
        if (outcome == OUTCOME_SIGSYS) {
            killed++;
            noted += status_page->refused_syscall == (uint32_t)probe_number + 1;
        } else if (outcome == OUTCOME_REFUSED && passes_every_filter(probe_number)) {
            printf("system call %-3d                    refused (uprobe: no filter sees it)\n",
                   probe_number);
        } else {
            char name[32];

            snprintf(name, sizeof(name), "system call %d", probe_number);
            judge(name, OUTCOME_SIGSYS, outcome);
        }
    }
    printf("of the %d numbers 0-%d: %u in the table, %u killed by SIGSYS, %u of them named for the "
           "death certificate\n",
           LAST_NUMBER + 1, LAST_NUMBER, in_table, killed, noted);
    if (noted != killed)
        failures++;
}

static bool open_operator_socket(void)
{
    snprintf(operator_socket.sun_path, sizeof(operator_socket.sun_path),
             "/tmp/amid-confine-%d.sock", (int)getpid());
    unlink(operator_socket.sun_path);
    operator_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return operator_fd >= 0 &&
           bind(operator_fd, (const struct sockaddr *)&operator_socket, sizeof(operator_socket)) ==
               0 &&
           chmod(operator_socket.sun_path, 0666) == 0 && listen(operator_fd, 8) == 0;
}

int main(void)
{
    const char *step = NULL;

    tester = getppid();
    if (!open_operator_socket())
        return 1;
    status_page =
        mmap(NULL, STATUS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (status_page == MAP_FAILED)
        return 1;
    if (confine_prepare(&confine, &step) != 0) {
        printf("confine_prepare failed at %s: %s\n", step, strerror(errno));
        return 1;
    }
    printf("Landlock: %s, namespaces: %s, uid %d\n", confine.landlock_bytes > 0 ? "yes" : "no",
           (confine.confined & PROTO_CONFINED_NAMESPACES) != 0 ? "yes" : "no", (int)getuid());
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        if (!is_in_this_kernel(probes[i].run))
            printf("%-34s not in this kernel\n", probes[i].name);
        else if (is_release || !probes[i].release_only)
            judge(probes[i].name, probes[i].expected, probe_run(probes[i].run));
    }
    probe_numbers();
    if (accept(operator_fd, NULL, NULL) >= 0) {
        failures++;
        printf("somebody has reached the unix socket\n");
    }
    unlink(operator_socket.sun_path);
    printf(failures == 0 ? "confined as promised\n" : "%u promises broken\n", failures);
    return failures == 0 ? 0 : 1;
}
