#include "tests/tools/runner_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "proto/wire.h"
#include "proto/zygote.h"

#define READ_BYTES 65536

static int complain(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return -1;
}

static void runner_path(char *path, size_t size)
{
    const char *given = getenv("AMID_RUNNER");
    ssize_t len;
    char *slash;

    if (given != NULL) {
        snprintf(path, size, "%s", given);
        return;
    }
    len = readlink("/proc/self/exe", path, size - sizeof("/amid-runner"));
    path[len < 0 ? 0 : len] = '\0';
    slash = strrchr(path, '/');
    strcpy(slash == NULL ? path : slash, "/amid-runner");
}

static int receive_reply(struct zygote_client *zygote, struct zygote_reply *ret_reply,
                         int *ret_pidfd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {ret_reply, sizeof(*ret_reply)};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    struct cmsghdr *rights;

    if (recvmsg(zygote->control_fd, &message, MSG_CMSG_CLOEXEC) != sizeof(*ret_reply) ||
        ret_reply->magic != ZYGOTE_MAGIC)
        return complain("no reply from the zygote");
    *ret_pidfd = -1;
    rights = CMSG_FIRSTHDR(&message);
    if (rights != NULL && rights->cmsg_type == SCM_RIGHTS)
        memcpy(ret_pidfd, CMSG_DATA(rights), sizeof(int));
    return 0;
}

int zygote_client_start(struct zygote_client *zygote, bool is_compiler)
{
    struct zygote_reply ready;
    char path[4096];
    int pair[2];
    int pidfd;

    runner_path(path, sizeof(path));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return complain("socketpair");
    zygote->last_id = 0;
    zygote->control_fd = pair[0];
    zygote->pid = fork();
    if (zygote->pid == 0) {
        /* dup2 onto itself would keep the close-on-exec flag. */
        if (pair[1] == ZYGOTE_CONTROL_FD)
            fcntl(pair[1], F_SETFD, 0);
        else
            dup2(pair[1], ZYGOTE_CONTROL_FD);
        execl(path, "amid-runner", is_compiler ? "--zygote=compiler" : "--zygote", (char *)NULL);
        _exit(127);
    }
    close(pair[1]);
    return zygote->pid < 0 ? complain("fork") : receive_reply(zygote, &ready, &pidfd);
}

void zygote_client_stop(struct zygote_client *zygote)
{
    close(zygote->control_fd);
    waitpid(zygote->pid, NULL, 0);
}

