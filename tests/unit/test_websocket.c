/* WebSocket frames: whatever one side writes the other reads, in any pieces; what RFC 6455 forbids
 * ends the connection with the code it prescribes; no message grows beyond its limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/http/websocket.h"

static const uint8_t mask[4] = {0x12, 0x34, 0xff, 0x00};

static void round_trip(bool is_masked, size_t len, size_t piece)
{
    struct websocket_parser parser;
    struct buffer out;
    uint8_t *data = malloc(len + 1);
    enum websocket_event event = WEBSOCKET_EVENT_MORE;
    size_t at = 0;

    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 7);
    buffer_init(&out, len + 32);
    assert_int_equal(
        websocket_frame_add(&out, WEBSOCKET_BINARY, is_masked ? mask : NULL, data, len), 0);
    websocket_parser_init(&parser, is_masked, len);
    while (event == WEBSOCKET_EVENT_MORE && at < out.len) {
        size_t size = out.len - at < piece ? out.len - at : piece, used;

        event = websocket_parser_feed(&parser, (uint8_t *)out.data + at, size, &used);
        at += used;
    }
    assert_int_equal(event, WEBSOCKET_EVENT_MESSAGE);
    assert_int_equal(at, out.len);
    assert_false(parser.is_text);
    assert_int_equal(parser.message.len, len);
    if (len > 0)
        assert_memory_equal(parser.message.data, data, len);
    websocket_parser_free(&parser);
    buffer_free(&out);
    free(data);
}

static void test_round_trips(void **state)
{
    static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, 70000};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        round_trip(true, lengths[i], 1);
        round_trip(true, lengths[i], 4096);
        round_trip(false, lengths[i], 3);
        round_trip(false, lengths[i], SIZE_MAX);
    }
}

/* The event that bytes end in, read by a client. */
static enum websocket_event feed(struct websocket_parser *parser, const char *bytes, size_t len,
                                 size_t *ret_used)
{
    return websocket_parser_feed(parser, (const uint8_t *)bytes, len, ret_used);
}

static void test_fragments(void **state)
{
    /* "a" + ping "p" + "b" + an empty last one, then another message */
    static const char bytes[] = "\x01\x01"
                                "a"
                                "\x89\x01"
                                "p"
                                "\x00\x01"
                                "b"
                                "\x80\x00"
                                "\x82\x01"
                                "c";
    struct websocket_parser parser;
    size_t used, at = 0;

    (void)state;
    websocket_parser_init(&parser, false, 100);
    assert_int_equal(feed(&parser, bytes, sizeof(bytes) - 1, &used), WEBSOCKET_EVENT_PING);
    assert_int_equal(parser.control_len, 1);
    assert_int_equal(parser.control[0], 'p');
    at += used;
    assert_int_equal(feed(&parser, bytes + at, sizeof(bytes) - 1 - at, &used),
                     WEBSOCKET_EVENT_MESSAGE);
    assert_true(parser.is_text);
    assert_int_equal(parser.message.len, 2);
    assert_memory_equal(parser.message.data, "ab", 2);
    at += used;
    assert_int_equal(feed(&parser, bytes + at, sizeof(bytes) - 1 - at, &used),
                     WEBSOCKET_EVENT_MESSAGE);
    assert_false(parser.is_text);
    assert_int_equal(parser.message.len, 1);
    websocket_parser_free(&parser);
}

static void test_closes(void **state)
{
    struct websocket_parser parser;
    struct buffer out;
    size_t used;

    (void)state;
    buffer_init(&out, 256);
    websocket_parser_init(&parser, false, 100);
    assert_int_equal(websocket_close_add(&out, NULL, 4001, "why"), 0);
    assert_int_equal(feed(&parser, out.data, out.len, &used), WEBSOCKET_EVENT_CLOSE);
    assert_int_equal(parser.code, 4001);
    assert_string_equal((char *)parser.control, "why");
    websocket_parser_free(&parser);
    buffer_clear(&out);
    websocket_parser_init(&parser, false, 100);
    assert_int_equal(websocket_close_add(&out, NULL, WEBSOCKET_CODE_NONE, "why"), 0);
    assert_int_equal(feed(&parser, out.data, out.len, &used), WEBSOCKET_EVENT_CLOSE);
    assert_int_equal(parser.code, WEBSOCKET_CODE_NONE);
    assert_string_equal((char *)parser.control, "");
    websocket_parser_free(&parser);
    buffer_free(&out);
    for (unsigned code = 0; code < 6000; code++) {
        bool is_valid = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                        (code >= 3000 && code <= 4999);

        assert_int_equal(websocket_code_is_valid(code), is_valid);
    }
}

struct bad {
    const char *bytes;
    size_t len;
    uint16_t code;
};
#define BAD(text, code)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1, code                                                               \
    }

static void test_refused(void **state)
{
    static const struct bad bad[] = {
        BAD("\x81\x81mmmmx", 1002), /* masked by a server */
        BAD("\xc1\x00", 1002),      /* compressed, unasked */
        BAD("\x83\x00", 1002),      /* unknown opcodes */
        BAD("\x8b\x00", 1002),
        BAD("\x80\x00", 1002),         /* goes on with nothing */
        BAD("\x01\x00\x81\x00", 1002), /* begins within another */
        BAD("\x09\x00", 1002),         /* a ping in fragments */
        BAD("\x89\x7e\x00\x7e", 1002), /* a long ping */
        BAD("\x82\x7e\x00\x7d", 1002), /* a length in too many bytes */
        BAD("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 1002),
        BAD("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 1002),
        BAD("\x82\x65", 1009), /* 101 bytes */
        BAD("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),
        BAD("\x02\x64"
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
            "567890123456789\x80\x01",
            1009), /* 100 + 1 */
        BAD("\x81\x01\xff", 1007),
        BAD("\x81\x02\xc0\x80", 1007),
        BAD("\x88\x01x", 1002),
        BAD("\x88\x02\x03\xed", 1002), /* 1005 */
        BAD("\x88\x02\x00\x01", 1002),
        BAD("\x88\x03\x03\xe8\xff", 1007),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct websocket_parser parser;
        size_t used;

        websocket_parser_init(&parser, false, 100);
        assert_int_equal(feed(&parser, bad[i].bytes, bad[i].len, &used), WEBSOCKET_EVENT_FAILED);
        assert_int_equal(parser.code, bad[i].code);
        assert_non_null(parser.fault);
        /* And stays so. */
        assert_int_equal(feed(&parser, "\x81\x00", 2, &used), WEBSOCKET_EVENT_FAILED);
        assert_int_equal(used, 0);
        websocket_parser_free(&parser);
    }
}

static void test_server_wants_masks(void **state)
{
    struct websocket_parser parser;
    size_t used;

    (void)state;
    websocket_parser_init(&parser, true, 100);
    assert_int_equal(feed(&parser, "\x81\x00", 2, &used), WEBSOCKET_EVENT_FAILED);
    assert_int_equal(parser.code, WEBSOCKET_CODE_PROTOCOL);
    websocket_parser_free(&parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_closes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_server_wants_masks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
