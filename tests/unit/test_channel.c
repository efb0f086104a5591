/*
 * The promise: the runner's channel gives whole frames however the bytes arrive, refuses what amid
 * would not send, keeps no large buffer once idle, and waits when the other side reads slowly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"
#include "runner/channel.h"

static void put_frame(struct buffer *out, uint16_t type, uint32_t id, const void *data, size_t len)
{
    struct proto_header header = {.length = (uint32_t)len, .type = type, .id = id};
    uint8_t bytes[PROTO_HEADER_BYTES];

    wire_header_encode(&header, bytes);
    buffer_append(out, bytes, sizeof(bytes));
    buffer_append(out, data, len);
}

static void test_whole_frames_from_single_bytes(void **state)
{
    struct channel channel;
    struct frame frame = {0};
    struct buffer bytes;
    int found = 0;

    (void)state;
    channel_init(&channel, -1);
    buffer_init(&bytes, 1000);
    put_frame(&bytes, PROTO_RUN, 0, "\1", 1);
    put_frame(&bytes, PROTO_PING, 0, "", 0);
    put_frame(&bytes, PROTO_KV_GOT, 77, "12345", 5);
    for (size_t i = 0; i < bytes.len; i++) {
        assert_int_equal(channel_feed(&channel, bytes.data + i, 1), 0);
        if (channel_next(&channel, &frame) == 1)
            found++;
    }
    assert_int_equal(found, 3);
    assert_int_equal(frame.type, PROTO_KV_GOT);
    assert_int_equal(frame.id, 77);
    assert_int_equal(frame.len, 5);
    assert_memory_equal(frame.payload, "12345", 5);
    assert_int_equal(channel_next(&channel, &frame), 0);
    channel_free(&channel);
    buffer_free(&bytes);
}

static void test_several_frames_at_once(void **state)
{
    struct channel channel;
    struct frame frame;
    struct buffer bytes;

    (void)state;
    channel_init(&channel, -1);
    buffer_init(&bytes, 100000);
    for (uint32_t i = 0; i < 500; i++)
        put_frame(&bytes, PROTO_KV_COMMITTED, i, &i, sizeof(i));
    channel_feed(&channel, bytes.data, bytes.len);
    for (uint32_t i = 0; i < 500; i++) {
        assert_int_equal(channel_next(&channel, &frame), 1);
        assert_int_equal(frame.id, i);
        assert_memory_equal(frame.payload, &i, sizeof(i));
    }
    assert_int_equal(channel_next(&channel, &frame), 0);
    channel_free(&channel);
    buffer_free(&bytes);
}

static void expect_refusal(const struct proto_header *header)
{
    uint8_t bytes[PROTO_HEADER_BYTES];
    struct channel channel;
    struct frame frame;

    channel_init(&channel, -1);
    wire_header_encode(header, bytes);
    channel_feed(&channel, bytes, sizeof(bytes));
    assert_int_equal(channel_next(&channel, &frame), AMID_E_PROTOCOL);
    assert_int_equal(channel_next(&channel, &frame), AMID_E_PROTOCOL);
    channel_free(&channel);
}

static void test_nonsense_is_refused(void **state)
{
    (void)state;
    expect_refusal(&(struct proto_header){.type = 0x7777});
    expect_refusal(&(struct proto_header){.type = PROTO_LOG});
    expect_refusal(&(struct proto_header){.type = PROTO_PING, .length = 1});
    expect_refusal(&(struct proto_header){.type = PROTO_PING, .zero = 1});
    expect_refusal(&(struct proto_header){.type = PROTO_LOAD, .length = UINT32_MAX});
}

static void put_question(struct channel *channel, uint32_t id, size_t len)
{
    struct buffer out;

    channel_begin(&out, PROTO_KV_ATOMIC);
    for (size_t i = 0; i < len; i++)
        wire_put_u8(&out, 1);
    assert_int_equal(channel_put(channel, PROTO_KV_ATOMIC, id, &out), 0);
}

/* The ids of the frames that have arrived at the other end. */
static size_t arrived(int fd, uint32_t ids[8])
{
    static uint8_t bytes[4 * CHANNEL_BATCH_BYTES];
    struct proto_header header;
    ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    size_t count = 0;

    for (ssize_t at = 0; at < len; at += PROTO_HEADER_BYTES + (ssize_t)header.length) {
        wire_header_decode(bytes + at, &header);
        ids[count++] = header.id;
    }
    return count;
}

/* Questions of a turn go out together, in their order, and before anything that cannot wait. */
static void test_questions_go_together(void **state)
{
    struct channel channel;
    struct buffer out;
    uint32_t ids[8];
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    channel_init(&channel, pair[0]);
    put_question(&channel, 1, 10);
    put_question(&channel, 2, 10);
    assert_int_equal(arrived(pair[1], ids), 0);
    assert_int_equal(channel_wait(&channel, 0), 0);
    assert_int_equal(arrived(pair[1], ids), 2);
    assert_int_equal(ids[0] * 10 + ids[1], 12);
    put_question(&channel, 3, 10);
    channel_begin(&out, PROTO_PONG);
    assert_int_equal(channel_send(&channel, PROTO_PONG, 4, &out), 0);
    assert_int_equal(arrived(pair[1], ids), 2);
    assert_int_equal(ids[0] * 10 + ids[1], 34);
    /* A batch is bounded, and what does not fit into one goes alone, behind what waited. */
    put_question(&channel, 5, CHANNEL_BATCH_BYTES - 100);
    put_question(&channel, 6, 100);
    assert_int_equal(arrived(pair[1], ids), 1);
    put_question(&channel, 7, CHANNEL_BATCH_BYTES);
    assert_int_equal(arrived(pair[1], ids), 2);
    assert_int_equal(ids[0] * 10 + ids[1], 67);
    put_question(&channel, 8, 10);
    channel_free(&channel);
    close(pair[0]);
    close(pair[1]);
}

