#include "fetch_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/error.h"
#include "common/host_list.h"

/* ---- server ---- */

static void answer_text(struct bufferevent *to, const char *text)
{
    bufferevent_write(to, text, strlen(text));
}

static void answer_redirect(struct bench *bench, struct bufferevent *to, const char *path)
{
    char text[512];
    unsigned status = (unsigned)strtoul(path + strlen("/redirect/"), NULL, 10);

    snprintf(text, sizeof(text),
             "HTTP/1.1 %u Go\r\nLocation: http://%s\r\nContent-Length: 4\r\n\r\ngone", status,
             path + strlen("/redirect/301/"));
    (void)bench;
    answer_text(to, text);
}

static void answer_bomb(struct bufferevent *to)
{
    static uint8_t plain[1 << 16], packed[1 << 16];
    z_stream stream = {0};

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    answer_text(to, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 512; i++) { /* 32 MiB in about as many KiB */
        stream.next_in = plain;
        stream.avail_in = sizeof(plain);
        stream.next_out = packed;
        stream.avail_out = sizeof(packed);
        deflate(&stream, i == 511 ? Z_FINISH : Z_NO_FLUSH);
        bufferevent_write(to, packed, sizeof(packed) - stream.avail_out);
    }
    deflateEnd(&stream);
}

static void keep_full(struct bufferevent *to, void *arg)
{
    static char piece[16384];
    struct bench *bench = arg;

    if (bench->endless == to)
        bufferevent_write(to, piece, sizeof(piece));
}

