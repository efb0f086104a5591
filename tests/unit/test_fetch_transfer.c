/*
 * Transfers against a server in the same loop: where a request may go is decided on the address
 * that is connected to, at every redirect and on every connection that is used again, for the very
 * client that asks; what comes back is bounded, pulled, and ends in an answer or in an error that
 * says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "fetch_harness.h"

static bool may_not(void *arg, const char *host, uint16_t port)
{
    (void)arg;
    (void)host;
    (void)port;
    return false;
}

static void test_answer(void **state)
{
    struct bench *bench = *state;
    struct job job;
    size_t len;
    char *url;

    bench_start(bench, &job, "GOOD.test.", "/a?b#c");
    bench_run(&job);
    assert_int_equal(transfer_head(job.transfer)->status, 200);
    assert_string_equal(answer_head_field(transfer_head(job.transfer), "x-path"), "yes");
    assert_int_equal(bench_read(&job, &len), 0);
    assert_int_equal(len, 5);
    url = transfer_url(job.transfer);
    assert_non_null(strstr(url, "http://good.test:"));
    assert_null(strchr(url, '#'));
    free(url);
    assert_non_null(strstr(bench->last_request, "GET /a?b HTTP/1.1\r\nHost: good.test:"));
    assert_non_null(strstr(bench->last_request, "Accept-Encoding: gzip\r\n"));
    transfer_free(job.transfer);
}

static void test_addresses(void **state)
{
    struct bench *bench = *state;
    char fault[FETCH_FAULT_BYTES];

    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
    assert_int_equal(bench_get(bench, "127.0.0.1", "/", NULL), 0);
    assert_int_equal(bench_get(bench, "0x7f.1", "/", NULL), 0); /* the same, and named */
    assert_int_equal(bench_get(bench, "2130706433", "/", NULL), 0);
    bench_apply(bench, "good.test");
    bench->connections = 0;
    assert_int_equal(bench_get(bench, "2130706433", "/", fault), AMID_E_DENIED);
    assert_non_null(strstr(fault, "127.0.0.1"));
    assert_int_equal(bench_get(bench, "127.0.0.1", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "0177.0.0.1", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "127.1", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "0.0.0.0", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "[::1]", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "[::]", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "[::ffff:127.0.0.1]", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "[64:ff9b::7f00:1]", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "mapped.test", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "both.test", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "localhost", "/", fault), AMID_E_DENIED);
    assert_non_null(strstr(fault, "localhost:"));
    assert_int_equal(bench->connections, 0);
    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
}

static void test_own_port(void **state)
{
    struct bench *bench = *state;
    char allow[128];

    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
    fetch_set_guarded_ports(bench->fetch, &bench->port, 1);
    /* Not even on the connection that is open already. */
    assert_int_equal(bench_get(bench, "good.test", "/", NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "127.0.0.1", "/", NULL), AMID_E_DENIED);
    snprintf(allow, sizeof(allow), "good.test:%u", (unsigned)bench->port);
    bench_apply(bench, allow);
    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
}

static void test_permission(void **state)
{
    struct bench *bench = *state;
    struct fetch_client *other = fetch_client_open(bench->fetch, may_not, bench);
    char fault[FETCH_FAULT_BYTES];
    const char *why;
    struct job job;
    char url[64];

    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
    assert_int_equal(bench->connections, 1); /* used again */
    snprintf(url, sizeof(url), "http://good.test:%u/", (unsigned)bench->port);
    bench_start_with(other, bench, (struct request){.method = "GET", .url = url}, &job);
    bench_run(&job);
    assert_int_equal(transfer_failure(job.transfer, &why), AMID_E_DENIED);
    transfer_free(job.transfer);
    fetch_client_close(other);
    assert_int_equal(bench->requests, 2);
    /* Nor does a client's own connection outlive its permission. */
    snprintf(bench->permitted, sizeof(bench->permitted), "other.test");
    assert_int_equal(bench_get(bench, "good.test", "/", fault), AMID_E_DENIED);
    assert_non_null(strstr(fault, "good.test:"));
    assert_int_equal(bench->requests, 2);
}

static void test_clients_are_apart(void **state)
{
    struct bench *bench = *state;
    struct fetch_client *other = fetch_client_open(bench->fetch, bench_may, bench);
    struct job job;
    char url[64];

    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
    snprintf(url, sizeof(url), "http://good.test:%u/", (unsigned)bench->port);
    bench_start_with(other, bench, (struct request){.method = "GET", .url = url}, &job);
    bench_run(&job);
    assert_int_equal(bench->connections, 2);
    transfer_free(job.transfer);
    fetch_client_close(other);
}

