#include "runner/child.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"
#include "runner/refusal.h"
#include "runner/warm_up.h"

#define BUILD_ID_BYTES 32

void child_channel_lost(void)
{
    _exit(PROTO_EXIT_CHANNEL);
}

struct frame child_wait_frame(struct child *child)
{
    struct frame frame;
    int rc;

    while ((rc = channel_next(&child->channel, &frame)) == 0) {
        if (channel_wait(&child->channel, -1) < 0 || channel_fill(&child->channel) != 0)
            child_channel_lost();
    }
    if (rc < 0)
        child_channel_lost();
    return frame;
}

static size_t held_bytes(const struct heap *heap)
{
    return heap->arena == NULL ? 0 : arena_held_bytes(heap->arena);
}

static void read_limits(struct child *child, struct confine_limits *ret_limits)
{
    struct frame frame = child_wait_frame(child);
    struct engine *engine = child->engine;
    struct wire_reader in;
    uint32_t heap_bytes;

    if (frame.type != PROTO_GO)
        child_channel_lost();
    wire_read(&in, frame.payload, frame.len);
    heap_bytes = wire_get_u32(&in);
    engine->turn_cpu_ms = wire_get_u32(&in);
    *ret_limits = (struct confine_limits){
        .heap_bytes = heap_bytes,
        .held_bytes = engine->heap.used_bytes + held_bytes(&engine->heap),
        .nice = (int)(int32_t)wire_get_u32(&in),
    };
    if (in.left > 0)
        child->is_spare = wire_get_u8(&in) == 1;
    if (!wire_end(&in))
        child_channel_lost();
    /* A limit below what the warm heap holds lets nothing run; the script is told at its first
     * allocation. */
    engine->heap.limit_bytes = heap_bytes;
}

static void send_hello(struct child *child, uint32_t confined)
{
    struct buffer out;

    channel_begin(&out, PROTO_HELLO);
    wire_put_u32(&out, PROTO_VERSION);
    wire_put_bytes(&out, child->build_id, BUILD_ID_BYTES);
    wire_put_u32(&out, confined);
    if (channel_send(&child->channel, PROTO_HELLO, 0, &out) != 0)
        child_channel_lost();
}

void child_start(struct child *child)
{
    struct confine_limits limits;
    uint32_t confined = 0;
    const char *step = NULL;
    char text[128];

    child->engine->channel = &child->channel;
    read_limits(child, &limits);
    refusal_note_in(child->status);
    if (child->confine == NULL) {
        send_hello(child, 0);
        return;
    }
    if (confine_self(child->confine, &limits, child->channel.fd, &confined, &step) != 0) {
        snprintf(text, sizeof(text), "confinement failed at %s: error %d", step, errno);
        engine_die(child->engine, PROTO_FATAL_ENGINE, PROTO_EXIT_CONFINE, text, NULL);
    }
    child->channel.fd = CONFINE_CHANNEL_FD;
    send_hello(child, confined);
    if (child->is_spare)
        warm_up(child->engine);
}
