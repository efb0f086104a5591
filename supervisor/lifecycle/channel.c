#include "supervisor/lifecycle/channel.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"

/* Input kept while nothing is known to be larger. */
#define CHANNEL_INPUT_BYTES (64 * 1024)
#define CHANNEL_WRITE_BYTES (128 * 1024)
/* Frames handled before other channels get their turn. */
#define CHANNEL_FRAMES_PER_TURN 64
/* A stream socket holds less than this, so a dead runner cannot have left more. */
#define CHANNEL_DRAIN_ROUNDS 256

struct channel {
    struct bufferevent *stream;
    struct event *flush; /* active while there is something to write at the end of the turn */
    int fd;
    struct channel_handler handler;
    enum proto_phase phase;
    unsigned holds;
    size_t input_max; /* the read watermark in force */
    bool is_over;
    bool is_busy; /* inside the handler */
    bool is_freed;
    bool is_draining;
};

static const char *const end_names[CHANNEL_END_MAX] = {
    [CHANNEL_END_EOF] = "closed",          [CHANNEL_END_UNKNOWN] = "unknown",
    [CHANNEL_END_FORBIDDEN] = "forbidden", [CHANNEL_END_OVERSIZED] = "oversized",
    [CHANNEL_END_MALFORMED] = "malformed", [CHANNEL_END_UNREAD] = "unread",
};

const char *channel_end_name(enum channel_end reason)
{
    return end_names[reason];
}

static void channel_destroy(struct channel *channel)
{
    event_free(channel->flush);
    bufferevent_free(channel->stream);
    free(channel);
}

static void channel_over(struct channel *channel, enum channel_end reason,
                         const struct proto_message_info *message, uint32_t number)
{
    if (channel->is_over)
        return;
    channel->is_over = true;
    bufferevent_disable(channel->stream, EV_READ | EV_WRITE);
    channel->handler.ended(channel->handler.arg, reason, message, number);
}

/* What a frame is refused for; CHANNEL_END_MAX = for nothing. */
static enum channel_end header_fault(const struct channel *channel,
                                     const struct proto_header *header,
                                     const struct proto_message_info *message)
{
    if (header->zero != 0)
        return CHANNEL_END_MALFORMED;
    if (message == NULL || message->direction != PROTO_FROM_RUNNER)
        return CHANNEL_END_UNKNOWN;
    if (header->length > message->max_bytes)
        return CHANNEL_END_OVERSIZED;
    if ((message->phases & (uint32_t)channel->phase) == 0)
        return CHANNEL_END_FORBIDDEN;
    return CHANNEL_END_MAX;
}

static void set_input_max(struct channel *channel, size_t bytes)
{
    if (bytes < CHANNEL_INPUT_BYTES)
        bytes = CHANNEL_INPUT_BYTES;
    if (bytes == channel->input_max)
        return;
    channel->input_max = bytes;
    bufferevent_setwatermark(channel->stream, EV_READ, 0, bytes);
}

bool channel_is_held(const struct channel *channel, enum channel_hold why)
{
    return (channel->holds & (unsigned)why) != 0;
}

static bool is_held(const struct channel *channel)
{
    return channel->holds != 0 && !channel->is_draining;
}

/* Handles one frame; false when there is no complete one or nothing more is to be handled. */
static bool channel_take(struct channel *channel)
{
    struct evbuffer *input = bufferevent_get_input(channel->stream);
    const struct proto_message_info *message;
    uint8_t bytes[PROTO_HEADER_BYTES];
    struct proto_header header;
    enum channel_end fault;
    const uint8_t *frame;

    if (channel->is_freed || channel->is_over || is_held(channel) ||
        evbuffer_copyout(input, bytes, sizeof(bytes)) < (ev_ssize_t)sizeof(bytes))
        return false;
    wire_header_decode(bytes, &header);
    message = proto_message_find(header.type);
    fault = header_fault(channel, &header, message);
    if (fault != CHANNEL_END_MAX) {
        channel_over(channel, fault, message, header.type);
        return false;
    }
    if (evbuffer_get_length(input) < sizeof(bytes) + header.length) {
        set_input_max(channel, sizeof(bytes) + header.length);
        return false;
    }
    frame = evbuffer_pullup(input, (ev_ssize_t)(sizeof(bytes) + header.length));
    if (frame == NULL || channel->handler.frame(channel->handler.arg, message, header.id,
                                                frame + sizeof(bytes), header.length) != 0) {
        channel_over(channel, CHANNEL_END_MALFORMED, message, header.type);
        return false;
    }
    evbuffer_drain(input, sizeof(bytes) + header.length);
    set_input_max(channel, CHANNEL_INPUT_BYTES);
    return true;
}