static int status_make(void)
{
    int fd = memfd_create("status", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && (ftruncate(fd, STATUS_PAGE_BYTES) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int request_clone(struct zygote_client *zygote, int channel_fd, int status_fd,
                         struct runner_process *process)
{
    struct zygote_request request = {ZYGOTE_MAGIC, ++zygote->last_id};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec part = {&request, sizeof(request)};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    int fds[2] = {channel_fd, status_fd};
    struct zygote_reply reply;

    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
    if (sendmsg(zygote->control_fd, &message, MSG_NOSIGNAL) < 0)
        return complain("the zygote does not listen");
    if (receive_reply(zygote, &reply, &process->pidfd) != 0)
        return -1;
    process->pid = reply.pid;
    if (reply.error == 0 && process->pidfd >= 0)
        return 0;
    errno = reply.error;
    return complain("clone");
}

int runner_process_start(struct zygote_client *zygote, struct runner_process *ret_process)
{
    int status_fd = status_make();
    int pair[2] = {-1, -1};
    int rc = -1;

    *ret_process = (struct runner_process){.fd = -1, .pidfd = -1};
    buffer_init(&ret_process->in, 2 * (PROTO_CODE_MAX + PROTO_HEADER_BYTES));
    if (status_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return complain("channel");
    ret_process->fd = pair[0];
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    ret_process->status = mmap(NULL, STATUS_PAGE_BYTES, PROT_READ, MAP_SHARED, status_fd, 0);
    rc = request_clone(zygote, pair[1], status_fd, ret_process);
    close(pair[1]);
    close(status_fd);
    return rc;
}

static void reap(struct runner_process *process, int *ret_code)
{
    siginfo_t info = {.si_pid = 0};
    int rc;

    do {
        rc = waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED);
    } while (rc != 0 && errno == EINTR);
    if (ret_code != NULL)
        *ret_code = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
    close(process->pidfd);
    process->pidfd = -1;
}

void runner_process_end(struct runner_process *process, int *ret_code)
{
    if (process->pidfd >= 0) {
        syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
        reap(process, ret_code);
    }
    if (process->fd >= 0)
        close(process->fd);
    if (process->status != NULL)
        munmap(process->status, STATUS_PAGE_BYTES);
    process->fd = -1;
    process->status = NULL;
    buffer_free(&process->in);
}

int runner_process_wait(struct runner_process *process, int timeout_ms, int *ret_code)
{
    struct pollfd pollfd = {.fd = process->pidfd, .events = POLLIN};

    if (poll(&pollfd, 1, timeout_ms) != 1)
        return -1;
    reap(process, ret_code);
    return 0;
}

static int send_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        struct pollfd pollfd = {.fd = fd, .events = POLLOUT};
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&pollfd, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

int runner_send(struct runner_process *process, enum proto_message type, uint32_t id,
                struct buffer *payload)
{
    struct proto_header header = {.type = (uint16_t)type, .id = id};
    uint8_t bytes[PROTO_HEADER_BYTES];
    int rc;

    if (payload != NULL)
        header.length = (uint32_t)payload->len;
    wire_header_encode(&header, bytes);
    rc = send_all(process->fd, bytes, sizeof(bytes));
    if (rc == 0 && payload != NULL)
        rc = send_all(process->fd, (const uint8_t *)payload->data, payload->len);
    if (payload != NULL)
        buffer_free(payload);
    return rc;
}

int runner_send_go(struct runner_process *process, uint32_t heap_bytes, uint32_t turn_ms)
{
    struct buffer payload;

    buffer_init(&payload, 64);
    wire_put_u32(&payload, heap_bytes);
    wire_put_u32(&payload, turn_ms);
    wire_put_u32(&payload, 0);
    return runner_send(process, PROTO_GO, 0, &payload);
}

static int fill(struct runner_process *process)
{
    static char bytes[READ_BYTES];
    ssize_t n;

    do {
        n = recv(process->fd, bytes, sizeof(bytes), 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0)
        return -1;
    if (process->in_used == process->in.len) {
        buffer_clear(&process->in);
        process->in_used = 0;
    }
    buffer_append(&process->in, bytes, (size_t)n);
    return buffer_status(&process->in) == 0 ? 1 : -1;
}

static int take(struct runner_process *process, struct runner_frame *ret_frame)
{
    size_t held = process->in.len - process->in_used;
    const uint8_t *at = (const uint8_t *)process->in.data + process->in_used;
    const struct proto_message_info *info;
    struct proto_header header;

    if (held < PROTO_HEADER_BYTES)
        return 0;
    wire_header_decode(at, &header);
    info = proto_message_find(header.type);
    if (info == NULL || info->direction != PROTO_FROM_RUNNER || header.length > info->max_bytes)
        return -1;
    if (held - PROTO_HEADER_BYTES < header.length)
        return 0;
    *ret_frame =
        (struct runner_frame){info->type, header.id, at + PROTO_HEADER_BYTES, header.length};
    process->in_used += PROTO_HEADER_BYTES + (size_t)header.length;
    return 1;
}

int runner_next(struct runner_process *process, struct runner_frame *ret_frame)
{
    for (;;) {
        int rc = take(process, ret_frame);

        if (rc != 0)
            return rc;
        rc = fill(process);
        if (rc <= 0)
            return rc;
    }
}

int runner_wait(struct runner_process *process, int timeout_ms, struct runner_frame *ret_frame)
{
    int64_t deadline = clock_mono_ms() + timeout_ms;

    for (;;) {
        struct pollfd pollfd = {.fd = process->fd, .events = POLLIN};
        int rc = runner_next(process, ret_frame);
        int64_t left = deadline - clock_mono_ms();

        if (rc != 0 || left < 0)
            return rc;
        poll(&pollfd, 1, (int)left);
    }
}
