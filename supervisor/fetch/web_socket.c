#include "supervisor/fetch/web_socket.h"

#include <event2/event.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/fetch/attempt.h"
#include "supervisor/fetch/upgrade.h"

#define READ_BYTES       16384
#define READS_PER_TURN   8
#define CONTROL_BYTES    4096 /* kept for answers to pings and the like beside a message */
#define FAREWELL_MS      5000 /* for the other side to answer a close */
#define MESSAGE_OVERHEAD WEBSOCKET_HEADER_MAX_BYTES

enum stage { CONNECTING, SHAKING_HANDS, OPEN, CLOSING, CLOSED };

struct web_socket {
    struct attempt attempt; /* first, so that one is found from the other */
    bool is_attempting;
    struct fetch_client *client; /* whose limit it counts towards */
    struct fetch_client *line;   /* the connection is its only one: curl closes idle ones */
    struct fetch_news news;
    void (*owner_news)(void *arg);
    void *owner;
    struct timer timer; /* by stage: the connection, a ping, the farewell */
    enum stage stage;
    char key[UPGRADE_KEY_BYTES];
    char *protocols;
    char protocol[WEB_SOCKET_PROTOCOLS_MAX_BYTES + 1];
    struct event *readable, *writable;
    struct buffer in; /* come, and not parsed yet */
    struct buffer out;
    size_t out_at;
    struct websocket_parser parser;
    bool has_message;
    bool has_heard; /* anything since the timer was last started */
    bool has_pinged;
    uint16_t code;
    bool is_clean;
    char reason[WEBSOCKET_CONTROL_MAX_BYTES + 1];
    int error;
    char fault[FETCH_FAULT_BYTES];
};

static int prepare(struct attempt *attempt);
static void attempt_has_ended(struct attempt *attempt, int error);

static const struct attempt_kind socket_kind = {prepare, attempt_has_ended};

static void tell(struct web_socket *socket)
{
    fetch_news_tell(socket->client->fetch, &socket->news);
}

static void let_go(struct web_socket *socket)
{
    if (socket->readable != NULL)
        event_free(socket->readable);
    if (socket->writable != NULL)
        event_free(socket->writable);
    socket->readable = socket->writable = NULL;
    if (socket->is_attempting)
        attempt_end(&socket->attempt);
    socket->is_attempting = false;
    timer_stop(&socket->timer);
}

static void finish(struct web_socket *socket)
{
    if (socket->stage == CLOSED)
        return;
    socket->stage = CLOSED;
    let_go(socket);
    tell(socket);
}

static void lose(struct web_socket *socket, int error, const char *fault)
{
    if (socket->stage == CLOSED)
        return;
    socket->code = WEBSOCKET_CODE_ABNORMAL;
    socket->error = error;
    snprintf(socket->fault, sizeof(socket->fault), "%s", fault);
    finish(socket);
}

static void lose_connection(struct web_socket *socket)
{
    if (socket->stage == CLOSING) {
        finish(socket); /* without the other side's farewell, which is no error */
        return;
    }
    lose(socket, AMID_E_NETWORK, "the connection of the WebSocket broke off");
}

static bool is_connected(const struct web_socket *socket)
{
    return socket->stage == SHAKING_HANDS || socket->stage == OPEN || socket->stage == CLOSING;
}

static bool wants_input(const struct web_socket *socket)
{
    return is_connected(socket) && !socket->has_message;
}

bool web_socket_is_written(const struct web_socket *socket)
{
    return socket->out.len == socket->out_at;
}

/* Gives the memory back: many sockets are silent for long. */
static void empty(struct buffer *buffer)
{
    size_t max_bytes = buffer->max_bytes;

    buffer_free(buffer);
    buffer_init(buffer, max_bytes);
}

static void write_out(struct web_socket *socket)
{
    while (is_connected(socket) && !web_socket_is_written(socket)) {
        size_t sent = 0;
        CURLcode result = libcurl.easy_send(socket->attempt.curl, socket->out.data + socket->out_at,
                                            socket->out.len - socket->out_at, &sent);

        socket->out_at += sent;
        if (result == CURLE_AGAIN) {
            if (event_add(socket->writable, NULL) != 0)
                lose_connection(socket);
            return;
        }
        if (result != CURLE_OK) {
            lose_connection(socket);
            return;
        }
    }
    empty(&socket->out);
    socket->out_at = 0;
    tell(socket);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    write_out(arg);
}

static void new_mask(uint8_t mask[4])
{
    memset(mask, 0, 4);
    RAND_bytes(mask, 4);
}

