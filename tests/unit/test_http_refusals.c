/* Promise: every malformed, oversized or ambiguous request gets its status in JSON, never reaches a
 * handler and ends its connection; what just fits is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "http_harness.h"

#define HOST "Host: x\r\n"
#define POST "POST /echo HTTP/1.1\r\n" HOST

static void assert_has(const struct http_client *client, const char *text)
{
    if (!strstr(client->answer, text))
        fail_msg("no \"%s\" in: %s", text, client->answer);
}

/* One connection, one text: the first answer's status, and that nothing reached a handler. */
static void assert_refused(void **state, const char *text, size_t len, int status)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    int handled = harness->handled;
    http_client_send_bytes(client, text, len);
    if (http_client_status(client, 0) != status)
        fail_msg("expected %d for: %.200s\ngot: %s", status, text, client->answer);
    if (harness->handled != handled)
        fail_msg("reached a handler: %.200s", text);
    assert_int_equal(http_client_answers(client), 1);
    assert_has(client, "{\"error\":\"");
    assert_has(client, "Content-Type: application/json\r\n");
    assert_has(client, "Access-Control-Allow-Origin: *\r\n");
    assert_has(client, "Connection: close\r\n");
    assert_true(client->closed);
    http_client_close(client);
}

static void refuses_malformed_requests(void **state)
{
    static const struct {
        int status;
        const char *text;
    } cases[] = {
        {400, "hello\r\n\r\n"},
        {400, "\x16\x03\x01\x02\x01"},
        {400, "GET\r\n\r\n"},
        {505, "GET /echo\r\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\n" HOST HOST "\r\n"},
        {400, "GET /echo HTTP/1.1\n" HOST "\n"},
        {400, "GET /echo HTTP/1.1\r\n" HOST "\n"},
        {400, "GET /echo HTTP/1.1\r\nHost: x\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\nHost : x\r\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\n Host: x\r\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\n" HOST "X\r\n\r\n"},
        {400, "GET /echo HTTP/1.1\r\n" HOST "X-A: a\x01z\r\n\r\n"},
        {400, "GET /%zz HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET /%00 HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET /%ff HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET echo HTTP/1.1\r\n" HOST "\r\n"},
        {400, "CONNECT x:80 HTTP/1.1\r\n" HOST "\r\n"},
        {417, "POST /echo HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\n"},
        {501, "BREW /echo HTTP/1.1\r\n" HOST "\r\n"},
        {501, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n"},
        {501, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        {505, "GET /echo HTTP/2.0\r\n" HOST "\r\n"},
        {505, "GET /echo HTTP/3.0\r\n" HOST "\r\n"},
        {505, "GET /echo HTTP/0.9\r\n" HOST "\r\n"},
        {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(state, cases[i].text, strlen(cases[i].text), cases[i].status);
}

static void refuses_ambiguous_framing(void **state)
{
    static const char *const texts[] = {
        POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        POST "Content-Length: 2, 2\r\n\r\nab",
        POST "Content-Length: +2\r\n\r\nab",
        POST "Content-Length: -2\r\n\r\nab",
        POST "Content-Length: 0x2\r\n\r\nab",
        POST "Content-Length: 2 2\r\n\r\nab",
        POST "Content-Length: \r\n\r\nab",
        POST "Content-Length: 99999999999999999999\r\n\r\nab",
        POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\n\n",
        POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\n\r\n",
        POST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na\r\n",
    };
    struct http_harness *harness = *state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct http_client *client = http_client_open(harness);
        http_client_send(client, texts[i]);
        int status = http_client_status(client, 0);
        if ((status != 400 && status != 501) || harness->handled != 0 || !client->closed ||
            http_client_answers(client) != 1)
            fail_msg("%d (handled %d) for: %s\n%s", status, harness->handled, texts[i],
                     client->answer);
        http_client_close(client);
    }
}

/* A prefix, len times `fill`, and a suffix. */
static void assert_refused_long(void **state, const char *prefix, char fill, size_t len,
                                const char *suffix, int status)
{
    size_t prefix_len = strlen(prefix), suffix_len = strlen(suffix);
    char *text = malloc(prefix_len + len + suffix_len + 1);
    memcpy(text, prefix, prefix_len);
    memset(text + prefix_len, fill, len);
    strcpy(text + prefix_len + len, suffix);
    assert_refused(state, text, prefix_len + len + suffix_len, status);
    free(text);
}

static void refuses_what_is_too_large(void **state)
{
    assert_refused_long(state, "GET /", 'a', 9000, " HTTP/1.1\r\n" HOST "\r\n", 414);
    assert_refused_long(state, "GET /", 'a', 100000, "", 414);
    assert_refused_long(state, "GET /echo HTTP/1.1\r\n" HOST "X-Long: ", 'a', 16384, "\r\n\r\n",
                        431);
    assert_refused_long(state, "GET /echo HTTP/1.1\r\n" HOST "X-Long: ", 'a', 200000, "", 431);
    assert_refused_long(state, "GET /echo HTTP/1.1\r\n" HOST, 'a', 20000, "", 431);
    assert_refused_long(state, POST "Content-Length: 1048577\r\n\r\n", 'a', 1048577, "", 413);
    assert_refused_long(state, POST "Transfer-Encoding: chunked\r\n\r\n100001\r\n", 'a', 1048577,
                        "\r\n0\r\n\r\n", 413);
    char many[HTTP_HEADER_MAX_BYTES] = "GET /echo HTTP/1.1\r\n" HOST;
    for (int i = 0; i < 100; i++)
        strcat(many, "a: b\r\n");
    strcat(many, "\r\n");
    assert_refused(state, many, strlen(many), 431);
}

static void accepts_what_just_fits(void **state)
{
    struct http_client *client = http_client_open(*state);
    char *body = malloc(HTTP_BODY_MAX_BYTES);
    memset(body, 'b', HTTP_BODY_MAX_BYTES);
    http_client_send(client, POST "Content-Length: 1048576\r\n\r\n");
    http_client_send_bytes(client, body, HTTP_BODY_MAX_BYTES);
    assert_int_equal(http_client_status(client, 0), 200);
    assert_has(client, "Content-Length: 1048576\r\n");
    http_client_forget(client);
    http_client_send(client, POST "Transfer-Encoding: chunked\r\n\r\n100000\r\n");
    http_client_send_bytes(client, body, HTTP_BODY_MAX_BYTES);
    http_client_send(client, "\r\n0\r\n\r\n");
    assert_int_equal(http_client_status(client, 0), 200);
    assert_has(client, "Content-Length: 1048576\r\n");
    free(body);
    http_client_close(client);
}

static void refuses_chunks_that_carry_nothing(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, POST "Transfer-Encoding: chunked\r\n\r\n1;");
    char filler[4096];
    memset(filler, 'e', sizeof filler);
    for (int i = 0; i < 40 && http_client_answers(client) == 0; i++)
        http_client_send_bytes(client, filler, sizeof filler);
    assert_int_equal(http_client_status(client, 0), 413);
    http_client_close(client);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, http_harness_open, http_harness_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_malformed_requests),        TEST(refuses_ambiguous_framing),
        TEST(refuses_what_is_too_large),         TEST(accepts_what_just_fits),
        TEST(refuses_chunks_that_carry_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
