#ifndef AMID_LIFECYCLE_CHANNEL_H
#define AMID_LIFECYCLE_CHANNEL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proto/message.h"

/*
 * amid's end of the stream to one runner. Every frame is checked against the list of messages
 * (direction, length, phase) before anybody sees it; the first one that does not pass ends the
 * channel. Output and input are bounded; while the runner does not read, it is not read from.
 */
struct channel;

enum channel_end {
    CHANNEL_END_EOF,       /* the runner closed its end */
    CHANNEL_END_UNKNOWN,   /* no such message, or not one of a runner's */
    CHANNEL_END_FORBIDDEN, /* not in this phase */
    CHANNEL_END_OVERSIZED,
    CHANNEL_END_MALFORMED, /* bad header, or a payload that does not read as its message */
    CHANNEL_END_UNREAD,    /* the runner lets too much pile up */
    CHANNEL_END_MAX
};

struct channel_handler {
    /* payload is borrowed. Returns 0, or AMID_E_PROTOCOL for a payload that does not read as its
     * message. The channel may be freed inside. */
    int (*frame)(void *arg, const struct proto_message_info *message, uint32_t id,
                 const uint8_t *payload, size_t len);
    /* Called once at most; nothing is read or sent after. message may be NULL. */
    void (*ended)(void *arg, enum channel_end reason, const struct proto_message_info *message,
                  uint32_t number);
    void *arg;
};

/* Why reading is held up; bits. */
enum channel_hold { CHANNEL_HOLD_OUTPUT = 1 << 0, CHANNEL_HOLD_CALLS = 1 << 1 };

#define CHANNEL_OUTPUT_HIGH_BYTES (256 * 1024)
#define CHANNEL_OUTPUT_LOW_BYTES  (64 * 1024)
#define CHANNEL_OUTPUT_MAX_BYTES  (16 * 1024 * 1024)

/* Takes over fd (non-blocking), also on failure. */
int channel_new(struct event_base *base, int fd, const struct channel_handler *handler,
                struct channel **ret_channel);
void channel_free(struct channel *channel);
/* One phase, in which the runner is from now on. */
void channel_set_phase(struct channel *channel, enum proto_phase phase);
/* payload NULL = empty. AMID_E_CLOSED after the end; a payload over its limit or failed is
 * AMID_E_TOO_LARGE and not sent. */
int channel_send(struct channel *channel, enum proto_message type, uint32_t id,
                 const struct buffer *payload);
void channel_hold(struct channel *channel, enum channel_hold why, bool is_held);
bool channel_is_held(const struct channel *channel, enum channel_hold why);
/* Takes in what a dead runner has left in the stream. */
void channel_drain(struct channel *channel);
const char *channel_end_name(enum channel_end reason);

#endif
