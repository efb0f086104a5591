#include "supervisor/lifecycle/zygote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/trace.h"
#include "proto/zygote.h"
#include "supervisor/lifecycle/zygote_exec.h"

/* A zygote that has been warm this long has earned an immediate respawn. */
#define ZYGOTE_STEADY_MS 10000

struct pending {
    uint32_t id; /* 0 = free */
    zygote_spawn_fn fn;
    void *arg;
};

struct zygote {
    struct zygote_needs needs;
    struct child child;
    int control_fd;
    struct event *control_event;
    bool is_ready;
    uint8_t build_id[32];
    uint32_t next_id;
    struct pending pending[ZYGOTE_PENDING_MAX];
    size_t pending_count;
    struct event *respawn;
    struct event *limit; /* when it is to have answered, in real time */
    int64_t backoff_ms;
    int64_t ready_ms;
};

static const struct log_about about = {.event = "zygote"};

static const char *kind_name(const struct zygote *zygote)
{
    return zygote->needs.kind == ZYGOTE_WORKER ? "worker" : "compiler";
}

/* Frees the place first, so that fn may ask for another. */
static void pending_answer(struct zygote *zygote, struct pending *pending, int error, pid_t pid,
                           int pidfd)
{
    struct pending done = *pending;

    *pending = (struct pending){.id = 0};
    zygote->pending_count--;
    done.fn(done.arg, error, pid, pidfd);
}

static void control_close(struct zygote *zygote)
{
    if (zygote->control_event != NULL)
        event_free(zygote->control_event);
    zygote->control_event = NULL;
    if (zygote->control_fd >= 0)
        close(zygote->control_fd);
    zygote->control_fd = -1;
}

/* In real time, like everything that waits for a process and not for a rule. */
static void respawn_in(struct zygote *zygote, int64_t ms)
{
    const struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    event_add(zygote->respawn, &delay);
}

static void zygote_exited(void *arg, const siginfo_t *info)
{
    struct zygote *zygote = arg;
    bool was_asked = zygote->pending_count > 0;

    control_close(zygote);
    event_del(zygote->limit);
    log_warn(&about, "The %s zygote (process %d) ended by %s %d; running workers are not affected",
             kind_name(zygote), (int)zygote->child.pid,
             info->si_code == CLD_EXITED ? "exit code" : "signal", info->si_status);
    trace_event("zygote", "\"kind\":\"%s\",\"state\":\"dead\",\"pid\":%d", kind_name(zygote),
                (int)zygote->child.pid);
    if (zygote->is_ready && clock_mono_ms() - zygote->ready_ms >= ZYGOTE_STEADY_MS)
        zygote->backoff_ms = 0;
    zygote->is_ready = false;
    respawn_in(zygote, zygote->backoff_ms);
    zygote->backoff_ms = zygote->backoff_ms == 0 ? ZYGOTE_BACKOFF_MS : zygote->backoff_ms * 2;
    if (zygote->backoff_ms > ZYGOTE_BACKOFF_MAX_MS)
        zygote->backoff_ms = ZYGOTE_BACKOFF_MAX_MS;
    /* What it cloned last may be a child of ours that we never heard of. */
    if (was_asked)
        children_sweep(zygote->needs.children);
    zygote->needs.changed(zygote->needs.arg, false);
    for (size_t i = 0; i < ZYGOTE_PENDING_MAX; i++) {
        if (zygote->pending[i].id != 0)
            pending_answer(zygote, &zygote->pending[i], AMID_E_CLOSED, 0, -1);
    }
}

static void zygote_condemn(struct zygote *zygote, const char *why)
{
    log_error(&about, "The %s zygote (process %d) %s; it is killed", kind_name(zygote),
              (int)zygote->child.pid, why);
    control_close(zygote);
    child_signal(&zygote->child, SIGKILL);
}

static void zygote_warm(struct zygote *zygote, const struct zygote_reply *reply)
{
    memcpy(zygote->build_id, reply->build_id, sizeof(zygote->build_id));
    zygote->is_ready = true;
    zygote->ready_ms = clock_mono_ms();
    event_del(zygote->limit);
    log_info(&about, "The %s zygote is warm (process %d)", kind_name(zygote),
             (int)zygote->child.pid);
    trace_event("zygote", "\"kind\":\"%s\",\"state\":\"ready\",\"pid\":%d", kind_name(zygote),
                (int)zygote->child.pid);
    zygote->needs.changed(zygote->needs.arg, true);
}

