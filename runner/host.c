#include "runner/host.h"

#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "proto/wire.h"
#include "runner/engine.h"
#include "runner/input.h"
#include "runner/text.h"

/* Header fields and lengths around a LOG frame's two texts. */
#define LOG_OVERHEAD_BYTES  64
#define ITERATION_ERROR_MAX (16384u - 4)

/* As Deno names them. */
#if defined(__x86_64__)
#define HOST_ARCH "x86_64"
#elif defined(__aarch64__)
#define HOST_ARCH "aarch64"
#else
#define HOST_ARCH "unknown"
#endif

void host_send(duk_context *ctx, enum proto_message type, uint32_t id, struct buffer *out)
{
    struct channel *channel = engine_of(ctx)->channel;
    bool may_wait = type == PROTO_KV_GET || type == PROTO_KV_LIST || type == PROTO_KV_ATOMIC ||
                    proto_call_find(type) != NULL;
    /* A line or an error is of use even if this turn never ends. */
    int rc = may_wait ? channel_put(channel, type, id, out) : channel_send(channel, type, id, out);

    if (rc == AMID_E_CLOSED)
        _exit(PROTO_EXIT_CHANNEL);
    if (rc == AMID_E_NOMEM)
        (void)duk_error(ctx, DUK_ERR_ERROR, "out of memory");
    if (rc != 0)
        (void)duk_range_error(ctx, "the message is too large");
}

uint32_t host_next_id(duk_context *ctx)
{
    struct host *host = engine_of(ctx)->host;

    if (host->waiting >= HOST_WAITING_MAX)
        (void)duk_range_error(ctx, "more than %d requests are waiting for an answer",
                              HOST_WAITING_MAX);
    host->last_id = host->last_id == UINT32_MAX ? 1 : host->last_id + 1;
    return host->last_id;
}

/* There is nobody to tell while the heap is made warm. */
static bool is_alone(duk_context *ctx)
{
    return engine_of(ctx)->channel == NULL;
}

static duk_ret_t js_now(duk_context *ctx)
{
    duk_push_number(ctx, input_date_now_ms(NULL));
    return 1;
}

static duk_ret_t js_mono(duk_context *ctx)
{
    duk_push_number(ctx, input_mono_ms());
    return 1;
}

static duk_ret_t js_random_bytes(duk_context *ctx)
{
    duk_uint_t len = duk_require_uint(ctx, 0);
    void *bytes;

    if (len > HOST_RANDOM_MAX_BYTES)
        return duk_range_error(ctx, "at most %d random bytes at a time", HOST_RANDOM_MAX_BYTES);
    bytes = duk_push_fixed_buffer(ctx, len);
    if (input_random_bytes(bytes, len) != 0)
        return duk_generic_error(ctx, "no random numbers");
    duk_push_buffer_object(ctx, -1, 0, len, DUK_BUFOBJ_UINT8ARRAY);
    return 1;
}

static duk_ret_t js_log(duk_context *ctx)
{
    int level = duk_require_int(ctx, 0);
    struct buffer text, fields, out;

    duk_require_string(ctx, 1);
    if (level < 0 || level >= LOG_LEVEL_MAX)
        return duk_type_error(ctx, "no such log level");
    if (is_alone(ctx))
        return 0;
    buffer_init(&text, HOST_LOG_TEXT_MAX);
    buffer_init(&fields, PROTO_LOG_MAX - HOST_LOG_TEXT_MAX - LOG_OVERHEAD_BYTES);
    /* A cut text can still grow: a lone byte becomes a whole U+FFFD. */
    if (text_get_cut(ctx, 1, HOST_LOG_TEXT_MAX, &text) != 0) {
        buffer_clear(&text);
        text_get_cut(ctx, 1, HOST_LOG_TEXT_MAX / 3, &text);
    }
    if (!duk_is_string(ctx, 2) || text_get(ctx, 2, TEXT_LONE_ESCAPE, &fields) != 0)
        buffer_clear(&fields);
    channel_begin(&out, PROTO_LOG);
    wire_put_u8(&out, (uint8_t)level);
    wire_put_bytes(&out, text.data, text.len);
    wire_put_bytes(&out, fields.data, fields.len);
    buffer_free(&text);
    buffer_free(&fields);
    host_send(ctx, PROTO_LOG, 0, &out);
    return 0;
}

static void send_empty(duk_context *ctx, enum proto_message type)
{
    struct buffer out;

    channel_begin(&out, type);
    host_send(ctx, type, 0, &out);
}

/* Heap exhaustion that nobody caught replaces the process (RULES 12). */
static void die_if_heap(struct engine *engine, const char *error_json)
{
    bool is_heap = engine_is_heap_error(engine, error_json);

    engine->heap.refusals = 0;
    if (is_heap)
        engine_die(engine, PROTO_FATAL_HEAP, PROTO_EXIT_HEAP,
                   "the heap limit was hit and the script did not catch the error", NULL);
}

static void iteration_failed(duk_context *ctx)
{
    struct buffer json, out;

    buffer_init(&json, ITERATION_ERROR_MAX);
    if (text_get(ctx, 1, TEXT_LONE_ESCAPE, &json) != 0) {
        buffer_clear(&json);
        buffer_append_str(&json, "{\"name\":\"Error\",\"ancestors\":[],\"message\":\"(an error too "
                                 "long to tell)\",\"stack\":\"\",\"line\":null}");
    }
    if (json.data != NULL)
        die_if_heap(engine_of(ctx), json.data);
    channel_begin(&out, PROTO_ITERATION_ERROR);
    wire_put_bytes(&out, json.data, json.len);
    buffer_free(&json);
    host_send(ctx, PROTO_ITERATION_ERROR, 0, &out);
}

