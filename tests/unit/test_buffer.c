/* Holds: a buffer never grows beyond its bound, never holds half of an append, and once failed
 * stays failed until it is cleared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/error.h"

static void appends_and_terminates(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 1000);
    buffer_append_str(&buffer, "one");
    buffer_append_char(&buffer, ' ');
    buffer_append(&buffer, "two\0x", 3);
    buffer_printf(&buffer, " %d %s", 3, "four");
    assert_int_equal(buffer_status(&buffer), 0);
    assert_string_equal(buffer.data, "one two 3 four");
    assert_int_equal(buffer.len, strlen(buffer.data));
    buffer_free(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.max_bytes, 1000);
}

static void reaches_its_bound_exactly(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 100);
    for (int i = 0; i < 100; i++)
        buffer_append_char(&buffer, 'x');
    assert_int_equal(buffer_status(&buffer), 0);
    buffer_append(&buffer, "", 0);
    assert_int_equal(buffer_status(&buffer), 0);
    buffer_append_char(&buffer, 'y');
    assert_int_equal(buffer_status(&buffer), AMID_E_TOO_LARGE);
    assert_int_equal(buffer.len, 100);
    buffer_free(&buffer);
}

static void a_failed_append_leaves_nothing(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 10);
    buffer_append_str(&buffer, "12345");
    buffer_printf(&buffer, "%s", "678901");
    assert_int_equal(buffer_status(&buffer), AMID_E_TOO_LARGE);
    assert_string_equal(buffer.data, "12345");
    buffer_append_str(&buffer, "6"); /* would fit, but the text has a hole */
    assert_string_equal(buffer.data, "12345");
    assert_null(buffer_take(&buffer, NULL));
    buffer_clear(&buffer);
    buffer_append_str(&buffer, "1234567890");
    assert_int_equal(buffer_status(&buffer), 0);
    buffer_free(&buffer);
}

static void survives_absurd_lengths(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, SIZE_MAX);
    buffer_append_char(&buffer, 'x');
    buffer_append(&buffer, "y", SIZE_MAX - 1);
    assert_int_equal(buffer_status(&buffer), AMID_E_NOMEM);
    assert_int_equal(buffer.len, 1);
    buffer_free(&buffer);
}

static void take_hands_over(void **state)
{
    struct buffer buffer;
    size_t len = 99;
    char *text;

    (void)state;
    buffer_init(&buffer, 10);
    text = buffer_take(&buffer, &len);
    assert_string_equal(text, "");
    assert_int_equal(len, 0);
    free(text);
    buffer_append_str(&buffer, "abc");
    text = buffer_take(&buffer, &len);
    assert_string_equal(text, "abc");
    assert_int_equal(len, 3);
    assert_int_equal(buffer.len, 0);
    assert_null(buffer.data);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_terminates),
        cmocka_unit_test(reaches_its_bound_exactly),
        cmocka_unit_test(a_failed_append_leaves_nothing),
        cmocka_unit_test(survives_absurd_lengths),
        cmocka_unit_test(take_hands_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
