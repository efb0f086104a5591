#include "common/error.h"
#include "proto/wire.h"
#include "runner/engine.h"
#include "runner/host.h"
#include "runner/text.h"

/* Names come from the prelude alone. */
static const struct proto_call_info *require_call(duk_context *ctx, duk_idx_t idx)
{
    const struct proto_call_info *call = proto_call_named(duk_require_string(ctx, idx));

    if (call == NULL)
        (void)duk_type_error(ctx, "no such host call");
    return call;
}

/* call(name, arguments JSON, data or null): the request goes out, its id is returned. */
static duk_ret_t js_call(duk_context *ctx)
{
    const struct proto_call_info *call = require_call(ctx, 0);
    const void *data = NULL;
    struct buffer text, out;
    duk_size_t len = 0;
    uint32_t id;
    int rc;

    duk_require_string(ctx, 1);
    if (duk_is_buffer_data(ctx, 2))
        data = duk_get_buffer_data(ctx, 2, &len);
    id = host_next_id(ctx);
    buffer_init(&text, proto_message_find((uint16_t)call->type)->max_bytes);
    rc = text_get(ctx, 1, TEXT_LONE_ESCAPE, &text);
    if (rc != 0) {
        buffer_free(&text);
        return duk_range_error(ctx, "the arguments are too large");
    }
    channel_begin(&out, call->type);
    wire_put_bytes(&out, text.data, text.len);
    wire_put_bytes(&out, data, len);
    buffer_free(&text);
    host_send(ctx, call->type, id, &out);
    engine_of(ctx)->host->waiting++;
    duk_push_uint(ctx, id);
    return 1;
}

static duk_ret_t send_number(duk_context *ctx, enum proto_message type)
{
    struct buffer out;

    channel_begin(&out, type);
    wire_put_u32(&out, duk_require_uint(ctx, 0));
    host_send(ctx, type, 0, &out);
    return 0;
}

static duk_ret_t js_cancel(duk_context *ctx)
{
    return send_number(ctx, PROTO_CALL_CANCEL);
}

/* closeResource(rid): 0 = all, and every call under way. */
static duk_ret_t js_close_resource(duk_context *ctx)
{
    return send_number(ctx, PROTO_RESOURCE_CLOSE);
}

void host_push_calls(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"call", js_call, 3},
        {"cancel", js_cancel, 1},
        {"closeResource", js_close_resource, 1},
        {NULL, NULL, 0},
    };

    duk_put_function_list(ctx, -1, functions);
}
