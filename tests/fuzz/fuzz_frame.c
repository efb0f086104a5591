/* The runner's frame reader: bytes in pieces of any size; only frames that amid may send come out,
 * and after the first that it may not, none. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/error.h"
#include "runner/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take_all(struct channel *channel)
{
    struct frame frame;
    int rc;

    while ((rc = channel_next(channel, &frame)) == 1) {
        const struct proto_message_info *info = proto_message_find((uint16_t)frame.type);
        volatile uint8_t sum = 0;

        if (info == NULL || info->direction != PROTO_TO_RUNNER || frame.len > info->max_bytes)
            abort();
        for (size_t i = 0; i < frame.len; i++)
            sum = (uint8_t)(sum + frame.payload[i]);
    }
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct channel channel;
    size_t step;

    if (size < 1)
        return 0;
    step = (size_t)data[0] + 1;
    channel_init(&channel, -1);
    for (size_t at = 1; at < size; at += step) {
        size_t len = size - at < step ? size - at : step;

        if (channel_feed(&channel, data + at, len) != 0)
            abort();
        if (take_all(&channel) < 0) {
            struct frame frame;

            if (channel_next(&channel, &frame) != AMID_E_PROTOCOL)
                abort();
            break;
        }
    }
    channel_free(&channel);
    return 0;
}