static void answer(struct bench *bench, struct bufferevent *to, const char *path)
{
    if (strncmp(path, "/redirect/", 10) == 0) {
        answer_redirect(bench, to, path);
    } else if (strcmp(path, "/silent") == 0) {
        return;
    } else if (strcmp(path, "/half") == 0) {
        answer_text(to, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    } else if (strcmp(path, "/bomb") == 0) {
        answer_bomb(to);
    } else if (strcmp(path, "/endless") == 0) {
        answer_text(to, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        bench->endless = to;
        keep_full(to, bench);
    } else if (strcmp(path, "/headers") == 0) {
        answer_text(to, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 300; i++)
            answer_text(to, "X-Header: some\r\n");
        answer_text(to, "Content-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/nine") == 0) {
        answer_text(to, "not HTTP at all\n");
    } else if (strcmp(path, "/loop") == 0) {
        answer_text(to, "HTTP/1.1 302 Go\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/file") == 0) {
        answer_text(to, "HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\n"
                        "Content-Length: 0\r\n\r\n");
    } else {
        answer_text(to, "HTTP/1.1 200 OK\r\nX-Path: yes\r\nContent-Length: 5\r\n\r\nhello");
    }
}

static void on_request(struct bufferevent *from, void *arg)
{
    struct bench *bench = arg;
    struct evbuffer *in = bufferevent_get_input(from);
    char path[256];
    size_t len = evbuffer_get_length(in);

    if (len >= sizeof(bench->last_request))
        len = sizeof(bench->last_request) - 1;
    evbuffer_copyout(in, bench->last_request, len);
    bench->last_request[len] = '\0';
    if (strstr(bench->last_request, "\r\n\r\n") == NULL)
        return;
    evbuffer_drain(in, len);
    bench->requests++;
    assert_int_equal(sscanf(bench->last_request, "%*s %255s", path), 1);
    answer(bench, from, path);
}

static void on_close(struct bufferevent *from, short what, void *arg)
{
    struct bench *bench = arg;

    (void)what;
    if (bench->endless == from)
        bench->endless = NULL;
    bufferevent_free(from);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int len, void *arg)
{
    struct bench *bench = arg;
    struct bufferevent *connection = bufferevent_socket_new(bench->base, fd, BEV_OPT_CLOSE_ON_FREE);

    (void)listener;
    (void)from;
    (void)len;
    bench->connections++;
    bufferevent_setcb(connection, on_request, keep_full, on_close, bench);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

/* ---- client ---- */

bool bench_may(void *arg, const char *host, uint16_t port)
{
    const struct bench *bench = arg;

    return host_list_has(bench->permitted, host, port);
}

void bench_apply(struct bench *bench, const char *allow_private)
{
    const struct fetch_settings settings = {.allow_private = allow_private,
                                            .ca_file = "",
                                            .state_folder = bench->folder,
                                            .timeout_ms = 30000,
                                            .body_bytes = 1024 * 1024,
                                            .parallel = 2,
                                            .web_sockets = 2,
                                            .message_bytes = 1024};
    char reason[256];

    if (bench->fetch == NULL)
        assert_int_equal(fetch_open(bench->base, bench->timers, &settings, &bench->fetch, reason,
                                    sizeof(reason)),
                         0);
    else
        assert_int_equal(fetch_set_settings(bench->fetch, &settings, reason, sizeof(reason)), 0);
}

int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof(to);

    setenv("AMID_TEST_HOSTS",
           "good.test=127.0.0.1,six.test=::1,mapped.test=::ffff:127.0.0.1,"
           "both.test=10.0.0.1+::ffff:10.0.0.1+127.0.0.1,public.test=192.0.1.1",
           1);
    snprintf(bench->folder, sizeof(bench->folder), "/tmp/amid-fetch-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    bench->base = event_base_new();
    bench->timers = timers_new(bench->base);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bench->listener = evconnlistener_new_bind(bench->base, on_accept, bench,
                                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
                                              (struct sockaddr *)&to, sizeof(to));
    assert_non_null(bench->listener);
    getsockname(evconnlistener_get_fd(bench->listener), (struct sockaddr *)&to, &len);
    bench->port = ntohs(to.sin_port);
    to6.sin6_port = to.sin_port;
    bench->listener6 = evconnlistener_new_bind(bench->base, on_accept, bench,
                                               LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
                                               (struct sockaddr *)&to6, sizeof(to6));
    snprintf(bench->permitted, sizeof(bench->permitted), "*");
    bench_apply(bench, "good.test,six.test,127.0.0.1");
    bench->client = fetch_client_open(bench->fetch, bench_may, bench);
    assert_non_null(bench->client);
    *state = bench;
    return 0;
}

int bench_teardown(void **state)
{
    struct bench *bench = *state;
    char command[128];

    fetch_client_close(bench->client);
    fetch_close(bench->fetch);
    evconnlistener_free(bench->listener);
    if (bench->listener6 != NULL)
        evconnlistener_free(bench->listener6);
    /* Connections of the server that are still open see the end of theirs. */
    for (int i = 0; i < 50; i++)
        event_base_loop(bench->base, EVLOOP_NONBLOCK);
    timers_free(bench->timers);
    event_base_free(bench->base);
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", bench->folder);
    assert_int_equal(system(command), 0);
    free(bench);
    return 0;
}

void bench_news(void *arg)
{
    struct job *job = arg;

    job->news++;
}

void bench_start_with(struct fetch_client *client, struct bench *bench, struct request request,
                      struct job *job)
{
    char fault[FETCH_FAULT_BYTES] = "";

    *job = (struct job){.bench = bench};
    assert_int_equal(
        transfer_start(client, &request, bench_news, job, &job->transfer, fault, sizeof(fault)), 0);
}

void bench_start(struct bench *bench, struct job *job, const char *host, const char *path)
{
    char url[256];

    snprintf(url, sizeof(url), "http://%s:%u%s", host, (unsigned)bench->port, path);
    bench_start_with(bench->client, bench, (struct request){.method = "GET", .url = url}, job);
}

static bool has_begun(const struct job *job)
{
    const char *fault;

    return transfer_head(job->transfer) != NULL || transfer_failure(job->transfer, &fault) != 0;
}

void bench_run(struct job *job)
{
    for (int i = 0; !has_begun(job) && i < TURNS_MAX; i++)
        event_base_loop(job->bench->base, EVLOOP_ONCE);
    assert_true(has_begun(job));
}

int bench_read(struct job *job, size_t *ret_len)
{
    static uint8_t piece[10000];
    bool is_end = false;
    int error = 0;

    *ret_len = 0;
    for (int i = 0; !is_end && error == 0 && i < TURNS_MAX; i++) {
        size_t len = sizeof(piece);

        error = transfer_read(job->transfer, piece, &len, &is_end);
        assert_true(len <= sizeof(piece));
        *ret_len += error == 0 ? len : 0;
        if (error == 0 && len == 0 && !is_end)
            event_base_loop(job->bench->base, EVLOOP_ONCE);
    }
    assert_true(is_end || error != 0);
    return error;
}

int bench_get(struct bench *bench, const char *host, const char *path, char *ret_fault)
{
    const char *fault;
    struct job job;
    size_t len;
    int error;

    bench_start(bench, &job, host, path);
    bench_run(&job);
    error = transfer_failure(job.transfer, &fault);
    if (error == 0)
        error = bench_read(&job, &len);
    transfer_failure(job.transfer, &fault);
    if (ret_fault != NULL)
        snprintf(ret_fault, FETCH_FAULT_BYTES, "%s", fault);
    transfer_free(job.transfer);
    return error;
}