static void test_redirects(void **state)
{
    struct bench *bench = *state;
    char path[128], fault[FETCH_FAULT_BYTES];
    struct request_header headers[] = {{"Authorization", "secret"}, {"X-Mine", "1"}};
    struct job job;
    size_t len;

    snprintf(path, sizeof(path), "/redirect/302/six.test:%u/there", (unsigned)bench->port);
    if (bench->listener6 != NULL)
        assert_int_equal(bench_get(bench, "good.test", path, NULL), 0);
    snprintf(path, sizeof(path), "/redirect/301/127.0.0.2:%u/there", (unsigned)bench->port);
    assert_int_equal(bench_get(bench, "good.test", path, fault), AMID_E_DENIED);
    assert_non_null(strstr(fault, "127.0.0.2"));
    snprintf(path, sizeof(path), "/redirect/307/localhost:%u/there", (unsigned)bench->port);
    assert_int_equal(bench_get(bench, "good.test", path, NULL), AMID_E_DENIED);
    assert_int_equal(bench_get(bench, "good.test", "/loop", fault), AMID_E_NETWORK);
    assert_int_equal(bench_get(bench, "good.test", "/file", fault), AMID_E_NETWORK);
    snprintf(bench->permitted, sizeof(bench->permitted), "good.test");
    snprintf(path, sizeof(path), "/redirect/308/127.0.0.1:%u/there", (unsigned)bench->port);
    assert_int_equal(bench_get(bench, "good.test", path, fault), AMID_E_DENIED);
    /* What belongs to one origin stays there; a POST becomes a GET. */
    snprintf(bench->permitted, sizeof(bench->permitted), "*");
    snprintf(path, sizeof(path), "http://good.test:%u/redirect/302/127.0.0.1:%u/there",
             (unsigned)bench->port, (unsigned)bench->port);
    bench_start_with(bench->client, bench,
                     (struct request){.method = "POST",
                                      .url = path,
                                      .headers = headers,
                                      .header_count = 2,
                                      .has_body = true,
                                      .body = (const uint8_t *)"body",
                                      .body_len = 4},
                     &job);
    bench_run(&job);
    assert_int_equal(bench_read(&job, &len), 0);
    assert_true(transfer_is_redirected(job.transfer));
    assert_non_null(strstr(bench->last_request, "GET /there HTTP/1.1"));
    assert_non_null(strstr(bench->last_request, "X-Mine: 1"));
    assert_null(strstr(bench->last_request, "secret"));
    assert_null(strstr(bench->last_request, "body"));
    transfer_free(job.transfer);
}

static void test_redirect_modes(void **state)
{
    struct bench *bench = *state;
    const char *fault;
    struct job job;
    size_t len;
    char url[64];

    snprintf(url, sizeof(url), "http://good.test:%u/loop", (unsigned)bench->port);
    bench_start_with(bench->client, bench,
                     (struct request){.method = "GET", .url = url, .redirect = REQUEST_REFUSE},
                     &job);
    bench_run(&job);
    assert_int_equal(transfer_failure(job.transfer, &fault), AMID_E_NETWORK);
    transfer_free(job.transfer);
    bench_start_with(bench->client, bench,
                     (struct request){.method = "GET", .url = url, .redirect = REQUEST_MANUAL},
                     &job);
    bench_run(&job);
    assert_int_equal(transfer_head(job.transfer)->status, 302);
    assert_int_equal(bench_read(&job, &len), 0);
    assert_false(transfer_is_redirected(job.transfer));
    transfer_free(job.transfer);
}

static void test_bounds(void **state)
{
    struct bench *bench = *state;
    char fault[FETCH_FAULT_BYTES];

    assert_int_equal(bench_get(bench, "good.test", "/bomb", fault), AMID_E_TOO_LARGE);
    assert_non_null(strstr(fault, "body_mib"));
    assert_int_equal(bench_get(bench, "good.test", "/endless", fault), AMID_E_TOO_LARGE);
    assert_int_equal(bench_get(bench, "good.test", "/headers", fault), AMID_E_NETWORK);
    assert_non_null(strstr(fault, "too many headers"));
    assert_int_equal(bench_get(bench, "good.test", "/nine", fault), AMID_E_NETWORK);
    assert_int_equal(bench_get(bench, "nowhere.invalid", "/", fault), AMID_E_NETWORK);
}

