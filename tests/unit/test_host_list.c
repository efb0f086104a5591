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

static void test_hosts(void **state)
{
    static const struct {
        const char *pattern;
        const char *host;
        uint16_t port;
        bool matches;
    } cases[] = {
        {"example.com", "example.com", 443, true},
        {"Example.COM", "example.com", 443, true},
        {"example.com", "example.com.", 443, true},
        {"example.com", "www.example.com", 443, false},
        {"example.com", "example.com.evil.com", 443, false},
        {"example.com", "notexample.com", 443, false},
        {"example.com", "", 443, false},
        {"example.com:443", "example.com", 443, true},
        {"example.com:443", "example.com", 8443, false},
        {"*.example.com", "www.example.com", 80, true},
        {"*.example.com", "a.b.example.com", 80, true},
        {"*.example.com", "example.com", 80, false},
        {"*.example.com", "badexample.com", 80, false},
        {"*.example.com", ".example.com", 80, false},
        {"*.example.com:80", "www.example.com", 81, false},
        {"*", "anything.at.all", 1, true},
        {"*:8080", "anything", 8080, true},
        {"*:8080", "anything", 8081, false},
        {"127.0.0.1", "127.0.0.1", 80, true},
        {"127.0.0.1", "127.0.0.10", 80, false},
        {"*.0.0.1", "127.0.0.1", 80, false},
        {"[::1]", "::1", 80, true},
        {"[::1]", "0:0:0:0:0:0:0:1", 80, true},
        {"[::1]:81", "::1", 80, false},
        {"2001:db8::1", "2001:db8:0::1", 9, true},
        {"[::1]", "::2", 80, false},
        {"[::1]", "1", 80, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(host_list_fault(cases[i].pattern));
        if (host_list_has(cases[i].pattern, cases[i].host, cases[i].port) != cases[i].matches)
            fail_msg("%s against %s:%d", cases[i].pattern, cases[i].host, (int)cases[i].port);
    }
}

static void test_bad_hosts(void **state)
{
    static const char *const bad[] = {
        "",       "a b", "http://a", "a/b", "a..b",   ".a",   "a.",     "*a",
        "*.",     "a:0", "a:65536",  "a:",  "a:80x",  "[::1", "[1]",    "[]",
        "[::1]x", "a,b", "*.*.com",  "a@b", "[::1]:", "a:-1", "a%2e.b", "*.[::1]"};
    struct host_pattern pattern;
    char longest[400];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (host_pattern_parse(bad[i], strlen(bad[i]), &pattern) == NULL)
            fail_msg("%s was taken", bad[i]);
    }
    memset(longest, 'a', sizeof(longest));
    longest[64] = '\0';
    assert_non_null(host_list_fault(longest)); /* one label of 64 */
    longest[63] = '\0';
    assert_null(host_list_fault(longest));
    for (size_t i = 63; i < sizeof(longest); i += 2)
        longest[i] = '.';
    longest[sizeof(longest) - 1] = '\0';
    assert_non_null(host_list_fault(longest));
}

static void test_covers(void **state)
{
    static const struct {
        const char *list;
        const char *pattern;
        bool covers;
    } cases[] = {
        {"*", "*", true},
        {"*", "*.a.b:80", true},
        {"*:80", "*", false},
        {"*:80", "a.b:80", true},
        {"a.b", "*", false},
        {"a.b", "a.b:80", true},
        {"a.b:80", "a.b", false},
        {"a.b", "A.B", true},
        {"*.b", "a.b", true},
        {"*.b", "b", false},
        {"*.b", "*.b", true},
        {"*.b", "*.a.b", true},
        {"*.a.b", "*.b", false},
        {"b", "*.b", false},
        {"*.0.1", "127.0.0.1", false},
        {"[::1]", "0:0:0:0:0:0:0:1", true},
        {"[::1]", "[::2]:80", false},
        {"x.y, *.b:443", "a.b:443", true},
        {"x.y, *.b:443", "a.b:80", false},
        {"", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct host_pattern pattern;

        assert_null(host_pattern_parse(cases[i].pattern, strlen(cases[i].pattern), &pattern));
        if (host_list_covers(cases[i].list, &pattern) != cases[i].covers)
            fail_msg("%s covers %s", cases[i].list, cases[i].pattern);
    }
}

static void test_authorities(void **state)
{
    (void)state;
    assert_true(host_is_authority("a.b"));
    assert_true(host_is_authority("127.0.0.1:3000"));
    assert_true(host_is_authority("[::1]:3000"));
    assert_false(host_is_authority("::1"));
    assert_false(host_is_authority("*"));
    assert_false(host_is_authority("*.a.b"));
    assert_false(host_is_authority("a.b/c"));
    assert_false(host_is_authority(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),         cmocka_unit_test(test_addresses_of_six),
        cmocka_unit_test(test_ports_by_name), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_hosts),         cmocka_unit_test(test_bad_hosts),
        cmocka_unit_test(test_covers),        cmocka_unit_test(test_authorities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
