/* Paths of scripts and the account of their folders: nothing names a place outside, whatever ".."
 * and slashes there are, and the quota is exact at its edges. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "supervisor/files/file_path.h"
#include "supervisor/files/usage.h"

static void test_what_a_path_means(void **state)
{
    static const struct {
        const char *text, *meaning, *name;
        size_t depth;
    } rows[] = {
        {"", "", "", 0},
        {"/", "", "", 0},
        {".", "", "", 0},
        {"a/..", "", "", 0},
        {"data/x", "data/x", "x", 2},
        {"/data/x", "data/x", "x", 2},
        {"//data///x/", "data/x", "x", 2},
        {"./a/./b/../c", "a/c", "c", 2},
        {"a/b/../../c", "c", "c", 1},
        {"...", "...", "...", 1},
        {"..a/b..", "..a/b..", "b..", 2},
        {"amid-x/.amid", "amid-x/.amid", ".amid", 2},
        {"\xc3\xbc", "\xc3\xbc", "\xc3\xbc", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file_path path;

        assert_int_equal(file_path_parse(rows[i].text, &path), 0);
        assert_string_equal(path.text, rows[i].meaning);
        assert_string_equal(file_path_name(&path), rows[i].name);
        assert_int_equal(path.depth, rows[i].depth);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text;
        int error;
    } rows[] = {
        {"..", AMID_E_DENIED},
        {"/..", AMID_E_DENIED},
        {"../etc", AMID_E_DENIED},
        {"a/../../a", AMID_E_DENIED},
        {"a/b/../../..", AMID_E_DENIED},
        {".amid-new", AMID_E_DENIED},
        {"d/.amid-x/y", AMID_E_DENIED},
        {"a\nb", AMID_E_INVALID},
        {"\x7f", AMID_E_INVALID},
        {"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", AMID_E_TOO_LARGE},
    };
    char text[FILE_PATH_MAX_BYTES + 2];
    struct file_path path = {.text = "untouched", .depth = 99};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(file_path_parse(rows[i].text, &path), rows[i].error);
    memset(text, 'a', sizeof(text));
    text[FILE_NAME_MAX_BYTES + 1] = '\0';
    assert_int_equal(file_path_parse(text, &path), AMID_E_TOO_LARGE);
    text[FILE_NAME_MAX_BYTES + 1] = 'a';
    text[FILE_PATH_MAX_BYTES + 1] = '\0';
    assert_int_equal(file_path_parse(text, &path), AMID_E_TOO_LARGE);
    assert_string_equal(path.text, "untouched");
}

static void test_quota(void **state)
{
    const struct usage_limits limits = {.bytes = 100, .count = 3};
    struct usage usage = {.bytes = 40, .count = 2};

    (void)state;
    assert_int_equal(usage_change(&usage, &limits, 61, 0, &usage), AMID_E_QUOTA);
    assert_int_equal(usage_change(&usage, &limits, INT64_MAX, 0, &usage), AMID_E_QUOTA);
    assert_int_equal(usage_change(&usage, &limits, 0, 2, &usage), AMID_E_QUOTA);
    assert_int_equal(usage.bytes, 40);
    assert_int_equal(usage.count, 2);
    assert_int_equal(usage_change(&usage, &limits, 60, 1, &usage), 0);
    assert_int_equal(usage.bytes, 100);
    assert_int_equal(usage_change(&usage, &limits, 1, 0, &usage), AMID_E_QUOTA);
    assert_int_equal(usage_change(&usage, &limits, -200, -9, &usage), 0);
    assert_int_equal(usage.bytes, 0);
    assert_int_equal(usage.count, 0);
}

/* A limit that was lowered below what is there: nothing more, but less at any time. */
static void test_lowered_quota(void **state)
{
    const struct usage_limits limits = {.bytes = 10, .count = 1};
    struct usage usage = {.bytes = 50, .count = 5};

    (void)state;
    assert_int_equal(usage_change(&usage, &limits, 1, 0, &usage), AMID_E_QUOTA);
    assert_int_equal(usage_change(&usage, &limits, 0, 1, &usage), AMID_E_QUOTA);
    assert_int_equal(usage_change(&usage, &limits, -5, -1, &usage), 0);
    assert_int_equal(usage.bytes, 45);
    assert_int_equal(usage.count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_path_means),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_lowered_quota),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
