/* Whatever way a script writes an address, the host that permissions are checked against is the
 * host that curl connects to, in one form; what has two readings is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/fetch/target.h"
#include "tests/unit/need_curl.h"

struct reading {
    const char *url, *host, *text, *path;
    uint16_t port;
    bool is_secure, is_address;
};

static void test_readings(void **state)
{
    static const struct reading readings[] = {
        {"http://2130706433/", "127.0.0.1", "http://127.0.0.1/", "/", 80, false, true},
        {"http://0x7f.1/", "127.0.0.1", "http://127.0.0.1/", "/", 80, false, true},
        {"http://0177.0.0.1/x", "127.0.0.1", "http://127.0.0.1/x", "/x", 80, false, true},
        {"http://127.1", "127.0.0.1", "http://127.0.0.1/", "/", 80, false, true},
        {"http://0/", "0.0.0.0", "http://0.0.0.0/", "/", 80, false, true},
        {"http://127.0.0.1./", "127.0.0.1", "http://127.0.0.1/", "/", 80, false, true},
        {"http://%31%32%37.0.0.1/", "127.0.0.1", "http://127.0.0.1/", "/", 80, false, true},
        {"http://[::FFFF:127.0.0.1]/", "::ffff:127.0.0.1", "http://[::ffff:127.0.0.1]/", "/", 80,
         false, true},
        {"http://[0:0:0:0:0:0:0:1]:8/", "::1", "http://[::1]:8/", "/", 8, false, true},
        {"HTTPS://ExAmple.COM./a?b#c", "example.com", "https://example.com/a?b", "/a?b", 443, true,
         false},
        {"http://ex%61mple.com:81/", "example.com", "http://example.com:81/", "/", 81, false,
         false},
        {"ws://a_b.c-d/s", "a_b.c-d", "http://a_b.c-d/s", "/s", 80, false, false},
        {"WSS://h/s?x", "h", "https://h/s?x", "/s?x", 443, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        const struct reading *want = &readings[i];
        const char *fault = NULL;
        struct target target;
        char *text, *path;

        assert_int_equal(target_parse(want->url, TARGET_SOCKET, &target, &fault), 0);
        text = target_text(&target);
        path = target_path(&target);
        assert_string_equal(target.host, want->host);
        assert_string_equal(text, want->text);
        assert_string_equal(path, want->path);
        assert_int_equal(target.port, want->port);
        assert_int_equal(target.is_secure, want->is_secure);
        assert_int_equal(target.is_address, want->is_address);
        free(text);
        free(path);
        target_free(&target);
    }
}

static void test_refused(void **state)
{
    static const char *const refused[] = {"",
                                          "h",
                                          "//h/",
                                          "/path",
                                          "http://",
                                          "http://:80/",
                                          "ftp://h/",
                                          "file:///etc/passwd",
                                          "gopher://h/",
                                          "dict://h/",
                                          "javascript:1",
                                          "data:,x",
                                          "http://user@h/",
                                          "http://user:secret@h/",
                                          "http://@h/x@y:z@w/",
                                          "http://h:0/",
                                          "http://h:99999/",
                                          "http://h:x/",
                                          "http://a b/",
                                          "http://a..b/",
                                          "http://a../",
                                          "http://.a/",
                                          "http://1.2.3.4.5/",
                                          "http://a.0x1/",
                                          "http://256.1.1.1/",
                                          "http://99999999999/",
                                          "http://[fe80::1%25eth0]/",
                                          "http://[::1/",
                                          "http://[1]/",
                                          "http://h\\@g/",
                                          "http://h\t/",
                                          "http://h\r\nx/",
                                          "http://\xc3\xa4.de/",
                                          "http://\xe2\x91\xa0\xe2\x91\xa1.0.0.1/",
                                          "http://a%00b/",
                                          "http://a%2fb/",
                                          "http://a,b/",
                                          "http://-/\x01"};
    struct target target;
    const char *fault;

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        fault = NULL;
        if (target_parse(refused[i], TARGET_HTTP, &target, &fault) != AMID_E_INVALID)
            fail_msg("%s is taken", refused[i]);
        assert_non_null(fault);
    }
    assert_int_equal(target_parse("ws://h/", TARGET_HTTP, &target, &fault), AMID_E_INVALID);
}

static void test_lengths(void **state)
{
    static char url[TARGET_URL_MAX_BYTES + 16] = "http://h/";
    char host[300] = "http://";
    struct target target;
    const char *fault = NULL;

    (void)state;
    memset(url + 9, 'a', sizeof(url) - 10);
    assert_int_equal(target_parse(url, TARGET_HTTP, &target, &fault), AMID_E_INVALID);
    url[TARGET_URL_MAX_BYTES] = '\0';
    assert_int_equal(target_parse(url, TARGET_HTTP, &target, &fault), 0);
    target_free(&target);
    memset(host + 7, 'a', HOST_NAME_MAX_BYTES + 1);
    assert_int_equal(target_parse(host, TARGET_HTTP, &target, &fault), AMID_E_INVALID);
}

static void test_redirects(void **state)
{
    static const struct {
        const char *location, *text; /* NULL = refused */
    } cases[] = {
        {"/y", "https://a.b:444/y"},
        {"z?q", "https://a.b:444/x/z?q"},
        {"//c.d/e", "https://c.d/e"},
        {"http://127.1/", "http://127.0.0.1/"},
        {"https://A.B:444/#f", "https://a.b:444/"},
        {"/a b", "https://a.b:444/a%20b"},
        {"file:///etc/passwd", NULL},
        {"ftp://c/", NULL},
        {"http://u:p@c/", NULL},
        {"http://c:0/", NULL},
    };
    struct target from, next;
    const char *fault = NULL;

    (void)state;
    assert_int_equal(target_parse("https://a.b:444/x/y", TARGET_HTTP, &from, &fault), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int error = target_follow(&from, cases[i].location, &next, &fault);
        char *text;

        if (cases[i].text == NULL) {
            assert_int_equal(error, AMID_E_INVALID);
            continue;
        }
        assert_int_equal(error, 0);
        text = target_text(&next);
        assert_string_equal(text, cases[i].text);
        free(text);
        assert_int_equal(target_is_same_origin(&from, &next),
                         strncmp(cases[i].text, "https://a.b:444/", 16) == 0);
        target_free(&next);
    }
    target_free(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readings),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_redirects),
    };

    return cmocka_run_group_tests(tests, need_curl, NULL);
}
