#include "supervisor/http/socket.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/http/answer.h"
#include "supervisor/http/exchange.h"
#include "supervisor/http/handshake.h"
#include "supervisor/http/request.h"
#include "supervisor/http/websocket.h"

#define FRAME_MAX_BYTES (HTTP_SOCKET_QUEUE_MAX_BYTES + WEBSOCKET_HEADER_MAX_BYTES)

struct http_socket {
    struct http_connection *connection; /* NULL once it is closed or lost */
    struct defer *defer;
    struct http_socket_events events;
    struct websocket_parser parser;
    bool is_pinged; /* and has not been heard since */
};

bool http_socket_is_asked(const struct http_request *request)
{
    return handshake_is_asked(&request->message);
}

static void socket_free(void *arg)
{
    struct http_socket *socket = arg;

    websocket_parser_free(&socket->parser);
    free(socket);
}

/* At the end of the turn: a message of it may be in its holder's hands. */
static void socket_free_later(struct http_socket *socket)
{
    if (defer_call(socket->defer, socket_free, socket) != 0)
        log_error(NULL, "no memory to free a WebSocket");
}

static void tell_gone(struct http_socket *socket)
{
    void (*gone)(void *arg) = socket->events.gone;

    socket->events.gone = NULL;
    if (gone != NULL)
        gone(socket->events.arg);
}

static int write_consent(struct http_request *request, const char *protocol)
{
    struct evbuffer *out = connection_output(request->connection);
    char accept[HANDSHAKE_ACCEPT_BYTES];

    if (handshake_accept(&request->message, accept) != 0 ||
        evbuffer_add_printf(out,
                            "HTTP/1.1 101 Switching Protocols\r\nDate: %s\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
                            http_date_text(), accept) < 0)
        return AMID_E_NOMEM;
    if (handshake_offers(&request->message, protocol) &&
        evbuffer_add_printf(out, "Sec-WebSocket-Protocol: %s\r\n", protocol) < 0)
        return AMID_E_NOMEM;
    return evbuffer_add(out, "\r\n", 2) == 0 ? 0 : AMID_E_NOMEM;
}

static int refuse(struct http_request *request, int status, const char *reason)
{
    if (status == 426) {
        http_request_add_header(request, "Upgrade", "websocket");
        http_request_add_header(request, "Sec-WebSocket-Version", "13");
    }
    http_respond_error(request, status, "%s", reason);
    return AMID_E_INVALID;
}

int http_socket_accept(struct http_request *request, const char *protocol,
                       const struct http_socket_events *events, struct http_socket **ret_socket)
{
    struct http_connection *c = request->connection;
    const char *reason = "";
    struct http_socket *socket;
    int status = handshake_check(&request->message, &reason);

    if (status != 0)
        return refuse(request, status, reason);
    if (c == NULL || c->context->is_draining || c->refuses)
        return refuse(request, 503, "No WebSocket can be opened now");
    socket = calloc(1, sizeof(*socket));
    if (socket == NULL)
        return refuse(request, 503, "No memory for a WebSocket");
    socket->connection = c;
    socket->defer = c->context->defer;
    socket->events = *events;
    websocket_parser_init(&socket->parser, true, HTTP_SOCKET_MESSAGE_MAX_BYTES);
    if (write_consent(request, protocol) != 0) {
        log_error(NULL, "no memory for an answer to %s", c->peer);
        socket_free(socket);
        connection_close(c); /* half a consent may be written */
        http_request_free(request);
        return AMID_E_NOMEM;
    }
    connection_become_socket(c, socket);
    *ret_socket = socket;
    return 0;
}

