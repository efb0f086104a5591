#include <string.h>

#include "runner/host.h"

const uint8_t *host_require_bytes(duk_context *ctx, duk_idx_t idx, size_t *ret_len)
{
    duk_size_t len = 0;
    const void *bytes = duk_require_buffer_data(ctx, idx, &len);

    *ret_len = len;
    return len == 0 ? (const uint8_t *)"" : bytes;
}

/* bytesFind(bytes, sought, from): the first place, -1 if there is none. */
static duk_ret_t js_bytes_find(duk_context *ctx)
{
    size_t len, sought_len;
    const uint8_t *bytes = host_require_bytes(ctx, 0, &len);
    const uint8_t *sought = host_require_bytes(ctx, 1, &sought_len);
    duk_uint_t from = duk_require_uint(ctx, 2);
    const uint8_t *found = NULL;

    if (from <= len)
        found = memmem(bytes + from, len - from, sought, sought_len);
    duk_push_number(ctx, found == NULL ? -1.0 : (double)(found - bytes));
    return 1;
}

/* base64Encode(bytes): text */
static duk_ret_t js_base64_encode(duk_context *ctx)
{
    size_t len;

    (void)host_require_bytes(ctx, 0, &len);
    duk_base64_encode(ctx, 0);
    return 1;
}

/* base64Decode(text): bytes; the prelude has checked the alphabet and the padding. */
static duk_ret_t js_base64_decode(duk_context *ctx)
{
    duk_size_t len;

    duk_require_string(ctx, 0);
    duk_base64_decode(ctx, 0);
    (void)duk_require_buffer(ctx, 0, &len);
    duk_push_buffer_object(ctx, 0, 0, len, DUK_BUFOBJ_UINT8ARRAY);
    return 1;
}

void host_push_bytes(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"bytesFind", js_bytes_find, 3},
        {"base64Encode", js_base64_encode, 1},
        {"base64Decode", js_base64_decode, 1},
        {NULL, NULL, 0},
    };

    duk_put_function_list(ctx, -1, functions);
}