static void test_large_buffer_is_given_back(void **state)
{
    static uint8_t big[1024 * 1024];
    struct channel channel;
    struct frame frame;
    struct buffer bytes;

    (void)state;
    channel_init(&channel, -1);
    buffer_init(&bytes, 2 * sizeof(big));
    put_frame(&bytes, PROTO_LOAD, 0, big, sizeof(big));
    channel_feed(&channel, bytes.data, bytes.len);
    assert_int_equal(channel_next(&channel, &frame), 1);
    assert_int_equal(frame.len, sizeof(big));
    assert_int_equal(channel_next(&channel, &frame), 0);
    assert_true(channel.in_capacity < 32768);
    channel_free(&channel);
    buffer_free(&bytes);
}

static void test_writer_waits_for_a_slow_reader(void **state)
{
    static uint8_t big[1024 * 1024];
    struct channel channel;
    struct buffer out;
    int pair[2];
    int status;
    pid_t pid;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pid = fork();
    if (pid == 0) {
        size_t total = 0;
        ssize_t n;

        close(pair[0]);
        while ((n = read(pair[1], big, 1000)) > 0)
            total += (size_t)n;
        _exit(total == PROTO_HEADER_BYTES + sizeof(big) ? 0 : 1);
    }
    close(pair[1]);
    channel_init(&channel, pair[0]);
    channel_begin(&out, PROTO_KV_ATOMIC);
    buffer_append(&out, big, sizeof(big));
    assert_int_equal(channel_send(&channel, PROTO_KV_ATOMIC, 1, &out), 0);
    close(pair[0]);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void test_limits_and_end(void **state)
{
    static char text[PROTO_LOG_MAX + 1];
    struct channel channel;
    struct buffer out;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    channel_init(&channel, pair[0]);
    channel_begin(&out, PROTO_LOG);
    buffer_append(&out, text, sizeof(text));
    assert_int_equal(channel_send(&channel, PROTO_LOG, 0, &out), AMID_E_TOO_LARGE);
    assert_int_equal(channel_wait(&channel, 0), 0);
    assert_int_equal(channel_fill(&channel), 0);
    close(pair[1]);
    assert_int_equal(channel_fill(&channel), AMID_E_CLOSED);
    channel_begin(&out, PROTO_PONG);
    assert_int_equal(channel_send(&channel, PROTO_PONG, 0, &out), AMID_E_CLOSED);
    channel_free(&channel);
    close(pair[0]);
}

/* Writes 50 answers of 20 kB, then reads 50 requests: an amid that answers before it reads on. */
static void answer_before_reading(int fd)
{
    static char text[20000];
    struct buffer bytes;
    size_t left = 50 * (PROTO_HEADER_BYTES + sizeof(text));

    buffer_init(&bytes, 2 << 20);
    for (uint32_t i = 1; i <= 50; i++)
        put_frame(&bytes, PROTO_KV_GOT, i, text, sizeof(text));
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(fd, bytes.data + done, bytes.len - done);

        if (n <= 0)
            _exit(1);
        done += (size_t)n;
    }
    while (left > 0) {
        ssize_t n = read(fd, text, left < sizeof(text) ? left : sizeof(text));

        if (n <= 0)
            _exit(2);
        left -= (size_t)n;
    }
    _exit(0);
}

static void test_both_sides_writing_do_not_wait_for_each_other(void **state)
{
    static char text[20000];
    struct channel channel;
    struct frame frame;
    int pair[2];
    int status;
    pid_t amid;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    amid = fork();
    if (amid == 0) {
        close(pair[0]);
        answer_before_reading(pair[1]);
    }
    close(pair[1]);
    channel_init(&channel, pair[0]);
    for (uint32_t i = 0; i < 50; i++) {
        struct buffer out;

        channel_begin(&out, PROTO_LOG);
        buffer_append(&out, text, sizeof(text));
        assert_int_equal(channel_send(&channel, PROTO_LOG, 0, &out), 0);
    }
    for (uint32_t i = 1; i <= 50; i++) {
        while (channel_next(&channel, &frame) == 0) {
            assert_int_equal(channel_wait(&channel, -1), 1);
            assert_int_equal(channel_fill(&channel), 0);
        }
        assert_int_equal(frame.id, i);
        assert_int_equal(frame.len, sizeof(text));
    }
    assert_int_equal(waitpid(amid, &status, 0), amid);
    assert_int_equal(status, 0);
    channel_free(&channel);
    close(pair[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_frames_from_single_bytes),
        cmocka_unit_test(test_several_frames_at_once),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test(test_questions_go_together),
        cmocka_unit_test(test_large_buffer_is_given_back),
        cmocka_unit_test(test_writer_waits_for_a_slow_reader),
        cmocka_unit_test(test_both_sides_writing_do_not_wait_for_each_other),
        cmocka_unit_test(test_limits_and_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
