/* Holds: amid's end of a runner's stream lets through exactly the messages that the list allows in
 * the runner's phase; the first frame that is not, ends the channel with a reason, and nothing
 * after it is seen. Each fault that a hostile runner could try is one test here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/lifecycle/channel.h"

struct stream {
    struct event_base *base;
    struct channel *channel;
    int fd; /* the runner's end */
    size_t frames;
    size_t bytes;
    uint32_t last_type;
    bool ended;
    enum channel_end reason;
    bool refuse;
    bool free_inside;
};

static int frame(void *arg, const struct proto_message_info *message, uint32_t id,
                 const uint8_t *payload, size_t len)
{
    struct stream *stream = arg;

    (void)id;
    for (size_t i = 0; i < len; i++)
        stream->bytes += payload[i] == 'x';
    stream->frames++;
    stream->last_type = message->type;
    if (stream->free_inside) {
        channel_free(stream->channel);
        stream->channel = NULL;
    }
    return stream->refuse ? AMID_E_PROTOCOL : 0;
}

static void ended(void *arg, enum channel_end reason, const struct proto_message_info *message,
                  uint32_t number)
{
    struct stream *stream = arg;

    (void)message;
    (void)number;
    assert_false(stream->ended);
    stream->ended = true;
    stream->reason = reason;
}

static int setup(void **state)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    struct channel_handler handler = {frame, ended, stream};
    int pair[2];

    stream->base = event_base_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    stream->fd = pair[1];
    assert_int_equal(channel_new(stream->base, pair[0], &handler, &stream->channel), 0);
    channel_set_phase(stream->channel, PROTO_PHASE_RUNNING);
    *state = stream;
    return 0;
}

static int teardown(void **state)
{
    struct stream *stream = *state;

    channel_free(stream->channel);
    close(stream->fd);
    event_base_free(stream->base);
    free(stream);
    return 0;
}

static void turn(struct stream *stream)
{
    for (int i = 0; i < 20; i++)
        event_base_loop(stream->base, EVLOOP_NONBLOCK);
}

static void put(struct stream *stream, uint32_t length, uint16_t type, uint16_t zero,
                size_t payload)
{
    struct proto_header header = {length, type, zero, 1};
    uint8_t bytes[PROTO_HEADER_BYTES];
    char *text = malloc(payload + 1);

    wire_header_encode(&header, bytes);
    memset(text, 'x', payload);
    assert_int_equal(write(stream->fd, bytes, sizeof(bytes)), sizeof(bytes));
    for (size_t done = 0; done < payload;) {
        ssize_t len = write(stream->fd, text + done, payload - done);

        if (len > 0)
            done += (size_t)len;
        else
            turn(stream);
    }
    free(text);
}

static void expect_end(struct stream *stream, enum channel_end reason)
{
    turn(stream);
    assert_true(stream->ended);
    assert_int_equal(stream->reason, reason);
    assert_int_equal(channel_send(stream->channel, PROTO_PING, 0, NULL), AMID_E_CLOSED);
}

static void whole_frames_arrive_in_order(void **state)
{
    struct stream *stream = *state;

    put(stream, 0, PROTO_PONG, 0, 0);
    put(stream, 100, PROTO_LOG, 0, 100);
    put(stream, 0, PROTO_ITERATION_OK, 0, 0);
    turn(stream);
    assert_int_equal(stream->frames, 3);
    assert_int_equal(stream->bytes, 100);
    assert_int_equal(stream->last_type, PROTO_ITERATION_OK);
    assert_false(stream->ended);
}

static void a_frame_larger_than_the_usual_input_arrives(void **state)
{
    struct stream *stream = *state;

    put(stream, PROTO_ATOMIC_MAX, PROTO_KV_ATOMIC, 0, PROTO_ATOMIC_MAX);
    put(stream, 0, PROTO_PONG, 0, 0);
    turn(stream);
    assert_int_equal(stream->frames, 2);
    assert_int_equal(stream->bytes, PROTO_ATOMIC_MAX);
}

static void many_frames_are_taken_over_several_turns(void **state)
{
    struct stream *stream = *state;

    for (int i = 0; i < 2000; i++) {
        put(stream, 1, PROTO_LOG, 0, 1);
        if (i % 50 == 49) /* before the socket is full */
            turn(stream);
    }
    for (int i = 0; i < 10; i++)
        turn(stream);
    assert_int_equal(stream->frames, 2000);
}

static void an_unknown_number_ends_it(void **state)
{
    put(*state, 0, 0x7777, 0, 0);
    expect_end(*state, CHANNEL_END_UNKNOWN);
}

static void a_message_of_amids_side_ends_it(void **state)
{
    put(*state, 1, PROTO_STOP, 0, 1);
    expect_end(*state, CHANNEL_END_UNKNOWN);
}

static void a_message_of_another_phase_ends_it(void **state)
{
    put(*state, 0, PROTO_READY, 0, 0);
    expect_end(*state, CHANNEL_END_FORBIDDEN);
}

static void an_oversized_frame_ends_it_before_its_payload(void **state)
{
    put(*state, PROTO_LOG_MAX + 1, PROTO_LOG, 0, 0);
    expect_end(*state, CHANNEL_END_OVERSIZED);
}

static void the_largest_length_ends_it(void **state)
{
    put(*state, UINT32_MAX, PROTO_KV_GET, 0, 0);
    expect_end(*state, CHANNEL_END_OVERSIZED);
}

static void a_bad_header_ends_it(void **state)
{
    put(*state, 0, PROTO_PONG, 1, 0);
    expect_end(*state, CHANNEL_END_MALFORMED);
}

