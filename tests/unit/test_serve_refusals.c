/* Holds: a port, an id or an answer that is not the worker's to use is refused; what a process says
 * that makes no sense, and what no worker should see of a client, ends in an error for whoever said
 * it; a process that does not answer in time is answered for. */
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

static void test_ports(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness);
    struct serve_user nobody = {0};
    struct serve_port *port;
    char reason[256];

    assert_int_not_equal(rid, 0);
    assert_int_equal(serve_listen(harness), 0);
    assert_int_equal(harness->error, -AMID_E_ADDR_IN_USE);
    assert_non_null(strstr(harness->message, "this worker itself"));
    assert_int_equal(serve_port_listen(harness->serve, "another", NULL, harness->port, &nobody,
                                       &port, reason, sizeof(reason)),
                     AMID_E_ADDR_IN_USE);
    assert_non_null(strstr(reason, "another worker"));
    serve_call(harness, PROTO_SERVE_LISTEN, NULL, 0, "{\"port\":1}");
    assert_int_equal(harness->error, -AMID_E_DENIED);
    assert_non_null(strstr(harness->message, "serve 1"));
    serve_call(harness, PROTO_SERVE_LISTEN, NULL, 0, "{\"port\":0}");
    assert_int_not_equal(harness->error, 0);
    serve_call(harness, PROTO_SERVE_LISTEN, NULL, 0, "{\"port\":%u,\"hostname\":\"8.8.8.8\"}",
               (unsigned)harness->port);
    assert_int_equal(harness->error, -AMID_E_DENIED);
    assert_non_null(strstr(harness->message, "serve.address"));
    serve_call(harness, PROTO_SERVE_LISTEN, NULL, 0, "{\"port\":%u,\"hostname\":\"example.com\"}",
               (unsigned)harness->port);
    assert_int_equal(harness->error, -AMID_E_INVALID);
}

static void test_taken_by_others(void **state)
{
    struct serve_harness *harness = *state;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(harness->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(serve_listen(harness), 0);
    assert_int_equal(harness->error, -AMID_E_ADDR_IN_USE);
    close(fd);
    assert_int_not_equal(serve_listen(harness), 0);
}

static void test_never_answers(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id, next;
    int client = serve_client(harness);

    serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    next = serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_harness_advance(harness, harness->config.serve_answer_ms);
    serve_receive(harness, client, received, sizeof(received));
    assert_memory_equal(received, "HTTP/1.1 504 Gateway Timeout\r\n", 30);
    assert_int_equal(harness->answered, next);
    assert_int_equal(serve_first_request(harness), 0);
    assert_non_null(strstr(harness->json, "[[],["));
    serve_answer_text(harness, rid, id, "late");
    serve_receive(harness, client, received, sizeof(received));
    assert_string_equal(received, "");
    close(client);
}

/* What a process may say that makes no sense: an error for it or its client, never worse. */
static void test_hostile_process(void **state)
{
    static const struct {
        const char *answers;
        int status; /* what the client gets; 0 = the call is refused */
    } table[] = {
        {"[[%u,200,\"a\\nb\\r\",1,null]]", 500},
        {"[[%u,200,\"a\\nb\\nset-cookie\\nx\",1,null]]", 500},
        {"[[%u,200,\"a b\\nc\",1,null]]", 500},
        {"[[%u,200,\"a\",1,null]]", 500},
        {"[[%u,200,\"a\\n\xe2\x82\xac\",1,null]]", 500},
        {"[[%u,200,\"\",7,null]]", 500},
        {"[[%u,101,\"\",0,null]]", 500},
        {"[[%u,200,\"content-length\\n9\",1,\"short\"]]", 500},
        {"[[%u,200,\"content-length\\n5\\ncontent-length\\n6\",2,\"short\"]]", 500},
        {"[[%u,200,\"content-length\\n-1\",1,\"short\"]]", 500},
        {"[[%u,200,\"transfer-encoding\\nchunked\\nconnection\\nclose\",2,\"fine\"]]", 200},
        {"[[%u,600,\"\",0,null]]", 0},
        {"[[%u,200,\"\",0,1]]", 0},
        {"[[%u,200,\"\",0,-1]]", 0},
        {"[[%u,200,\"\",0,{}]]", 0},
        {"[[%u,200,\"\",0]]", 0},
        {"[[%u]]", 0},
        {"[7,%u]", 0},
    };
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness);

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int client = serve_client(harness);
        char answers[256];
        uint32_t id;

        serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
        id = serve_first_request(harness);
        snprintf(answers, sizeof(answers), table[i].answers, id);
        serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0, "{\"rid\":%u,\"answers\":%s}", rid,
                   answers);
        if (table[i].status == 0) {
            assert_int_equal(harness->error, -AMID_E_INVALID);
            serve_answer_text(harness, rid, id, "after all");
        } else {
            assert_int_equal(harness->error, 0);
            serve_receive(harness, client, received, sizeof(received));
            assert_int_equal(atoi(received + 9), table[i].status);
            assert_null(strstr(received, "set-cookie"));
            assert_null(strstr(received, "chunked"));
        }
        close(client);
        serve_harness_settle(harness);
    }
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":4711}");
    assert_int_equal(harness->error, -AMID_E_BAD_RESOURCE);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    assert_int_equal(harness->error, -AMID_E_BUSY);
}

