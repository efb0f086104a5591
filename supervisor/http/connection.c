#include "supervisor/http/connection.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/http/exchange.h"
#include "supervisor/http/forwarded.h"
#include "supervisor/http/request.h"
#include "supervisor/http/socket.h"
#include "supervisor/http/tls.h"

#define NEVER INT64_MAX

static void connection_process(struct http_connection *c);

/* Nobody has taken what came of the body yet. */
static bool is_body_full(const struct http_connection *c)
{
    return c->request && c->request->is_handed_over &&
           c->request->message.body.len >= HTTP_FORWARD_BODY_BYTES;
}

static bool is_reading(const struct http_connection *c)
{
    if (c->phase == PHASE_BODY && is_body_full(c))
        return false;
    return c->phase == PHASE_IDLE || c->phase == PHASE_HEAD || c->phase == PHASE_BODY ||
           c->phase == PHASE_DROP || c->phase == PHASE_SOCKET;
}

/* The timer is moved only when it would come too late; most requests never touch it. */
static void set_deadline(struct http_connection *c, int64_t delay_ms)
{
    c->sent_when_set = c->sent_bytes;
    if (delay_ms == NEVER) {
        c->deadline_ms = NEVER;
        return;
    }
    c->deadline_ms = clock_mono_ms() + delay_ms;
    if (timer_is_pending(&c->timer) && c->timer.due_ms <= c->deadline_ms)
        return;
    if (timer_start(&c->timer, delay_ms) != 0)
        log_error(NULL, "no memory for a timer of %s", c->peer);
}

static void set_phase(struct http_connection *c, enum connection_phase phase)
{
    static const int64_t time_ms[] = {
        [PHASE_HANDSHAKE] = HTTP_HANDSHAKE_TIME_MS,
        [PHASE_IDLE] = HTTP_IDLE_TIME_MS,
        [PHASE_HEAD] = HTTP_HEADER_TIME_MS,
        [PHASE_BODY] = HTTP_BODY_TIME_MS,
        [PHASE_ANSWERING] = NEVER,
        [PHASE_SOCKET] = HTTP_SOCKET_PING_MS,
        [PHASE_DROP] = HTTP_BODY_TIME_MS,
        [PHASE_FLUSH] = HTTP_IDLE_TIME_MS,
        [PHASE_LINGER] = HTTP_LINGER_TIME_MS,
        [PHASE_DEAD] = NEVER,
    };
    c->phase = phase;
    set_deadline(c, time_ms[phase]);
}

void connection_close(struct http_connection *c)
{
    if (c->phase == PHASE_DEAD)
        return;
    struct http_request *request = c->request;
    struct http_socket *socket = c->socket;
    c->request = NULL;
    c->socket = NULL;
    if (c->phase == PHASE_HANDSHAKE && !c->context->is_draining && c->context->refused)
        c->context->refused(c->context->refused_arg, HTTP_REFUSED_HANDSHAKE, c->peer);
    set_phase(c, PHASE_DEAD);
    timer_stop(&c->timer);
    bufferevent_free(c->bev);
    c->bev = NULL;
    if (c->previous)
        c->previous->next = c->next;
    else
        c->context->first = c->next;
    if (c->next)
        c->next->previous = c->previous;
    http_crowd_leave(&c->seat);
    c->context->counts.connections--;
    if (c->context->quota)
        c->context->quota->open--;
    http_socket_lost(socket);
    if (request && request->is_handed_over) {
        request->connection = NULL;
        http_request_tell_gone(request);
    } else {
        http_request_free(request);
    }
    /* At the end of the turn: our callers up the stack look at the phase yet. */
    if (defer_call(c->context->defer, free, c) != 0)
        log_error(NULL, "no memory to free a connection");
}

/* Everything is sent: says so to the client and waits for him, because closing with unread input
 * would reset the connection and could take the answer with it. */
static void begin_linger(struct http_connection *c)
{
    if (c->read_closed) {
        connection_close(c);
        return;
    }
    http_tls_say_end(c->bev);
    shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    set_phase(c, PHASE_LINGER);
    connection_process(c);
}

