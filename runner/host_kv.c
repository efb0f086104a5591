#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/kv_key.h"
#include "proto/wire.h"
#include "runner/engine.h"
#include "runner/host.h"
#include "runner/text.h"

#define SPACE_MAX       2
#define LIST_MAX        500
#define LIST_DEFAULT    100
#define ATOMIC_MAX_OPS  100
#define STAMP_BYTES     10
#define VALUE_MAX_BYTES 65536
/* Just above a key: the bound that leaves the key itself out. */
#define AFTER_KEY      0x00
#define ABOVE_ALL_KEYS 0xff

static uint8_t require_space(duk_context *ctx, duk_idx_t idx)
{
    int space = duk_require_int(ctx, idx);

    if (space < 0 || space >= SPACE_MAX)
        (void)duk_type_error(ctx, "no such space");
    return (uint8_t)space;
}

static int add_string(duk_context *ctx, duk_idx_t idx, struct kv_key *key)
{
    struct kv_part part = {.type = KV_PART_STRING};
    struct buffer text;
    int rc;

    buffer_init(&text, KV_KEY_MAX_BYTES);
    rc = text_get(ctx, idx, TEXT_LONE_REFUSE, &text);
    if (rc == 0) {
        part.bytes = (const uint8_t *)(text.data == NULL ? "" : text.data);
        part.len = text.len;
        rc = kv_key_add(key, &part);
    }
    buffer_free(&text);
    return rc;
}

static int add_part(duk_context *ctx, duk_idx_t idx, struct kv_key *key)
{
    struct kv_part part = {.type = KV_PART_NUMBER};

    if (duk_is_string(ctx, idx))
        return add_string(ctx, idx, key);
    if (duk_is_number(ctx, idx)) {
        part.number = duk_get_number(ctx, idx);
    } else if (duk_is_boolean(ctx, idx)) {
        part.type = duk_get_boolean(ctx, idx) ? KV_PART_TRUE : KV_PART_FALSE;
    } else if (duk_is_buffer_data(ctx, idx)) {
        duk_size_t len = 0;

        part.type = KV_PART_BYTES;
        part.bytes = duk_get_buffer_data(ctx, idx, &len);
        if (part.bytes == NULL)
            part.bytes = (const uint8_t *)"";
        part.len = len;
    } else {
        return AMID_E_INVALID;
    }
    return kv_key_add(key, &part);
}

/* Encodes the array at idx; a bad part or too long a key is a TypeError. */
static void require_key(duk_context *ctx, duk_idx_t idx, struct kv_key *ret_key)
{
    duk_size_t count;
    int rc = 0;

    kv_key_clear(ret_key);
    if (!duk_is_array(ctx, idx))
        (void)duk_type_error(ctx, "a key is an array");
    idx = duk_normalize_index(ctx, idx);
    count = duk_get_length(ctx, idx);
    if (count > KV_KEY_MAX_PARTS)
        (void)duk_type_error(ctx, "a key has at most %d parts", KV_KEY_MAX_PARTS);
    for (duk_uarridx_t i = 0; i < count; i++) {
        duk_get_prop_index(ctx, idx, i);
        rc = add_part(ctx, -1, ret_key);
        duk_pop(ctx);
        if (rc == AMID_E_TOO_LARGE)
            (void)duk_type_error(ctx, "the key is longer than %d bytes", KV_KEY_MAX_BYTES);
        if (rc != 0)
            (void)duk_type_error(
                ctx, "key part %d is not a well-formed string, number, boolean or Uint8Array",
                (int)i);
    }
}

/* The request goes out; its id is what the call returns. */
static duk_ret_t send_request(duk_context *ctx, enum proto_message type, uint32_t id,
                              struct buffer *out)
{
    host_send(ctx, type, id, out);
    engine_of(ctx)->host->waiting++;
    duk_push_uint(ctx, id);
    return 1;
}

static duk_ret_t js_kv_get(duk_context *ctx)
{
    uint8_t space = require_space(ctx, 0);
    uint32_t id = host_next_id(ctx);
    struct kv_key key;
    struct buffer out;

    require_key(ctx, 1, &key);
    /* The answer does not repeat the key. */
    duk_push_global_stash(ctx);
    duk_get_prop_string(ctx, -1, "keys");
    duk_dup(ctx, 1);
    duk_put_prop_index(ctx, -2, id);
    channel_begin(&out, PROTO_KV_GET);
    wire_put_u8(&out, space);
    wire_put_bytes(&out, key.bytes, key.len);
    return send_request(ctx, PROTO_KV_GET, id, &out);
}

static bool get_key(duk_context *ctx, duk_idx_t opts, const char *name, struct kv_key *ret_key)
{
    bool found = duk_get_prop_string(ctx, opts, name) && !duk_is_null_or_undefined(ctx, -1);

    if (found)
        require_key(ctx, -1, ret_key);
    duk_pop(ctx);
    return found;
}

static void key_append(duk_context *ctx, struct kv_key *key, uint8_t byte)
{
    if (key->len >= KV_KEY_MAX_BYTES)
        (void)duk_type_error(ctx, "the key is longer than %d bytes", KV_KEY_MAX_BYTES);
    key->bytes[key->len++] = byte;
}

/* A cursor is the last key delivered, in hex: the next page begins behind it. */
static void apply_cursor(duk_context *ctx, duk_idx_t opts, bool reverse, struct kv_key *start,
                         struct kv_key *end)
{
    struct kv_key *bound = reverse ? end : start;
    const char *text;
    size_t len;

