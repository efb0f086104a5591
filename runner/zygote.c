#include "runner/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "proto/message.h"
#include "proto/node_page.h"
#include "proto/status_page.h"
#include "proto/zygote.h"
#include "runner/blob.h"
#include "runner/child.h"
#include "runner/confine.h"
#include "runner/engine.h"
#include "runner/rehearsal.h"

#define REQUEST_FDS 2
/* More than a request may carry, so that all of a bad one's descriptors arrive and can be closed.
 */
#define RECEIVED_FDS_MAX 8
/* Above this a block is mapped by itself and goes back to the kernel when freed. */
#define MMAP_THRESHOLD_BYTES (128 * 1024)

#ifdef AMID_SANITIZE
/* The sanitizer watches over blocks that it hands out itself. */
static const bool is_arena_wanted = false;
#else
static const bool is_arena_wanted = true;
#endif

struct zygote {
    const struct node_page *node; /* NULL = none */
    struct engine engine;
    struct confine confine;
    bool is_compiler;
};

struct request {
    struct zygote_request message;
    int fds[RECEIVED_FDS_MAX];
    size_t fd_count;
    bool is_valid;
};

static void environment_settle(void)
{
    clearenv();
    setenv("TZ", "UTC", 1);
    /* Read now: behind the filter no file can be opened. */
    tzset();
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
    signal(SIGPIPE, SIG_IGN);
    /* A huge page would become private as a whole at the first write. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

/* Clones inherit the mapping. */
static const struct node_page *node_map(void)
{
    struct stat info;
    void *page;

    if (fstat(ZYGOTE_NODE_FD, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size < NODE_PAGE_BYTES)
        return NULL;
    page = mmap(NULL, NODE_PAGE_BYTES, PROT_READ, MAP_SHARED, ZYGOTE_NODE_FD, 0);
    if (page == MAP_FAILED)
        return NULL;
    return ((const struct node_page *)page)->magic == NODE_PAGE_MAGIC ? page : NULL;
}

static int privileges_settle(struct zygote *zygote)
{
    const char *step = NULL;

    if (close_range(ZYGOTE_CONTROL_FD + 1, ~0u, 0) != 0) {
        perror("amid-runner: close_range");
        return -1;
    }
    if (confine_prepare(&zygote->confine, &step) != 0) {
        fprintf(stderr, "amid-runner: cannot prepare the confinement: %s: %s\n", step,
                strerror(errno));
        return -1;
    }
    /* After the last change of uid, which clears it. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return -1;
    return getppid() == zygote->confine.amid ? 0 : -1;
}

/* The place for the warm heap, or NULL: a compiler's clones are too few and too short-lived. */
static struct arena *arena_prepare(const struct zygote *zygote)
{
    static struct arena arena;
    struct rehearsal rehearsal;

    if (zygote->is_compiler || !is_arena_wanted)
        return NULL;
    if (rehearsal_run(&blob_prelude, &rehearsal) != 0) {
        fprintf(stderr, "amid-runner: the rehearsal failed; workers will need more memory\n");
        return NULL;
    }
    /* The list is needed while the heap is booted, and small. */
    return arena_open_packed(&arena, rehearsal.heat, rehearsal.count) == 0 ? &arena : NULL;
}

static int heap_warm(struct zygote *zygote)
{
    const struct blob *blob = zygote->is_compiler ? &blob_compiler : &blob_prelude;
    int rc;

    if (blob_check(blob) != 0) {
        fprintf(stderr, "amid-runner: the embedded %s is damaged\n", blob->name);
        return -1;
    }
    if (engine_open(&zygote->engine, arena_prepare(zygote), blob->bytes, blob->len) != 0)
        return -1;
    rc = zygote->is_compiler ? engine_boot_compiler(&zygote->engine)
                             : engine_boot_worker(&zygote->engine);
    return rc == 0 ? engine_settle(&zygote->engine) : rc;
}

/* 1 and a request (valid or not), 0 when amid has closed the socket, -1 on an error. */
static int request_receive(struct request *ret_request)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int) * RECEIVED_FDS_MAX)];
    } control;
    struct iovec part = {&ret_request->message, sizeof(ret_request->message)};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    ssize_t len;

    *ret_request = (struct request){.is_valid = false};
    do {
        len = recvmsg(ZYGOTE_CONTROL_FD, &message, MSG_CMSG_CLOEXEC);
    } while (len < 0 && errno == EINTR);
    if (len <= 0)
        return len < 0 ? -1 : 0;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at != NULL; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
            continue;
        ret_request->fd_count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(ret_request->fds, CMSG_DATA(at), ret_request->fd_count * sizeof(int));
    }
    ret_request->is_valid = len == sizeof(ret_request->message) &&
                            (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
                            ret_request->message.magic == ZYGOTE_MAGIC &&
                            ret_request->fd_count == REQUEST_FDS;
    return 1;
}

