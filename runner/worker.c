#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"
#include "runner/child.h"
#include "runner/host.h"
#include "runner/input.h"
#include "runner/text.h"

/* A drain of microtasks yields to the channel after this long (RULES 19). */
#define DRAIN_BUDGET_MS 50
#define WORKER_FILE     "worker.js"
#define CONFIG_MAX      16384u

struct worker {
    struct child *child;
    struct engine *engine;
    struct host host;
    bool loaded;
    double next_timer_ms; /* monotonic; < 0 = none */
    bool gave_way;        /* there may be microtasks left */
};

struct load_turn {
    struct worker *worker;
    const uint8_t *config, *code, *lines, *modules;
    size_t config_len, code_len, lines_len, modules_len;
};

static void send_empty(struct worker *worker, enum proto_message type)
{
    struct buffer out;

    channel_begin(&out, type);
    if (channel_send(&worker->child->channel, type, 0, &out) != 0)
        child_channel_lost();
}

/* The mode decides what the end of an iteration sends. */
static void read_mode(duk_context *ctx, struct worker *worker)
{
    duk_dup(ctx, -1);
    duk_json_decode(ctx, -1);
    if (duk_is_object(ctx, -1)) {
        duk_get_prop_string(ctx, -1, "mode");
        worker->host.is_single =
            duk_is_string(ctx, -1) && strcmp(duk_get_string(ctx, -1), "single") == 0;
        duk_pop(ctx);
    }
    duk_pop(ctx);
}

/* Leaves the script's body function on the stack, or reports why there is none. */
static void evaluate(duk_context *ctx, struct load_turn *turn)
{
    int failed;

    duk_push_string(ctx, WORKER_FILE);
    failed = duk_pcompile_lstring_filename(ctx, 0, (const char *)turn->code, turn->code_len) != 0 ||
             duk_pcall(ctx, 0) != DUK_EXEC_SUCCESS;
    if (failed && !input_turn_expired(NULL))
        engine_die_of_error(turn->worker->engine, PROTO_FATAL_LOAD, PROTO_EXIT_LOAD,
                            "the compiled script could not be loaded");
    if (failed)
        (void)duk_throw(ctx);
}

static duk_ret_t load(duk_context *ctx, void *udata)
{
    struct load_turn *turn = udata;

    engine_push_hook(turn->worker->engine, HOOK_LOAD);
    evaluate(ctx, turn);
    text_push(ctx, turn->config, turn->config_len);
    read_mode(ctx, turn->worker);
    text_push(ctx, turn->lines, turn->lines_len);
    text_push(ctx, turn->modules, turn->modules_len);
    duk_call(ctx, 4);
    return 0;
}

static void on_load(struct worker *worker, const struct frame *frame)
{
    struct load_turn turn = {.worker = worker};
    struct wire_reader in;

    wire_read(&in, frame->payload, frame->len);
    turn.config = wire_get_bytes(&in, CONFIG_MAX, &turn.config_len);
    turn.code = wire_get_bytes(&in, PROTO_CODE_MAX, &turn.code_len);
    turn.lines = wire_get_bytes(&in, PROTO_CODE_MAX, &turn.lines_len);
    turn.modules = (const uint8_t *)"";
    if (in.left > 0)
        turn.modules = wire_get_bytes(&in, PROTO_CODE_MAX, &turn.modules_len);
    if (!wire_end(&in) || worker->loaded)
        child_channel_lost();
    engine_turn(worker->engine, load, &turn);
    worker->loaded = true;
    send_empty(worker, PROTO_READY);
}

struct hook_turn {
    struct worker *worker;
    enum engine_hook hook;
    const uint8_t *text; /* argument, or NULL */
    size_t len;
};

static duk_ret_t call_hook(duk_context *ctx, void *udata)
{
    struct hook_turn *turn = udata;

    engine_push_hook(turn->worker->engine, turn->hook);
    if (turn->text != NULL)
        text_push(ctx, turn->text, turn->len);
    duk_call(ctx, turn->text != NULL ? 1 : 0);
    return 0;
}

static void on_run(struct worker *worker, const struct frame *frame)
{
    struct hook_turn turn = {.worker = worker, .hook = HOOK_RUN};
    struct wire_reader in;

    wire_read(&in, frame->payload, frame->len);
    worker->host.answer_ok = wire_get_u8(&in) == 1;
    if (!wire_end(&in) || !worker->loaded)
        child_channel_lost();
    if (worker->host.stopping)
        return;
    engine_turn(worker->engine, call_hook, &turn);
}

