/* Encoded keys from a runner: whatever the bytes, decoding ends, stays in bounds, and what it calls
 * valid is exactly what encoding the parts again gives. */
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/kv_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode_again(const uint8_t *data, size_t size)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    struct kv_key key;
    struct kv_key end;
    size_t pos = 0;
    kv_key_clear(&key);
    while (kv_key_next(data, size, &pos, &part, scratch) > 0) {
        if (kv_key_add(&key, &part) != 0)
            abort();
    }
    if (key.len != size || memcmp(key.bytes, data, size) != 0)
        abort();
    if (kv_key_prefix_end(&key, &end) != 0)
        abort();
    size_t least = end.len < size ? end.len : size;
    int order = memcmp(key.bytes, end.bytes, least);
    if (order > 0 || (order == 0 && end.len <= size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer out;
    bool is_valid = kv_key_is_valid(data, size);
    if (is_valid)
        encode_again(data, size);
    (void)kv_key_starts_with(data, size, "ami");
    buffer_init(&out, 1 << 20);
    int error = kv_key_to_json(data, size, &out);
    if (is_valid && error != 0)
        abort();
    buffer_clear(&out);
    error = kv_key_to_channel(data, size, &out);
    if (is_valid && error != 0)
        abort();
    buffer_free(&out);
    return 0;
}