static struct pending *pending_find(struct zygote *zygote, uint32_t id)
{
    for (size_t i = 0; i < ZYGOTE_PENDING_MAX && id != 0; i++) {
        if (zygote->pending[i].id == id)
            return &zygote->pending[i];
    }
    return NULL;
}

static void limit_start(struct zygote *zygote, int ms)
{
    const struct timeval limit = {.tv_sec = ms / 1000};

    event_add(zygote->limit, &limit);
}

/* The limit runs for the oldest request; answers come in order. */
static void limit_restart(struct zygote *zygote)
{
    event_del(zygote->limit);
    if (zygote->pending_count > 0)
        limit_start(zygote, ZYGOTE_SPAWN_MS);
}

static void zygote_reply(struct zygote *zygote, const struct zygote_reply *reply, int pidfd)
{
    struct pending *pending = pending_find(zygote, reply->id);

    if (reply->id == 0 && !zygote->is_ready && pidfd < 0) {
        if (reply->error == 0)
            zygote_warm(zygote, reply);
        else
            zygote_condemn(zygote, "could not warm up");
        return;
    }
    if (pidfd >= 0 && !child_is_ours(reply->pid, pidfd)) {
        close(pidfd);
        zygote_condemn(zygote, "handed over a process that is not amid's child");
        return;
    }
    if (pending == NULL || (reply->error == 0) != (pidfd >= 0)) {
        if (pidfd >= 0)
            children_discard(zygote->needs.children, reply->pid, pidfd);
        if (reply->id == 0 || reply->id >= zygote->next_id || pending != NULL)
            zygote_condemn(zygote, "gave an answer that makes no sense");
        return; /* else: the asker had cancelled */
    }
    pending_answer(zygote, pending, reply->error == 0 ? 0 : error_from_errno(reply->error),
                   reply->pid, pidfd);
    limit_restart(zygote);
}

static int take_descriptor(struct msghdr *message)
{
    int fd = -1;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS &&
            part->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(&fd, CMSG_DATA(part), sizeof(fd));
    }
    return fd;
}

