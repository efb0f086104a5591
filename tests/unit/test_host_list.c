/* Lists of hosts say what they say and nothing more: no item matches a host that only looks like
 * the one it names, and what is not an item is refused when the settings are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/host_list.h"

static void test_names(void **state)
{
    const char *list = "api.example.com, *.example.org:443,127.0.0.1:8080";

    (void)state;
    assert_true(host_list_has(list, "api.example.com", 1));
    assert_true(host_list_has("API.Example.COM", "api.example.com", 443));
    assert_false(host_list_has(list, "example.com", 443));
    assert_false(host_list_has(list, "xapi.example.com", 443));
    assert_false(host_list_has(list, "api.example.com.evil.net", 443));
    assert_true(host_list_has(list, "a.b.example.org", 443));
    assert_false(host_list_has(list, "a.example.org", 80));
    assert_false(host_list_has(list, "example.org", 443));
    assert_false(host_list_has(list, ".example.org", 443));
    assert_false(host_list_has(list, "badexample.org", 443));
    assert_true(host_list_has(list, "127.0.0.1", 8080));
    assert_false(host_list_has(list, "127.0.0.1", 8081));
    assert_false(host_list_has("", "a", 1));
    assert_false(host_list_has(list, "", 443));
}

static void test_addresses_of_six(void **state)
{
    (void)state;
    assert_true(host_list_has("[::1]:9", "::1", 9));
    assert_false(host_list_has("[::1]:9", "::1", 10));
    assert_true(host_list_has("[0:0:0:0:0:0:0:1]", "::1", 10));
    assert_true(host_list_has("2001:DB8::1", "2001:db8::1", 10));
    assert_false(host_list_has("2001:db8::1", "2001:db8::2", 10));
    assert_false(host_list_has("[::1]", "1", 10));
    assert_true(host_list_has("*", "::1", 1));
    assert_true(host_list_has("*:443", "a.b", 443));
    assert_false(host_list_has("*:443", "a.b", 80));
}

static void test_ports_by_name(void **state)
{
    (void)state;
    assert_true(host_list_names_port("localhost:3000", "localhost", 3000));
    assert_false(host_list_names_port("localhost", "localhost", 3000));
    assert_false(host_list_names_port("localhost,localhost:3001", "localhost", 3000));
    assert_true(host_list_names_port("localhost,localhost:3000", "localhost", 3000));
}

static void test_faults(void **state)
{
    static const char *const bad[] = {"a:",    "a:0",      "a:65536", "a:x",       "a:000080",
                                      "[::1",  "[::1]x",   "[::1]:",  "[zz]",      "*.",
                                      "a b",   "a/b",      "**",      "*a",        "a*",
                                      "a.",    ":80",      "a,,b",    "a,b:99999", "1:2:3",
                                      "*.a.*", "http://a", "a@b"};
    static const char *const good[] = {"",       "*",      "*:1",     "a",  "a-b_c.d:65535",
                                       "*.a.b",  "*.a:80", "1.2.3.4", "::", "[::]:1",
                                       "a, b ,c"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(host_list_fault(bad[i]));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_null(host_list_fault(good[i]));
    /* What is wrong matches nothing, should it be asked all the same. */
    assert_false(host_list_has("a:", "a", 80));
    assert_false(host_list_has("a:0", "a", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_addresses_of_six),
        cmocka_unit_test(test_ports_by_name),
        cmocka_unit_test(test_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
