#include <math.h>

#include "common/error.h"
#include "common/id.h"
#include "common/kv_key.h"
#include "proto/wire.h"
#include "runner/engine.h"
#include "runner/host.h"
#include "runner/text.h"

#define STAMP_BYTES     10
#define VALUE_MAX_BYTES 65536
#define ERROR_TEXT_MAX  1024
#define LIST_MAX        500

static void push_part(duk_context *ctx, const struct kv_part *part)
{
    switch (part->type) {
    case KV_PART_STRING:
        text_push(ctx, part->bytes, part->len);
        break;
    case KV_PART_NUMBER:
        duk_push_number(ctx, part->number);
        break;
    case KV_PART_BYTES: {
        void *bytes = duk_push_fixed_buffer(ctx, part->len);

        for (size_t i = 0; i < part->len; i++)
            ((uint8_t *)bytes)[i] = part->bytes[i];
        duk_push_buffer_object(ctx, -1, 0, part->len, DUK_BUFOBJ_UINT8ARRAY);
        duk_remove(ctx, -2);
        break;
    }
    default:
        duk_push_boolean(ctx, part->type == KV_PART_TRUE);
        break;
    }
}

static bool push_key(duk_context *ctx, const uint8_t *bytes, size_t len)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    duk_uarridx_t count = 0;
    size_t pos = 0;
    int rc;

    duk_push_array(ctx);
    while ((rc = kv_key_next(bytes, len, &pos, &part, scratch)) == 1) {
        push_part(ctx, &part);
        duk_put_prop_index(ctx, -2, count++);
    }
    return rc == 0;
}

static bool push_stamp(duk_context *ctx, struct wire_reader *in)
{
    char hex[2 * STAMP_BYTES + 1];
    size_t len;
    const uint8_t *stamp = wire_get_bytes(in, STAMP_BYTES, &len);

    if (stamp == NULL || len != STAMP_BYTES)
        return false;
    id_hex(stamp, len, hex);
    duk_push_string(ctx, hex);
    return true;
}

/* {key, value, versionstamp} around the key on top of the stack. */
static bool push_entry(duk_context *ctx, struct wire_reader *in)
{
    size_t len;
    const uint8_t *value = wire_get_bytes(in, VALUE_MAX_BYTES, &len);

    if (value == NULL)
        return false;
    duk_push_object(ctx);
    duk_insert(ctx, -2);
    duk_put_prop_string(ctx, -2, "key");
    text_push(ctx, value, len);
    duk_put_prop_string(ctx, -2, "value");
    if (!push_stamp(ctx, in))
        return false;
    duk_put_prop_string(ctx, -2, "versionstamp");
    return true;
}

/* Takes the key that js_kv_get put by; undefined if there was no such request. */
static void take_key(duk_context *ctx, uint32_t id)
{
    duk_push_global_stash(ctx);
    duk_get_prop_string(ctx, -1, "keys");
    duk_get_prop_index(ctx, -1, id);
    duk_del_prop_index(ctx, -2, id);
    duk_replace(ctx, -3);
    duk_pop(ctx);
}

static bool push_got(duk_context *ctx, uint32_t id, struct wire_reader *in)
{
    uint8_t found = wire_get_u8(in);

    if (found == 1) {
        take_key(ctx, id);
        return push_entry(ctx, in);
    }
    take_key(ctx, id);
    duk_pop(ctx);
    duk_push_null(ctx);
    return found == 0;
}

