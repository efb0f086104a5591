/* Holds: whose request it is that a proxy passes on, whatever the client wrote in front of what the
 * proxy added; nobody but a trusted proxy is believed. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/network_list.h"
#include "supervisor/http/forwarded.h"
#include "supervisor/http/parser.h"
#include "supervisor/http/server.h"

#define TRUSTED    "127.0.0.1,::1,10.0.0.0/8,fd00::/8"
#define HEAD_BYTES 4096

static void find(const char *trusted, const char *lines, char *peer)
{
    struct http_parser parser;
    struct http_message message;
    char head[HEAD_BYTES];
    size_t consumed;

    snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", lines);
    http_message_init(&message);
    http_parser_init(&parser);
    http_parser_begin(&parser, &message);
    assert_int_equal(http_parser_feed(&parser, head, strlen(head), &consumed), HTTP_PARSE_HEAD);
    http_forwarded_find(trusted, &message, peer);
    http_message_free(&message);
}

static void the_client_is_the_first_from_the_end_that_is_no_proxy(void **state)
{
    static const struct {
        const char *peer, *lines, *client;
    } cases[] = {
        /* Nobody is believed who is not trusted. */
        {"192.0.2.1:5", "X-Forwarded-For: 198.51.100.7\r\n", "192.0.2.1:5"},
        {"11.0.0.1:5", "X-Forwarded-For: 198.51.100.7\r\n", "11.0.0.1:5"},
        {"local", "X-Forwarded-For: 198.51.100.7\r\n", "local"},
        {"127.0.0.1:5", "X-Real-IP: 198.51.100.7\r\nForwarded: for=198.51.100.7\r\n",
         "127.0.0.1:5"},
        {"127.0.0.1:5", "", "127.0.0.1:5"},
        {"127.0.0.1:5", "X-Forwarded-For: \r\n", "127.0.0.1:5"},
        /* What the client wrote stands in front. */
        {"127.0.0.1:5", "X-Forwarded-For: 198.51.100.7\r\n", "198.51.100.7"},
        {"10.1.2.3:5", "x-forwarded-for: 203.0.113.9, 198.51.100.7\r\n", "198.51.100.7"},
        {"127.0.0.1:5", "X-Forwarded-For: 127.0.0.1, 198.51.100.7\r\n", "198.51.100.7"},
        {"127.0.0.1:5", "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.7\r\n",
         "198.51.100.7"},
        {"127.0.0.1:5", "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 10.0.0.9\r\n",
         "198.51.100.7"},
        /* More than one proxy of ours. */
        {"127.0.0.1:5", "X-Forwarded-For: 203.0.113.9,198.51.100.7 ,\t10.0.0.9\r\n",
         "198.51.100.7"},
        {"[::1]:5", "X-Forwarded-For: 10.0.0.8, 10.0.0.9\r\n", "10.0.0.8"},
        /* All the ways to write it. */
        {"[fd12::1]:5", "X-Forwarded-For: 198.51.100.7:1234\r\n", "198.51.100.7"},
        {"[::1]:5", "X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7"},
        {"[::1]:5", "X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"},
        {"[::1]:5", "X-Forwarded-For: [2001:db8::7]:80\r\n", "2001:db8::7"},
        {"[::ffff:10.0.0.1]:5", "X-Forwarded-For: ::ffff:198.51.100.7\r\n", "198.51.100.7"},
        /* What cannot be read is as far as it goes. */
        {"127.0.0.1:5", "X-Forwarded-For: 198.51.100.7, unknown\r\n", "127.0.0.1"},
        {"127.0.0.1:5", "X-Forwarded-For: 198.51.100.7,, 10.0.0.9\r\n", "10.0.0.9"},
        {"127.0.0.1:5", "X-Forwarded-For: 198.51.100.7, [::2, 10.0.0.9\r\n", "10.0.0.9"},
        {"127.0.0.1:5", "X-Forwarded-For: 198.51.100.7, [::2]x, 10.0.0.9\r\n", "10.0.0.9"},
        {"127.0.0.1:5", "X-Forwarded-For: 1.2.3, :, ::%lo, 256.1.1.1\r\n", "127.0.0.1"},
        /* Another machine's loopback is nobody we know. */
        {"10.0.0.1:5", "X-Forwarded-For: 127.0.0.1\r\n", "10.0.0.1"},
        {"10.0.0.1:5", "X-Forwarded-For: 198.51.100.7, ::1\r\n", "10.0.0.1"},
        {"127.0.0.1:5", "X-Forwarded-For: ::1\r\n", "::1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char peer[HTTP_PEER_BYTES];

        snprintf(peer, sizeof(peer), "%s", cases[i].peer);
        find("", cases[i].lines, peer);
        assert_string_equal(peer, cases[i].peer);
        find(TRUSTED, cases[i].lines, peer);
        assert_string_equal(peer, cases[i].client);
    }
}

