#include "serve_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "proto/wire.h"

#define QUIET_ROUNDS 3

static char address[] = "127.0.0.1";

static int take_answer(void *arg, enum proto_message type, uint32_t id,
                       const struct buffer *payload)
{
    struct serve_harness *harness = arg;
    struct wire_reader reader;
    const uint8_t *text;
    size_t len;

    (void)type;
    harness->answers++;
    harness->answered = id;
    wire_read(&reader, payload->data, payload->len);
    harness->error = wire_get_u32(&reader);
    text = wire_get_bytes(&reader, sizeof(harness->message) - 1, &len);
    memcpy(harness->message, text, len);
    harness->message[len] = '\0';
    harness->json[0] = '\0';
    harness->data_len = 0;
    if (harness->error != 0)
        return 0;
    text = wire_get_bytes(&reader, sizeof(harness->json) - 1, &len);
    memcpy(harness->json, text, len);
    harness->json[len] = '\0';
    text = wire_get_bytes(&reader, sizeof(harness->data), &harness->data_len);
    if (text != NULL)
        memcpy(harness->data, text, harness->data_len);
    harness->data_total += harness->data_len;
    assert_true(wire_end(&reader));
    return 0;
}

static void take_hold(void *arg, bool is_held)
{
    (void)arg;
    (void)is_held;
}

/* A port that nobody has right now. */
static uint16_t free_port(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof(in);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    close(fd);
    return ntohs(in.sin_port);
}

static void begin_process(struct serve_harness *harness)
{
    harness->worker = (struct broker_worker){.broker = &harness->broker,
                                             .sid = "11111111-2222-4333-8444-555555555555",
                                             .instance = 1,
                                             .send = take_answer,
                                             .hold = take_hold,
                                             .arg = harness};
    broker_worker_begin(&harness->worker);
}

int serve_harness_open(void **state)
{
    struct serve_harness *harness = calloc(1, sizeof(*harness));
    struct serve_needs needs;

    clock_freeze(1);
    harness->port = free_port();
    snprintf(harness->ports, sizeof(harness->ports), "%u", (unsigned)harness->port);
    harness->config.serve_ports = harness->ports;
    harness->config.serve_address = address;
    harness->config.serve_connections = 64;
    harness->config.serve_port_connections = 16;
    harness->config.serve_wait_ms = 15000;
    harness->config.serve_answer_ms = 60000;
    harness->config.serve_body_mib = 1;
    harness->base = event_base_new();
    harness->timers = timers_new(harness->base);
    harness->defer = defer_new(harness->base);
    needs = (struct serve_needs){harness->base, harness->timers, harness->defer, &harness->config};
    assert_int_equal(serve_open(&needs, &harness->serve), 0);
    harness->broker.timers = harness->timers;
    harness->broker.config = &harness->config;
    harness->broker.serve = harness->serve;
    begin_process(harness);
    *state = harness;
    return 0;
}

int serve_harness_close(void **state)
{
    struct serve_harness *harness = *state;

    broker_worker_end(&harness->worker);
    serve_close(harness->serve);
    serve_harness_settle(harness); /* libevent frees connections in its loop */
    defer_free(harness->defer);
    timers_free(harness->timers);
    event_base_free(harness->base);
    free(harness);
    return 0;
}

void serve_harness_next_process(struct serve_harness *harness)
{
    broker_worker_end(&harness->worker);
    serve_harness_settle(harness);
    begin_process(harness);
}

void serve_harness_settle(struct serve_harness *harness)
{
    int quiet = 0;

    while (quiet < QUIET_ROUNDS) {
        int active = event_base_get_num_events(harness->base, EVENT_BASE_COUNT_ACTIVE);

        event_base_loop(harness->base, EVLOOP_NONBLOCK);
        quiet = active == 0 ? quiet + 1 : 0;
    }
}

void serve_harness_advance(struct serve_harness *harness, int64_t ms)
{
    clock_advance_ms(ms);
    timers_advance(harness->timers);
    serve_harness_settle(harness);
}

uint32_t serve_call(struct serve_harness *harness, enum proto_message type, const char *data,
                    size_t len, const char *format, ...)
{
    struct buffer payload, json;
    va_list args;
    char *text = NULL;

    va_start(args, format);
    assert_true(vasprintf(&text, format, args) >= 0);
    va_end(args);
    buffer_init(&payload, 4 * 1024 * 1024);
    buffer_init(&json, 16);
    wire_put_text(&payload, text);
    wire_put_bytes(&payload, data == NULL ? "" : data, len);
    assert_int_equal(broker_handle(&harness->worker, type, ++harness->last_id,
                                   (const uint8_t *)payload.data, payload.len),
                     0);
    buffer_free(&payload);
    free(text);
    serve_harness_settle(harness);
    return harness->last_id;
}

uint32_t serve_listen(struct serve_harness *harness)
{
    const char *rid;

    serve_call(harness, PROTO_SERVE_LISTEN, NULL, 0, "{\"port\":%u}", (unsigned)harness->port);
    rid = strstr(harness->json, "\"rid\":");
    return harness->error == 0 && rid != NULL ? (uint32_t)strtoul(rid + 6, NULL, 10) : 0;
}

int serve_client(struct serve_harness *harness)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(harness->port)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&in, sizeof(in)) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    serve_harness_settle(harness);
    return fd;
}

void serve_send(struct serve_harness *harness, int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            break;
        if (sent > 0) {
            text += sent;
            len -= (size_t)sent;
        }
        serve_harness_settle(harness);
    }
    serve_harness_settle(harness);
}

bool serve_receive(struct serve_harness *harness, int fd, char *out, size_t size)
{
    size_t len = 0;
    ssize_t got;

    do {
        serve_harness_settle(harness);
        got = recv(fd, out + len, size - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
    } while (got > 0 && len < size - 1);
    out[len] = '\0';
    return got != 0 && !(got < 0 && errno == ECONNRESET);
}

uint32_t serve_first_request(const struct serve_harness *harness)
{
    return (uint32_t)strtoul(harness->json + 3, NULL, 10); /* [[[id */
}

void serve_answer_text(struct serve_harness *harness, uint32_t rid, uint32_t id, const char *text)
{
    serve_call(harness, PROTO_SERVE_RESPOND, NULL, 0,
               "{\"rid\":%u,\"answers\":[[%u,200,\"x-a\\nb\",1,\"%s\"]]}", rid, id, text);
    assert_int_equal(harness->error, 0);
}