static void control_readable(evutil_socket_t control, short what, void *arg)
{
    struct zygote *zygote = arg;
    struct zygote_reply reply = {.magic = 0};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } rights = {.room = {0}};
    struct iovec part = {&reply, sizeof(reply)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.room,
                             .msg_controllen = sizeof(rights.room)};
    ssize_t len = recvmsg(control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    int fd;

    (void)what;
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0) {
        event_del(zygote->control_event); /* its end is near; the pidfd tells */
        child_signal(&zygote->child, SIGKILL);
        return;
    }
    fd = take_descriptor(&message);
    if (len == sizeof(reply) && reply.magic == ZYGOTE_MAGIC &&
        (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
        zygote_reply(zygote, &reply, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    zygote_condemn(zygote, "broke the protocol");
}

static void zygote_late(evutil_socket_t fd, short what, void *arg)
{
    struct zygote *zygote = arg;

    (void)fd;
    (void)what;
    zygote_condemn(zygote, zygote->is_ready ? "does not answer" : "does not become warm");
}

/* On failure everything is as before, and the next try is timed. */
static int zygote_launch(struct zygote *zygote)
{
    struct zygote_exec what = {.runner_fd = zygote->needs.runner_fd,
                               .node_fd = zygote->needs.node_fd,
                               .mode = zygote->needs.kind == ZYGOTE_WORKER ? "--zygote"
                                                                           : "--zygote=compiler",
                               .uid = zygote->needs.runner_uid,
                               .gid = zygote->needs.runner_gid};
    int pair[2];
    int error;
    int pidfd;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return error_from_errno(errno);
    what.control_fd = pair[1];
    error = zygote_exec(&what, &pid, &pidfd);
    close(pair[1]);
    if (error == 0)
        error =
            child_watch(zygote->needs.children, &zygote->child, pid, pidfd, zygote_exited, zygote);
    if (error != 0) {
        close(pair[0]);
        return error;
    }
    zygote->control_fd = pair[0];
    zygote->control_event =
        event_new(zygote->needs.base, pair[0], EV_READ | EV_PERSIST, control_readable, zygote);
    if (zygote->control_event == NULL || event_add(zygote->control_event, NULL) != 0)
        zygote_condemn(zygote, "cannot be heard for lack of memory");
    else
        limit_start(zygote, ZYGOTE_READY_MS);
    return 0;
}

static void zygote_start(struct zygote *zygote)
{
    int error = zygote_launch(zygote);

    if (error == 0)
        return;
    log_error(&about, "Cannot start the %s zygote: %s; trying again", kind_name(zygote),
              error_text(error));
    respawn_in(zygote, ZYGOTE_BACKOFF_MAX_MS);
}

static void zygote_respawn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    zygote_start(arg);
}

int zygote_open(const struct zygote_needs *needs, struct zygote **ret_zygote)
{
    struct zygote *zygote = calloc(1, sizeof(*zygote));

    if (zygote == NULL)
        return AMID_E_NOMEM;
    zygote->needs = *needs;
    zygote->control_fd = -1;
    zygote->next_id = 1;
    zygote->respawn = evtimer_new(needs->base, zygote_respawn, zygote);
    zygote->limit = evtimer_new(needs->base, zygote_late, zygote);
    if (zygote->limit == NULL || zygote->respawn == NULL) {
        zygote_close(zygote);
        return AMID_E_NOMEM;
    }
    zygote_start(zygote);
    *ret_zygote = zygote;
    return 0;
}

void zygote_close(struct zygote *zygote)
{
    if (zygote == NULL)
        return;
    if (zygote->respawn != NULL)
        event_free(zygote->respawn);
    if (zygote->limit != NULL)
        event_free(zygote->limit);
    control_close(zygote);
    child_finish(&zygote->child);
    free(zygote);
}

bool zygote_is_ready(const struct zygote *zygote)
{
    return zygote->is_ready;
}

const uint8_t *zygote_build_id(const struct zygote *zygote)
{
    return zygote->build_id;
}

static int control_send(struct zygote *zygote, uint32_t id, int channel_fd, int page_fd)
{
    struct zygote_request request = {.magic = ZYGOTE_MAGIC, .id = id};
    int fds[2] = {channel_fd, page_fd};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(fds))];
    } rights = {.room = {0}};
    struct iovec part = {&request, sizeof(request)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.room,
                             .msg_controllen = sizeof(rights.room)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(header), fds, sizeof(fds));
    if (sendmsg(zygote->control_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(request))
        return 0;
    return errno == EAGAIN ? AMID_E_BUSY : AMID_E_CLOSED;
}

int zygote_spawn(struct zygote *zygote, int channel_fd, int page_fd, zygote_spawn_fn fn, void *arg)
{
    struct pending *free_place = NULL;
    int error;

    if (!zygote->is_ready || zygote->control_fd < 0)
        return AMID_E_BUSY;
    for (size_t i = 0; i < ZYGOTE_PENDING_MAX && free_place == NULL; i++) {
        if (zygote->pending[i].id == 0)
            free_place = &zygote->pending[i];
    }
    if (free_place == NULL)
        return AMID_E_BUSY;
    error = control_send(zygote, zygote->next_id, channel_fd, page_fd);
    if (error != 0)
        return AMID_E_BUSY; /* it is dying or has too much to do: ask again later */
    *free_place = (struct pending){.id = zygote->next_id++, .fn = fn, .arg = arg};
    zygote->pending_count++;
    if (zygote->pending_count == 1)
        limit_start(zygote, ZYGOTE_SPAWN_MS);
    return 0;
}

void zygote_cancel(struct zygote *zygote, zygote_spawn_fn fn, void *arg)
{
    for (size_t i = 0; i < ZYGOTE_PENDING_MAX; i++) {
        struct pending *pending = &zygote->pending[i];

        if (pending->id != 0 && pending->fn == fn && pending->arg == arg) {
            *pending = (struct pending){.id = 0};
            zygote->pending_count--;
            limit_restart(zygote);
        }
    }
}
