/* The reader of payloads: any order of reads over any bytes stays inside them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "proto/wire.h"

#define PLAN_BYTES 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_reader reader;
    uint64_t sum = 0;

    if (size < PLAN_BYTES)
        return 0;
    /* The first bytes say what is read, the rest is the payload. */
    wire_read(&reader, data + PLAN_BYTES, size - PLAN_BYTES);
    for (size_t i = 0; i < PLAN_BYTES; i++) {
        size_t len = 0;
        const uint8_t *bytes;

        switch (data[i] % 4) {
        case 0:
            sum += wire_get_u8(&reader);
            break;
        case 1:
            sum += wire_get_u32(&reader);
            break;
        case 2:
            sum += wire_get_u64(&reader);
            break;
        default:
            bytes = wire_get_bytes(&reader, data[i], &len);
            if (len > data[i] || (bytes == NULL && len != 0))
                abort();
            for (size_t at = 0; at < len; at++)
                sum += bytes[at];
            break;
        }
    }
    if (wire_end(&reader) && (reader.failed || reader.left != 0))
        abort();
    return sum == 1 ? 1 : 0;
}
