#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"
#include "runner/child.h"
#include "runner/input.h"
#include "runner/text.h"

#define COMPILE_MAX (1024u * 1024)
#define MESSAGE_MAX 4096u
#define NO_NUMBER   0u

struct compile_turn {
    struct child *child;
    const uint8_t *source, *options;
    size_t source_len, options_len;
};

/* The named member of the answer, which is on top of the stack, as `bytes`. */
static void put_member(duk_context *ctx, const char *name, size_t max_bytes, struct buffer *out)
{
    struct buffer text;

    buffer_init(&text, max_bytes);
    duk_get_prop_string(ctx, -1, name);
    if (text_get(ctx, -1, TEXT_LONE_ESCAPE, &text) == AMID_E_TOO_LARGE)
        out->failed = true;
    wire_put_bytes(out, text.data, text.len);
    duk_pop(ctx);
    buffer_free(&text);
}

static uint32_t get_number(duk_context *ctx, const char *name)
{
    double number = NO_NUMBER;

    duk_get_prop_string(ctx, -1, name);
    if (duk_is_number(ctx, -1))
        number = duk_get_number(ctx, -1);
    duk_pop(ctx);
    return number >= 0 && number <= UINT32_MAX ? (uint32_t)number : NO_NUMBER;
}

static void put_answer(duk_context *ctx, struct buffer *out)
{
    duk_get_prop_string(ctx, -1, "ok");
    if (duk_to_boolean(ctx, -1)) {
        duk_pop(ctx);
        wire_put_u8(out, 1);
        put_member(ctx, "code", PROTO_CODE_MAX, out);
        put_member(ctx, "lines", PROTO_CODE_MAX, out);
        put_member(ctx, "minified", PROTO_CODE_MAX, out);
        put_member(ctx, "warnings", PROTO_CODE_MAX, out);
        put_member(ctx, "needs", PROTO_CODE_MAX, out);
        return;
    }
    duk_pop(ctx);
    wire_put_u8(out, 0);
    put_member(ctx, "message", MESSAGE_MAX, out);
    wire_put_u32(out, get_number(ctx, "line"));
    wire_put_u32(out, get_number(ctx, "column"));
}

static void put_too_large(struct buffer *out)
{
    buffer_free(out);
    channel_begin(out, PROTO_COMPILED);
    wire_put_u8(out, 0);
    wire_put_text(out, "the script is too large once compiled");
    wire_put_u32(out, 1);
    wire_put_u32(out, 1);
}

static duk_ret_t compile(duk_context *ctx, void *udata)
{
    struct compile_turn *turn = udata;
    struct channel *channel = &turn->child->channel;
    struct buffer out;

    duk_push_heapptr(ctx, turn->child->engine->compile);
    text_push(ctx, turn->source, turn->source_len);
    text_push(ctx, turn->options, turn->options_len);
    duk_call(ctx, 2);
    channel_begin(&out, PROTO_COMPILED);
    put_answer(ctx, &out);
    if (buffer_status(&out) != 0)
        put_too_large(&out);
    if (channel_send(channel, PROTO_COMPILED, 0, &out) != 0)
        child_channel_lost();
    return 0;
}

void compile_main(struct child *child)
{
    struct compile_turn turn = {.child = child};
    struct wire_reader in;
    struct frame frame;

    child_start(child);
    frame = child_wait_frame(child);
    if (frame.type != PROTO_COMPILE)
        child_channel_lost();
    wire_read(&in, frame.payload, frame.len);
    turn.source = wire_get_bytes(&in, COMPILE_MAX, &turn.source_len);
    turn.options = wire_get_bytes(&in, COMPILE_MAX, &turn.options_len);
    if (!wire_end(&in))
        child_channel_lost();
    engine_turn(child->engine, compile, &turn);
    _exit(PROTO_EXIT_CLEAN);
}