static bool push_listed(duk_context *ctx, struct wire_reader *in)
{
    char cursor[2 * KV_KEY_MAX_BYTES + 1] = "";
    const uint8_t *key = NULL;
    size_t key_len = 0;
    uint32_t count = wire_get_u32(in);

    if (count > LIST_MAX)
        return false;
    duk_push_object(ctx);
    duk_push_array(ctx);
    for (uint32_t i = 0; i < count; i++) {
        key = wire_get_bytes(in, KV_KEY_MAX_BYTES, &key_len);
        if (key == NULL || !push_key(ctx, key, key_len) || !push_entry(ctx, in))
            return false;
        duk_put_prop_index(ctx, -2, i);
    }
    duk_put_prop_string(ctx, -2, "entries");
    if (wire_get_u8(in) == 1 && key != NULL)
        id_hex(key, key_len, cursor);
    duk_push_string(ctx, cursor);
    duk_put_prop_string(ctx, -2, "cursor");
    return true;
}

static bool push_committed(duk_context *ctx, struct wire_reader *in)
{
    uint8_t committed = wire_get_u8(in);

    duk_push_object(ctx);
    duk_push_boolean(ctx, committed == 1);
    duk_put_prop_string(ctx, -2, "ok");
    if (committed == 1) {
        if (!push_stamp(ctx, in))
            return false;
    } else {
        duk_push_null(ctx);
    }
    duk_put_prop_string(ctx, -2, "versionstamp");
    return committed <= 1;
}

static void push_error(duk_context *ctx, uint32_t error, const uint8_t *message, size_t len)
{
    int code = error > 0 && error <= INT32_MAX ? -(int)error : AMID_E_INTERNAL;

    duk_push_object(ctx);
    duk_push_string(ctx, error_js_name(code));
    duk_put_prop_string(ctx, -2, "name");
    if (len > 0)
        text_push(ctx, message, len);
    else
        duk_push_string(ctx, error_text(code));
    duk_put_prop_string(ctx, -2, "message");
}

/* {result, data} of a uniform call; data is a Uint8Array, or null when there is none. */
static bool push_call_result(duk_context *ctx, struct wire_reader *in)
{
    size_t json_len, len;
    const uint8_t *json = wire_get_bytes(in, in->left, &json_len);
    const uint8_t *data = wire_get_bytes(in, in->left, &len);

    if (json == NULL || data == NULL)
        return false;
    duk_push_object(ctx);
    text_push(ctx, json, json_len);
    duk_json_decode(ctx, -1);
    duk_put_prop_string(ctx, -2, "result");
    if (len > 0) {
        memcpy(duk_push_fixed_buffer(ctx, len), data, len);
        duk_push_buffer_object(ctx, -1, 0, len, DUK_BUFOBJ_UINT8ARRAY);
        duk_remove(ctx, -2);
    } else {
        duk_push_null(ctx);
    }
    duk_put_prop_string(ctx, -2, "data");
    return true;
}

static bool push_result(duk_context *ctx, const struct frame *frame, struct wire_reader *in)
{
    switch (frame->type) {
    case PROTO_KV_GOT:
        return push_got(ctx, frame->id, in);
    case PROTO_KV_LISTED:
        return push_listed(ctx, in);
    case PROTO_KV_COMMITTED:
        return push_committed(ctx, in);
    default:
        return push_call_result(ctx, in);
    }
}

bool host_reply(duk_context *ctx, const struct frame *frame)
{
    struct engine *engine = engine_of(ctx);
    const uint8_t *message;
    struct wire_reader in;
    uint32_t error;
    size_t len;

    wire_read(&in, frame->payload, frame->len);
    error = wire_get_u32(&in);
    message = wire_get_bytes(&in, ERROR_TEXT_MAX, &len);
    if (in.failed || frame->id == 0 || engine->host->waiting == 0)
        return false;
    engine->host->waiting--;
    engine_push_hook(engine, HOOK_REPLY);
    duk_push_uint(ctx, frame->id);
    if (error != 0) {
        take_key(ctx, frame->id);
        duk_pop(ctx);
        push_error(ctx, error, message, len);
        duk_push_null(ctx);
    } else {
        duk_push_null(ctx);
        if (!push_result(ctx, frame, &in))
            return false;
    }
    if (!wire_end(&in))
        return false;
    duk_call(ctx, 3);
    duk_pop(ctx);
    return true;
}