/* An answer to each ping is no duty; one that there is no room for is left out. */
static void send_control(struct web_socket *socket, enum websocket_opcode opcode, const void *data,
                         size_t len)
{
    uint8_t mask[4];

    if (socket->out.max_bytes - socket->out.len < CONTROL_BYTES / 2)
        return;
    new_mask(mask);
    if (websocket_frame_add(&socket->out, opcode, mask, data, len) != 0)
        lose(socket, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
    else
        write_out(socket);
}

static void send_close(struct web_socket *socket, uint16_t code, const char *reason)
{
    uint8_t mask[4];

    new_mask(mask);
    if (websocket_close_add(&socket->out, mask, code, reason) == 0)
        write_out(socket);
}

static void on_close_frame(struct web_socket *socket)
{
    uint16_t code = socket->parser.code;

    if (socket->stage == OPEN)
        send_close(socket, code, "");
    if (socket->stage == CLOSED)
        return;
    socket->code = code;
    socket->is_clean = true;
    memcpy(socket->reason, socket->parser.control, socket->parser.control_len + 1);
    finish(socket);
}

static void on_event(struct web_socket *socket, enum websocket_event event)
{
    switch (event) {
    case WEBSOCKET_EVENT_MESSAGE:
        if (socket->stage == OPEN) {
            socket->has_message = true;
            tell(socket);
        }
        break;
    case WEBSOCKET_EVENT_PING:
        if (socket->stage == OPEN)
            send_control(socket, WEBSOCKET_PONG, socket->parser.control,
                         socket->parser.control_len);
        break;
    case WEBSOCKET_EVENT_CLOSE:
        on_close_frame(socket);
        break;
    case WEBSOCKET_EVENT_FAILED:
        if (socket->stage == OPEN)
            send_close(socket, socket->parser.code, socket->parser.fault);
        lose(socket, AMID_E_NETWORK, socket->parser.fault);
        break;
    default:
        break;
    }
}

static void drop_in(struct web_socket *socket, size_t len)
{
    if (len == 0)
        return;
    socket->in.len -= len;
    memmove(socket->in.data, socket->in.data + len, socket->in.len);
    if (socket->in.len == 0)
        empty(&socket->in);
}

static void read_frames(struct web_socket *socket)
{
    size_t at = 0;

    while (wants_input(socket) && at < socket->in.len) {
        size_t used;
        enum websocket_event event = websocket_parser_feed(
            &socket->parser, (const uint8_t *)socket->in.data + at, socket->in.len - at, &used);

        at += used;
        on_event(socket, event);
    }
    drop_in(socket, at);
}

static void read_consent(struct web_socket *socket)
{
    struct answer_head head;
    const char *fault, *protocol = "";
    size_t used = 0;
    int error;

    answer_head_init(&head);
    error = upgrade_read_head(socket->in.data, socket->in.len, &head, &used);
    if (error != 0) {
        lose(socket, AMID_E_NETWORK, "the answer of the WebSocket's server is malformed");
    } else if (used > 0) {
        fault = upgrade_fault(&head, socket->key, socket->protocols, &protocol);
        if (fault != NULL) {
            char text[FETCH_FAULT_BYTES];

            snprintf(text, sizeof(text), "%s (status %d)", fault, head.status);
            lose(socket, AMID_E_NETWORK, text);
        } else {
            snprintf(socket->protocol, sizeof(socket->protocol), "%s", protocol);
            drop_in(socket, used);
            socket->stage = OPEN;
            socket->has_heard = false;
            if (socket->client->fetch->settings.ping_ms > 0)
                timer_start(&socket->timer, socket->client->fetch->settings.ping_ms);
            else
                timer_stop(&socket->timer);
            tell(socket);
        }
    }
    answer_head_free(&head);
}

static void parse_input(struct web_socket *socket)
{
    if (socket->stage == SHAKING_HANDS)
        read_consent(socket);
    if (socket->stage == OPEN || socket->stage == CLOSING)
        read_frames(socket);
}

/* False once there is nothing more to be had now. */
static bool read_piece(struct web_socket *socket)
{
    char piece[READ_BYTES];
    size_t len = 0;
    CURLcode result = libcurl.easy_recv(socket->attempt.curl, piece, sizeof(piece), &len);

    if (result == CURLE_AGAIN)
        return false;
    if (result != CURLE_OK || len == 0) {
        lose_connection(socket);
        return false;
    }
    socket->has_heard = true;
    buffer_append(&socket->in, piece, len);
    if (buffer_status(&socket->in) != 0) {
        lose(socket, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
        return false;
    }
    parse_input(socket);
    return true;
}

static void read_in(struct web_socket *socket)
{
    int reads = 0;

    parse_input(socket);
    while (wants_input(socket) && reads < READS_PER_TURN && read_piece(socket))
        reads++;
    if (!wants_input(socket))
        return;
    if (event_add(socket->readable, NULL) != 0)
        lose_connection(socket);
    else if (reads == READS_PER_TURN) /* TLS may hold more than the socket tells of */
        event_active(socket->readable, EV_READ, 0);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    read_in(arg);
}

static void on_timer(void *arg)
{
    struct web_socket *socket = arg;

    if (socket->stage == CONNECTING || socket->stage == SHAKING_HANDS) {
        lose(socket, AMID_E_TIMEOUT, "the WebSocket did not open in time");
        return;
    }
    if (socket->stage != OPEN) {
        finish(socket);
        return;
    }
    if (socket->has_heard || socket->has_message) {
        socket->has_pinged = false;
    } else if (socket->has_pinged) {
        lose(socket, AMID_E_NETWORK, "the other side of the WebSocket does not answer pings");
        return;
    } else {
        socket->has_pinged = true;
        send_control(socket, WEBSOCKET_PING, "amid", 4);
    }
    socket->has_heard = false;
    if (socket->stage == OPEN)
        timer_start(&socket->timer, socket->client->fetch->settings.ping_ms);
}

static int prepare(struct attempt *attempt)
{
    return libcurl.easy_setopt(attempt->curl, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
                   libcurl.easy_setopt(attempt->curl, CURLOPT_HTTP_VERSION,
                                       (long)CURL_HTTP_VERSION_1_1) == CURLE_OK
               ? 0
               : AMID_E_NOMEM;
}

static void attempt_has_ended(struct attempt *attempt, int error)
{
    struct web_socket *socket = (struct web_socket *)attempt;
    struct event_base *base = socket->client->fetch->base;
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (error == 0 &&
        (libcurl.easy_getinfo(attempt->curl, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
         fd == CURL_SOCKET_BAD)) {
        error = AMID_E_NETWORK;
        attempt_refuse(attempt, error, "%s", error_text(error));
    }
    if (error != 0) {
        lose(socket, error, attempt->fault);
        return;
    }
    socket->stage = SHAKING_HANDS;
    socket->readable = event_new(base, fd, EV_READ, on_readable, socket);
    socket->writable = event_new(base, fd, EV_WRITE, on_writable, socket);
    if (socket->readable == NULL || socket->writable == NULL ||
        upgrade_request(&attempt->target, socket->key, socket->protocols, &socket->out) != 0) {
        lose(socket, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
        return;
    }
    write_out(socket);
    if (is_connected(socket))
        read_in(socket);
}

static void tell_owner(void *arg)
{
    struct web_socket *socket = arg;

    socket->owner_news(socket->owner);
}

/* 0, or an error with words for it. */
static int check_limits(const struct fetch_client *client, const char *protocols, char *fault,
                        size_t fault_size)
{
    if (strlen(protocols) > WEB_SOCKET_PROTOCOLS_MAX_BYTES) {
        snprintf(fault, fault_size, "the protocols of a WebSocket are too long");
        return AMID_E_INVALID;
    }
    if (client->web_sockets >= client->fetch->settings.web_sockets) {
        snprintf(fault, fault_size, "this worker has %u WebSockets open already",
                 client->web_sockets);
        return AMID_E_LIMIT;
    }
    if (client->fetch->web_sockets >= FETCH_WEB_SOCKETS_ALL) {
        snprintf(fault, fault_size, "this node has %u WebSockets open already",
                 client->fetch->web_sockets);
        return AMID_E_BUSY;
    }
    snprintf(fault, fault_size, "%s", error_text(AMID_E_NOMEM));
    return 0;
}

static struct web_socket *new_socket(struct fetch_client *client, const char *protocols)
{
    struct web_socket *socket = calloc(1, sizeof(*socket));
    size_t message_bytes = client->fetch->settings.message_bytes;

    if (socket == NULL)
        return NULL;
    socket->client = client;
    socket->protocols = strdup(protocols);
    socket->line = fetch_client_open(client->fetch, client->may, client->arg);
    socket->news = (struct fetch_news){.tell = tell_owner, .arg = socket};
    timer_init(&socket->timer, client->fetch->timers, on_timer, socket);
    buffer_init(&socket->in, UPGRADE_HEAD_MAX_BYTES + READ_BYTES);
    buffer_init(&socket->out,
                message_bytes + MESSAGE_OVERHEAD + CONTROL_BYTES + TARGET_URL_MAX_BYTES);
    websocket_parser_init(&socket->parser, false, message_bytes);
    attempt_init(&socket->attempt, socket->line, &socket_kind);
    upgrade_new_key(socket->key);
    client->web_sockets++;
    client->fetch->web_sockets++;
    if (socket->protocols == NULL || socket->line == NULL) {
        web_socket_free(socket);
        return NULL;
    }
    return socket;
}

int web_socket_open(struct fetch_client *client, const char *url, const char *protocols,
                    void (*news)(void *arg), void *arg, struct web_socket **ret_socket, char *fault,
                    size_t fault_size)
{
    struct web_socket *socket;
    struct target target;
    const char *why = "";
    int error = check_limits(client, protocols, fault, fault_size);

    if (error == 0)
        error = fetch_need(client->fetch, fault, fault_size);
    if (error == 0)
        error = target_parse(url, TARGET_SOCKET, &target, &why);
    if (error != 0) {
        if (*why != '\0')
            snprintf(fault, fault_size, "%s", why);
        return error;
    }
    socket = new_socket(client, protocols);
    if (socket == NULL) {
        target_free(&target);
        return AMID_E_NOMEM;
    }
    socket->owner_news = news;
    socket->owner = arg;
    error = timer_start(&socket->timer, client->fetch->settings.timeout_ms);
    if (error != 0) {
        target_free(&target);
        web_socket_free(socket);
        return error;
    }
    error = attempt_begin(&socket->attempt, &target);
    socket->is_attempting = error == 0;
    if (error != 0)
        lose(socket, error, socket->attempt.fault);
    *ret_socket = socket;
    return 0;
}

void web_socket_free(struct web_socket *socket)
{
    if (socket == NULL)
        return;
    let_go(socket);
    fetch_news_forget(socket->client->fetch, &socket->news);
    fetch_client_close(socket->line);
    socket->client->web_sockets--;
    socket->client->fetch->web_sockets--;
    buffer_free(&socket->in);
    buffer_free(&socket->out);
    websocket_parser_free(&socket->parser);
    free(socket->protocols);
    free(socket);
}

enum web_socket_state web_socket_state(const struct web_socket *socket)
{
    switch (socket->stage) {
    case CONNECTING:
    case SHAKING_HANDS:
        return WEB_SOCKET_CONNECTING;
    case CLOSED:
        return WEB_SOCKET_CLOSED;
    default:
        return WEB_SOCKET_OPEN;
    }
}

const char *web_socket_protocol(const struct web_socket *socket)
{
    return socket->protocol;
}

const char *web_socket_host(const struct web_socket *socket, uint16_t *ret_port)
{
    *ret_port = socket->attempt.target.port;
    return socket->attempt.target.host;
}

bool web_socket_peek(const struct web_socket *socket, bool *ret_is_text, const void **ret_data,
                     size_t *ret_len)
{
    if (!socket->has_message)
        return false;
    *ret_is_text = socket->parser.is_text;
    *ret_data = socket->parser.message.data;
    *ret_len = socket->parser.message.len;
    return true;
}

void web_socket_take(struct web_socket *socket)
{
    socket->has_message = false;
    if (is_connected(socket))
        event_active(socket->readable, EV_READ, 0);
}

void web_socket_how_it_ended(const struct web_socket *socket, struct web_socket_end *ret_end)
{
    *ret_end = (struct web_socket_end){.code = socket->code,
                                       .is_clean = socket->is_clean,
                                       .reason = socket->reason,
                                       .error = socket->error,
                                       .fault = socket->fault};
}

int web_socket_send(struct web_socket *socket, bool is_text, const void *data, size_t len)
{
    uint8_t mask[4];
    int error;

    if (socket->stage != OPEN)
        return AMID_E_CLOSED;
    if (len > socket->client->fetch->settings.message_bytes ||
        len + MESSAGE_OVERHEAD + CONTROL_BYTES > socket->out.max_bytes)
        return AMID_E_TOO_LARGE;
    if (socket->out.len + len + MESSAGE_OVERHEAD + CONTROL_BYTES > socket->out.max_bytes)
        return AMID_E_BUSY;
    new_mask(mask);
    error = websocket_frame_add(&socket->out, is_text ? WEBSOCKET_TEXT : WEBSOCKET_BINARY, mask,
                                data, len);
    if (error != 0)
        lose(socket, error, error_text(error));
    else
        write_out(socket);
    return error;
}

void web_socket_close(struct web_socket *socket, uint16_t code, const char *reason)
{
    if (socket->stage == CONNECTING || socket->stage == SHAKING_HANDS) {
        lose(socket, AMID_E_STOPPED, "the WebSocket was closed before it was open");
        return;
    }
    if (socket->stage != OPEN)
        return;
    socket->code = WEBSOCKET_CODE_ABNORMAL;
    send_close(socket, code, reason);
    if (socket->stage == CLOSED)
        return;
    socket->stage = CLOSING;
    socket->has_message = false;
    timer_start(&socket->timer, FAREWELL_MS);
    event_active(socket->readable, EV_READ, 0);
}