static void test_backpressure(void **state)
{
    struct bench *bench = *state;
    struct job job;
    size_t len;

    bench_start(bench, &job, "good.test", "/endless");
    bench_run(&job);
    /* Nobody reads: the server's socket fills up, and the loop comes to rest. */
    for (int i = 0; i < 5000; i++)
        event_base_loop(bench->base, EVLOOP_NONBLOCK);
    assert_non_null(bench->endless);
    assert_true(evbuffer_get_length(bufferevent_get_output(bench->endless)) > 0);
    assert_int_equal(bench_read(&job, &len), AMID_E_TOO_LARGE);
    transfer_free(job.transfer);
}

static void test_silence(void **state)
{
    struct bench *bench = *state;
    char url[64];
    const char *fault;
    struct job job;
    size_t len;

    clock_freeze(1);
    bench_start(bench, &job, "good.test", "/silent");
    while (bench->requests == 0)
        event_base_loop(bench->base, EVLOOP_ONCE);
    clock_advance_ms(29999);
    timers_advance(bench->timers);
    event_base_loop(bench->base, EVLOOP_NONBLOCK);
    assert_int_equal(transfer_failure(job.transfer, &fault), 0);
    clock_advance_ms(1000);
    timers_advance(bench->timers);
    bench_run(&job);
    assert_int_equal(transfer_failure(job.transfer, &fault), AMID_E_TIMEOUT);
    assert_non_null(strstr(fault, "sent nothing"));
    transfer_free(job.transfer);

    bench_start(bench, &job, "good.test", "/half");
    bench_run(&job);
    clock_advance_ms(30001);
    timers_advance(bench->timers);
    assert_int_equal(bench_read(&job, &len), AMID_E_TIMEOUT);
    assert_int_equal(len, 4);
    transfer_free(job.transfer);

    snprintf(url, sizeof(url), "http://good.test:%u/silent", (unsigned)bench->port);
    bench_start_with(bench->client, bench,
                     (struct request){.method = "GET", .url = url, .timeout_ms = 500}, &job);
    clock_advance_ms(501);
    timers_advance(bench->timers);
    bench_run(&job);
    assert_int_equal(transfer_failure(job.transfer, &fault), AMID_E_TIMEOUT);
    transfer_free(job.transfer);
    clock_freeze(0);
}

static void test_slots(void **state)
{
    struct bench *bench = *state;
    struct job jobs[4];
    const char *fault;

    bench_start(bench, &jobs[0], "good.test", "/silent");
    bench_start(bench, &jobs[1], "good.test", "/silent");
    bench_start(bench, &jobs[2], "good.test", "/a");
    bench_start(bench, &jobs[3], "good.test", "/b");
    while (bench->requests < 2)
        event_base_loop(bench->base, EVLOOP_ONCE);
    for (int i = 0; i < 200; i++)
        event_base_loop(bench->base, EVLOOP_NONBLOCK);
    assert_int_equal(bench->requests, 2); /* two at once, says the setting */
    transfer_free(jobs[3].transfer);      /* while it waits */
    transfer_free(jobs[0].transfer);
    bench_run(&jobs[2]);
    assert_int_equal(transfer_failure(jobs[2].transfer, &fault), 0);
    transfer_free(jobs[1].transfer);
    transfer_free(jobs[2].transfer);
    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
}

static void test_proxies_are_ignored(void **state)
{
    struct bench *bench = *state;

    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("ALL_PROXY", "socks5://127.0.0.1:1/", 1);
    assert_int_equal(bench_get(bench, "good.test", "/", NULL), 0);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

static void test_refused_at_once(void **state)
{
    struct bench *bench = *state;
    static uint8_t body[REQUEST_BODY_MAX_BYTES];
    struct request request = {.method = "POST",
                              .url = "http://good.test/",
                              .has_body = true,
                              .body = body,
                              .body_len = sizeof(body)};
    char fault[FETCH_FAULT_BYTES];
    struct job jobs[8];
    size_t count = 0;
    struct transfer *transfer;

    while (count < 4)
        bench_start_with(bench->client, bench, request, &jobs[count++]);
    assert_int_equal(
        transfer_start(bench->client, &request, bench_news, jobs, &transfer, fault, sizeof(fault)),
        AMID_E_BUSY);
    while (count > 0)
        transfer_free(jobs[--count].transfer);
    request.url = "gopher://x/";
    assert_int_equal(
        transfer_start(bench->client, &request, bench_news, jobs, &transfer, fault, sizeof(fault)),
        AMID_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)
        T(test_answer),
        T(test_addresses),
        T(test_own_port),
        T(test_permission),
        T(test_clients_are_apart),
        T(test_redirects),
        T(test_redirect_modes),
        T(test_bounds),
        T(test_backpressure),
        T(test_silence),
        T(test_slots),
        T(test_proxies_are_ignored),
        T(test_refused_at_once),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
