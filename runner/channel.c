#include "runner/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/error.h"
#include "proto/wire.h"

#define IN_FIRST_BYTES 1024
/* An idle runner keeps no more than this. */
#define IN_KEEP_BYTES 16384

void channel_init(struct channel *channel, int fd)
{
    *channel = (struct channel){.fd = fd};
}

static void in_free(struct channel *channel)
{
    free(channel->in);
    channel->in = NULL;
    channel->in_capacity = channel->in_start = channel->in_end = 0;
}

void channel_free(struct channel *channel)
{
    in_free(channel);
    free(channel->out);
    channel_init(channel, channel->fd);
}

/* What has happened of events; 0 = the time is over. */
static int poll_fd(int fd, short events, double timeout_ms)
{
    struct pollfd pollfd = {.fd = fd, .events = events};
    struct timespec wait = {.tv_sec = 0};
    int n;

    if (timeout_ms > 0) {
        double seconds = timeout_ms / 1e3;

        if (seconds > 86400)
            seconds = 86400;
        wait.tv_sec = (time_t)seconds;
        wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
    }
    do {
        n = ppoll(&pollfd, 1, timeout_ms < 0 ? NULL : &wait, NULL);
    } while (n < 0 && errno == EINTR);
    if (n < 0 || (pollfd.revents & (POLLERR | POLLNVAL)) != 0)
        return AMID_E_CLOSED;
    return n > 0 ? pollfd.revents : 0;
}

static int flush(struct channel *channel);

int channel_wait(struct channel *channel, double timeout_ms)
{
    int happened = flush(channel);

    if (happened == 0)
        happened = poll_fd(channel->fd, POLLIN, timeout_ms);
    return happened > 0 ? 1 : happened;
}

/* Makes room for `more` bytes behind in_end. */
static int make_room(struct channel *channel, size_t more)
{
    size_t held = channel->in_end - channel->in_start;
    size_t capacity = channel->in_capacity == 0 ? IN_FIRST_BYTES : channel->in_capacity;
    uint8_t *in;

    if (channel->in_capacity - channel->in_end >= more && channel->in != NULL)
        return 0;
    if (channel->in != NULL && channel->in_start > 0)
        memmove(channel->in, channel->in + channel->in_start, held);
    channel->in_start = 0;
    channel->in_end = held;
    if (channel->in != NULL && channel->in_capacity - held >= more)
        return 0;
    while (capacity < held + more)
        capacity *= 2;
    in = realloc(channel->in, capacity);
    if (in == NULL)
        return AMID_E_NOMEM;
    channel->in = in;
    channel->in_capacity = capacity;
    return 0;
}

/* How many bytes the frame under way still lacks; so no read takes more than one frame needs room
 * for. */
static size_t missing(const struct channel *channel)
{
    size_t held = channel->in_end - channel->in_start;
    struct proto_header header;
    size_t whole;

    if (held < PROTO_HEADER_BYTES)
        return IN_FIRST_BYTES - held;
    wire_header_decode(channel->in + channel->in_start, &header);
    if (header.length > PROTO_CODE_MAX)
        return 1; /* channel_next refuses it */
    whole = PROTO_HEADER_BYTES + (size_t)header.length;
    return whole > held ? whole - held : IN_FIRST_BYTES;
}

int channel_feed(struct channel *channel, const void *bytes, size_t len)
{
    int rc = make_room(channel, len);

    if (rc != 0)
        return rc;
    memcpy(channel->in + channel->in_end, bytes, len);
    channel->in_end += len;
    return 0;
}

