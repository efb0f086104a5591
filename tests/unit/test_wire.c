/*
 * The promise: proto/wire and the message list read back what they wrote, byte for byte as
 * documented, and a reader never goes past a payload, whatever lengths stand in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/message.h"
#include "proto/wire.h"

static void test_header(void **state)
{
    static const uint8_t expected[PROTO_HEADER_BYTES] = {4, 3, 2, 1, 0x20, 0, 0, 0, 8, 7, 6, 5};
    struct proto_header header = {.length = 0x01020304, .type = 0x20, .id = 0x05060708};
    struct proto_header back = {0};
    uint8_t bytes[PROTO_HEADER_BYTES];

    (void)state;
    wire_header_encode(&header, bytes);
    assert_memory_equal(bytes, expected, sizeof(bytes));
    wire_header_decode(bytes, &back);
    assert_int_equal(back.length, header.length);
    assert_int_equal(back.type, header.type);
    assert_int_equal(back.zero, 0);
    assert_int_equal(back.id, header.id);
}

static void test_round_trip(void **state)
{
    struct wire_reader reader;
    struct buffer out;
    size_t len;

    (void)state;
    buffer_init(&out, 100);
    wire_put_u8(&out, 200);
    wire_put_u32(&out, 0xfedcba98);
    wire_put_u64(&out, 0x0123456789abcdef);
    wire_put_text(&out, "text");
    wire_put_bytes(&out, NULL, 0);
    assert_int_equal(buffer_status(&out), 0);
    wire_read(&reader, out.data, out.len);
    assert_int_equal(wire_get_u8(&reader), 200);
    assert_int_equal(wire_get_u32(&reader), 0xfedcba98);
    assert_true(wire_get_u64(&reader) == 0x0123456789abcdef);
    assert_false(wire_end(&reader));
    assert_memory_equal(wire_get_bytes(&reader, 4, &len), "text", 4);
    assert_int_equal(len, 4);
    assert_non_null(wire_get_bytes(&reader, 0, &len));
    assert_int_equal(len, 0);
    assert_true(wire_end(&reader));
    wire_put_bytes(&out, "more than a length can say", (size_t)UINT32_MAX + 1);
    assert_int_not_equal(buffer_status(&out), 0);
    buffer_free(&out);
}

static void test_short_reads_fail_for_good(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3};
    struct wire_reader reader;

    (void)state;
    wire_read(&reader, bytes, sizeof(bytes));
    assert_int_equal(wire_get_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(wire_get_u8(&reader), 0);
    assert_int_equal(wire_get_u64(&reader), 0);
    assert_false(wire_end(&reader));
}

static void test_lengths_are_bounded(void **state)
{
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 1, 2};
    static const uint8_t five[] = {5, 0, 0, 0, 'a', 'b', 'c', 'd', 'e'};
    struct wire_reader reader;
    size_t len = 7;

    (void)state;
    wire_read(&reader, huge, sizeof(huge));
    assert_null(wire_get_bytes(&reader, SIZE_MAX, &len));
    assert_int_equal(len, 0);
    assert_true(reader.failed);
    wire_read(&reader, five, sizeof(five));
    assert_null(wire_get_bytes(&reader, 4, &len));
    assert_true(reader.failed);
    wire_read(&reader, five, sizeof(five));
    assert_non_null(wire_get_bytes(&reader, 5, &len));
    assert_true(wire_end(&reader));
}

static void test_messages(void **state)
{
    (void)state;
    assert_null(proto_message_find(0));
    assert_null(proto_message_find(0xffff));
#define X(id, number, way, max, in_phases)                                                         \
    {                                                                                              \
        const struct proto_message_info *info = proto_message_find(number);                        \
        assert_non_null(info);                                                                     \
        assert_string_equal(info->name, #id);                                                      \
        assert_int_equal(info->direction, way);                                                    \
        assert_true(info->max_bytes <= PROTO_CODE_MAX);                                            \
        /* Only what a runner sends has phases in which amid takes it. */                          \
        assert_int_equal(info->phases != 0, info->direction == PROTO_FROM_RUNNER);                 \
    }
    PROTO_MESSAGES(X)
#undef X
#define X(id, number, request_max, answer_max, call_units)                                         \
    {                                                                                              \
        const struct proto_call_info *call = proto_call_named(#id);                                \
        assert_non_null(call);                                                                     \
        assert_ptr_equal(call, proto_call_find(number));                                           \
        assert_int_equal(call->type % 2, 0);                                                       \
        assert_int_equal(proto_message_find(number)->direction, PROTO_FROM_RUNNER);                \
        assert_string_equal(proto_message_find((number) + 1)->name, #id "_DONE");                  \
        assert_int_equal(proto_message_find((number) + 1)->direction, PROTO_TO_RUNNER);            \
        assert_true(proto_message_find((number) + 1)->max_bytes >= PROTO_ANSWER_LEAST);            \
    }
    PROTO_CALLS(X)
#undef X
    assert_null(proto_call_find(PROTO_KV_GET));
    assert_null(proto_call_named("KV_GET"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_short_reads_fail_for_good),
        cmocka_unit_test(test_lengths_are_bounded),
        cmocka_unit_test(test_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
