/* Promise: what json_check accepts is RFC 8259 within our limits and nothing else, whatever the
 * bytes; what json_parse accepts a cJSON tree holds without change; what we write reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"

static int check(const char *text)
{
    struct json_fault fault;
    return json_check(text, strlen(text), true, &fault);
}

static void accepts_rfc_8259(void **state)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.5e+10",
        "1E5",
        "0.1",
        "1e-7",
        "\"\"",
        "[]",
        "{}",
        " [ ] ",
        "\t\n\r{ }\n",
        "[1,2,3]",
        "[[],{}]",
        "{\"a\":{\"b\":[1]}}",
        "{\"\":0}",
        "\"\\u0000\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\xc3\xa9\"",
        "\"\xf0\x9f\x98\x80\"",
        "\"\x7f\"",
        "{\"a\":1,\"b\":1}",
        "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
        "[{\"a\":1},{\"a\":1}]",
        "-0.00000000000000000000000000000000000000000000000000000000000000000000000000000001",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (check(texts[i]) != 0)
            fail_msg("refused: %s", texts[i]);
    }
}

static void refuses_everything_else(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "nul",
        "nullx",
        "True",
        "+1",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "\"\x01\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[,1]",
        "[1,]",
        "[1 2]",
        "[1}",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1]",
        "{,}",
        "1 2",
        "{} x",
        "[]]",
        "\xef\xbb\xbf{}",
        "// c\n1",
        "[1]/**/",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":0,\"\\u0061\":2}",
        "{\"\\u0000\":1}",
        "{\"x\":{\"k\":1,\"k\":1}}",
        "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (check(texts[i]) != AMID_E_INVALID)
            fail_msg("accepted: %s", texts[i]);
    }
}

static void refuses_bad_utf8(void **state)
{
    static const char *const bytes[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc3",
        "\xc3(",
        "\xe0\x80\x80",
        "\xe2\x82",
        "\xed\xa0\x80",
        "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        struct json_fault fault = {0};
        char text[16] = "\"";
        strcat(text, bytes[i]);
        strcat(text, "\"");
        assert_int_equal(json_check(text, strlen(text), true, &fault), AMID_E_INVALID);
        assert_string_equal(fault.reason, "bad UTF-8");
    }
}

static void names_the_fault(void **state)
{
    struct json_fault fault = {0};
    const char *text = "{\"one\":1,\"two\":2,\"one\":3}";
    (void)state;
    assert_int_equal(json_check(text, strlen(text), true, &fault), AMID_E_INVALID);
    assert_string_equal(fault.reason, "duplicate key");
    assert_string_equal(fault.key, "one");
    assert_int_equal(fault.offset, 17);
    assert_int_equal(json_check(text, strlen(text), false, &fault), 0);
}

static void nests_to_the_limit(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 4];
    struct json_fault fault = {0};
    (void)state;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    assert_int_equal(json_check(text, 2 * (size_t)JSON_DEPTH_MAX, true, &fault), 0);
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_int_equal(json_check(text, 2 * (size_t)JSON_DEPTH_MAX + 2, true, &fault),
                     AMID_E_INVALID);
    assert_string_equal(fault.reason, "nested too deeply");
}

static void stops_at_the_length(void **state)
{
    struct json_fault fault;
    (void)state;
    assert_int_equal(json_check("12345", 2, true, &fault), 0);
    assert_int_equal(json_check("true", 3, true, &fault), AMID_E_INVALID);
    assert_int_equal(json_check("1\0", 2, true, &fault), AMID_E_INVALID);
    assert_int_equal(json_check("[\0]", 3, true, &fault), AMID_E_INVALID);
}

static void finds_a_duplicate_among_many(void **state)
{
    struct buffer text;
    struct json_fault fault = {0};
    (void)state;
    buffer_init(&text, (size_t)1 << 24);
    buffer_append_char(&text, '{');
    for (int i = 0; i < 100000; i++)
        buffer_printf(&text, "\"%d\":0,", i);
    buffer_append_str(&text, "\"x\":0}");
    assert_int_equal(json_check(text.data, text.len, true, &fault), 0);
    buffer_append_str(&text, "");
    text.data[text.len - 5] = '7';
    assert_int_equal(json_check(text.data, text.len, true, &fault), AMID_E_INVALID);
    assert_string_equal(fault.key, "7");
    buffer_free(&text);
}

static void parse_refuses_what_a_tree_would_change(void **state)
{
    static const char *const texts[] = {
        "\"a\\u0000b\"", "\"\\ud800\"",
        "\"\\udc00\"",   "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",  "1111111111111111111111111111111111111111111111111111111111111111",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cJSON *json = NULL;
        struct json_fault fault = {0};
        assert_int_equal(json_parse(texts[i], strlen(texts[i]), &json, &fault), AMID_E_INVALID);
        assert_null(json);
        assert_non_null(fault.reason);
    }
}

static void parse_builds_a_tree(void **state)
{
    cJSON *json = NULL;
    const char *text = "{\"a\":\"\\ud83d\\ude00\\u00e9\",\"A\":[1,true,null]}";
    (void)state;
    assert_int_equal(json_parse(text, strlen(text), &json, NULL), 0);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "a")->valuestring,
                        "\xf0\x9f\x98\x80\xc3\xa9");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "A")), 3);
    cJSON_Delete(json);
}

static void assert_string_literal(const char *text, size_t len, const char *expected)
{
    struct buffer out;
    struct json_fault fault;
    buffer_init(&out, 4096);
    json_append_string(&out, text, len);
    assert_string_equal(out.data, expected);
    assert_int_equal(json_check(out.data, out.len, true, &fault), 0);
    buffer_free(&out);
}

static void writes_strings(void **state)
{
    (void)state;
    assert_string_literal("", 0, "\"\"");
    assert_string_literal("plain", 5, "\"plain\"");
    assert_string_literal("a\"b\\c/\n\r\t\b\f\x01\x7f", 13,
                          "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u007f\"");
    assert_string_literal("\0x", 2, "\"\\u0000x\"");
    assert_string_literal("\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"");
    assert_string_literal("a\xff\xc3", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void assert_number(double number, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 64);
    json_append_number(&out, number);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static void writes_numbers(void **state)
{
    (void)state;
    assert_number(0, "0");
    assert_number(-0.0, "0");
    assert_number(42, "42");
    assert_number(-1760245826876.0, "-1760245826876");
    assert_number(9007199254740992.0, "9007199254740992");
    assert_number(0.1, "0.1");
    assert_number(33.33, "33.33");
    assert_number(1.0 / 3, "0.3333333333333333");
    assert_number(1e21, "1e+21");
    assert_number((double)NAN, "null");
    assert_number((double)INFINITY, "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_rfc_8259),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(refuses_bad_utf8),
        cmocka_unit_test(names_the_fault),
        cmocka_unit_test(nests_to_the_limit),
        cmocka_unit_test(stops_at_the_length),
        cmocka_unit_test(finds_a_duplicate_among_many),
        cmocka_unit_test(parse_refuses_what_a_tree_would_change),
        cmocka_unit_test(parse_builds_a_tree),
        cmocka_unit_test(writes_strings),
        cmocka_unit_test(writes_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