static void test_length_is_kept(void **state)
{
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), id;

    for (int is_long = 0; is_long < 2; is_long++) {
        int client = serve_client(harness);

        serve_send(harness, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
        id = serve_first_request(harness);
        serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
                   "{\"rid\":%u,\"answers\":[[%u,200,\"content-length\\n4\",1,true]]}", rid, id);
        serve_call(harness, PROTO_SERVE_WRITE, "abcdefgh", is_long ? 8 : 2,
                   "{\"rid\":%u,\"id\":%u,\"end\":true}", rid, id);
        assert_false(serve_receive(harness, client, received, sizeof(received)));
        close(client);
    }
}

/* Answered by us, in our words; the process never hears of them. */
static void test_refused_requests(void **state)
{
    static const struct {
        const char *request;
        int status;
    } table[] = {
        {"nonsense\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET foo HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tidentity\r\n\r\nx", 400},
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: coffee\r\nContent-Length: 1\r\n\r\n", 417},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    };
    struct serve_harness *harness = *state;
    uint32_t rid = serve_listen(harness), next;

    next = serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int client = serve_client(harness);

        serve_send(harness, client, table[i].request);
        serve_receive(harness, client, received, sizeof(received));
        assert_memory_equal(received, "HTTP/1.1 ", 9);
        if (atoi(received + 9) != table[i].status && atoi(received + 9) != 501)
            fail_msg("%s\n%s", table[i].request, received);
        close(client);
        serve_harness_settle(harness);
    }
    assert_int_not_equal(harness->answered, next);
}

static void test_body_over_the_limit(void **state)
{
    struct serve_harness *harness = *state;
    static char piece[64 * 1024 + 16];
    uint32_t rid = serve_listen(harness), id;
    int client = serve_client(harness);

    memcpy(piece, "10000\r\n", 7);
    memset(piece + 7, 'z', 65536);
    memcpy(piece + 7 + 65536, "\r\n", 3);
    serve_send(harness, client, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    serve_call(harness, PROTO_SERVE_NEXT, NULL, 0, "{\"rid\":%u}", rid);
    id = serve_first_request(harness);
    for (int i = 0; i < 17; i++) {
        serve_send(harness, client, piece);
        for (int j = 0; j < 2; j++)
            serve_call(harness, PROTO_SERVE_BODY, NULL, 0, "{\"rid\":%u,\"id\":%u}", rid, id);
    }
    assert_int_equal(harness->error, -AMID_E_CLOSED);
    serve_receive(harness, client, received, sizeof(received));
    assert_memory_equal(received, "HTTP/1.1 413 ", 13);
    close(client);
}

static void test_too_many_connections(void **state)
{
    struct serve_harness *harness = *state;
    int clients[17];

    assert_int_not_equal(serve_listen(harness), 0);
    for (size_t i = 0; i < 17; i++)
        clients[i] = serve_client(harness);
    serve_send(harness, clients[16], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    serve_receive(harness, clients[16], received, sizeof(received));
    assert_memory_equal(received, "HTTP/1.1 503 ", 13);
    for (size_t i = 0; i < 17; i++)
        close(clients[i]);
    serve_harness_settle(harness);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, serve_harness_open, serve_harness_close)
    const struct CMUnitTest tests[] = {
        TEST(test_ports),
        TEST(test_taken_by_others),
        TEST(test_never_answers),
        TEST(test_hostile_process),
        TEST(test_length_is_kept),
        TEST(test_refused_requests),
        TEST(test_body_over_the_limit),
        TEST(test_too_many_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
