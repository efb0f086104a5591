#include "http_harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

/* Rounds of the loop without any event after which nothing more is to be expected: loopback
 * delivers within the system call. */
#define QUIET_ROUNDS 3

static void echo(void *arg, struct http_request *request)
{
    struct http_harness *harness = arg;
    size_t len;
    const char *body = http_request_body(request, &len);
    const char *name = http_request_query(request, "name");
    harness->handled++;
    if (name)
        http_respond(request, 200, "text/plain", name, strlen(name));
    else
        http_respond(request, 200, "text/plain", body, len);
}

static void count_gone(void *arg)
{
    struct http_harness *harness = arg;
    harness->gone++;
}

static void hold(void *arg, struct http_request *request)
{
    struct http_harness *harness = arg;
    harness->handled++;
    harness->held = request;
    http_request_on_gone(request, count_gone, harness);
}

static void stream(void *arg, struct http_request *request)
{
    hold(arg, request);
    http_stream_begin(request, 200, "text/event-stream");
}

static void big(void *arg, struct http_request *request)
{
    size_t len = 1024 * 1024;
    char *body = malloc(len);
    (void)arg;
    memset(body, 'x', len);
    http_respond_owned(request, 200, "text/plain", body, len);
}

static void refuse_method(void *arg, struct http_request *request)
{
    (void)arg;
    http_respond_error(request, 400, "%s", http_request_method(request));
}

static bool admit(void *arg, struct http_request *request)
{
    (void)arg;
    if (!http_request_header(request, "x-refuse"))
        return true;
    http_respond_error(request, 401, "refused \"by\" header");
    return false;
}

int http_harness_open(void **state)
{
    struct http_harness *harness = calloc(1, sizeof *harness);
    struct http_limits limits = {.connections = 8, .cors_origin = "*"};
    char reason[256];
    /* Only http_harness_advance moves time: a busy machine must not. */
    clock_freeze(1);
    harness->base = event_base_new();
    harness->timers = timers_new(harness->base);
    harness->defer = defer_new(harness->base);
    if (http_server_new(harness->base, harness->timers, harness->defer, &limits,
                        &harness->server) != 0 ||
        http_server_listen(harness->server, "127.0.0.1:0", reason, sizeof reason) != 0)
        return -1;
    http_server_route(harness->server, "GET", "/echo", echo, harness);
    http_server_route(harness->server, "POST", "/echo", echo, harness);
    http_server_route(harness->server, "GET", "/hold", hold, harness);
    http_server_route(harness->server, "POST", "/hold", hold, harness);
    http_server_route(harness->server, "GET", "/stream", stream, harness);
    http_server_route(harness->server, "GET", "/big", big, harness);
    http_server_route(harness->server, NULL, "/any", refuse_method, harness);
    http_server_route(harness->server, "DELETE", "/tree/*", refuse_method, harness);
    http_server_set_admit(harness->server, admit, harness);
    *state = harness;
    return 0;
}

int http_harness_close(void **state)
{
    struct http_harness *harness = *state;
    http_server_free(harness->server);
    defer_free(harness->defer);
    timers_free(harness->timers);
    event_base_free(harness->base);
    free(harness);
    return 0;
}

void http_harness_settle(struct http_harness *harness)
{
    int quiet = 0;
    while (quiet < QUIET_ROUNDS) {
        int before = event_base_get_num_events(harness->base, EVENT_BASE_COUNT_ACTIVE);
        event_base_loop(harness->base, EVLOOP_NONBLOCK);
        quiet = before == 0 ? quiet + 1 : 0;
    }
}

void http_harness_advance(struct http_harness *harness, int64_t ms)
{
    clock_advance_ms(ms);
    timers_advance(harness->timers);
    http_harness_settle(harness);
}

struct http_client *http_client_open(struct http_harness *harness)
{
    int on = 1;
    struct http_client *client = calloc(1, sizeof *client);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(harness->server, 0))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->harness = harness;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    /* Otherwise the kernel would keep small pieces back until an acknowledgement. */
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    http_harness_settle(harness);
    return client;
}

void http_client_close(struct http_client *client)
{
    struct http_harness *harness = client->harness;
    close(client->fd);
    free(client);
    http_harness_settle(harness);
}

void http_client_collect(struct http_client *client)
{
    for (;;) {
        http_harness_settle(client->harness);
        ssize_t got = recv(client->fd, client->answer + client->len,
                           sizeof client->answer - client->len - 1, 0);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            client->closed = true;
        if (got <= 0)
            return;
        client->len += (size_t)got;
        client->answer[client->len] = '\0';
    }
}

void http_client_send_bytes(struct http_client *client, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(client->fd, bytes, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            break;
        }
        if (sent < 0) {
            http_client_collect(client);
            continue;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
    http_client_collect(client);
}

void http_client_send(struct http_client *client, const char *text)
{
    http_client_send_bytes(client, text, strlen(text));
}

void http_client_end(struct http_client *client)
{
    shutdown(client->fd, SHUT_WR);
    http_client_collect(client);
}

void http_client_forget(struct http_client *client)
{
    client->len = 0;
    client->answer[0] = '\0';
}

/* Steps over one answer; NULL at the end or at something that is none. */
static const char *step(const char *at, int *ret_status)
{
    const char *head_end = strstr(at, "\r\n\r\n");
    const char *length = strcasestr(at, "\r\ncontent-length: ");
    size_t body = 0;
    if (strncmp(at, "HTTP/1.1 ", 9) != 0 || !head_end)
        return NULL;
    *ret_status = atoi(at + 9);
    if (length && length < head_end)
        body = (size_t)strtoul(length + 18, NULL, 10);
    head_end += 4;
    return strlen(head_end) < body ? NULL : head_end + body;
}

int http_client_status(const struct http_client *client, size_t n)
{
    const char *at = client->answer;
    int status = 0;
    for (size_t i = 0; i <= n; i++) {
        at = *at ? step(at, &status) : NULL;
        if (!at)
            return 0;
    }
    return status;
}

size_t http_client_answers(const struct http_client *client)
{
    size_t count = 0;
    while (http_client_status(client, count) != 0)
        count++;
    return count;
}
