/* The client of etcd against servers that are hostile, hang, are dead or want to know who asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "etcd_fixture.h"
#include "supervisor/etcd/etcd.h"

#define TIMEOUT_MS  600
#define PATIENCE_MS 60000 /* where the end is to be another than that of the time */
#define OK          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define BODY_BYTES  (512 * 1024)

/* A server that answers every request, once its head is there, with the same bytes. */
struct hostile {
    struct evconnlistener *listener;
    char url[64];
    const char *answer; /* NULL = none, and the connection stays; "" = it is closed */
    bool is_endless;    /* the answer again and again */
    size_t requests;
    size_t connections;
    struct bufferevent *open[64];
};

struct bench {
    struct event_base *base;
    struct timers *timers;
    struct hostile hostile;
    struct etcd *etcd;
};

static struct bench bench;

static void pour(struct bufferevent *connection, void *arg)
{
    struct hostile *hostile = arg;
    if (hostile->is_endless)
        bufferevent_write(connection, hostile->answer, strlen(hostile->answer));
}

static void on_request(struct bufferevent *connection, void *arg)
{
    struct hostile *hostile = arg;
    struct evbuffer *input = bufferevent_get_input(connection);
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    if (end.pos < 0)
        return;
    evbuffer_drain(input, evbuffer_get_length(input));
    hostile->requests++;
    if (hostile->answer == NULL)
        return;
    if (hostile->answer[0] == '\0') {
        shutdown(bufferevent_getfd(connection), SHUT_RDWR);
        return;
    }
    bufferevent_write(connection, hostile->answer, strlen(hostile->answer));
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *address, int len, void *arg)
{
    struct hostile *hostile = arg;
    (void)address;
    (void)len;
    struct bufferevent *connection =
        bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
    assert_true(hostile->connections < 64);
    hostile->open[hostile->connections++] = connection;
    bufferevent_setcb(connection, on_request, pour, NULL, hostile);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

static void hostile_start(struct hostile *hostile)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint16_t port = free_port();
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    hostile->listener =
        evconnlistener_new_bind(bench.base, on_connection, hostile, LEV_OPT_CLOSE_ON_FREE, 16,
                                (struct sockaddr *)&address, sizeof(address));
    assert_non_null(hostile->listener);
    snprintf(hostile->url, sizeof(hostile->url), "http://127.0.0.1:%u", (unsigned)port);
}

static void client_open(const char *endpoints, uint32_t timeout_ms)
{
    const struct etcd_settings settings = {.endpoints = endpoints,
                                           .user = "",
                                           .password_file = "",
                                           .ca_file = "",
                                           .cert = "",
                                           .key = "",
                                           .timeout_ms = timeout_ms};
    char reason[128];
    assert_int_equal(
        etcd_open(bench.base, bench.timers, &settings, &bench.etcd, reason, sizeof(reason)), 0);
}

struct outcome {
    bool done;
    int error;
    size_t messages;
};

static void take(void *arg, int error, const struct etcd_answer *answer)
{
    struct outcome *outcome = arg;
    assert_non_null(answer->fault);
    assert_int_equal(answer->json != NULL, error == 0);
    outcome->done = true;
    outcome->error = error;
}

static void wait_for(const bool *flag)
{
    while (!*flag)
        event_base_loop(bench.base, EVLOOP_ONCE);
}

static int ask(enum etcd_kind kind)
{
    struct outcome outcome = {0};
    assert_int_equal(etcd_call(bench.etcd, kind, "/v3/kv/range", strdup("{\"key\":\"AA==\"}"), 14,
                               take, &outcome),
                     0);
    assert_false(outcome.done);
    wait_for(&outcome.done);
    return outcome.error;
}

static int bench_open(void **state)
{
    (void)state;
    memset(&bench, 0, sizeof(bench));
    bench.base = event_base_new();
    bench.timers = timers_new(bench.base);
    hostile_start(&bench.hostile);
    client_open(bench.hostile.url, TIMEOUT_MS);
    return 0;
}

static int bench_close(void **state)
{
    (void)state;
    etcd_close(bench.etcd);
    for (size_t i = 0; i < bench.hostile.connections; i++)
        bufferevent_free(bench.hostile.open[i]);
    evconnlistener_free(bench.hostile.listener);
    timers_free(bench.timers);
    event_base_free(bench.base);
    return 0;
}

