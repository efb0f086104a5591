/* Holds: whatever a zygote and its clones do, amid learns how each process ended, kills what is not
 * what it should be, starts a zygote that dies again, and leaves neither process nor descriptor
 * behind. The test executes itself as the runner program; the number of the request tells the clone
 * how to behave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/status_page.h"
#include "proto/wire.h"
#include "proto/zygote.h"
#include "supervisor/lifecycle/runner.h"

enum act {
    ACT_NONE,
    ACT_EXIT,
    ACT_VERSION,
    ACT_NO_FILTER,
    ACT_BUILD,
    ACT_UNKNOWN_FRAME,
    ACT_EARLY_FRAME,
    ACT_FATAL,
    ACT_CRASH,
    ACT_CLOSE,
    ACT_REFUSED_CALL,
    ACT_HELLO_TWICE,
    ACT_MUTE,
    ACT_NO_CLONE,
    ACT_ZYGOTE_DIES,
    ACT_ZYGOTE_RAVES,
    ACT_MAX
};

/* --- the program that the test executes --- */

static void say(int fd, enum proto_message type, const struct buffer *payload)
{
    struct proto_header header = {(uint32_t)payload->len, (uint16_t)type, 0, 0};
    uint8_t bytes[PROTO_HEADER_BYTES];

    wire_header_encode(&header, bytes);
    if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
        (payload->len > 0 && write(fd, payload->data, payload->len) != (ssize_t)payload->len))
        _exit(1);
}

static void say_hello(int fd, uint32_t version, uint8_t build, uint32_t confined)
{
    uint8_t id[32];
    struct buffer payload;

    memset(id, build, sizeof(id));
    buffer_init(&payload, 256);
    wire_put_u32(&payload, version);
    wire_put_bytes(&payload, id, sizeof(id));
    wire_put_u32(&payload, confined);
    say(fd, PROTO_HELLO, &payload);
}

static void say_fatal(int fd)
{
    struct buffer payload;

    buffer_init(&payload, 256);
    wire_put_u32(&payload, PROTO_FATAL_HEAP);
    wire_put_text(&payload, "no\nmore");
    wire_put_text(&payload, "at worker.js:3");
    say(fd, PROTO_FATAL, &payload);
}

static void note_refused_call(int page_fd)
{
    struct status_page *page =
        mmap(NULL, STATUS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);

    page->refused_syscall = SYS_ptrace + 1;
    raise(SIGSYS);
}

static void clone_acts(uint32_t act, int fd, int page_fd)
{
    const uint32_t filtered = PROTO_CONFINED_SECCOMP;
    struct buffer empty = {.data = NULL};
    uint8_t go[PROTO_HEADER_BYTES + 12];

    fcntl(fd, F_SETFL, 0);
    if (recv(fd, go, sizeof(go), MSG_WAITALL) != (ssize_t)sizeof(go))
        _exit(PROTO_EXIT_CHANNEL);
    if (act == ACT_EARLY_FRAME)
        say(fd, PROTO_READY, &empty);
    else if (act == ACT_UNKNOWN_FRAME)
        say(fd, (enum proto_message)0x7ffe, &empty);
    else
        say_hello(fd, act == ACT_VERSION ? PROTO_VERSION + 1 : PROTO_VERSION,
                  act == ACT_BUILD ? 'x' : 'b', act == ACT_NO_FILTER ? 0 : filtered);
    if (act == ACT_HELLO_TWICE)
        say_hello(fd, PROTO_VERSION, 'b', filtered);
    if (act == ACT_FATAL) {
        say_fatal(fd);
        _exit(PROTO_EXIT_HEAP);
    }
    if (act == ACT_EXIT)
        _exit(3);
    if (act == ACT_CRASH)
        raise(SIGTERM);
    if (act == ACT_REFUSED_CALL)
        note_refused_call(page_fd);
    if (act == ACT_CLOSE)
        close(fd);
    for (;;)
        pause();
}

static void reply(const struct zygote_reply *answer, int pidfd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } rights = {.room = {0}};
    struct iovec part = {(void *)answer, sizeof(*answer)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (pidfd >= 0) {
        message.msg_control = rights.room;
        message.msg_controllen = sizeof(rights.room);
        rights.header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&rights.header), &pidfd, sizeof(pidfd));
    }
    if (sendmsg(ZYGOTE_CONTROL_FD, &message, 0) < 0)
        _exit(1);
}