    duk_get_prop_string(ctx, opts, "cursor");
    text = duk_is_string(ctx, -1) ? duk_get_string(ctx, -1) : "";
    len = strlen(text);
    if (len > 0) {
        if (len % 2 != 0 || len / 2 > KV_KEY_MAX_BYTES ||
            id_unhex(text, bound->bytes, len / 2) != 0)
            (void)duk_type_error(ctx, "not a cursor of this list");
        bound->len = len / 2;
        if (!reverse)
            key_append(ctx, bound, AFTER_KEY);
    }
    duk_pop(ctx);
}

static void require_range(duk_context *ctx, duk_idx_t opts, struct kv_key *start,
                          struct kv_key *end)
{
    struct kv_key prefix;
    bool has_prefix = get_key(ctx, opts, "prefix", &prefix);

    kv_key_clear(start);
    kv_key_clear(end);
    if (has_prefix && prefix.len > 0) {
        *start = prefix;
        key_append(ctx, start, AFTER_KEY);
        if (kv_key_prefix_end(&prefix, end) != 0)
            (void)duk_type_error(ctx, "not a prefix");
    } else {
        end->bytes[end->len++] = ABOVE_ALL_KEYS;
    }
    get_key(ctx, opts, "start", start);
    get_key(ctx, opts, "end", end);
}

static duk_ret_t js_kv_list(duk_context *ctx)
{
    uint8_t space = require_space(ctx, 0);
    uint32_t id = host_next_id(ctx);
    struct kv_key start, end;
    struct buffer out;
    int limit = LIST_DEFAULT;
    bool reverse;

    duk_require_object(ctx, 1);
    if (duk_get_prop_string(ctx, 1, "limit") && !duk_is_undefined(ctx, -1))
        limit = duk_require_int(ctx, -1);
    if (limit < 1 || limit > LIST_MAX)
        return duk_range_error(ctx, "limit is from 1 to %d", LIST_MAX);
    duk_get_prop_string(ctx, 1, "reverse");
    reverse = duk_to_boolean(ctx, -1);
    require_range(ctx, 1, &start, &end);
    apply_cursor(ctx, 1, reverse, &start, &end);
    channel_begin(&out, PROTO_KV_LIST);
    wire_put_u8(&out, space);
    wire_put_bytes(&out, start.bytes, start.len);
    wire_put_bytes(&out, end.bytes, end.len);
    wire_put_u32(&out, (uint32_t)limit);
    wire_put_u8(&out, reverse);
    return send_request(ctx, PROTO_KV_LIST, id, &out);
}

/* Counts the array at idx; RangeError over the limit. */
static uint32_t require_ops(duk_context *ctx, duk_idx_t idx, const char *what)
{
    duk_size_t count;

    if (!duk_is_array(ctx, idx))
        (void)duk_type_error(ctx, "%s are an array", what);
    count = duk_get_length(ctx, idx);
    if (count > ATOMIC_MAX_OPS)
        (void)duk_range_error(ctx, "at most %d %s in one operation", ATOMIC_MAX_OPS, what);
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
        (void)duk_range_error(gather->ctx, "the operation is larger than 1 MiB");
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
    require_key(ctx, -1, &key);
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
    } else if (rc == 0) {
        rc = AMID_E_TOO_LARGE;
    }
    buffer_free(&text);
    if (rc != 0)
        (void)duk_range_error(ctx, "a value has at most 64 KiB of JSON, one operation 1 MiB");
}

static void gather_mutation(struct gather *gather)
{
    duk_context *ctx = gather->ctx;
    bool is_delete;
    double expire_in;

    duk_get_prop_string(ctx, -1, "type");
    is_delete = strcmp(duk_require_string(ctx, -1), "delete") == 0;
    if (!is_delete && strcmp(duk_get_string(ctx, -1), "set") != 0)
        (void)duk_type_error(ctx, "a mutation is a set or a delete");
    duk_pop(ctx);
    gather_int(gather, is_delete ? 1 : 0, 1);
    gather_key(gather);
    if (is_delete)
        return;
    duk_get_prop_string(ctx, -1, "value");
    gather_value(gather);
    duk_pop(ctx);
    duk_get_prop_string(ctx, -1, "expireIn");
    expire_in = duk_is_number(ctx, -1) ? duk_get_number(ctx, -1) : 0;
    duk_pop(ctx);
    if (!(expire_in >= 0 && expire_in < 0x1p53))
        (void)duk_range_error(ctx, "expireIn is a positive number of milliseconds");
    /* Less than a millisecond would read as "never". */
    gather_int(gather, expire_in > 0 && expire_in < 1 ? 1 : (uint64_t)expire_in, 8);
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
    uint8_t space = require_space(ctx, 0);
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
    return send_request(ctx, PROTO_KV_ATOMIC, id, &out);
}

void host_push_kv(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"kvGet", js_kv_get, 2},
        {"kvList", js_kv_list, 2},
        {"kvAtomic", js_kv_atomic, 3},
        {NULL, NULL, 0},
    };

    duk_put_function_list(ctx, -1, functions);
    duk_push_global_stash(ctx);
    duk_push_bare_object(ctx);
    duk_put_prop_string(ctx, -2, "keys");
    duk_pop(ctx);
}