static const char *const garbage[] = {
    "garbage\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{\"a",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 500 X\r\nContent-Length: 20\r\n\r\n{\"code\":\"no\",\"x\":\"\xff\"}",
    "HTTP/1.1 503 X\r\nContent-Length: 27\r\n\r\n{\"error\":\"x\",\"code\":\"14\"}   ",
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"error\":{}} ",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
};

static void garbage_is_no_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        bench.hostile.answer = garbage[i];
        bench.hostile.requests = 0;
        assert_int_equal(ask(ETCD_READ), AMID_E_UNAVAILABLE);
        assert_int_equal(bench.hostile.requests, 2); /* once more than there are servers */
        bench.hostile.requests = 0;
        assert_int_equal(ask(ETCD_WRITE), AMID_E_UNCERTAIN);
        assert_int_equal(bench.hostile.requests, 1); /* never again */
    }
}

static void a_write_is_never_sent_twice(void **state)
{
    (void)state;
    /* The first answer is good and keeps the connection, which then dies with the second request:
     * libcurl by itself would send that again on a new one. */
    bench.hostile.answer = OK "Content-Length: 2\r\n\r\n{}";
    assert_int_equal(ask(ETCD_WRITE), 0);
    bench.hostile.answer = "";
    bench.hostile.requests = 0;
    assert_int_equal(ask(ETCD_WRITE), AMID_E_UNCERTAIN);
    assert_int_equal(bench.hostile.requests, 1);
    bench.hostile.answer = OK "Content-Length: 2\r\n\r\n{}";
    assert_int_equal(ask(ETCD_WRITE), 0);
    bench.hostile.answer = "";
    bench.hostile.requests = 0;
    assert_int_equal(ask(ETCD_READ), AMID_E_UNAVAILABLE);
    assert_int_equal(bench.hostile.requests, 2);
}

static void silence_has_an_end(void **state)
{
    (void)state;
    bench.hostile.answer = NULL;
    assert_int_equal(ask(ETCD_WRITE), AMID_E_UNCERTAIN);
    assert_int_equal(ask(ETCD_READ), AMID_E_UNAVAILABLE);
    bench.hostile.answer = OK "Content-Length: 100\r\n\r\n{"; /* and nothing more */
    assert_int_equal(ask(ETCD_READ), AMID_E_UNAVAILABLE);
}

static void an_endless_answer_is_refused(void **state)
{
    static char body[BODY_BYTES + 1];
    (void)state;
    memset(body, ' ', BODY_BYTES);
    memcpy(body, OK "\r\n{", sizeof(OK "\r\n{") - 1);
    etcd_close(bench.etcd);
    client_open(bench.hostile.url, PATIENCE_MS);
    bench.hostile.answer = body;
    bench.hostile.is_endless = true;
    assert_int_equal(ask(ETCD_READ), AMID_E_TOO_LARGE);
    assert_int_equal(ask(ETCD_WRITE), AMID_E_UNCERTAIN);
}

static void a_dead_server_is_passed_over(void **state)
{
    char endpoints[256];
    (void)state;
    etcd_close(bench.etcd);
    snprintf(endpoints, sizeof(endpoints), "http://127.0.0.1:%u, http://127.0.0.1:%u ,%s",
             (unsigned)free_port(), (unsigned)free_port(), bench.hostile.url);
    client_open(endpoints, TIMEOUT_MS);
    bench.hostile.answer = OK "Content-Length: 2\r\n\r\n{}";
    assert_int_equal(ask(ETCD_WRITE), 0); /* it was not sent before */
    assert_string_equal(etcd_preferred(bench.etcd), bench.hostile.url);
    assert_int_equal(ask(ETCD_READ), 0);
    bench.hostile.answer = "HTTP/1.1 503 X\r\nContent-Length: 46\r\n\r\n"
                           "{\"error\":\"etcdserver: no leader\",\"code\":14}    ";
    assert_int_equal(ask(ETCD_WRITE), AMID_E_UNAVAILABLE); /* and says so: nothing was done */
}