static void answer_request(uint32_t id, const int fds[2])
{
    struct zygote_reply answer = {.magic = ZYGOTE_MAGIC, .id = id};
    int pidfd = -1;
    struct clone_args args = {.flags = CLONE_PARENT | CLONE_PIDFD,
                              .pidfd = (uint64_t)(uintptr_t)&pidfd};

    if (id == ACT_ZYGOTE_DIES)
        _exit(1);
    if (id == ACT_ZYGOTE_RAVES)
        answer.magic = 0;
    answer.error = id == ACT_NO_CLONE ? EAGAIN : 0;
    if (answer.error == 0 && id != ACT_ZYGOTE_RAVES) {
        answer.pid = (int)syscall(SYS_clone3, &args, sizeof(args));
        if (answer.pid == 0)
            clone_acts(id, fds[0], fds[1]);
    }
    close(fds[0]);
    close(fds[1]);
    reply(&answer, pidfd);
    if (pidfd >= 0)
        close(pidfd);
}

static int zygote_main(void)
{
    struct zygote_reply ready = {.magic = ZYGOTE_MAGIC};

    memset(ready.build_id, 'b', sizeof(ready.build_id));
    reply(&ready, -1);
    for (;;) {
        struct zygote_request request;
        union {
            struct cmsghdr header;
            char room[CMSG_SPACE(2 * sizeof(int))];
        } rights;
        struct iovec part = {&request, sizeof(request)};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = rights.room,
                                 .msg_controllen = sizeof(rights.room)};
        int fds[2];

        if (recvmsg(ZYGOTE_CONTROL_FD, &message, 0) != (ssize_t)sizeof(request))
            return 0;
        memcpy(fds, CMSG_DATA(&rights.header), sizeof(fds));
        answer_request(request.id, fds);
    }
}

/* --- the test --- */

struct bench {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    struct children *children;
    struct zygote *zygote;
    struct runner *runner;
    size_t readies, deaths;
    bool was_confined;
    bool has_ended;
    struct runner_end end;
    char fatal_text[64], fatal_stack[64];
};

static void zygote_changed(void *arg, bool is_ready)
{
    struct bench *bench = arg;

    if (is_ready)
        bench->readies++;
    else
        bench->deaths++;
}

static void runner_confined(void *arg)
{
    ((struct bench *)arg)->was_confined = true;
}

static int runner_says(void *arg, const struct proto_message_info *message, uint32_t id,
                       const uint8_t *payload, size_t len)
{
    (void)arg;
    (void)message;
    (void)id;
    (void)payload;
    (void)len;
    return 0;
}

static void runner_ended(void *arg, const struct runner_end *end)
{
    struct bench *bench = arg;

    assert_false(bench->has_ended);
    bench->has_ended = true;
    bench->end = *end;
    if (end->fatal_text != NULL)
        strncpy(bench->fatal_text, end->fatal_text, sizeof(bench->fatal_text) - 1);
    if (end->fatal_stack != NULL)
        strncpy(bench->fatal_stack, end->fatal_stack, sizeof(bench->fatal_stack) - 1);
    bench->runner = NULL;
}

static void wait_until(struct bench *bench, const bool *flag, const size_t *count, size_t least)
{
    while (flag != NULL ? !*flag : *count < least)
        event_base_loop(bench->base, EVLOOP_ONCE);
}

static int spawn(struct bench *bench)
{
    struct runner_handler handler = {runner_confined, runner_says, runner_ended, bench};
    struct runner_plan plan = {.base = bench->base,
                               .defer = bench->defer,
                               .children = bench->children,
                               .zygote = bench->zygote};

    bench->has_ended = bench->was_confined = false;
    return runner_spawn(&plan, &handler, &bench->runner);
}

static size_t open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static const struct runner_end *ended_as(struct bench *bench, enum runner_kill kill, int code,
                                         int signal_number)
{
    wait_until(bench, &bench->has_ended, NULL, 0);
    assert_int_equal(bench->end.spawn_error, 0);
    assert_int_equal(bench->end.kill, kill);
    assert_int_equal(bench->end.code, code);
    assert_int_equal(bench->end.signal, signal_number);
    return &bench->end;
}