static void a_payload_that_its_reader_refuses_ends_it(void **state)
{
    struct stream *stream = *state;

    stream->refuse = true;
    put(stream, 3, PROTO_LOG, 0, 3);
    put(stream, 0, PROTO_PONG, 0, 0);
    expect_end(stream, CHANNEL_END_MALFORMED);
    assert_int_equal(stream->frames, 1);
}

static void half_a_frame_and_the_end_is_an_end(void **state)
{
    struct stream *stream = *state;

    put(stream, 100, PROTO_LOG, 0, 10);
    shutdown(stream->fd, SHUT_WR);
    expect_end(stream, CHANNEL_END_EOF);
    assert_int_equal(stream->frames, 0);
}

static void while_held_nothing_is_read_and_then_everything(void **state)
{
    struct stream *stream = *state;

    channel_hold(stream->channel, CHANNEL_HOLD_CALLS, true);
    put(stream, 0, PROTO_PONG, 0, 0);
    turn(stream);
    assert_int_equal(stream->frames, 0);
    assert_true(channel_is_held(stream->channel, CHANNEL_HOLD_CALLS));
    channel_hold(stream->channel, CHANNEL_HOLD_CALLS, false);
    turn(stream);
    assert_int_equal(stream->frames, 1);
}

static void a_dead_runners_last_words_are_heard_even_while_held(void **state)
{
    struct stream *stream = *state;

    channel_hold(stream->channel, CHANNEL_HOLD_CALLS, true);
    for (int i = 0; i < 100; i++)
        put(stream, 10, PROTO_LOG, 0, 10);
    shutdown(stream->fd, SHUT_WR);
    channel_drain(stream->channel);
    assert_int_equal(stream->frames, 100);
    assert_true(stream->ended);
    assert_int_equal(stream->reason, CHANNEL_END_EOF);
}

static void a_runner_that_does_not_read_is_not_read_and_at_last_ended(void **state)
{
    struct stream *stream = *state;
    struct buffer payload;
    int error = 0;

    buffer_init(&payload, PROTO_CODE_MAX);
    for (size_t i = 0; i < PROTO_CODE_MAX / 2; i++)
        buffer_append_char(&payload, 'y');
    assert_int_equal(channel_send(stream->channel, PROTO_KV_LISTED, 1, &payload), 0);
    assert_true(channel_is_held(stream->channel, CHANNEL_HOLD_OUTPUT));
    for (int i = 0; i < 16 && error == 0; i++)
        error = channel_send(stream->channel, PROTO_KV_LISTED, 1, &payload);
    assert_int_equal(error, AMID_E_CLOSED);
    expect_end(stream, CHANNEL_END_UNREAD);
    buffer_free(&payload);
}

static void it_is_read_again_once_it_reads(void **state)
{
    struct stream *stream = *state;
    static char heap[65536];
    struct buffer payload;
    size_t left = 1000012;

    buffer_init(&payload, 1000000);
    for (size_t i = 0; i < 1000000; i++)
        buffer_append_char(&payload, 'y');
    assert_int_equal(channel_send(stream->channel, PROTO_KV_LISTED, 1, &payload), 0);
    put(stream, 0, PROTO_PONG, 0, 0);
    turn(stream);
    assert_int_equal(stream->frames, 0);
    while (left > 0) {
        ssize_t len = read(stream->fd, heap, sizeof(heap));

        if (len > 0)
            left -= (size_t)len;
        turn(stream);
    }
    assert_false(channel_is_held(stream->channel, CHANNEL_HOLD_OUTPUT));
    assert_int_equal(stream->frames, 1);
    buffer_free(&payload);
}

static void what_is_too_large_is_not_sent(void **state)
{
    struct stream *stream = *state;
    struct buffer payload;

    buffer_init(&payload, 1024);
    buffer_append(&payload, "xx", 2);
    assert_int_equal(channel_send(stream->channel, PROTO_RUN, 0, &payload), AMID_E_TOO_LARGE);
    payload.failed = true;
    assert_int_equal(channel_send(stream->channel, PROTO_LOAD, 0, &payload), AMID_E_TOO_LARGE);
    assert_false(stream->ended);
    buffer_free(&payload);
}

static void it_can_be_freed_from_inside(void **state)
{
    struct stream *stream = *state;

    stream->free_inside = true;
    put(stream, 0, PROTO_PONG, 0, 0);
    put(stream, 0, PROTO_PONG, 0, 0);
    turn(stream);
    assert_int_equal(stream->frames, 1);
    assert_null(stream->channel);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_frames_arrive_in_order),
        TEST(a_frame_larger_than_the_usual_input_arrives),
        TEST(many_frames_are_taken_over_several_turns),
        TEST(an_unknown_number_ends_it),
        TEST(a_message_of_amids_side_ends_it),
        TEST(a_message_of_another_phase_ends_it),
        TEST(an_oversized_frame_ends_it_before_its_payload),
        TEST(the_largest_length_ends_it),
        TEST(a_bad_header_ends_it),
        TEST(a_payload_that_its_reader_refuses_ends_it),
        TEST(half_a_frame_and_the_end_is_an_end),
        TEST(while_held_nothing_is_read_and_then_everything),
        TEST(a_dead_runners_last_words_are_heard_even_while_held),
        TEST(a_runner_that_does_not_read_is_not_read_and_at_last_ended),
        TEST(it_is_read_again_once_it_reads),
        TEST(what_is_too_large_is_not_sent),
        TEST(it_can_be_freed_from_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
