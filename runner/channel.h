#ifndef AMID_RUNNER_CHANNEL_H
#define AMID_RUNNER_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proto/message.h"

/*
 * The runner's end of its channel to amid. Reading never blocks; writing waits in poll while amid
 * reads slowly, which is the backpressure a script feels. A frame that amid would not send
 * (unknown, from the wrong side, longer than its limit) is AMID_E_PROTOCOL for good.
 */
struct channel {
    int fd; /* not owned: it lives as long as the process */
    uint8_t *in;
    size_t in_capacity, in_start, in_end;
    uint8_t *out; /* frames put by, sent together; NULL when there are none */
    size_t out_len;
};

struct frame {
    enum proto_message type;
    uint32_t id;
    const uint8_t *payload; /* borrowed: until the next call on the channel */
    size_t len;
};

void channel_init(struct channel *channel, int fd);
void channel_free(struct channel *channel);

/* Waits until something can be read or timeout_ms (a fraction counts; < 0 = for ever) has passed.
 * 1 readable, 0 timeout, AMID_E_CLOSED. */
int channel_wait(struct channel *channel, double timeout_ms);
/* Reads what is there. 0, AMID_E_CLOSED or AMID_E_NOMEM. */
int channel_fill(struct channel *channel);
/* Takes bytes as if they had been read. 0 or AMID_E_NOMEM. */
int channel_feed(struct channel *channel, const void *bytes, size_t len);
/* 1 and the next whole frame, 0 when there is none yet, AMID_E_PROTOCOL. */
int channel_next(struct channel *channel, struct frame *ret_frame);

/* Begins a frame in out (initialised here, limit and header included); write the payload with
 * proto/wire.h. */
void channel_begin(struct buffer *out, enum proto_message type);
/* Sends it and frees out. 0, AMID_E_CLOSED, AMID_E_TOO_LARGE or AMID_E_NOMEM (nothing was sent). */
int channel_send(struct channel *channel, enum proto_message type, uint32_t id, struct buffer *out);
/* The same, but the frame may wait for others: until the next channel_send or channel_wait, or
 * until CHANNEL_BATCH_BYTES are there. For questions, of which a turn may ask many. */
#define CHANNEL_BATCH_BYTES 16384
int channel_put(struct channel *channel, enum proto_message type, uint32_t id, struct buffer *out);

#endif
