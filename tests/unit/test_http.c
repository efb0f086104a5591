/* Promise: over real sockets, every well-formed request is answered once and in order; a slow one
 * gets its status in JSON and never reaches a handler; a connection is kept where its framing is
 * still certain and closed where it is not. */
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

static void assert_has_not(const struct http_client *client, const char *text)
{
    if (strstr(client->answer, text))
        fail_msg("\"%s\" in: %s", text, client->answer);
}

static void answers_a_request(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
    assert_int_equal(http_client_status(client, 0), 200);
    assert_has(client, "\r\n\r\nhello");
    assert_has(client, "Content-Length: 5\r\n");
    assert_has(client, "X-Content-Type-Options: nosniff\r\n");
    assert_has(client, "Cache-Control: no-store\r\n");
    assert_has(client, "Date: ");
    assert_has_not(client, "Connection:");
    assert_false(client->closed);
    http_client_forget(client);
    http_client_send(client, "GET /echo?name=a%20b+c HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "\r\n\r\na b c");
    http_client_close(client);
}

static void reads_byte_by_byte(void **state)
{
    struct http_client *client = http_client_open(*state);
    const char *text = "POST /echo HTTP/1.1\r\n" HOST "X-Empty:\r\nX-Space: \t a b \t\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n"
                       "3;ext=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
                       "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nxy";
    for (const char *at = text; *at; at++)
        http_client_send_bytes(client, at, 1);
    assert_int_equal(http_client_answers(client), 2);
    assert_has(client, "\r\n\r\nabc0123456789HTTP/1.1 200");
    assert_has(client, "\r\n\r\nxy");
    http_client_close(client);
}

static void answers_pipelined_requests_in_order(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    char text[16384] = "GET /hold HTTP/1.1\r\n" HOST "\r\n";
    for (int i = 0; i < 100; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "GET /echo?name=n%d HTTP/1.1\r\n" HOST "\r\n", i);
    http_client_send(client, text);
    assert_int_equal(http_client_answers(client), 0);
    assert_int_equal(harness->handled, 1);
    http_respond(harness->held, 200, "text/plain", "held", 4);
    http_client_collect(client);
    assert_int_equal(http_client_answers(client), 101);
    assert_has(client, "\r\n\r\nheldHTTP/1.1 200");
    assert_has(client, "\r\n\r\nn0HTTP");
    assert_has(client, "\r\n\r\nn98HTTP");
    http_client_close(client);
}

static void sends_large_answers_to_a_slow_reader(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, "GET /big HTTP/1.1\r\n" HOST "\r\nGET /big HTTP/1.1\r\n" HOST
                             "\r\nGET /echo?name=end HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_answers(client), 3);
    assert_has(client, "\r\n\r\nend");
    http_client_close(client);
}

static void honours_connection_headers(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, "GET /echo HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    assert_has(client, "Connection: close\r\n");
    assert_true(client->closed);
    http_client_close(client);

    client = http_client_open(*state);
    http_client_send(client, "GET /echo HTTP/1.0\r\n\r\n");
    assert_int_equal(http_client_status(client, 0), 200);
    assert_true(client->closed);
    http_client_close(client);

    client = http_client_open(*state);
    http_client_send(client, "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_has(client, "Connection: keep-alive\r\n");
    assert_false(client->closed);
    http_client_send(client, "GET /echo HTTP/1.1\r\n" HOST "Upgrade: h2c\r\n"
                             "Connection: upgrade\r\n\r\n");
    assert_int_equal(http_client_status(client, 1), 200);
    http_client_close(client);
}

static void leaves_the_body_out_for_head(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, "HEAD /echo?name=abc HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "Content-Length: 3\r\n");
    assert_string_equal(strstr(client->answer, "\r\n\r\n"), "\r\n\r\n");
    http_client_forget(client);
    http_client_send(client, "GET /echo?name=abc HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "\r\n\r\nabc");
    http_client_close(client);
}

static void routes_or_says_what_is_allowed(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, "GET /nowhere HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_status(client, 0), 404);
    http_client_forget(client);
    http_client_send(client, "PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc");
    assert_int_equal(http_client_status(client, 0), 405);
    assert_has(client, "Allow: GET, HEAD, POST, OPTIONS\r\n");
    http_client_forget(client);
    http_client_send(client, "DELETE //tree//%61/b HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "{\"error\":\"DELETE\"}");
    http_client_forget(client);
    http_client_send(client, "PATCH /any HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "{\"error\":\"PATCH\"}");
    assert_false(client->closed);
    http_client_close(client);
}

static void keeps_the_connection_after_an_early_refusal(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "POST /echo HTTP/1.1\r\n" HOST "X-Refuse: 1\r\n"
                             "Content-Length: 20\r\n\r\n01234");
    assert_int_equal(http_client_status(client, 0), 401);
    assert_has(client, "{\"error\":\"refused \\\"by\\\" header\"}");
    http_client_send(client, "567890123456789"
                             "POST /echo HTTP/1.1\r\n" HOST "X-Refuse: 1\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n4\r\nGET \r\n0\r\n\r\n"
                             "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nok");
    assert_int_equal(http_client_answers(client), 3);
    assert_int_equal(http_client_status(client, 1), 401);
    assert_int_equal(http_client_status(client, 2), 200);
    assert_has(client, "\r\n\r\nok");
    assert_int_equal(harness->handled, 1);
    http_client_close(client);
}

static void tells_a_waiting_client_to_continue(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_string_equal(client->answer, "HTTP/1.1 100 Continue\r\n\r\n");
    http_client_send(client, "ab");
    assert_int_equal(http_client_status(client, 1), 200);
    http_client_forget(client);
    http_client_send(client, POST "Expect: 100-continue\r\nX-Refuse: 1\r\n"
                                  "Content-Length: 2\r\n\r\n");
    assert_int_equal(http_client_status(client, 0), 401);
    assert_has(client, "Connection: close\r\n");
    assert_true(client->closed);
    http_client_close(client);

    client = http_client_open(*state);
    http_client_send(client, POST "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n");
    assert_int_equal(http_client_status(client, 0), 413);
    assert_true(client->closed);
    http_client_close(client);
}

static void answers_preflights(void **state)
{
    struct http_client *client = http_client_open(*state);
    http_client_send(client, "OPTIONS / HTTP/1.1\r\n" HOST "Origin: https://editor.example\r\n"
                             "Access-Control-Request-Method: POST\r\n"
                             "Access-Control-Request-Private-Network: true\r\n\r\n");
    assert_int_equal(http_client_status(client, 0), 204);
    assert_has(client, "Access-Control-Allow-Origin: *\r\n");
    assert_has(client, "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n");
    assert_has(client, "Access-Control-Allow-Headers: content-type, stels-session, authorization, "
                       "if-match\r\n");
    assert_has(client, "Access-Control-Max-Age: ");
    assert_has(client, "Access-Control-Allow-Private-Network: true\r\n");
    assert_has_not(client, "Content-Length");
    http_client_forget(client);
    http_client_send(client, "OPTIONS /echo HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_status(client, 0), 204);
    assert_has(client, "Allow: GET, HEAD, POST, OPTIONS\r\n");
    http_client_forget(client);
    http_client_send(client,
                     "OPTIONS * HTTP/1.1\r\n" HOST "\r\nOPTIONS /none HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_status(client, 0), 204);
    assert_int_equal(http_client_status(client, 1), 404);
    http_client_close(client);
}

static void names_its_one_origin(void **state)
{
    struct http_harness *harness = *state;
    struct http_limits limits = {.connections = 8, .cors_origin = "https://editor.example"};
    http_server_set_limits(harness->server, &limits);
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /nowhere HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "Access-Control-Allow-Origin: https://editor.example\r\nVary: Origin\r\n");
    http_client_close(client);
}

static void slow_heads_and_bodies_time_out(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /echo HT");
    for (int i = 0; i < 9; i++) {
        http_harness_advance(harness, 1000);
        http_client_send(client, i == 0 ? "TP/1.1\r\nX: " : "y");
    }
    assert_int_equal(http_client_answers(client), 0);
    http_harness_advance(harness, 1000);
    http_client_collect(client);
    assert_int_equal(http_client_status(client, 0), 408);
    assert_true(client->closed);
    http_client_close(client);

    client = http_client_open(harness);
    http_client_send(client, POST "Content-Length: 5\r\n\r\n");
    for (int i = 0; i < 4; i++) {
        http_client_send(client, "x");
        http_harness_advance(harness, HTTP_BODY_TIME_MS / 4 - (i == 3));
    }
    http_client_collect(client);
    assert_int_equal(http_client_answers(client), 0);
    http_harness_advance(harness, 1);
    http_client_collect(client);
    assert_int_equal(http_client_status(client, 0), 408);
    http_client_close(client);
    assert_int_equal(harness->handled, 0);
}

static void idle_connections_are_closed(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /echo?name=a HTTP/1.1\r\n" HOST "\r\n");
    http_harness_advance(harness, HTTP_IDLE_TIME_MS - 1);
    http_client_send(client, "GET /echo?name=b HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_answers(client), 2);
    http_harness_advance(harness, HTTP_IDLE_TIME_MS - 1);
    http_client_collect(client);
    assert_false(client->closed);
    http_harness_advance(harness, 1);
    http_client_collect(client);
    assert_true(client->closed);
    assert_int_equal(http_client_answers(client), 2);
    http_client_close(client);
}

static void a_handler_may_take_its_time(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    http_harness_advance(harness, 10 * (int64_t)HTTP_IDLE_TIME_MS);
    http_client_collect(client);
    assert_false(client->closed);
    http_respond(harness->held, 200, NULL, "{}", 2);
    http_client_collect(client);
    assert_int_equal(http_client_status(client, 0), 200);
    http_client_close(client);
    assert_int_equal(harness->gone, 0);
}

static void a_request_outlives_its_client(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "POST /hold HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody"
                             "GET /echo HTTP/1.1\r\n" HOST "\r\n");
    /* Unread input on the server's side turns the close into a reset. */
    struct linger {
        int on, seconds;
    } reset = {1, 0};
    (void)reset;
    http_client_end(client);
    http_client_close(client);
    size_t len;
    assert_memory_equal(http_request_body(harness->held, &len), "body", 4);
    http_respond(harness->held, 200, NULL, "{}", 2);
    http_harness_settle(harness);
}

static void answers_a_client_who_closed_his_side(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    http_client_end(client);
    assert_false(client->closed);
    http_respond(harness->held, 200, NULL, "{}", 2);
    http_client_collect(client);
    assert_int_equal(http_client_status(client, 0), 200);
    assert_true(client->closed);
    http_client_close(client);

    client = http_client_open(harness);
    http_client_send(client, POST "Content-Length: 10\r\n\r\nabc");
    http_client_end(client);
    assert_int_equal(http_client_status(client, 0), 400);
    assert_true(client->closed);
    http_client_close(client);
}

static void streams(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /stream HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "Transfer-Encoding: chunked\r\n");
    assert_has(client, "Content-Type: text/event-stream\r\n");
    assert_int_equal(http_stream_write(harness->held, "data: 1\n\n", 9), 0);
    http_client_collect(client);
    assert_has(client, "\r\n\r\n9\r\ndata: 1\n\n\r\n");
    http_harness_advance(harness, 10 * (int64_t)HTTP_IDLE_TIME_MS);
    assert_int_equal(http_stream_write(harness->held, "x", 1), 0);
    http_stream_end(harness->held);
    http_client_collect(client);
    assert_has(client, "1\r\nx\r\n0\r\n\r\n");
    http_client_forget(client);
    http_client_send(client, "GET /echo?name=after HTTP/1.1\r\n" HOST "\r\n");
    assert_has(client, "\r\n\r\nafter");
    http_client_close(client);
    assert_int_equal(harness->gone, 0);
}

static void streams_to_old_clients_end_with_the_connection(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /stream HTTP/1.0\r\n\r\n");
    assert_int_equal(http_stream_write(harness->held, "abc", 3), 0);
    http_stream_end(harness->held);
    http_client_collect(client);
    assert_has_not(client, "chunked");
    assert_has(client, "\r\n\r\nabc");
    assert_true(client->closed);
    http_client_close(client);
}

static void tells_when_the_reader_of_a_stream_has_gone(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /stream HTTP/1.1\r\n" HOST "\r\n");
    http_client_close(client);
    assert_int_equal(harness->gone, 1);
    assert_int_equal(http_stream_write(harness->held, "x", 1), AMID_E_CLOSED);
    http_stream_end(harness->held);
}

static void no_stream_begins_for_a_client_who_closed_his_side(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client,
                     "GET /hold HTTP/1.1\r\n" HOST "\r\nGET /stream HTTP/1.1\r\n" HOST "\r\n");
    http_client_end(client);
    http_respond(harness->held, 200, NULL, "{}", 2);
    http_client_collect(client);
    assert_int_equal(harness->handled, 2);
    assert_int_equal(harness->gone, 1);
    assert_true(client->closed);
    http_stream_end(harness->held);
    http_client_close(client);
}

static void bounds_what_waits_for_a_slow_reader(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    char piece[65536];
    int error = 0;
    http_client_send(client, "GET /stream HTTP/1.1\r\n" HOST "\r\n");
    memset(piece, 'p', sizeof piece);
    for (int i = 0; i < 1000 && !error; i++) {
        error = http_stream_write(harness->held, piece, sizeof piece);
        http_harness_settle(harness);
    }
    assert_int_equal(error, AMID_E_LIMIT);
    http_stream_end(harness->held);
    /* He never reads: the connection does not wait for ever. */
    http_harness_advance(harness, HTTP_IDLE_TIME_MS);
    http_harness_advance(harness, HTTP_IDLE_TIME_MS);
    struct http_counts counts;
    http_server_count(harness->server, &counts);
    assert_int_equal(counts.connections, 0);
    http_client_close(client);
}

static void connections_over_the_limit_get_503(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *clients[9];
    for (int i = 0; i < 9; i++)
        clients[i] = http_client_open(harness);
    http_client_send(clients[8], "GET /echo HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_status(clients[8], 0), 503);
    assert_has(clients[8], "Retry-After: 1\r\n");
    assert_true(clients[8]->closed);
    http_client_send(clients[7], "GET /echo HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_status(clients[7], 0), 200);
    for (int i = 7; i < 9; i++)
        http_client_close(clients[i]);
    struct http_client *again = http_client_open(harness);
    http_client_send(again, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_client_status(again, 0), 200);
    http_client_close(again);
    for (int i = 0; i < 7; i++)
        http_client_close(clients[i]);
}

static void drains(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *idle = http_client_open(harness), *busy = http_client_open(harness);
    http_client_send(busy, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    http_server_drain(harness->server);
    http_client_collect(idle);
    http_client_collect(busy);
    assert_true(idle->closed);
    assert_false(busy->closed);
    http_respond(harness->held, 200, NULL, "{}", 2);
    http_client_collect(busy);
    assert_int_equal(http_client_status(busy, 0), 200);
    assert_has(busy, "Connection: close\r\n");
    assert_true(busy->closed);
    http_client_close(idle);
    http_client_close(busy);
}

static void keeps_headers_on_one_line(void **state)
{
    struct http_harness *harness = *state;
    struct http_client *client = http_client_open(harness);
    http_client_send(client, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(http_request_add_header(harness->held, "X-A", "b"), 0);
    assert_int_equal(http_request_add_header(harness->held, "X-A", "b\r\nX: c"), AMID_E_INVALID);
    assert_int_equal(http_request_add_header(harness->held, "X A", "b"), AMID_E_INVALID);
    http_respond_error(harness->held, 400, "two\nlines");
    http_client_collect(client);
    assert_has(client, "X-A: b\r\n");
    assert_has(client, "{\"error\":\"two\\nlines\"}");
    http_client_close(client);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, http_harness_open, http_harness_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_a_request),
        TEST(reads_byte_by_byte),
        TEST(answers_pipelined_requests_in_order),
        TEST(sends_large_answers_to_a_slow_reader),
        TEST(honours_connection_headers),
        TEST(leaves_the_body_out_for_head),
        TEST(routes_or_says_what_is_allowed),
        TEST(keeps_the_connection_after_an_early_refusal),
        TEST(tells_a_waiting_client_to_continue),
        TEST(answers_preflights),
        TEST(names_its_one_origin),
        TEST(slow_heads_and_bodies_time_out),
        TEST(idle_connections_are_closed),
        TEST(a_handler_may_take_its_time),
        TEST(a_request_outlives_its_client),
        TEST(answers_a_client_who_closed_his_side),
        TEST(streams),
        TEST(streams_to_old_clients_end_with_the_connection),
        TEST(tells_when_the_reader_of_a_stream_has_gone),
        TEST(no_stream_begins_for_a_client_who_closed_his_side),
        TEST(bounds_what_waits_for_a_slow_reader),
        TEST(connections_over_the_limit_get_503),
        TEST(drains),
        TEST(keeps_headers_on_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
