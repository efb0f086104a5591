/* Holds: a compiler clone is believed only as far as its answer is what an honest one writes: UTF-8
 * text without NUL, a line table of numbers, warnings of the known shape, a bounded message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/lifecycle/compile_answer.h"

static int read_success_with(const char *code, const char *lines, const char *minified,
                             const char *warnings, const char *needs, size_t cut)
{
    struct compile_answer answer;
    struct buffer payload;
    int error;

    buffer_init(&payload, 1 << 20);
    wire_put_u8(&payload, 1);
    wire_put_text(&payload, code);
    wire_put_text(&payload, lines);
    wire_put_text(&payload, minified);
    wire_put_text(&payload, warnings);
    wire_put_text(&payload, needs);
    error = compile_answer_read((const uint8_t *)payload.data, payload.len - cut, &answer);
    if (error == 0) {
        assert_int_equal(answer.ok, 1);
        assert_int_equal(answer.value.code_len, strlen(code));
        assert_memory_equal(answer.value.minified, minified, strlen(minified));
    }
    buffer_free(&payload);
    return error;
}

static int read_success(const char *code, const char *lines, const char *minified,
                        const char *warnings, size_t cut)
{
    return read_success_with(code, lines, minified, warnings, "[\"ilodash\",\"r./a\"]", cut);
}

static void an_honest_success_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_success("code", "1,2,3", "min", "[]", 0), 0);
    assert_int_equal(read_success("", "", "", "[{\"message\":\"m\",\"line\":1,\"column\":2}]", 0),
                     0);
}

static void a_dishonest_success_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_success("code", "1,2", "min", "[]", 1), AMID_E_PROTOCOL);
    assert_int_equal(read_success("\xff", "1", "m", "[]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success("c", "1;2", "m", "[]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success("c", "1", "\xc0\x80", "[]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success("c", "1", "m", "{}", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success("c", "1", "m", "[1]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success("c", "1", "m", "[{\"message\":1}]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success("c", "1", "m", "[", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success_with("c", "1", "m", "[]", "", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success_with("c", "1", "m", "[]", "{}", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success_with("c", "1", "m", "[]", "[1]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success_with("c", "1", "m", "[]", "[\"x\"]", 0), AMID_E_PROTOCOL);
    assert_int_equal(read_success_with("c", "1", "m", "[]", "[\"\"]", 0), AMID_E_PROTOCOL);
}

static int read_failure(const char *message, size_t len, struct compile_answer *answer)
{
    struct buffer payload;
    int error;

    buffer_init(&payload, 1 << 20);
    wire_put_u8(&payload, 0);
    wire_put_bytes(&payload, message, len);
    wire_put_u32(&payload, 3);
    wire_put_u32(&payload, 14);
    error = compile_answer_read((const uint8_t *)payload.data, payload.len, answer);
    buffer_free(&payload);
    return error;
}

static void a_failure_is_read_and_its_message_made_safe(void **state)
{
    struct compile_answer answer;
    char text[5000];

    (void)state;
    assert_int_equal(read_failure("unexpected token\n", 17, &answer), 0);
    assert_int_equal(answer.ok, 0);
    assert_string_equal(answer.message, "unexpected token\\n");
    assert_int_equal(answer.line, 3);
    assert_int_equal(answer.column, 14);
    memset(text, '\x01', sizeof(text));
    assert_int_equal(read_failure(text, sizeof(text), &answer), 0);
    assert_true(strlen(answer.message) < COMPILE_MESSAGE_MAX_BYTES);
    assert_int_equal(read_failure("a\0b", 3, &answer), AMID_E_PROTOCOL);
    assert_int_equal(read_failure("\xff", 1, &answer), AMID_E_PROTOCOL);
}

static void anything_else_is_refused(void **state)
{
    struct compile_answer answer;
    const uint8_t two = 2;

    (void)state;
    assert_int_equal(compile_answer_read(NULL, 0, &answer), AMID_E_PROTOCOL);
    assert_int_equal(compile_answer_read(&two, 1, &answer), AMID_E_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_success_is_read),
        cmocka_unit_test(a_dishonest_success_is_refused),
        cmocka_unit_test(a_failure_is_read_and_its_message_made_safe),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