static void on_config(struct worker *worker, const struct frame *frame)
{
    struct hook_turn turn = {.worker = worker, .hook = HOOK_CONFIGURE};
    struct wire_reader in;

    wire_read(&in, frame->payload, frame->len);
    turn.text = wire_get_bytes(&in, CONFIG_MAX, &turn.len);
    if (!wire_end(&in) || !worker->loaded)
        child_channel_lost();
    engine_turn(worker->engine, call_hook, &turn);
}

static void on_stop(struct worker *worker)
{
    struct hook_turn turn = {.worker = worker, .hook = HOOK_STOP};

    if (worker->host.stopping)
        return;
    worker->host.stopping = true;
    if (worker->loaded)
        engine_turn(worker->engine, call_hook, &turn);
    else
        worker->host.stopped = true;
}

struct reply_turn {
    const struct frame *frame;
    bool ok;
};

static duk_ret_t reply(duk_context *ctx, void *udata)
{
    struct reply_turn *turn = udata;

    turn->ok = host_reply(ctx, turn->frame);
    return 0;
}

static void on_reply(struct worker *worker, const struct frame *frame)
{
    struct reply_turn turn = {.frame = frame, .ok = true};

    engine_turn(worker->engine, reply, &turn);
    if (!turn.ok)
        child_channel_lost();
}

static void on_frame(struct worker *worker, const struct frame *frame)
{
    switch (frame->type) {
    case PROTO_LOAD:
        on_load(worker, frame);
        break;
    case PROTO_RUN:
        on_run(worker, frame);
        break;
    case PROTO_STOP:
        on_stop(worker);
        break;
    case PROTO_PING:
        send_empty(worker, PROTO_PONG);
        break;
    case PROTO_CONFIG:
        on_config(worker, frame);
        break;
    case PROTO_KV_GOT:
    case PROTO_KV_LISTED:
    case PROTO_KV_COMMITTED:
        on_reply(worker, frame);
        break;
    default:
        if (proto_call_find((enum proto_message)(frame->type - 1)) == NULL)
            child_channel_lost();
        on_reply(worker, frame);
    }
}

static duk_ret_t run_due(duk_context *ctx, void *udata)
{
    struct worker *worker = udata;
    double now_ms = input_mono_ms();

    worker->gave_way = true; /* it does if Deno.exit ends it */
    /* Runs microtasks before, between and after the timers; so the deadline it returns is good
     * unless it gave way in the middle. */
    engine_push_hook(worker->engine, HOOK_TIMERS);
    duk_push_number(ctx, now_ms);
    duk_call(ctx, 1);
    worker->next_timer_ms = duk_to_number(ctx, -1);
    worker->gave_way = input_mono_ms() - now_ms >= DRAIN_BUDGET_MS;
    return 0;
}

static double timeout_ms(const struct worker *worker)
{
    double left;

    if (worker->gave_way)
        return 0;
    if (!(worker->next_timer_ms >= 0))
        return -1;
    left = worker->next_timer_ms - input_mono_ms();
    return left > 0 ? left : 0;
}

/* PING is answered between turns, never inside one. Returns how many frames there were. */
static unsigned take_frames(struct worker *worker)
{
    struct channel *channel = &worker->child->channel;
    struct frame frame;
    unsigned count = 0;
    int rc;

    while (!worker->host.stopped && (rc = channel_next(channel, &frame)) != 0) {
        if (rc < 0)
            child_channel_lost();
        on_frame(worker, &frame);
        count++;
    }
    return count;
}

static void read_frames(struct worker *worker)
{
    struct channel *channel = &worker->child->channel;
    int rc;

    /* Some may have come together with the one before, and no poll tells of those. */
    if (take_frames(worker) > 0)
        return;
    rc = channel_wait(channel, timeout_ms(worker));
    if (rc < 0 || (rc > 0 && channel_fill(channel) != 0))
        child_channel_lost();
    take_frames(worker);
}

static void note_turn(struct worker *worker)
{
    struct status_page *status = worker->host.status;

    if (status == NULL)
        return;
    status->turns++;
    status->heap_bytes = worker->engine->heap.used_bytes;
}

void worker_main(struct child *child)
{
    static struct worker worker;

    worker = (struct worker){.child = child, .engine = child->engine, .next_timer_ms = -1};
    worker.host.status = child->status;
    worker.host.node = child->node;
    worker.host.pid = (int)getpid(); /* no longer possible once confined */
    child->engine->host = &worker.host;
    child_start(child);
    while (!worker.host.stopped) {
        read_frames(&worker);
        if (!worker.loaded || worker.host.stopped)
            continue;
        engine_turn(worker.engine, run_due, &worker);
        note_turn(&worker);
    }
    send_empty(&worker, PROTO_STOPPED);
    _exit(PROTO_EXIT_CLEAN);
}
