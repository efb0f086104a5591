/* Holds: a worker's port outlives its processes and waits for the next one, for a while; requests
 * reach the process in batches and their answers the right client; whoever goes or is slow, client
 * or process, the other side learns it and the connection stays in step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "serve_harness.h"
#include "supervisor/serve/head.h"

#define RECEIVED_BYTES (512 * 1024)

static char received[RECEIVED_BYTES];

static void test_request_and_answer(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), next;
    int client = serve_client(harness);

    assert_int_not_equal(rid, 0);
    next = serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_int_not_equal(harness->answered, next);
    serve_send(harness, client,
               "POST /a?b=%20 HTTP/1.1\r\nHost: h:1\r\nX-Q: \"\xe9\r\nConnection: "
               "keep-alive\r\nContent-Length: 5\r\n\r\nhello");
    assert_int_equal(harness->answered, next);
    assert_non_null(strstr(harness->json, ",\"POST\",\"http://h:1/a?b=%20\",\"host\\nh:1\\nx-q\\n"
                                          "\\u0022\xc3\xa9\\ncontent-length\\n5\",\"127.0.0.1:"));
    assert_non_null(strstr(harness->json, "\",1,5]],[]]"));
    assert_int_equal(harness->data_len, 5);
    assert_memory_equal(harness->data, "hello", 5);
    serve_answer_text(harness, rid, serve_first_request(harness), "world");
    assert_true(serve_receive(harness, client, received, sizeof(received)));
    assert_memory_equal(received, "HTTP/1.1 200 OK\r\nDate: ", 23);
    assert_non_null(strstr(received, "\r\nx-a: b\r\nContent-Length: 5\r\n\r\nworld"));
    /* Twice, or to nobody: quietly nothing. */
    serve_answer_text(harness, rid, serve_first_request(harness), "again");
    assert_true(serve_receive(harness, client, received, sizeof(received)));
    assert_string_equal(received, "");
    close(client);
}