static duk_ret_t js_iteration_end(duk_context *ctx)
{
    struct host *host = engine_of(ctx)->host;
    bool ok = duk_require_boolean(ctx, 0);

    if (is_alone(ctx))
        return 0;
    if (!ok) {
        iteration_failed(ctx);
        return 0;
    }
    engine_of(ctx)->heap.refusals = 0;
    if (host->is_single) {
        send_empty(ctx, PROTO_DONE);
    } else if (host->answer_ok) {
        host->answer_ok = false;
        send_empty(ctx, PROTO_ITERATION_OK);
    }
    return 0;
}

static duk_ret_t js_iteration_start(duk_context *ctx)
{
    struct host *host = engine_of(ctx)->host;

    if (host != NULL && host->status != NULL)
        host->status->last_run_ms = (int64_t)input_date_now_ms(NULL);
    return 0;
}

static duk_ret_t js_progress(duk_context *ctx)
{
    double iterations = duk_require_number(ctx, 0);
    double ticks = duk_require_number(ctx, 1);
    struct host *host = engine_of(ctx)->host;

    if (host != NULL && host->status != NULL && iterations >= 0 && ticks >= 0 &&
        iterations < 0x1p53 && ticks < 0x1p53) {
        host->status->iterations = (uint64_t)iterations;
        host->status->ticks = (uint64_t)ticks;
    }
    return 0;
}

static duk_ret_t js_stopped(duk_context *ctx)
{
    struct host *host = engine_of(ctx)->host;

    if (host != NULL && host->stopping)
        host->stopped = true;
    return 0;
}

static void put_number(duk_context *ctx, const char *name, double number)
{
    duk_push_number(ctx, number);
    duk_put_prop_string(ctx, -2, name);
}

static duk_ret_t js_heap(duk_context *ctx)
{
    const struct heap *heap = &engine_of(ctx)->heap;
    size_t held_bytes = heap->arena == NULL ? 0 : arena_held_bytes(heap->arena);

    duk_push_object(ctx);
    put_number(ctx, "used", (double)heap->used_bytes);
    put_number(ctx, "held", (double)(heap->used_bytes + held_bytes));
    put_number(ctx, "limit", (double)heap->limit_bytes);
    return 1;
}

static duk_ret_t js_about(duk_context *ctx)
{
    const struct host *host = engine_of(ctx)->host;
    const struct node_page *node = host == NULL ? NULL : host->node;

    duk_push_object(ctx);
    duk_push_string(ctx, HOST_ARCH);
    duk_put_prop_string(ctx, -2, "arch");
    put_number(ctx, "pid", host == NULL ? 0 : host->pid);
    duk_push_string(ctx, node == NULL ? "localhost" : node->hostname);
    duk_put_prop_string(ctx, -2, "hostname");
    duk_push_array(ctx);
    for (duk_uarridx_t i = 0; i < 3; i++) {
        duk_push_number(ctx, node == NULL ? 0 : node->load_hundredths[i] / 100.0);
        duk_put_prop_index(ctx, -2, i);
    }
    duk_put_prop_string(ctx, -2, "loadavg");
    return 1;
}

static duk_ret_t js_counters(duk_context *ctx)
{
    const struct host *host = engine_of(ctx)->host;

    duk_push_object(ctx);
    put_number(ctx, "clock", (double)input_clock_reads());
    put_number(ctx, "calls", host == NULL ? 0 : host->last_id);
    put_number(ctx, "waiting", host == NULL ? 0 : host->waiting);
    return 1;
}

/* Deno.exit: the engine undoes the turn, and engine_turn then calls the hook. */
static duk_ret_t js_exit(duk_context *ctx)
{
    struct host *host = engine_of(ctx)->host;
    int code = duk_require_int(ctx, 0);

    if (is_alone(ctx) || host == NULL)
        return duk_generic_error(ctx, "there is nothing to leave");
    host->exit_asked = true;
    host->exit_code = code;
    input_turn_abort();
    return 0;
}

/* Text of a package's file, under the name its stack frames get → the program as a function. */
static duk_ret_t js_compile(duk_context *ctx)
{
    duk_require_string(ctx, 0);
    duk_require_string(ctx, 1);
    duk_compile(ctx, 0);
    return 1;
}

void host_push(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"now", js_now, 0},
        {"mono", js_mono, 0},
        {"randomBytes", js_random_bytes, 1},
        {"log", js_log, 3},
        {"iterationStart", js_iteration_start, 0},
        {"iterationEnd", js_iteration_end, 2},
        {"progress", js_progress, 2},
        {"stopped", js_stopped, 0},
        {"heap", js_heap, 0},
        {"about", js_about, 0},
        {"counters", js_counters, 0},
        {"exit", js_exit, 1},
        {"compile", js_compile, 2},
        {NULL, NULL, 0},
    };

    duk_push_object(ctx);
    duk_put_function_list(ctx, -1, functions);
    host_push_kv(ctx);
    host_push_bytes(ctx);
    host_push_crypto(ctx);
    host_push_calls(ctx);
    host_push_wallet(ctx);
}