static int write_frame(struct http_connection *c, enum websocket_opcode opcode, const void *data,
                       size_t len)
{
    struct buffer frame;
    int error;

    if (evbuffer_get_length(connection_output(c)) + len > HTTP_SOCKET_QUEUE_MAX_BYTES)
        return AMID_E_LIMIT;
    buffer_init(&frame, FRAME_MAX_BYTES);
    error = websocket_frame_add(&frame, opcode, NULL, data, len);
    if (error == 0 && evbuffer_add(connection_output(c), frame.data, frame.len) != 0)
        error = AMID_E_NOMEM;
    buffer_free(&frame);
    return error;
}

int http_socket_send(struct http_socket *socket, const char *text, size_t len)
{
    return write_frame(socket->connection, WEBSOCKET_TEXT, text, len);
}

void http_socket_close(struct http_socket *socket, uint16_t code, const char *reason)
{
    struct http_connection *c = socket->connection;
    struct buffer frame;

    buffer_init(&frame, WEBSOCKET_HEADER_MAX_BYTES + WEBSOCKET_CONTROL_MAX_BYTES);
    if (websocket_close_add(&frame, NULL, code, reason) == 0)
        evbuffer_add(connection_output(c), frame.data, frame.len);
    buffer_free(&frame);
    socket->connection = NULL;
    c->socket = NULL;
    socket_free_later(socket);
    connection_answered(c, false);
}

/* The same, the holder not knowing yet. */
static void socket_end(struct http_socket *socket, uint16_t code, const char *reason)
{
    tell_gone(socket);
    http_socket_close(socket, code, reason);
}

void http_socket_lost(struct http_socket *socket)
{
    if (socket == NULL)
        return;
    socket->connection = NULL;
    tell_gone(socket);
    socket_free_later(socket);
}

void http_socket_drain(struct http_connection *c)
{
    socket_end(c->socket, WEBSOCKET_CODE_RESTART, "restarting");
}

void http_socket_tick(struct http_connection *c)
{
    if (c->socket->is_pinged) {
        socket_end(c->socket, WEBSOCKET_CODE_AWAY, "silent");
        return;
    }
    c->socket->is_pinged = true;
    write_frame(c, WEBSOCKET_PING, "", 0);
}

/* What is wrong is not told: clients judge a close by words in its reason. */
static void socket_fail(struct http_connection *c, uint16_t code, const char *fault)
{
    log_debug(&(struct log_about){.peer = c->peer}, "WebSocket %u: %s", (unsigned)code, fault);
    socket_end(c->socket, code, "");
}

static void take_event(struct http_connection *c, enum websocket_event event)
{
    struct http_socket *socket = c->socket;
    const struct websocket_parser *parser = &socket->parser;

    switch (event) {
    case WEBSOCKET_EVENT_MESSAGE:
        if (!parser->is_text)
            socket_fail(c, WEBSOCKET_CODE_KIND, "a message is not text");
        else if (socket->events.message != NULL)
            socket->events.message(socket->events.arg, parser->message.data, parser->message.len);
        break;
    case WEBSOCKET_EVENT_PING:
        write_frame(c, WEBSOCKET_PONG, parser->control, parser->control_len);
        break;
    case WEBSOCKET_EVENT_CLOSE: /* section 5.5.1: answered with its own code */
        socket_end(socket, parser->code, "");
        break;
    case WEBSOCKET_EVENT_FAILED:
        socket_fail(c, parser->code, parser->fault);
        break;
    case WEBSOCKET_EVENT_PONG:
    case WEBSOCKET_EVENT_MORE:
        break;
    }
}

bool http_socket_read(struct http_connection *c)
{
    struct evbuffer_iovec chunk = {.iov_base = "", .iov_len = 0};
    size_t consumed = 0;
    enum websocket_event event;

    if (evbuffer_peek(connection_input(c), -1, NULL, &chunk, 1) <= 0 || chunk.iov_len == 0)
        return false;
    c->socket->is_pinged = false;
    event = websocket_parser_feed(&c->socket->parser, chunk.iov_base, chunk.iov_len, &consumed);
    evbuffer_drain(connection_input(c), consumed);
    take_event(c, event);
    return true;
}
