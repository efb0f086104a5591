/*
 * The promise: text keeps its meaning across the engine's boundary. What is not text becomes
 * U+FFFD, never a symbol of the engine's; a surrogate alone is replaced, escaped or refused as
 * asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <duktape.h>
#include <string.h>

#include "common/error.h"
#include "runner/heap.h"
#include "runner/text.h"

static duk_context *ctx;

static int open_heap(void **state)
{
    (void)state;
    ctx = duk_create_heap_default();
    return ctx == NULL ? -1 : 0;
}

static int close_heap(void **state)
{
    (void)state;
    duk_destroy_heap(ctx);
    return 0;
}

static void expect_out(const char *expression, enum text_lone lone, const char *expected)
{
    struct buffer out;

    duk_eval_string(ctx, expression);
    buffer_init(&out, 1000);
    assert_int_equal(text_get(ctx, -1, lone, &out), 0);
    assert_string_equal(out.data == NULL ? "" : out.data, expected);
    buffer_free(&out);
    duk_pop(ctx);
}

static void expect_in(const char *utf8, size_t len, const char *expression)
{
    text_push(ctx, utf8, len);
    duk_eval_string(ctx, expression);
    assert_true(duk_equals(ctx, -1, -2));
    assert_false(duk_is_symbol(ctx, -2));
    duk_pop_2(ctx);
}

static void test_out(void **state)
{
    (void)state;
    expect_out("''", TEXT_LONE_REPLACE, "");
    expect_out("'plain \\u00e9\\u20ac'", TEXT_LONE_REPLACE, "plain \u00e9\u20ac");
    expect_out("'a\\ud83d\\ude00b'", TEXT_LONE_REFUSE, "a\U0001F600b");
    expect_out("'a\\ud83d'", TEXT_LONE_REPLACE, "a\uFFFD");
    expect_out("'\\ude00\\ud83d'", TEXT_LONE_REPLACE, "\uFFFD\uFFFD");
    expect_out("'\\ud83dx'", TEXT_LONE_ESCAPE, "\\ud83dx");
    expect_out("'\\ud83d\\ud83d\\ude00'", TEXT_LONE_ESCAPE, "\\ud83d\U0001F600");
}

static void test_out_refused(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out, 100);
    buffer_append_str(&out, "kept");
    duk_eval_string(ctx, "'a\\ud83d'");
    assert_int_equal(text_get(ctx, -1, TEXT_LONE_REFUSE, &out), AMID_E_INVALID);
    assert_string_equal(out.data, "kept");
    duk_eval_string(ctx, "Symbol('x')");
    assert_int_equal(text_get(ctx, -1, TEXT_LONE_REPLACE, &out), AMID_E_INVALID);
    duk_push_int(ctx, 5);
    assert_int_equal(text_get(ctx, -1, TEXT_LONE_REPLACE, &out), AMID_E_INVALID);
    duk_pop_3(ctx);
    buffer_free(&out);
}

static void expect_cut(const char *expression, size_t max_bytes, const char *expected)
{
    struct buffer out;

    duk_eval_string(ctx, expression);
    buffer_init(&out, 100);
    assert_int_equal(text_get_cut(ctx, -1, max_bytes, &out), 0);
    assert_string_equal(out.data == NULL ? "" : out.data, expected);
    buffer_free(&out);
    duk_pop(ctx);
}

static void test_cut(void **state)
{
    (void)state;
    expect_cut("'abcdef'", 6, "abcdef");
    expect_cut("'abcdef'", 4, "abcd");
    expect_cut("'ab\\u20acd'", 4, "ab");
    expect_cut("'ab\\u20acd'", 5, "ab\u20ac");
    for (size_t max = 2; max < 8; max++)
        expect_cut("'ab\\ud83d\\ude00'", max, "ab");
    expect_cut("'ab\\ud83d\\ude00'", 8, "ab\U0001F600");
}

static void test_in(void **state)
{
    (void)state;
    expect_in("", 0, "''");
    expect_in("a\0b", 3, "'a\\u0000b'");
    expect_in("\u00e9\u20ac", 5, "'\\u00e9\\u20ac'");
    expect_in("x\U0001F600", 5, "'x\\ud83d\\ude00'");
    expect_in("\xff", 1, "'\\ufffd'");
    expect_in("\x80hidden", 7, "'\\ufffdhidden'");
    expect_in("\xed\xa0\x80", 3, "'\\ufffd\\ufffd\\ufffd'");
    expect_in("\xe2\x82", 2, "'\\ufffd\\ufffd'");
}

static void test_heap_limit(void **state)
{
    struct heap heap = {.limit_bytes = 1000};
    void *first = heap_alloc(&heap, 400);
    void *second;

    (void)state;
    assert_non_null(first);
    assert_true(heap.used_bytes >= 400);
    assert_null(heap_alloc(&heap, 700));
    assert_int_equal(heap.refusals, 1);
    assert_null(heap_realloc(&heap, first, 1200));
    assert_int_equal(heap.refusals, 2);
    second = heap_realloc(&heap, first, 800);
    assert_non_null(second);
    assert_null(heap_realloc(&heap, second, 0));
    assert_int_equal(heap.used_bytes, 0);
    assert_null(heap_alloc(&heap, 0));
    heap_free(&heap, NULL);
    assert_int_equal(heap.refusals, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out), cmocka_unit_test(test_out_refused), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_in),  cmocka_unit_test(test_heap_limit),
    };

    return cmocka_run_group_tests(tests, open_heap, close_heap);
}
