#include <math.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/kv_key.h"
#include "proto/wire.h"
#include "runner/host.h"
#include "runner/text.h"

#define ATOMIC_MAX_OPS  100
#define STAMP_BYTES     10
#define VALUE_MAX_BYTES 65536
/* A transaction's keys and values together. */
#define ATOMIC_MAX_BYTES (1024 * 1024)

/* Counts the array at idx; a TypeError over the limit, as Deno's. */
static uint32_t require_ops(duk_context *ctx, duk_idx_t idx, const char *what)
{
    duk_size_t count;

    if (!duk_is_array(ctx, idx))
        (void)duk_type_error(ctx, "%s are an array", what);
    count = duk_get_length(ctx, idx);
    if (count > ATOMIC_MAX_OPS)
        (void)duk_type_error(ctx, "Too many %s (max %d)", what, ATOMIC_MAX_OPS);
    return (uint32_t)count;
}

/*
 * What follows can throw, so the frame is gathered in the engine's own memory and never in a struct
 * buffer that a thrown error would leak.
 */
struct gather {
    duk_context *ctx;
    uint8_t *bytes; /* a dynamic buffer at index 0 of the stack */
    size_t len;
};

static void gather_begin(struct gather *gather, duk_context *ctx)
{
    *gather = (struct gather){.ctx = ctx};
    gather->bytes = duk_push_dynamic_buffer(ctx, 0);
    duk_insert(ctx, 0);
}

static uint8_t *gather_more(struct gather *gather, size_t more)
{
    if (more > PROTO_ATOMIC_MAX - gather->len)
        (void)duk_type_error(gather->ctx, "Total mutation size too large (max %d bytes)",
                             ATOMIC_MAX_BYTES);
    gather->bytes = duk_resize_buffer(gather->ctx, 0, gather->len + more);
    gather->len += more;
    return gather->bytes + gather->len - more;
}

static void gather_int(struct gather *gather, uint64_t value, size_t width)
{
    uint8_t *at = gather_more(gather, width);

    for (size_t i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void gather_bytes(struct gather *gather, const void *bytes, size_t len)
{
    gather_int(gather, len, 4);
    memcpy(gather_more(gather, len), bytes, len);
}

static void gather_key(struct gather *gather)
{
    duk_context *ctx = gather->ctx;
    struct kv_key key;

    duk_get_prop_string(ctx, -1, "key");
    host_require_key(ctx, -1, &key);
    duk_pop(ctx);
    gather_bytes(gather, key.bytes, key.len);
}

static void gather_check(struct gather *gather)
{
    duk_context *ctx = gather->ctx;
    uint8_t stamp[STAMP_BYTES];

    gather_key(gather);
    duk_get_prop_string(ctx, -1, "versionstamp");
    if (duk_is_null_or_undefined(ctx, -1)) {
        gather_int(gather, 0, 1);
    } else {
        duk_size_t len = 0;
        const char *text = duk_require_lstring(ctx, -1, &len);

        if (len != 2 * sizeof(stamp) || id_unhex(text, stamp, sizeof(stamp)) != 0)
            (void)duk_type_error(ctx, "not a versionstamp");
        gather_int(gather, 1, 1);
        gather_bytes(gather, stamp, sizeof(stamp));
    }
    duk_pop(ctx);
}

/* The JSON text on top of the stack, straight into the frame. */
static void gather_value(struct gather *gather)
{
    duk_context *ctx = gather->ctx;
    struct buffer text;
    int rc;

    duk_require_string(ctx, -1);
    buffer_init(&text, VALUE_MAX_BYTES);
    rc = text_get(ctx, -1, TEXT_LONE_ESCAPE, &text);
    if (rc == 0 && gather->len + text.len + 4 <= PROTO_ATOMIC_MAX) {
        /* Only the heap limit can still make this throw, and a process in that state is short of
         * more than this text. */
        gather_bytes(gather, text.data, text.len);
        buffer_free(&text);
        return;
    }
    buffer_free(&text);
    if (rc == 0)
        (void)duk_type_error(ctx, "Total mutation size too large (max %d bytes)", ATOMIC_MAX_BYTES);
    if (rc == AMID_E_TOO_LARGE)
        (void)duk_type_error(ctx, "Value too large (max %d bytes)", VALUE_MAX_BYTES);
    (void)duk_range_error(ctx, "out of memory");
}

/* Kinds of a mutation on the wire: their place in this list. */
static uint8_t require_kind(duk_context *ctx)
{
    static const char *const kinds[] = {"set", "delete", "sum", "min", "max"};
    const char *name = duk_require_string(ctx, -1);

    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        if (strcmp(name, kinds[kind]) == 0)
            return (uint8_t)kind;
    }
    (void)duk_type_error(ctx, "Invalid mutation type");
    return 0;
}

static uint64_t get_expire_ms(duk_context *ctx)
{
    double expire_in;

    duk_get_prop_string(ctx, -1, "expireIn");
    expire_in = duk_is_number(ctx, -1) ? duk_get_number(ctx, -1) : 0;
    duk_pop(ctx);
    if (!(expire_in >= 0 && expire_in < 0x1p53))
        (void)duk_type_error(ctx, "expireIn must be a non-negative integer");
    return (uint64_t)expire_in;
}

/* As IEEE bits. */
static uint64_t get_operand(duk_context *ctx)
{
    double operand;
    uint64_t bits;

    duk_get_prop_string(ctx, -1, "operand");
    operand = duk_require_number(ctx, -1);
    duk_pop(ctx);
    memcpy(&bits, &operand, sizeof(bits));
    return bits;
}

static void gather_mutation(struct gather *gather)
{
    duk_context *ctx = gather->ctx;
    uint8_t kind;

    duk_get_prop_string(ctx, -1, "type");
    kind = require_kind(ctx);
    duk_pop(ctx);
    gather_int(gather, kind, 1);
    gather_key(gather);
    if (kind == 1)
        return;
    duk_get_prop_string(ctx, -1, "value");
    gather_value(gather);
    duk_pop(ctx);
    gather_int(gather, kind == 0 ? get_expire_ms(ctx) : get_operand(ctx), 8);
}

static void gather_array(struct gather *gather, duk_idx_t idx, uint32_t count,
                         void (*gather_one)(struct gather *gather))
{
    gather_int(gather, count, 4);
    for (uint32_t i = 0; i < count; i++) {
        duk_get_prop_index(gather->ctx, idx, i);
        duk_require_object(gather->ctx, -1);
        gather_one(gather);
        duk_pop(gather->ctx);
    }
}

static duk_ret_t js_kv_atomic(duk_context *ctx)
{
    uint8_t space = host_require_space(ctx, 0);
    uint32_t id = host_next_id(ctx);
    uint32_t checks = require_ops(ctx, 1, "checks");
    uint32_t mutations = require_ops(ctx, 2, "mutations");
    struct gather gather;
    struct buffer out;

    gather_begin(&gather, ctx); /* the arguments move up by one */
    gather_int(&gather, space, 1);
    gather_array(&gather, 2, checks, gather_check);
    gather_array(&gather, 3, mutations, gather_mutation);
    channel_begin(&out, PROTO_KV_ATOMIC);
    buffer_append(&out, gather.bytes, gather.len);
    return host_send_request(ctx, PROTO_KV_ATOMIC, id, &out);
}

void host_push_atomic(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"kvAtomic", js_kv_atomic, 3},
        {NULL, NULL, 0},
    };

    duk_put_function_list(ctx, -1, functions);
}
