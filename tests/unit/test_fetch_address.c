/* Which addresses are of the public internet: both ends of every range that is not, their
 * neighbours, and every way to write an IPv4 address into an IPv6 one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/error.h"
#include "supervisor/fetch/address.h"
#include "supervisor/fetch/own_address.h"

static const char *fault(const char *text)
{
    struct address address;

    assert_int_equal(address_parse(text, 443, &address), 0);
    return address_fault(&address);
}

static void test_refused(void **state)
{
    static const char *const refused[] = {"0.0.0.0",
                                          "0.255.255.255",
                                          "10.0.0.0",
                                          "10.255.255.255",
                                          "100.64.0.0",
                                          "100.127.255.255",
                                          "127.0.0.0",
                                          "127.0.0.1",
                                          "127.255.255.255",
                                          "169.254.0.0",
                                          "169.254.169.254",
                                          "169.254.255.255",
                                          "172.16.0.0",
                                          "172.31.255.255",
                                          "192.0.0.0",
                                          "192.0.0.255",
                                          "192.0.2.1",
                                          "192.88.99.1",
                                          "192.168.0.0",
                                          "192.168.255.255",
                                          "198.18.0.0",
                                          "198.19.255.255",
                                          "198.51.100.1",
                                          "203.0.113.1",
                                          "224.0.0.0",
                                          "239.255.255.255",
                                          "240.0.0.0",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "::2",
                                          "::7f00:1",
                                          "::127.0.0.1",
                                          "::8.8.8.8",
                                          "::ffff:127.0.0.1",
                                          "::ffff:8.8.8.8",
                                          "::ffff:0:8.8.8.8",
                                          "64:ff9b::7f00:1",
                                          "64:ff9b::808:808",
                                          "64:ff9b:1::1",
                                          "100::1",
                                          "2001::1",
                                          "2001:0:808:808::1",
                                          "2001:1ff:ffff::1",
                                          "2001:db8::1",
                                          "2001:db8:ffff::1",
                                          "2002:7f00:1::1",
                                          "2002:808:808::1",
                                          "3fff::1",
                                          "3fff:fff::1",
                                          "5f00::1",
                                          "1fff::1",
                                          "4000::1",
                                          "fc00::1",
                                          "fdff:ffff::1",
                                          "fe80::1",
                                          "febf:ffff::1",
                                          "fec0::1",
                                          "ff00::1",
                                          "ff02::1",
                                          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (fault(refused[i]) == NULL)
            fail_msg("%s counts as public", refused[i]);
    }
}

static void test_public(void **state)
{
    static const char *const good[] = {
        "1.0.0.0",          "9.255.255.255",   "11.0.0.0",       "100.63.255.255",
        "100.128.0.0",      "126.255.255.255", "128.0.0.0",      "169.253.255.255",
        "169.255.0.0",      "172.15.255.255",  "172.32.0.0",     "191.255.255.255",
        "192.0.1.0",        "192.0.3.0",       "192.88.98.255",  "192.88.100.0",
        "192.167.255.255",  "192.169.0.0",     "198.17.255.255", "198.20.0.0",
        "198.51.99.255",    "198.51.101.0",    "203.0.112.255",  "203.0.114.0",
        "223.255.255.255",  "8.8.8.8",         "2000::1",        "2001:200::1",
        "2001:db7:ffff::1", "2001:db9::1",     "2003::1",        "2606:4700::1111",
        "3ffe::1",          "3fff:1000::1"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (fault(good[i]) != NULL)
            fail_msg("%s is refused: %s", good[i], fault(good[i]));
    }
}

/* Every /16 of IPv4 against the ranges written down a second time, as a reader would. */
static void test_every_net(void **state)
{
    (void)state;
    for (uint32_t net = 0; net < 0x10000; net++) {
        uint32_t a = net >> 8, b = net & 0xff;
        bool is_special = a == 0 || a == 10 || a == 127 || a >= 224 || (a == 100 && b / 64 == 1) ||
                          (a == 169 && b == 254) || (a == 172 && b / 16 == 1) ||
                          (a == 192 && b == 168) || (a == 198 && b / 2 == 9);
        struct address address = {.len = sizeof(struct sockaddr_in)};

        address.v4.sin_family = AF_INET;
        address.v4.sin_addr.s_addr = htonl(net << 16 | 0xff01);
        assert_int_equal(address_fault(&address) != NULL, is_special);
    }
}

static void test_texts(void **state)
{
    static const char *const bad[] = {"",           "1",         "127.1",      "0x7f.0.0.1",
                                      "2130706433", "[::1]",     "fe80::1%lo", "a",
                                      "1.2.3.4 ",   "1.2.3.256", "1.2.3.4.",   "::g"};
    struct address address, other;
    char text[ADDRESS_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(address_parse(bad[i], 1, &address), AMID_E_INVALID);
    assert_int_equal(address_parse("::FFFF:1.2.3.4", 65535, &address), 0);
    address_text(&address, text);
    assert_string_equal(text, "[::ffff:1.2.3.4]:65535");
    assert_int_equal(address_port(&address), 65535);
    assert_int_equal(address_parse("1.2.3.4", 80, &other), 0);
    address_text(&other, text);
    assert_string_equal(text, "1.2.3.4:80");
    assert_false(address_is_same_host(&address, &other));
    assert_int_equal(address_of(&other.any, other.len, &address), 0);
    assert_true(address_is_same_host(&address, &other));
    assert_int_equal(address_of(&other.any, other.len - 1, &address), AMID_E_INVALID);
    other.any.sa_family = AF_UNIX;
    assert_int_equal(address_of(&other.any, other.len, &address), AMID_E_INVALID);
    assert_non_null(address_fault(&other));
}

static void test_own(void **state)
{
    struct own_addresses *own = test_calloc(1, sizeof(*own));
    struct address address;

    (void)state;
    assert_int_equal(address_parse("127.0.0.1", 1, &address), 0);
    assert_true(own_address_is(own, &address));
    assert_int_equal(address_parse("8.8.8.8", 1, &address), 0);
    assert_false(own_address_is(own, &address));
    test_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_public),
        cmocka_unit_test(test_every_net), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
