/* Holds: the member of that name is found where it stands and nowhere else, whatever the text is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/json_member.h"

/* In a block of exactly its size, so that a sanitizer sees a read beyond it. */
static bool find(const char *text, struct json_span *span)
{
    size_t len = strlen(text);
    char *copy = malloc(len > 0 ? len : 1);
    for (size_t i = 0; i < len; i++)
        copy[i] = text[i];
    bool found = json_member_find(copy, len, "raw", span);
    free(copy);
    return found;
}

static void a_member_is_found(void **state)
{
    static const struct {
        const char *text;
        const char *value;
    } cases[] = {
        {"{\"raw\":5}", "5"},
        {" { \"a\" : [1,{\"raw\":2}] , \"raw\" : -1.5e3 , \"b\":{} } ", "-1.5e3"},
        {"{\"x\":\"\\\"raw\\\":1\",\"raw\":{\"raw\":[]}}", "{\"raw\":[]}"},
        {"{\"raw\":1,\"raw\":\"a,}\\\\\"}", "\"a,}\\\\\""},
        {"{\"raw\":null}", "null"},
    };
    struct json_span span;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(find(cases[i].text, &span));
        assert_int_equal(span.len, strlen(cases[i].value));
        assert_memory_equal(cases[i].text + span.start, cases[i].value, span.len);
    }
}

static void what_is_no_such_member_is_not_found(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "{}",
        "[\"raw\",1]",
        "\"raw\"",
        "{\"raw\"",
        "{\"raw\":",
        "{\"raw\":1",
        "{\"raw\":}",
        "{\"a\":{\"raw\":1}}",
        "{\"ra\\u0077\":1}",
        "{\"raw\":1]",
        "{\"raw\":[1}",
        "{\"raw\":\"\\",
        "{\"raw\":\"",
        "{\"rawx\":1}",
        "{raw:1}",
        "{\"raw\":1 2}",
    };
    struct json_span span = {7, 7};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (find(texts[i], &span))
            fail_msg("found in %s", texts[i]);
    }
    assert_int_equal(span.start, 7);
}

static void only_a_number_is_a_number(void **state)
{
    static const char *const others[] = {"\"1\"", "null", "[1]", "{}",
                                         "1e999", "0x10", "--1", "inf"};
    char digits[80];
    double number = 0;
    struct json_span span = {0, 3};
    (void)state;
    assert_true(json_span_number("1.5", &span, &number));
    assert_true(number == 1.5);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        span.len = strlen(others[i]);
        assert_false(json_span_number(others[i], &span, &number));
    }
    memset(digits, '1', sizeof(digits));
    span.len = sizeof(digits);
    assert_false(json_span_number(digits, &span, &number));
    assert_true(number == 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found),
        cmocka_unit_test(what_is_no_such_member_is_not_found),
        cmocka_unit_test(only_a_number_is_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