static void the_way_back_is_bounded(void **state)
{
    char lines[HEAD_BYTES / 2] = "X-Forwarded-For: 198.51.100.7", peer[HTTP_PEER_BYTES];
    size_t len = strlen(lines);

    (void)state;
    for (int i = 0; i <= HTTP_FORWARDED_HOPS_MAX; i++)
        len += (size_t)snprintf(lines + len, sizeof(lines) - len, ", 10.0.0.%d", i);
    snprintf(lines + len, sizeof(lines) - len, "\r\n");
    strcpy(peer, "10.9.9.9:1");
    find(TRUSTED, lines, peer);
    assert_string_equal(peer, "10.0.0.1");
}

static void a_proxy_is_known_by_its_address(void **state)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    const struct sockaddr *peer = (const struct sockaddr *)&in;
    const struct sockaddr local = {.sa_family = AF_UNIX};

    (void)state;
    in.sin_addr.s_addr = htonl(0x0a000001);
    assert_true(http_forwarded_is_proxy(TRUSTED, peer));
    assert_false(http_forwarded_is_proxy("", peer));
    assert_false(http_forwarded_is_proxy("10.0.0.2", peer));
    assert_false(http_forwarded_is_proxy(TRUSTED, &local));
}

static bool has(const char *list, const char *text)
{
    struct in6_addr address;

    assert_int_equal(network_address_parse(text, strlen(text), &address), 0);
    return network_list_has(list, &address);
}

static void networks_end_where_they_say(void **state)
{
    static const char *const bad[] = {"x",      "10.0.0.0/33",  "10.0.0.0/", "10.0.0.0/-1",
                                      "::/129", "::/0000",      "[::1]",     "10.0.0.1:80",
                                      ",",      "10.0.0.0/8/8", "localhost"};

    (void)state;
    assert_null(network_list_fault(""));
    assert_null(network_list_fault(TRUSTED));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_non_null(network_list_fault(bad[i]));
    assert_true(has("172.16.0.0/12", "172.31.255.255"));
    assert_false(has("172.16.0.0/12", "172.32.0.0"));
    assert_false(has("172.16.0.0/12", "172.15.255.255"));
    assert_true(has("10.0.0.0/8", "::ffff:10.1.2.3"));
    assert_true(has("::ffff:10.0.0.0/104", "10.1.2.3"));
    assert_false(has("10.0.0.0/8", "::10.1.2.3"));
    assert_true(has("0.0.0.0/0", "1.2.3.4"));
    assert_false(has("0.0.0.0/0", "2001:db8::1"));
    assert_true(has("::/0", "1.2.3.4"));
    assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(has("x,10.0.0.1", "10.0.0.1"));
    assert_false(has("10.0.0.1", "10.0.0.2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_is_the_first_from_the_end_that_is_no_proxy),
        cmocka_unit_test(the_way_back_is_bounded),
        cmocka_unit_test(a_proxy_is_known_by_its_address),
        cmocka_unit_test(networks_end_where_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