static void begin_flush(struct http_connection *c)
{
    set_phase(c, PHASE_FLUSH);
    if (evbuffer_get_length(connection_output(c)) == 0)
        begin_linger(c);
}

void connection_body_taken(struct http_connection *c)
{
    if (c->phase != PHASE_BODY || c->is_processing)
        return;
    set_deadline(c, HTTP_BODY_TIME_MS);
    bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void connection_answered(struct http_connection *c, bool keep_alive)
{
    if (!keep_alive) {
        begin_flush(c);
    } else if (c->message_done) {
        set_phase(c, PHASE_IDLE);
    } else {
        http_parser_drop_body(&c->parser);
        set_phase(c, PHASE_DROP);
    }
    /* The loop that called the handler goes on by itself; after a later answer someone must ask. */
    if (!c->is_processing && is_reading(c))
        bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void connection_become_socket(struct http_connection *c, struct http_socket *socket)
{
    http_request_free(c->request);
    c->request = NULL;
    c->socket = socket;
    set_phase(c, PHASE_SOCKET);
    if (!c->is_processing)
        bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void connection_stall(struct http_connection *c)
{
    set_deadline(c, HTTP_FORWARD_STALL_MS);
}

/* The whole request is there, which may be news to whom it was forwarded at its head. */
static void forward_done(struct http_connection *c)
{
    struct http_request *request = c->request;
    if (!request->is_handed_over) {
        exchange_hand_over(c);
        return;
    }
    if (request->is_streaming)
        connection_stall(c);
    if (request->events.body)
        request->events.body(request->events.arg);
}

/* More of a forwarded body has come: the time for the rest begins anew. */
static void forward_more(struct http_connection *c)
{
    struct http_request *request = c->request;
    if (!request || !request->is_handed_over || c->phase != PHASE_BODY ||
        request->message.body.len == 0)
        return;
    set_deadline(c, HTTP_BODY_TIME_MS);
    if (request->events.body)
        request->events.body(request->events.arg);
}

static void connection_done(struct http_connection *c)
{
    c->message_done = true;
    if (c->phase == PHASE_DROP) {
        set_phase(c, PHASE_IDLE);
        return;
    }
    set_phase(c, PHASE_ANSWERING);
    if (c->context->forward) {
        forward_done(c);
        return;
    }
    c->context->counts.requests++;
    c->request->is_handed_over = true;
    c->request->route->fn(c->request->route->arg, c->request);
}

static void begin_request(struct http_connection *c)
{
    c->request = http_request_new(c, c->peer);
    if (!c->request) {
        connection_close(c);
        return;
    }
    c->request->is_local = c->is_local;
    c->request->is_tls = c->is_tls;
    c->message_done = false;
    http_parser_begin(&c->parser, &c->request->message);
    set_phase(c, PHASE_HEAD);
}

/* Hands the parser what has come. False when it needs more, or the phase says to wait. */
static bool connection_step(struct http_connection *c)
{
    struct evbuffer_iovec chunk = {.iov_base = "", .iov_len = 0};
    struct evbuffer *input = connection_input(c);
    size_t consumed = 0;
    if (c->phase == PHASE_SOCKET)
        return http_socket_read(c);
    bool has_input = evbuffer_peek(input, -1, NULL, &chunk, 1) > 0 && chunk.iov_len > 0;
    if (c->phase == PHASE_IDLE) {
        if (!has_input)
            return false;
        begin_request(c);
        if (c->phase == PHASE_DEAD)
            return false;
    }
    /* A message without a body is complete once the parser is asked again, with or without input.
     */
    enum http_parse result = http_parser_feed(&c->parser, has_input ? chunk.iov_base : "",
                                              has_input ? chunk.iov_len : 0, &consumed);
    evbuffer_drain(input, consumed);
    switch (result) {
    case HTTP_PARSE_HEAD:
        set_phase(c, PHASE_BODY);
        exchange_head(c);
        return c->phase != PHASE_DEAD;
    case HTTP_PARSE_DONE:
        connection_done(c);
        return c->phase != PHASE_DEAD;
    case HTTP_PARSE_FAILED:
        if (c->phase == PHASE_DROP) /* already answered */
            begin_flush(c);
        else
            exchange_refuse(c, c->parser.status, c->parser.reason);
        return c->phase != PHASE_DEAD;
    case HTTP_PARSE_MORE:
        forward_more(c);
        return has_input && c->phase != PHASE_DEAD;
    }
    return has_input;
}

static void linger_read(struct http_connection *c)
{
    size_t len = evbuffer_get_length(connection_input(c));
    c->lingered_bytes += len;
    evbuffer_drain(connection_input(c), len);
    if (c->lingered_bytes > HTTP_LINGER_MAX_BYTES)
        connection_close(c);
}

/* The client sends no more, and all he sent was read. */
static void at_end_of_input(struct http_connection *c)
{
    if (c->phase == PHASE_HEAD || c->phase == PHASE_BODY)
        exchange_refuse(c, 400, "The request ended early");
    else
        begin_flush(c);
}

/* libevent calls back again and again while the input is full: nothing may be read until somebody
 * has taken of it. */
static void pause_if_full(struct http_connection *c)
{
    bool is_full = evbuffer_get_length(connection_input(c)) >= HTTP_INPUT_HIGH_BYTES;
    if (is_full == c->is_paused)
        return;
    c->is_paused = is_full;
    if (is_full)
        bufferevent_disable(c->bev, EV_READ);
    else
        bufferevent_enable(c->bev, EV_READ);
}

static void connection_process(struct http_connection *c)
{
    bool was_processing = c->is_processing;
    c->is_processing = true;
    uint64_t requests = c->context->counts.requests;
    while (is_reading(c) && evbuffer_get_length(connection_output(c)) <= HTTP_OUTPUT_HIGH_BYTES) {
        if (c->context->counts.requests - requests >= HTTP_PIPELINE_MAX) {
            bufferevent_trigger(c->bev, EV_READ,
                                BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
            break;
        }
        if (!connection_step(c)) {
            if (c->phase != PHASE_DEAD && c->read_closed && is_reading(c))
                at_end_of_input(c);
            break;
        }
    }
    if (c->phase == PHASE_LINGER)
        linger_read(c);
    if (c->phase != PHASE_DEAD)
        pause_if_full(c);
    c->is_processing = was_processing;
}

static void on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    connection_process(arg);
}

static void on_write(struct bufferevent *bev, void *arg)
{
    struct http_connection *c = arg;
    (void)bev;
    if (c->phase == PHASE_FLUSH && evbuffer_get_length(connection_output(c)) == 0)
        begin_linger(c);
    else if (is_reading(c) && evbuffer_get_length(connection_input(c)) > 0)
        connection_process(c);
    if (c->phase != PHASE_DEAD && c->request && c->request->events.drained)
        c->request->events.drained(c->request->events.arg);
}

/* An answer to whom has closed his side only is still sent, unless it never ends by itself, or its
 * author wants to know when nobody waits any more. */
static bool has_left(const struct http_connection *c)
{
    return c->request && (c->request->is_streaming ||
                          (c->request->is_handed_over && c->context->forward != NULL));
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct http_connection *c = arg;
    (void)bev;
    if (what & BEV_EVENT_CONNECTED) {
        set_phase(c, PHASE_IDLE);
        return;
    }
    if (c->phase == PHASE_HANDSHAKE || !(what & BEV_EVENT_EOF) || (what & BEV_EVENT_ERROR)) {
        connection_close(c);
        return;
    }
    c->read_closed = true;
    if (c->phase == PHASE_LINGER || c->phase == PHASE_SOCKET || has_left(c))
        connection_close(c);
    else if (is_reading(c))
        connection_process(c);
    /* Otherwise an answer is on its way to a client who has closed only his side. */
}

static void body_is_late(struct http_connection *c)
{
    if (is_body_full(c)) /* not the client's fault */
        set_deadline(c, HTTP_BODY_TIME_MS);
    else
        exchange_refuse(c, 408, "The request's body took too long");
}

static void socket_tick(struct http_connection *c)
{
    set_deadline(c, HTTP_SOCKET_PING_MS);
    http_socket_tick(c);
}

static void on_timer(void *arg)
{
    struct http_connection *c = arg;
    int64_t now_ms = clock_mono_ms();
    if (c->deadline_ms == NEVER)
        return;
    if (now_ms < c->deadline_ms) {
        timer_start(&c->timer, c->deadline_ms - now_ms);
        return;
    }
    bool is_sending =
        evbuffer_get_length(connection_output(c)) > 0 && c->sent_bytes != c->sent_when_set;
    if (c->phase == PHASE_HEAD)
        exchange_refuse(c, 408, "The request's head took too long");
    else if (c->phase == PHASE_BODY)
        body_is_late(c);
    else if (c->phase == PHASE_SOCKET)
        socket_tick(c);
    else if (c->phase == PHASE_ANSWERING &&
             (is_sending || evbuffer_get_length(connection_output(c)) == 0))
        connection_stall(c);
    else if ((c->phase == PHASE_IDLE || c->phase == PHASE_FLUSH) && is_sending)
        set_deadline(c, HTTP_IDLE_TIME_MS); /* a slow reader, but he reads */
    else
        connection_close(c);
}

static void on_sent(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
    struct http_connection *c = arg;
    (void)output;
    c->sent_bytes += info->n_deleted;
}

void connection_write_peer(const struct sockaddr *peer, char out[HTTP_PEER_BYTES])
{
    const size_t size = HTTP_PEER_BYTES;
    char host[INET6_ADDRSTRLEN] = "";
    if (peer->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(out, size, "%s:%u", host, ntohs(in->sin_port));
    } else if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        snprintf(out, size, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else {
        snprintf(out, size, "local");
    }
}

static void link_connection(struct http_connection *c)
{
    struct http_context *context = c->context;
    c->next = context->first;
    if (c->next)
        c->next->previous = c;
    context->first = c;
    context->counts.connections++;
    if (context->quota)
        context->quota->open++;
}

static struct bufferevent *new_stream(struct http_context *context, evutil_socket_t fd,
                                      bool with_tls)
{
    if (with_tls)
        return http_tls_accept(context->tls, context->base, fd);
    return bufferevent_socket_new(context->base, fd, BEV_OPT_CLOSE_ON_FREE);
}

int connection_open(struct http_context *context, evutil_socket_t fd, const struct sockaddr *peer,
                    bool refuse_it)
{
    int on = 1;
    bool is_local = peer->sa_family == AF_UNIX;
    bool with_tls = context->tls != NULL && !is_local;
    struct http_connection *c = calloc(1, sizeof *c);
    struct bufferevent *bev = c ? new_stream(context, fd, with_tls) : NULL;
    if (!bev) {
        free(c);
        evutil_closesocket(fd);
        return AMID_E_NOMEM;
    }
    c->context = context;
    c->bev = bev;
    c->refuses = refuse_it;
    c->is_local = is_local;
    c->is_tls = with_tls;
    c->message_done = true;
    connection_write_peer(peer, c->peer);
    http_parser_init(&c->parser);
    c->parser.body_max = context->body_max;
    timer_init(&c->timer, context->timers, on_timer, c);
    if (!is_local) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
    bufferevent_setcb(bev, on_read, on_write, on_event, c);
    bufferevent_setwatermark(bev, EV_READ, 0, HTTP_INPUT_HIGH_BYTES);
    bufferevent_setwatermark(bev, EV_WRITE, HTTP_OUTPUT_LOW_BYTES, 0);
    bufferevent_set_max_single_write(bev, HTTP_WRITE_BYTES);
    evbuffer_add_cb(connection_output(c), on_sent, c);
    link_connection(c);
    if (!http_forwarded_is_proxy(context->trusted_proxies, peer))
        http_crowd_join(&context->crowd, &c->seat, peer);
    set_phase(c, with_tls ? PHASE_HANDSHAKE : PHASE_IDLE);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    return 0;
}

void connection_drain(struct http_connection *c)
{
    if (c->phase == PHASE_HANDSHAKE)
        connection_close(c);
    else if (c->phase == PHASE_IDLE)
        begin_flush(c);
    else if (c->phase == PHASE_ANSWERING && c->request->is_streaming && !c->context->forward)
        http_request_tell_gone(c->request);
    else if (c->phase == PHASE_SOCKET)
        http_socket_drain(c);
}

struct http_connection *connection_next(const struct http_connection *c)
{
    return c->next;
}