static void clones_end_as_they_do(struct bench *bench)
{
    assert_int_equal(spawn(bench), 0);
    ended_as(bench, RUNNER_KILL_NONE, 3, 0);
    assert_true(bench->was_confined);
    for (int act = ACT_VERSION; act <= ACT_BUILD; act++) {
        assert_int_equal(spawn(bench), 0);
        ended_as(bench, RUNNER_KILL_CONFINE, -1, SIGKILL);
        assert_false(bench->was_confined);
    }
    assert_int_equal(spawn(bench), 0);
    assert_string_equal(ended_as(bench, RUNNER_KILL_PROTOCOL, -1, SIGKILL)->kill_detail,
                        "unknown frame of no known kind (0x7ffe)");
    assert_int_equal(spawn(bench), 0);
    assert_string_equal(ended_as(bench, RUNNER_KILL_PROTOCOL, -1, SIGKILL)->kill_detail,
                        "forbidden frame READY (0x0005)");
    assert_int_equal(spawn(bench), 0);
    assert_int_equal(ended_as(bench, RUNNER_KILL_NONE, PROTO_EXIT_HEAP, 0)->fatal_kind,
                     PROTO_FATAL_HEAP);
    assert_string_equal(bench->fatal_text, "no\\nmore");
    assert_string_equal(bench->fatal_stack, "at worker.js:3");
    assert_int_equal(spawn(bench), 0);
    ended_as(bench, RUNNER_KILL_NONE, -1, SIGTERM);
    assert_int_equal(spawn(bench), 0);
    ended_as(bench, RUNNER_KILL_NONE, -1, SIGKILL); /* mute: it may not live */
    assert_int_equal(spawn(bench), 0);
    assert_int_equal(ended_as(bench, RUNNER_KILL_NONE, -1, SIGSYS)->syscall_number, SYS_ptrace);
    assert_int_equal(spawn(bench), 0);
    assert_string_equal(ended_as(bench, RUNNER_KILL_PROTOCOL, -1, SIGKILL)->kill_detail,
                        "malformed frame HELLO (0x0003)");
}

static void amid_can_kill_at_any_time(struct bench *bench)
{
    assert_int_equal(spawn(bench), 0);
    runner_kill(bench->runner, RUNNER_KILL_UNWANTED, "early");
    runner_kill(bench->runner, RUNNER_KILL_GRACE, "the first reason counts");
    assert_string_equal(ended_as(bench, RUNNER_KILL_UNWANTED, -1, SIGKILL)->kill_detail, "early");
}

static void zygotes_fail_and_come_back(struct bench *bench)
{
    assert_int_equal(spawn(bench), 0);
    wait_until(bench, &bench->has_ended, NULL, 0);
    assert_int_equal(bench->end.spawn_error, error_from_errno(EAGAIN));
    assert_int_equal(bench->deaths, 0);
    for (size_t n = 1; n <= 2; n++) { /* one dies, one raves and is killed */
        assert_int_equal(spawn(bench), 0);
        wait_until(bench, &bench->has_ended, NULL, 0);
        assert_int_equal(bench->end.spawn_error, AMID_E_CLOSED);
        assert_int_equal(bench->deaths, n);
        assert_int_equal(spawn(bench), AMID_E_BUSY);
        wait_until(bench, NULL, &bench->readies, n + 1);
    }
}

static void processes_of_every_kind(void **state)
{
    struct bench bench = {.base = event_base_new()};
    struct zygote_needs needs = {.base = bench.base,
                                 .node_fd = -1,
                                 .kind = ZYGOTE_WORKER,
                                 .runner_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC),
                                 .runner_uid = (unsigned)-1,
                                 .changed = zygote_changed,
                                 .arg = &bench};
    size_t files;

    (void)state;
    bench.timers = timers_new(bench.base);
    bench.defer = defer_new(bench.base);
    bench.children = needs.children = children_new(bench.base, bench.timers);
    assert_int_equal(zygote_open(&needs, &bench.zygote), 0);
    wait_until(&bench, NULL, &bench.readies, 1);
    files = open_files();
    clones_end_as_they_do(&bench);
    amid_can_kill_at_any_time(&bench);
    zygotes_fail_and_come_back(&bench);
    event_base_loop(bench.base, EVLOOP_NONBLOCK);
    assert_int_equal(open_files(), files);
    zygote_close(bench.zygote);
    children_free(bench.children);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    defer_free(bench.defer);
    timers_free(bench.timers);
    event_base_free(bench.base);
    close(needs.runner_fd);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(processes_of_every_kind)};

    if (argc > 1 && strcmp(argv[1], "--zygote") == 0)
        return zygote_main();
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
