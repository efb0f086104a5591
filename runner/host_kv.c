#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/kv_key.h"
#include "proto/wire.h"
#include "runner/engine.h"
#include "runner/host.h"
#include "runner/text.h"

#define SPACE_MAX    2
#define LIST_MAX     500
#define LIST_DEFAULT 100
/* Just above a key: the bound that leaves the key itself out. */
#define AFTER_KEY      0x00
#define ABOVE_ALL_KEYS 0xff

uint8_t host_require_space(duk_context *ctx, duk_idx_t idx)
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

void host_require_key(duk_context *ctx, duk_idx_t idx, struct kv_key *ret_key)
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

duk_ret_t host_send_request(duk_context *ctx, enum proto_message type, uint32_t id,
                            struct buffer *out)
{
    host_send(ctx, type, id, out);
    engine_of(ctx)->host->waiting++;
    duk_push_uint(ctx, id);
    return 1;
}

static duk_ret_t js_kv_get(duk_context *ctx)
{
    uint8_t space = host_require_space(ctx, 0);
    uint32_t id = host_next_id(ctx);
    struct kv_key key;
    struct buffer out;

    host_require_key(ctx, 1, &key);
    /* The answer does not repeat the key. */
    duk_push_global_stash(ctx);
    duk_get_prop_string(ctx, -1, "keys");
    duk_dup(ctx, 1);
    duk_put_prop_index(ctx, -2, id);
    channel_begin(&out, PROTO_KV_GET);
    wire_put_u8(&out, space);
    wire_put_bytes(&out, key.bytes, key.len);
    return host_send_request(ctx, PROTO_KV_GET, id, &out);
}

static bool get_key(duk_context *ctx, duk_idx_t opts, const char *name, struct kv_key *ret_key)
{
    bool found = duk_get_prop_string(ctx, opts, name) && !duk_is_null_or_undefined(ctx, -1);

    if (found)
        host_require_key(ctx, -1, ret_key);
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

/* start and end of a list under a prefix lie strictly below it. */
static void require_below(duk_context *ctx, const struct kv_key *prefix, const struct kv_key *key,
                          const char *name)
{
    if (key->len <= prefix->len || memcmp(key->bytes, prefix->bytes, prefix->len) != 0)
        (void)duk_type_error(ctx, "%s key is not in the keyspace defined by prefix", name);
}

static int key_compare(const struct kv_key *a, const struct kv_key *b)
{
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

    if (order != 0)
        return order;
    return a->len < b->len ? -1 : a->len > b->len;
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
    if (get_key(ctx, opts, "start", start) && has_prefix)
        require_below(ctx, &prefix, start, "Start");
    if (get_key(ctx, opts, "end", end) && has_prefix)
        require_below(ctx, &prefix, end, "End");
    if (key_compare(start, end) > 0)
        (void)duk_type_error(ctx, "Start key is greater than end key");
}

static duk_ret_t js_kv_list(duk_context *ctx)
{
    uint8_t space = host_require_space(ctx, 0);
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
    return host_send_request(ctx, PROTO_KV_LIST, id, &out);
}

/* kvKeys(keys): each as `bytes`, for calls about several keys at once. */
static duk_ret_t js_kv_keys(duk_context *ctx)
{
    duk_uarridx_t count = (duk_uarridx_t)duk_get_length(ctx, 0);
    struct kv_key key;
    size_t used = 0;

    duk_push_dynamic_buffer(ctx, 0);
    for (duk_uarridx_t i = 0; i < count; i++) {
        uint8_t *at;

        duk_get_prop_index(ctx, 0, i);
        host_require_key(ctx, -1, &key);
        duk_pop(ctx);
        at = duk_resize_buffer(ctx, 1, used + 4 + key.len);
        at += used;
        for (size_t byte = 0; byte < 4; byte++)
            at[byte] = (uint8_t)(key.len >> (8 * byte));
        memcpy(at + 4, key.bytes, key.len);
        used += 4 + key.len;
    }
    duk_push_buffer_object(ctx, 1, 0, used, DUK_BUFOBJ_UINT8ARRAY);
    return 1;
}

static duk_ret_t decode_base64(duk_context *ctx, void *arg)
{
    (void)arg;
    duk_base64_decode(ctx, -1);
    return 1;
}

/* kvUnbase64(text): bytes, or null for what base64Encode does not write. */
static duk_ret_t js_kv_unbase64(duk_context *ctx)
{
    duk_size_t len = 0;

    duk_require_string(ctx, 0);
    duk_dup(ctx, 0);
    if (duk_safe_call(ctx, decode_base64, NULL, 1, 1) != DUK_EXEC_SUCCESS) {
        duk_push_null(ctx);
        return 1;
    }
    duk_dup(ctx, -1);
    (void)duk_base64_encode(ctx, -1);
    if (!duk_strict_equals(ctx, 0, -1)) {
        duk_push_null(ctx);
        return 1;
    }
    duk_pop(ctx);
    (void)duk_get_buffer_data(ctx, -1, &len);
    duk_push_buffer_object(ctx, -1, 0, len, DUK_BUFOBJ_UINT8ARRAY);
    return 1;
}

void host_push_kv(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"kvGet", js_kv_get, 2},           {"kvList", js_kv_list, 2}, {"kvKeys", js_kv_keys, 1},
        {"kvUnbase64", js_kv_unbase64, 1}, {NULL, NULL, 0},
    };

    duk_put_function_list(ctx, -1, functions);
    host_push_atomic(ctx);
    duk_push_global_stash(ctx);
    duk_push_bare_object(ctx);
    duk_put_prop_string(ctx, -2, "keys");
    duk_pop(ctx);
}