/* pidfd < 0: none. Returns -1 when amid has gone. */
static int reply_send(const struct zygote_reply *reply, int pidfd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec part = {(void *)reply, sizeof(*reply)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t len;

    if (pidfd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &pidfd, sizeof(int));
    }
    do {
        len = sendmsg(ZYGOTE_CONTROL_FD, &message, MSG_NOSIGNAL);
    } while (len < 0 && errno == EINTR);
    return len == sizeof(*reply) ? 0 : -1;
}

static struct status_page *status_map(int fd)
{
    struct stat info;
    void *page;

    if (fstat(fd, &info) != 0 || info.st_size < STATUS_PAGE_BYTES)
        return NULL;
    page = mmap(NULL, STATUS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? NULL : page;
}

static _Noreturn void child_main(struct zygote *zygote, const struct request *request)
{
    struct child child = {
        .engine = &zygote->engine,
        .confine = &zygote->confine,
        .build_id = blob_build_id,
        .node = zygote->node,
        .status = status_map(request->fds[1]),
    };

    /* Nothing but the channel may outlive amid's end of it. */
    close(ZYGOTE_CONTROL_FD);
    close(request->fds[1]);
    channel_init(&child.channel, request->fds[0]);
    if (child.status != NULL)
        child.status->magic = STATUS_PAGE_MAGIC;
    if (zygote->is_compiler)
        compile_main(&child);
    worker_main(&child);
}

/* The pid and *ret_pidfd in the zygote, 0 in the child. The C library's fork would neither make the
 * child amid's own nor give a pidfd; nothing here has a second thread or a lock to mind. */
static pid_t clone_child(int *ret_pidfd)
{
    struct clone_args args = {
        .flags = CLONE_PARENT | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
    };

    return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int request_serve(struct zygote *zygote, const struct request *request)
{
    struct zygote_reply reply = {.magic = ZYGOTE_MAGIC, .id = request->message.id};
    int pidfd = -1;
    int rc;

    if (!request->is_valid) {
        reply.error = EINVAL;
    } else {
        reply.pid = clone_child(&pidfd);
        if (reply.pid == 0)
            child_main(zygote, request);
        if (reply.pid < 0) {
            reply.error = errno;
            reply.pid = 0;
        }
    }
    for (size_t i = 0; i < request->fd_count; i++)
        close(request->fds[i]);
    rc = reply_send(&reply, pidfd);
    if (pidfd >= 0)
        close(pidfd);
    return rc;
}

int zygote_main(bool is_compiler)
{
    static struct zygote zygote;
    struct zygote_reply ready = {.magic = ZYGOTE_MAGIC};
    struct request request;
    int rc;

    zygote.is_compiler = is_compiler;
    environment_settle();
    zygote.node = node_map();
    if (privileges_settle(&zygote) != 0)
        return PROTO_EXIT_CONFINE;
    if (heap_warm(&zygote) != 0)
        return PROTO_EXIT_ENGINE;
    memcpy(ready.build_id, blob_build_id, sizeof(ready.build_id));
    if (reply_send(&ready, -1) != 0)
        return PROTO_EXIT_CHANNEL;
    while ((rc = request_receive(&request)) > 0) {
        if (request_serve(&zygote, &request) != 0)
            return PROTO_EXIT_CHANNEL;
    }
    return rc == 0 ? PROTO_EXIT_CLEAN : PROTO_EXIT_CHANNEL;
}
