/* Promise: a request target is decoded exactly once, and what cannot be decoded is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/error.h"
#include "supervisor/http/target.h"

static void assert_path(const char *target, const char *path)
{
    struct http_target parsed;
    assert_int_equal(http_target_parse(target, strlen(target), &parsed), 0);
    assert_string_equal(parsed.path, path);
    http_target_free(&parsed);
}

static void decodes_paths(void **state)
{
    (void)state;
    assert_path("/", "/");
    assert_path("/a/b", "/a/b");
    assert_path("//", "/");
    assert_path("///a//b/", "/a/b/");
    assert_path("/%41%2f%2Fb", "/A/b");
    assert_path("/a+b", "/a+b");
    assert_path("/%252e", "/%2e");
    assert_path("/?x=1", "/");
    assert_path("*", "*");
    assert_path("http://host:3000/a?b", "/a");
    assert_path("HTTP://host", "/");
    assert_path("http://host?x=1", "/");
    assert_path("/caf%C3%A9", "/caf\xc3\xa9");
}

static void refuses_what_it_cannot_decode(void **state)
{
    static const char *const targets[] = {"",     "a",       "host:80",  "/%",      "/%4",
                                          "/%zz", "/%00",    "/?a=%0",   "/?%zz=1", "/%ff",
                                          "/%C3", "/?a=%00", "ftp://h/", "**",      "?x"};
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct http_target parsed;
        if (http_target_parse(targets[i], strlen(targets[i]), &parsed) != AMID_E_INVALID)
            fail_msg("accepted: %s", targets[i]);
    }
}

static void reads_queries(void **state)
{
    struct http_target parsed;
    const char *target = "/p?lines=20&follow=1&text=a+b%26c&empty=&bare&&lines=30";
    (void)state;
    assert_int_equal(http_target_parse(target, strlen(target), &parsed), 0);
    assert_string_equal(http_target_query(&parsed, "lines"), "20");
    assert_string_equal(http_target_query(&parsed, "follow"), "1");
    assert_string_equal(http_target_query(&parsed, "text"), "a b&c");
    assert_string_equal(http_target_query(&parsed, "empty"), "");
    assert_string_equal(http_target_query(&parsed, "bare"), "");
    assert_null(http_target_query(&parsed, "none"));
    http_target_free(&parsed);
}

static void bounds_the_query(void **state)
{
    char target[512] = "/?";
    struct http_target parsed;
    (void)state;
    for (int i = 0; i < HTTP_QUERY_MAX; i++)
        strcat(target, "a=b&");
    assert_int_equal(http_target_parse(target, strlen(target), &parsed), 0);
    http_target_free(&parsed);
    strcat(target, "c");
    assert_int_equal(http_target_parse(target, strlen(target), &parsed), AMID_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_paths),
        cmocka_unit_test(refuses_what_it_cannot_decode),
        cmocka_unit_test(reads_queries),
        cmocka_unit_test(bounds_the_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
