#include "runner/rehearsal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/wire.h"
#include "runner/child.h"

#define PAGE_BYTES 4096u
#define BLOCKS_MAX (1024u * 1024)
#define PATIENCE_S 5
#define FRAME_MAX  65536u
#define FRAMES_MAX 1000
#define DONE_TEXT  "rehearsed"
/* In /proc/PID/pagemap: no other process maps this page. */
#define PAGEMAP_EXCLUSIVE ((uint64_t)1 << 56)

static const char config[] =
    "{\"sid\":\"00000000-0000-4000-8000-000000000000\",\"nid\":\"s-0001\",\"network\":\"testnet\","
    "\"title\":\"rehearsal\",\"workers\":1,\"mode\":\"loop\",\"delayMs\":100,"
    "\"logLevel\":\"info\",\"startTime\":1700000000000}";

static int send_frame(int fd, enum proto_message type, uint32_t id, struct buffer *out)
{
    struct proto_header header = {
        .length = (uint32_t)(out->len - PROTO_HEADER_BYTES), .type = (uint16_t)type, .id = id};
    ssize_t n;

    wire_header_encode(&header, (uint8_t *)out->data);
    n = send(fd, out->data, out->len, MSG_NOSIGNAL);
    n = n == (ssize_t)out->len ? 0 : -1;
    buffer_free(out);
    return (int)n;
}

static int send_script(int fd, const struct blob *sample)
{
    struct buffer out;

    channel_begin(&out, PROTO_GO);
    wire_put_u32(&out, 0);
    wire_put_u32(&out, PATIENCE_S * 1000);
    wire_put_u32(&out, 0);
    if (send_frame(fd, PROTO_GO, 0, &out) != 0)
        return -1;
    channel_begin(&out, PROTO_LOAD);
    wire_put_text(&out, config);
    wire_put_bytes(&out, sample->bytes, sample->len);
    wire_put_text(&out, "1");
    if (send_frame(fd, PROTO_LOAD, 0, &out) != 0)
        return -1;
    channel_begin(&out, PROTO_RUN);
    wire_put_u8(&out, 0);
    return send_frame(fd, PROTO_RUN, 0, &out);
}

static int answer(int fd, enum proto_message type, uint32_t id)
{
    static const uint8_t stamp[10];
    struct buffer out;

    channel_begin(&out, type);
    wire_put_u32(&out, 0);
    wire_put_text(&out, "");
    wire_put_u8(&out, type == PROTO_KV_COMMITTED);
    if (type == PROTO_KV_COMMITTED)
        wire_put_bytes(&out, stamp, sizeof(stamp));
    return send_frame(fd, type, id, &out);
}

static void complain(uint16_t type, const uint8_t *payload, size_t len)
{
    struct wire_reader in;
    const uint8_t *text;

    wire_read(&in, payload, len);
    if (type == PROTO_FATAL)
        (void)wire_get_u32(&in);
    text = wire_get_bytes(&in, len, &len);
    if (text != NULL)
        fprintf(stderr, "amid-runner: rehearsal: %.*s\n", (int)len, (const char *)text);
}

/* 1 when the script says that it is done, 0 to go on, -1. */
static int serve_frame(int fd)
{
    static uint8_t payload[FRAME_MAX + 1];
    uint8_t bytes[PROTO_HEADER_BYTES];
    struct proto_header header;

    if (recv(fd, bytes, sizeof(bytes), MSG_WAITALL) != sizeof(bytes))
        return -1;
    wire_header_decode(bytes, &header);
    if (header.length > FRAME_MAX ||
        (header.length > 0 &&
         recv(fd, payload, header.length, MSG_WAITALL) != (ssize_t)header.length))
        return -1;
    payload[header.length] = '\0';
    switch (header.type) {
    case PROTO_KV_GET:
        return answer(fd, PROTO_KV_GOT, header.id);
    case PROTO_KV_ATOMIC:
        return answer(fd, PROTO_KV_COMMITTED, header.id);
    case PROTO_LOG:
        return memmem(payload, header.length, DONE_TEXT, strlen(DONE_TEXT)) != NULL;
    case PROTO_HELLO:
    case PROTO_READY:
        return 0;
    case PROTO_ITERATION_ERROR:
    case PROTO_FATAL:
        complain(header.type, payload, header.length);
        return -1;
    default:
        return -1;
    }
}

/* Until the script says that it has come to the end of a part. 0 or -1. */
static int play(int fd)
{
    int rc = 0;

    for (int frames = 0; rc == 0 && frames < FRAMES_MAX; frames++)
        rc = serve_frame(fd);
    return rc == 1 ? 0 : -1;
}

/* The clone's own: what its signal handlers need. They call mprotect, on Linux a bare system call.
 */
static struct {
    uint8_t *begin;
    size_t bytes;
    uint8_t *touched; /* per page, shared with the parent */
} watched;

static void on_touch(int number, siginfo_t *info, void *context)
{
    size_t at = (size_t)((uint8_t *)info->si_addr - watched.begin);

    (void)context;
    if (at >= watched.bytes || mprotect(watched.begin + at / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES,
                                        PROT_READ | PROT_WRITE) != 0)
        signal(number, SIG_DFL);
    else
        watched.touched[at / PAGE_BYTES] = 1;
}

