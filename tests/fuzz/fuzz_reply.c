/* Answers to a script's requests (KV_GOT, KV_LISTED, KV_COMMITTED): whatever stands in the payload,
 * the hook gets well-formed values or the frame is refused; the heap stays sound. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/engine.h"
#include "runner/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct engine engine;
static struct host host;
static struct frame frame;

static duk_ret_t on_reply(duk_context *ctx)
{
    if (!duk_is_null(ctx, 1)) {
        duk_require_object(ctx, 1);
        return 0;
    }
    if (!duk_is_null(ctx, 2))
        duk_json_encode(ctx, 2);
    return 0;
}

static void open_engine(void)
{
    engine.ctx = duk_create_heap(heap_alloc, heap_realloc, heap_free, &engine.heap, NULL);
    engine.host = &host;
    host_push(engine.ctx);
    duk_push_c_function(engine.ctx, on_reply, 3);
    engine.hooks[HOOK_REPLY] = duk_get_heapptr(engine.ctx, -1);
}

static duk_ret_t reply(duk_context *ctx, void *udata)
{
    (void)udata;
    host_reply(ctx, &frame);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum proto_message types[] = {PROTO_KV_GOT, PROTO_KV_LISTED, PROTO_KV_COMMITTED,
                                               PROTO_PING};

    if (engine.ctx == NULL)
        open_engine();
    if (size < 1)
        return 0;
    host.waiting = 1;
    frame =
        (struct frame){.type = types[data[0] % 4], .id = 1, .payload = data + 1, .len = size - 1};
    duk_safe_call(engine.ctx, reply, NULL, 0, 1);
    duk_pop(engine.ctx);
    return 0;
}