static void too_much_is_refused_at_once(void **state)
{
    struct outcome outcomes[2] = {0};
    (void)state;
    bench.hostile.answer = NULL;
    assert_int_equal(etcd_call(bench.etcd, ETCD_READ, "/v3/kv/range", calloc(1, 1),
                               ETCD_BODY_MAX_BYTES + 1, take, &outcomes[0]),
                     AMID_E_TOO_LARGE);
    size_t count = 0;
    int error = 0;
    static struct outcome many[ETCD_CALLS_MAX + 1];
    while (error == 0 && count <= ETCD_CALLS_MAX) {
        error =
            etcd_call(bench.etcd, ETCD_READ, "/v3/kv/range", strdup("{}"), 2, take, &many[count]);
        count += error == 0;
    }
    assert_int_equal(error, AMID_E_BUSY);
    assert_int_equal(count, ETCD_CALLS_MAX);
    etcd_close(bench.etcd); /* answers them all */
    bench.etcd = NULL;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(many[i].error, AMID_E_CLOSED);
}

static void message(void *arg, const cJSON *result)
{
    struct outcome *outcome = arg;
    assert_true(cJSON_IsObject(result));
    outcome->messages++;
}

static void stream_over(void *arg, int error, const char *fault)
{
    struct outcome *outcome = arg;
    assert_non_null(fault);
    outcome->done = true;
    outcome->error = error;
}

static struct outcome stream(const char *answer)
{
    static const struct etcd_stream_fns fns = {.message = message, .ended = stream_over};
    struct outcome outcome = {0};
    struct etcd_stream *opened;
    bench.hostile.answer = answer;
    assert_int_equal(
        etcd_stream_open(bench.etcd, "/v3/watch", strdup("{}"), 2, &fns, &outcome, &opened), 0);
    wait_for(&outcome.done);
    etcd_stream_free(opened);
    return outcome;
}

static void streams_are_taken_apart(void **state)
{
    static char body[BODY_BYTES + 1];
    (void)state;
    struct outcome outcome =
        stream(OK "Connection: close\r\nContent-Length: 60\r\n\r\n"
                  "{\"result\":{\"a\":\"}\\\"{\"}}\n{\"result\":{}}{\"result\":{}}{\"other\":1");
    assert_int_equal(outcome.messages, 3);
    assert_int_equal(outcome.error, AMID_E_UNAVAILABLE);
    outcome = stream(OK "Content-Length: 17\r\n\r\n{\"result\":{}}nope");
    assert_int_equal(outcome.messages, 1);
    assert_int_equal(outcome.error, AMID_E_PROTOCOL);
    outcome = stream(OK "Content-Length: 15\r\n\r\n{\"result\":{\"a}}}");
    assert_int_equal(outcome.messages, 0);
    outcome =
        stream(OK "Content-Length: 59\r\n\r\n"
                  "{\"error\":{\"grpc_code\":7,\"message\":\"permission \xe2\x82\xac denied\"}}");
    assert_int_equal(outcome.error, AMID_E_DENIED);
    memset(body, ' ', BODY_BYTES);
    memcpy(body, OK "\r\n{\"", sizeof(OK "\r\n{\"") - 1);
    bench.hostile.is_endless = true;
    assert_int_equal(stream(body).error, AMID_E_TOO_LARGE);
}

/* A real etcd from here on. */
static void give(struct etcd_fixture *fixture, const char *path, const char *body)
{
    char *answer = etcd_fixture_ask(fixture, path, body);
    assert_non_null(answer);
    free(answer);
}

static void password_write(const char *path, const char *password)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%s\n", password) > 0);
    assert_int_equal(fclose(file), 0);
}

static size_t secrets_logged;

static void look_for_secrets(void *arg, const struct log_record *record)
{
    (void)arg;
    secrets_logged += strstr(record->text, "hunter2") != NULL;
}