int channel_fill(struct channel *channel)
{
    int rc = make_room(channel, missing(channel));
    ssize_t n;

    if (rc != 0)
        return rc;
    do {
        n = recv(channel->fd, channel->in + channel->in_end, channel->in_capacity - channel->in_end,
                 MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (n <= 0)
        return AMID_E_CLOSED;
    channel->in_end += (size_t)n;
    return 0;
}

static void release(struct channel *channel)
{
    channel->in_start = 0;
    channel->in_end = 0;
    if (channel->in_capacity > IN_KEEP_BYTES)
        in_free(channel);
}

int channel_next(struct channel *channel, struct frame *ret_frame)
{
    size_t held = channel->in_end - channel->in_start;
    const struct proto_message_info *info;
    struct proto_header header;

    if (held == 0)
        release(channel);
    if (held < PROTO_HEADER_BYTES)
        return 0;
    wire_header_decode(channel->in + channel->in_start, &header);
    info = proto_message_find(header.type);
    if (info == NULL || info->direction != PROTO_TO_RUNNER || header.zero != 0 ||
        header.length > info->max_bytes)
        return AMID_E_PROTOCOL;
    if (held - PROTO_HEADER_BYTES < header.length)
        return 0;
    *ret_frame = (struct frame){
        .type = info->type,
        .id = header.id,
        .payload = channel->in + channel->in_start + PROTO_HEADER_BYTES,
        .len = header.length,
    };
    channel->in_start += PROTO_HEADER_BYTES + (size_t)header.length;
    return 1;
}

void channel_begin(struct buffer *out, enum proto_message type)
{
    static const uint8_t room[PROTO_HEADER_BYTES];
    const struct proto_message_info *info = proto_message_find((uint16_t)type);

    buffer_init(out, PROTO_HEADER_BYTES + (info == NULL ? 0 : (size_t)info->max_bytes));
    buffer_append(out, room, sizeof(room));
}

/* Takes in what amid sends meanwhile: an amid that waits for us to read would never read us. */
static int wait_writable(struct channel *channel)
{
    int happened = poll_fd(channel->fd, POLLIN | POLLOUT, -1);

    if (happened < 0)
        return happened;
    return (happened & POLLOUT) == 0 ? channel_fill(channel) : 0;
}

static int send_all(struct channel *channel, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(channel->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            /* Half a frame cannot be taken back, so short memory ends the stream too. */
            if (wait_writable(channel) != 0)
                return AMID_E_CLOSED;
        } else if (n == 0 || errno != EINTR) {
            return AMID_E_CLOSED;
        }
    }
    return 0;
}

static int flush(struct channel *channel)
{
    uint8_t *out = channel->out;
    size_t len = channel->out_len;
    int rc;

    if (out == NULL)
        return 0;
    channel->out = NULL;
    channel->out_len = 0;
    rc = send_all(channel, out, len);
    free(out);
    return rc;
}

/* Writes the header in front of the payload. */
static int seal(struct buffer *out, enum proto_message type, uint32_t id)
{
    struct proto_header header = {.type = (uint16_t)type, .id = id};
    int rc = buffer_status(out);

    if (rc == 0) {
        header.length = (uint32_t)(out->len - PROTO_HEADER_BYTES);
        wire_header_encode(&header, (uint8_t *)out->data);
    }
    return rc;
}

int channel_send(struct channel *channel, enum proto_message type, uint32_t id, struct buffer *out)
{
    int rc = seal(out, type, id);

    if (rc == 0)
        rc = flush(channel);
    if (rc == 0)
        rc = send_all(channel, (const uint8_t *)out->data, out->len);
    buffer_free(out);
    return rc;
}

int channel_put(struct channel *channel, enum proto_message type, uint32_t id, struct buffer *out)
{
    int rc = seal(out, type, id);

    if (rc != 0) {
        buffer_free(out);
        return rc;
    }
    if (channel->out_len + out->len > CHANNEL_BATCH_BYTES)
        rc = flush(channel);
    if (rc == 0 && channel->out == NULL && out->len <= CHANNEL_BATCH_BYTES)
        channel->out = malloc(CHANNEL_BATCH_BYTES);
    if (rc != 0 || channel->out == NULL || out->len > CHANNEL_BATCH_BYTES)
        return channel_send(channel, type, id, out);
    memcpy(channel->out + channel->out_len, out->data, out->len);
    channel->out_len += out->len;
    buffer_free(out);
    return 0;
}