static void on_watch(int number)
{
    (void)number;
    mprotect(watched.begin, watched.bytes, PROT_NONE);
}

static void watch_prepare(const struct arena *arena, uint8_t *touched)
{
    const struct sigaction touch = {.sa_sigaction = on_touch, .sa_flags = SA_SIGINFO | SA_NODEFER};
    const struct sigaction watch = {.sa_handler = on_watch};

    watched.begin = arena->regions[0].begin;
    watched.bytes = (size_t)(arena->regions[0].end - watched.begin);
    watched.touched = touched;
    sigaction(SIGSEGV, &touch, NULL);
    sigaction(SIGUSR1, &watch, NULL);
}

static size_t pages_of(const struct arena *arena)
{
    return (size_t)(arena->regions[0].end - arena->regions[0].begin) / PAGE_BYTES;
}

/* Marks every block of which a page has become the clone's own. */
static int note_written(const struct arena *arena, pid_t clone, uint8_t *heat)
{
    const struct arena_region *region = &arena->regions[0];
    size_t pages = pages_of(arena);
    uint64_t *entries = malloc(pages * sizeof(*entries));
    const size_t len = pages * sizeof(*entries);
    char path[64];
    int fd;
    int rc = -1;

    snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)clone);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || entries == NULL)
        goto cleanup;
    if (pread(fd, entries, len,
              (off_t)((uintptr_t)region->begin / PAGE_BYTES * sizeof(*entries))) != (ssize_t)len)
        goto cleanup;
    for (size_t i = 0; i < pages; i++) {
        if ((entries[i] & PAGEMAP_EXCLUSIVE) != 0)
            heat[arena->page_block[i]] |= ARENA_WRITTEN;
    }
    rc = 0;
cleanup:
    free(entries);
    if (fd >= 0)
        close(fd);
    return rc;
}

static void note_touched(const struct arena *arena, const uint8_t *touched, uint8_t *heat)
{
    size_t pages = pages_of(arena);

    for (size_t i = 0; i < pages; i++) {
        if (touched[i] != 0)
            heat[arena->page_block[i]] |= ARENA_WAKE;
    }
}

static int boot(const struct blob *prelude, struct engine *engine, struct arena *arena)
{
    if (arena_open_spread(arena) != 0 ||
        engine_open(engine, arena, prelude->bytes, prelude->len) != 0 ||
        engine_boot_worker(engine) != 0)
        return -1;
    return engine_settle(engine);
}

static int rehearse(const struct blob *prelude, int out_fd)
{
    static struct engine engine;
    static struct arena arena;
    struct child child = {.engine = &engine, .build_id = blob_build_id};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    uint8_t *heat, *touched;
    int pair[2];
    pid_t clone;
    int rc;

    if (boot(prelude, &engine, &arena) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    heat = calloc(arena.count, 1);
    touched =
        mmap(NULL, pages_of(&arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (heat == NULL || touched == MAP_FAILED)
        return -1;
    clone = fork();
    if (clone == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        close(pair[0]);
        channel_init(&child.channel, pair[1]);
        watch_prepare(&arena, touched);
        worker_main(&child);
    }
    close(pair[1]);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    rc = clone < 0 ? -1 : send_script(pair[0], &blob_rehearsal);
    if (rc == 0)
        rc = play(pair[0]);
    if (rc == 0)
        rc = note_written(&arena, clone, heat);
    if (rc == 0 && kill(clone, SIGUSR1) != 0)
        rc = -1;
    if (rc == 0)
        rc = play(pair[0]);
    if (rc == 0)
        note_touched(&arena, touched, heat);
    if (clone > 0) {
        kill(clone, SIGKILL);
        waitpid(clone, NULL, 0);
    }
    if (rc == 0 && (write(out_fd, &arena.count, sizeof(arena.count)) != sizeof(arena.count) ||
                    write(out_fd, heat, arena.count) != (ssize_t)arena.count))
        rc = -1;
    return rc;
}

static int read_all(int fd, void *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = read(fd, (uint8_t *)bytes + done, len - done);

        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

int rehearsal_run(const struct blob *prelude, struct rehearsal *ret_rehearsal)
{
    struct rehearsal rehearsal = {.heat = NULL};
    int pipe_fds[2];
    pid_t pid;

    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        /* Or its clone's page table would be root's to read. */
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        _exit(rehearse(prelude, pipe_fds[1]) == 0 ? 0 : 1);
    }
    close(pipe_fds[1]);
    if (pid > 0 && read_all(pipe_fds[0], &rehearsal.count, sizeof(rehearsal.count)) == 0 &&
        rehearsal.count > 0 && rehearsal.count <= BLOCKS_MAX)
        rehearsal.heat = malloc(rehearsal.count);
    if (rehearsal.heat != NULL && read_all(pipe_fds[0], rehearsal.heat, rehearsal.count) != 0) {
        free(rehearsal.heat);
        rehearsal.heat = NULL;
    }
    close(pipe_fds[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    if (rehearsal.heat == NULL)
        return -1;
    *ret_rehearsal = rehearsal;
    return 0;
}