static void users_and_tokens(void **state)
{
    struct etcd_fixture fixture;
    char path[128];
    (void)state;
    etcd_fixture_start(&fixture);
    give(&fixture, "/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"hunter2\"}");
    give(&fixture, "/v3/auth/role/add", "{\"name\":\"root\"}");
    give(&fixture, "/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
    give(&fixture, "/v3/auth/enable", "{}");
    snprintf(path, sizeof(path), "%s/password", fixture.harness.folder);
    fixture.settings.etcd.user = "root";
    fixture.settings.etcd.password_file = path;
    log_set_sink(look_for_secrets, NULL);

    etcd_fixture_open_only(&fixture, 5000); /* no such file */
    struct kv_key key = key_of("a");
    struct answer get = {0};
    assert_int_equal(kv_get(fixture.kv, &key, answer_get, &get), 0);
    harness_wait(&fixture.harness, &get.done);
    assert_int_equal(get.error, AMID_E_UNAVAILABLE);
    password_write(path, "hunter22");
    for (int i = 0; i < 3; i++)
        event_base_loop(fixture.harness.base, EVLOOP_ONCE);
    assert_false(kv_is_reachable(fixture.kv));
    password_write(path, "hunter2"); /* is read again */
    while (!kv_is_reachable(fixture.kv))
        event_base_loop(fixture.harness.base, EVLOOP_ONCE);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "a", "1").error, 0);

    /* Tokens do not outlive their server. */
    etcd_fixture_kill(&fixture);
    etcd_fixture_launch(&fixture);
    while (kv_is_reachable(fixture.kv))
        event_base_loop(fixture.harness.base, EVLOOP_ONCE);
    while (!kv_is_reachable(fixture.kv))
        event_base_loop(fixture.harness.base, EVLOOP_ONCE);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "a", "2").error, 0);
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "a").value, "2");
    assert_int_equal(secrets_logged, 0);
    etcd_fixture_stop(&fixture);
    log_set_sink(NULL, NULL);
}

static void shell(const char *format, const char *folder)
{
    char command[1024];
    snprintf(command, sizeof(command), format, folder, folder, folder, folder);
    // NOLINTNEXTLINE(cert-env33-c): names of ours
    assert_int_equal(system(command), 0);
}

static void tls_and_certificates(void **state)
{
    static const char make[] =
        "cd '%s' && for n in a b; do openssl req -x509 -newkey ec -pkeyopt "
        "ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
        "subjectAltName=IP:127.0.0.1 -keyout $n.key -out $n.pem 2>/dev/null || exit 1; done";
    struct etcd_fixture fixture;
    char cert[128], key[128], other[128], other_key[128];
    (void)state;
    etcd_fixture_make(&fixture, "https");
    shell(make, fixture.folder);
    snprintf(cert, sizeof(cert), "%s/a.pem", fixture.folder);
    snprintf(key, sizeof(key), "%s/a.key", fixture.folder);
    snprintf(other, sizeof(other), "%s/b.pem", fixture.folder);
    snprintf(other_key, sizeof(other_key), "%s/b.key", fixture.folder);
    const char *const more[] = {"--cert-file",       cert, "--key-file",         key,
                                "--trusted-ca-file", cert, "--client-cert-auth", NULL};
    fixture.more = more;
    etcd_fixture_launch(&fixture);
    fixture.settings.etcd.ca_file = cert;
    fixture.settings.etcd.cert = cert;
    fixture.settings.etcd.key = key;
    etcd_fixture_open(&fixture, 5000);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "a", "1").error, 0);
    etcd_fixture_close(&fixture);

    struct kv_key name = key_of("a");
    for (int i = 0; i < 3; i++) {
        struct answer get = {0};
        fixture.settings.etcd.ca_file = i == 0 ? other : i == 1 ? "" : cert;
        fixture.settings.etcd.cert = i == 2 ? other : cert;
        fixture.settings.etcd.key = i == 2 ? other_key : key;
        etcd_fixture_open_only(&fixture, 5000);
        assert_int_equal(kv_get(fixture.kv, &name, answer_get, &get), 0);
        harness_wait(&fixture.harness, &get.done);
        assert_int_equal(get.error, AMID_E_UNAVAILABLE);
        etcd_fixture_close(&fixture);
    }
    etcd_fixture_stop(&fixture);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        TEST(garbage_is_no_answer),
        TEST(a_write_is_never_sent_twice),
        TEST(silence_has_an_end),
        TEST(an_endless_answer_is_refused),
        TEST(a_dead_server_is_passed_over),
        TEST(too_much_is_refused_at_once),
        TEST(streams_are_taken_apart),
        cmocka_unit_test(users_and_tokens),
        cmocka_unit_test(tls_and_certificates),
    };
    signal(SIGPIPE, SIG_IGN); /* as amid does */
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