static void test_batch(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness);
    int clients[8];

    for (size_t i = 0; i < 8; i++) {
        clients[i] = serve_client(harness);
        serve_send(harness, clients[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_int_equal(harness->error, 0);
    for (uint32_t i = 1; i <= 8; i++) {
        char mark[16];

        snprintf(mark, sizeof(mark), "[%u,\"GET\"", i);
        assert_non_null(strstr(harness->json, mark));
    }
    /* One call may answer several and ask for the next. */
    serve_call(harness, PROTO_SERVE_NEXT, "abc", 3,
               "{\"rid\":%u,\"answers\":[[1,200,\"\",0,1],[2,404,\"\",0,2],[3,204,\"\",0,null]]}",
               rid);
    for (size_t i = 0; i < 8; i++) {
        serve_receive(harness, clients[i], received, sizeof(received));
        if (i == 0)
            assert_non_null(strstr(received, "\r\n\r\na"));
        if (i == 1)
            assert_non_null(strstr(received, "404 Not Found"));
        if (i == 2)
            assert_null(strstr(received, "Content-Length"));
        if (i > 2)
            assert_string_equal(received, "");
    }
    for (size_t i = 0; i < 8; i++)
        close(clients[i]);
    serve_harness_settle(harness);
    assert_string_equal(harness->json, "[[],[4,5,6,7,8]]"); /* they have gone */
}

static void test_streaming_answer(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id;
    int client = serve_client(harness);

    serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    serve_call(harness, PROTO_SERVE_WRITE, "x", 1, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_int_not_equal(harness->error, 0); /* not begun */
    serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
               "{\"rid\":%u,\"answers\":[[%u,200,\"\",0,true]]}", rid, id);
    serve_call(harness, PROTO_SERVE_WRITE, "abc", 3, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_int_equal(harness->error, 0);
    serve_call(harness, PROTO_SERVE_WRITE, "de", 2, "{\"rid\":%u,\"id\":%u,\"end\":true}", rid, id);
    serve_receive(harness, client, received, sizeof(received));
    assert_non_null(strstr(received, "Transfer-Encoding: chunked"));
    assert_non_null(strstr(received, "\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    serve_call(harness, PROTO_SERVE_WRITE, "x", 1, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_int_equal(harness->error, -AMID_E_CLOSED);
    close(client);
}

/* Memory stays bounded: the writer waits while the client does not read. */
static void test_slow_reader(void **state)
{
    struct serve_harness *harness = *state;
    static char piece[128 * 1024];
    uint32_t rid = serve_listen(harness), id, call = 0;
    int client = serve_client(harness);
    size_t written = 0, got = 0;

    memset(piece, 'x', sizeof(piece));
    serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
               "{\"rid\":%u,\"answers\":[[%u,200,\"content-length\\n67108864\",1,true]]}", rid, id);
    do {
        call = serve_call(harness, PROTO_SERVE_WRITE, piece, sizeof(piece),
                          "{\"rid\":%u,\"id\":%u}", rid, id);
        written += sizeof(piece);
        assert_true(written < 32u * 1024 * 1024);
    } while (harness->answered == call);
    serve_call(harness, PROTO_SERVE_WRITE, "x", 1, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_int_equal(harness->error, -AMID_E_BUSY); /* one at a time */
    while (harness->answered != call) {
        ssize_t len = recv(client, received, sizeof(received), 0);

        got += len > 0 ? (size_t)len : 0;
        serve_harness_settle(harness);
    }
    assert_int_equal(harness->error, 0);
    assert_true(got > 0);
    /* Who takes nothing any more is cut off, and the process learns it. */
    do {
        call = serve_call(harness, PROTO_SERVE_WRITE, piece, sizeof(piece),
                          "{\"rid\":%u,\"id\":%u}", rid, id);
    } while (harness->answered == call);
    serve_harness_advance(harness, HTTP_FORWARD_STALL_MS + 1);
    serve_harness_advance(harness, HTTP_FORWARD_STALL_MS + 1);
    assert_int_equal(harness->answered, call);
    assert_int_equal(harness->error, -AMID_E_CLOSED);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_non_null(strstr(harness->json, "[[],["));
    close(client);
}

static void test_slow_upload(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id, call;
    int client = serve_client(harness);

    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_send(harness, client,
               "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_non_null(strstr(harness->json, ",2,0]],[]]")); /* to be read */
    id = serve_first_request(harness);
    serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_string_equal(harness->json, "false");
    assert_memory_equal(harness->data, "abc", 3);
    call = serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_int_not_equal(harness->answered, call);
    serve_harness_advance(harness, HTTP_BODY_TIME_MS - 1000);
    serve_send(harness, client, "2\r\nde\r\n");
    assert_int_equal(harness->answered, call);
    assert_memory_equal(harness->data, "de", 2);
    /* Each piece gives the client time for the next. */
    serve_harness_advance(harness, HTTP_BODY_TIME_MS - 1000);
    call = serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    serve_send(harness, client, "0\r\n\r\n");
    assert_int_equal(harness->answered, call);
    assert_string_equal(harness->json, "true");
    serve_answer_text(harness, rid, id, "ok");
    serve_receive(harness, client, received, sizeof(received));
    assert_non_null(strstr(received, "\r\n\r\nok"));
    close(client);
}

static void test_upload_waits_for_reader(void **state)
{
    struct serve_harness *harness = *state;
    static char body[600 * 1024 + 1];
    uint32_t rid = serve_listen(harness), id, call = 0;
    int client = serve_client(harness);
    size_t sent = 0;
    ssize_t len;

    memset(body, 'y', sizeof(body) - 1);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_send(harness, client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 614400\r\n\r\n");
    id = serve_first_request(harness);
    while (sent < sizeof(body) - 1 || harness->data_total < sizeof(body) - 1) {
        len = send(client, body + sent, sizeof(body) - 1 - sent, MSG_NOSIGNAL);
        sent += len > 0 ? (size_t)len : 0;
        if (call == 0 || harness->answered == call)
            call =
                serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
        serve_harness_settle(harness);
        assert_int_equal(harness->error, 0);
        assert_true(harness->data_len <= SERVE_CHUNK_BYTES);
        assert_string_not_equal(harness->json, "true");
    }
    if (harness->answered == call)
        serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_string_equal(harness->json, "true");
    close(client);
}

static void test_continue(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id;
    int client = serve_client(harness);

    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_send(harness, client,
               "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    id = serve_first_request(harness);
    serve_receive(harness, client, received, sizeof(received));
    assert_string_equal(received, ""); /* nobody reads the body yet */
    serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    serve_receive(harness, client, received, sizeof(received));
    assert_string_equal(received, "HTTP/1.1 100 Continue\r\n\r\n");
    serve_send(harness, client, "abc");
    assert_memory_equal(harness->data, "abc", 3);
    serve_answer_text(harness, rid, id, "ok");
    close(client);
}

static void test_reload(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), next, id, back;
    int first = serve_client(harness), third = serve_client(harness), second;

    serve_send(harness, first, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    serve_send(harness, third, "POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nthree");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    back = serve_first_request(harness);
    next = serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    broker_worker_stops(&harness->worker, true);
    assert_int_equal(harness->answered, next);
    assert_string_equal(harness->json, "null");
    /* What comes now waits for the next process, what is in hand can be finished. */
    second = serve_client(harness);
    serve_send(harness, second, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_string_equal(harness->json, "null");
    serve_call(harness, PROTO_SERVE_SHUTDOWN, NULL, 0, "{\"rid\":%u}", rid);
    serve_answer_text(harness, rid, id, "old");
    serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
               "{\"rid\":%u,\"answers\":[[%u,0,\"\",0,false]]}", rid, back);
    serve_harness_next_process(harness);
    serve_harness_advance(harness, harness->config.serve_wait_ms - 1000);
    rid = serve_listen(harness);
    assert_int_not_equal(rid, 0);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_non_null(strstr(harness->json, "http://h/2"));
    /* One that the old process gave back is the first of them, with its body. */
    assert_non_null(strstr(harness->json, "\"POST\",\"http://h/3\""));
    assert_memory_equal(harness->data, "three", 5);
    back = serve_first_request(harness);
    serve_answer_text(harness, rid, back, "three");
    serve_answer_text(harness, rid, back + 1, "new");
    serve_receive(harness, first, received, sizeof(received));
    assert_non_null(strstr(received, "\r\n\r\nold"));
    serve_receive(harness, second, received, sizeof(received));
    assert_non_null(strstr(received, "\r\n\r\nnew"));
    serve_receive(harness, third, received, sizeof(received));
    assert_non_null(strstr(received, "\r\n\r\nthree"));
    close(first);
    close(third);
    close(second);
}

static void test_nobody_comes_back(void **state)
{
    struct serve_harness *harness = *state;
    int client;

    assert_int_not_equal(serve_listen(harness), 0);
    serve_harness_next_process(harness);
    client = serve_client(harness);
    serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_harness_advance(harness, harness->config.serve_wait_ms);
    assert_false(serve_receive(harness, client, received, sizeof(received)));
    assert_memory_equal(received, "HTTP/1.1 503 ", 13);
    assert_non_null(strstr(received, "Retry-After: 1\r\n"));
    assert_int_equal(serve_client(harness), -1);
    close(client);
    assert_int_not_equal(serve_listen(harness), 0);
}

static void test_killed_in_the_middle(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id;
    int first = serve_client(harness), second = serve_client(harness);

    serve_send(harness, first, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_send(harness, second, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
               "{\"rid\":%u,\"answers\":[[%u,200,\"\",0,true]]}", rid, id);
    serve_harness_next_process(harness);
    assert_true(serve_receive(harness, first, received, sizeof(received)));
    assert_memory_equal(received, "HTTP/1.1 502 Bad Gateway\r\n", 26);
    assert_false(serve_receive(harness, second, received, sizeof(received)));
    assert_null(strstr(received, "0\r\n\r\n")); /* must not look complete */
    /* The connection that got its answer is as good as before. */
    serve_send(harness, first, "GET /again HTTP/1.1\r\nHost: h\r\n\r\n");
    rid = serve_listen(harness);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_answer_text(harness, rid, serve_first_request(harness), "fine");
    serve_receive(harness, first, received, sizeof(received));
    assert_non_null(strstr(received, "\r\n\r\nfine"));
    close(first);
    close(second);
}

static void test_stop_drains(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), next;
    int idle = serve_client(harness), busy = serve_client(harness);

    serve_send(harness, busy, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    broker_worker_stops(&harness->worker, false);
    assert_int_equal(serve_client(harness), -1);
    assert_false(serve_receive(harness, idle, received, sizeof(received)));
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_non_null(strstr(harness->json, "http://h/"));
    next = serve_first_request(harness);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_string_equal(harness->json, "null");
    serve_answer_text(harness, rid, next, "last");
    assert_false(serve_receive(harness, busy, received, sizeof(received)));
    assert_non_null(strstr(received, "Connection: close\r\n\r\nlast"));
    broker_worker_end(&harness->worker);
    serve_forget(harness->serve, harness->worker.sid);
    broker_worker_begin(&harness->worker);
    close(idle);
    close(busy);
}

static void test_forgotten(void **state)
{
    struct serve_harness *harness = *state;
    int client;

    assert_int_not_equal(serve_listen(harness), 0);
    serve_harness_next_process(harness);
    client = serve_client(harness);
    serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_forget(harness->serve, harness->worker.sid);
    assert_false(serve_receive(harness, client, received, sizeof(received)));
    assert_memory_equal(received, "HTTP/1.1 503 ", 13);
    assert_int_equal(serve_client(harness), -1);
    close(client);
}

static void test_client_goes(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id, body;
    int client = serve_client(harness);

    serve_send(harness, client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    body = serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    close(client);
    serve_harness_settle(harness);
    assert_int_equal(harness->answered, body);
    assert_int_equal(harness->error, -AMID_E_CLOSED);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_non_null(strstr(harness->json, "[[],["));
    serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    assert_int_equal(harness->error, -AMID_E_CLOSED);
}

static void test_head_and_old_clients(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness);
    int client = serve_client(harness);

    serve_send(harness, client, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_answer_text(harness, rid, serve_first_request(harness), "12345");
    serve_receive(harness, client, received, sizeof(received));
    assert_non_null(strstr(received, "Content-Length: 5\r\n\r\n"));
    assert_null(strstr(received, "12345"));
    serve_send(harness, client, "GET / HTTP/1.0\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_non_null(strstr(harness->json, "\"http://127.0.0.1:"));
    serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
               "{\"rid\":%u,\"answers\":[[%u,200,\"\",0,true]]}", rid,
               serve_first_request(harness));
    serve_call(harness, PROTO_SERVE_WRITE, "abc", 3, "{\"rid\":%u,\"id\":%u,\"end\":true}", rid,
               (uint32_t)2);
    assert_false(serve_receive(harness, client, received, sizeof(received)));
    assert_non_null(strstr(received, "Connection: close\r\n\r\nabc"));
    close(client);
}

static void test_pipelining(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness);
    int client = serve_client(harness);

    serve_send(harness, client,
               "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    for (uint32_t i = 1; i <= 2; i++) {
        char url[16], text[2] = {(char)('0' + i), '\0'};

        serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
        snprintf(url, sizeof(url), "http://h/%u", i);
        assert_non_null(strstr(harness->json, url));
        serve_answer_text(harness, rid, serve_first_request(harness), text);
        serve_receive(harness, client, received, sizeof(received));
        assert_non_null(strstr(received, i == 1 ? "\r\n\r\n1" : "\r\n\r\n2"));
    }
    close(client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, serve_harness_open, serve_harness_close)
    const struct CMUnitTest tests[] = {
        TEST(test_request_and_answer), TEST(test_batch),
        TEST(test_streaming_answer),   TEST(test_slow_reader),
        TEST(test_slow_upload),        TEST(test_upload_waits_for_reader),
        TEST(test_continue),           TEST(test_reload),
        TEST(test_nobody_comes_back),  TEST(test_killed_in_the_middle),
        TEST(test_stop_drains),        TEST(test_forgotten),
        TEST(test_client_goes),        TEST(test_head_and_old_clients),
        TEST(test_pipelining),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