/* Returns false if the channel is gone. */
static bool channel_handle(struct channel *channel, int frames_max)
{
    int frames = 0;

    channel->is_busy = true;
    while (frames < frames_max && channel_take(channel))
        frames++;
    channel->is_busy = false;
    if (channel->is_freed) {
        channel_destroy(channel);
        return false;
    }
    if (frames == frames_max && !channel->is_over && !is_held(channel))
        bufferevent_trigger(channel->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    return true;
}

static void channel_readable(struct bufferevent *stream, void *arg)
{
    (void)stream;
    channel_handle(arg, CHANNEL_FRAMES_PER_TURN);
}

static void channel_written(struct bufferevent *stream, void *arg)
{
    struct channel *channel = arg;

    if (evbuffer_get_length(bufferevent_get_output(stream)) == 0)
        bufferevent_disable(stream, EV_WRITE);
    channel_hold(channel, CHANNEL_HOLD_OUTPUT, false);
}

/*
 * Writes at once what a turn has gathered. The bufferevent alone would ask the kernel first whether
 * it may, which takes two calls and another turn of the loop for every answer; it is only asked for
 * what does not fit.
 */
static void channel_flush(evutil_socket_t fd, short what, void *arg)
{
    struct channel *channel = arg;
    struct evbuffer *output = bufferevent_get_output(channel->stream);

    (void)fd;
    (void)what;
    if (channel->is_over)
        return;
    evbuffer_unfreeze(output, 1);
    /* An error is found by the bufferevent, in its own time. */
    (void)evbuffer_write_atmost(output, channel->fd, CHANNEL_WRITE_BYTES);
    evbuffer_freeze(output, 1);
    if (evbuffer_get_length(output) > 0)
        bufferevent_enable(channel->stream, EV_WRITE);
    else if (channel->holds != 0)
        channel_hold(channel, CHANNEL_HOLD_OUTPUT, false);
}

static void channel_event(struct bufferevent *stream, short what, void *arg)
{
    struct channel *channel = arg;

    (void)stream;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
        return;
    if (channel_handle(channel, CHANNEL_DRAIN_ROUNDS))
        channel_over(channel, CHANNEL_END_EOF, NULL, 0);
}

int channel_new(struct event_base *base, int fd, const struct channel_handler *handler,
                struct channel **ret_channel)
{
    struct channel *channel = calloc(1, sizeof(*channel));

    if (channel != NULL)
        channel->stream =
            bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (channel == NULL || channel->stream == NULL) {
        free(channel);
        close(fd);
        return AMID_E_NOMEM;
    }
    channel->flush = event_new(base, -1, 0, channel_flush, channel);
    if (channel->flush == NULL) {
        bufferevent_free(channel->stream); /* closes fd */
        free(channel);
        return AMID_E_NOMEM;
    }
    channel->fd = fd;
    channel->handler = *handler;
    channel->phase = PROTO_PHASE_STARTING;
    bufferevent_setcb(channel->stream, channel_readable, channel_written, channel_event, channel);
    set_input_max(channel, CHANNEL_INPUT_BYTES);
    bufferevent_setwatermark(channel->stream, EV_WRITE, CHANNEL_OUTPUT_LOW_BYTES, 0);
    bufferevent_set_max_single_write(channel->stream, CHANNEL_WRITE_BYTES);
    bufferevent_disable(channel->stream, EV_WRITE);
    bufferevent_enable(channel->stream, EV_READ);
    *ret_channel = channel;
    return 0;
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    channel->is_freed = true;
    channel->is_over = true;
    if (!channel->is_busy)
        channel_destroy(channel);
}

void channel_set_phase(struct channel *channel, enum proto_phase phase)
{
    channel->phase = phase;
}

int channel_send(struct channel *channel, enum proto_message type, uint32_t id,
                 const struct buffer *payload)
{
    const struct proto_message_info *message = proto_message_find((uint16_t)type);
    struct evbuffer *output = bufferevent_get_output(channel->stream);
    size_t len = payload == NULL ? 0 : payload->len;
    struct proto_header header = {(uint32_t)len, (uint16_t)type, 0, id};
    uint8_t bytes[PROTO_HEADER_BYTES];

    if (channel->is_over)
        return AMID_E_CLOSED;
    if ((payload != NULL && payload->failed) || len > message->max_bytes)
        return AMID_E_TOO_LARGE;
    if (evbuffer_get_length(output) + len > CHANNEL_OUTPUT_MAX_BYTES) {
        channel_over(channel, CHANNEL_END_UNREAD, message, (uint32_t)type);
        return AMID_E_CLOSED;
    }
    wire_header_encode(&header, bytes);
    if (evbuffer_expand(output, sizeof(bytes) + len) != 0)
        return AMID_E_NOMEM;
    evbuffer_add(output, bytes, sizeof(bytes));
    if (len > 0)
        evbuffer_add(output, payload->data, len);
    if ((bufferevent_get_enabled(channel->stream) & EV_WRITE) == 0)
        event_active(channel->flush, EV_WRITE, 0);
    if (evbuffer_get_length(output) > CHANNEL_OUTPUT_HIGH_BYTES)
        channel_hold(channel, CHANNEL_HOLD_OUTPUT, true);
    return 0;
}

void channel_hold(struct channel *channel, enum channel_hold why, bool is_held)
{
    unsigned before = channel->holds;

    if (is_held)
        channel->holds |= (unsigned)why;
    else
        channel->holds &= ~(unsigned)why;
    if (channel->is_over || (before == 0) == (channel->holds == 0))
        return;
    if (channel->holds != 0) {
        bufferevent_disable(channel->stream, EV_READ);
        return;
    }
    bufferevent_enable(channel->stream, EV_READ);
    bufferevent_trigger(channel->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

void channel_drain(struct channel *channel)
{
    struct evbuffer *input = bufferevent_get_input(channel->stream);

    if (channel->is_over)
        return;
    bufferevent_disable(channel->stream, EV_READ);
    channel->is_draining = true;
    for (int i = 0; i < CHANNEL_DRAIN_ROUNDS; i++) {
        int len;

        if (!channel_handle(channel, INT32_MAX))
            return;
        if (channel->is_over)
            return;
        evbuffer_unfreeze(input, 0);
        len = evbuffer_read(input, channel->fd, -1);
        evbuffer_freeze(input, 0);
        if (len <= 0)
            break;
    }
    channel_over(channel, CHANNEL_END_EOF, NULL, 0);
}
