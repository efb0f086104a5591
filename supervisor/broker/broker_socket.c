#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/broker/fetch_client.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"
#include "supervisor/fetch/target.h"
#include "supervisor/fetch/web_socket.h"

#define ANSWER_MAX_BYTES (16u * 1024)

/* A WebSocket that a script holds, and what of it the script waits for. */
struct socket_resource {
    struct resource resource;
    struct web_socket *socket;
    struct host_call *connect;
    struct host_call *next;
    struct host_call *send; /* until what it sent is written */
};

static void fail_waiting(struct host_call **waiting)
{
    struct host_call *call = *waiting;

    *waiting = NULL;
    if (call != NULL)
        host_call_fail(call, AMID_E_STOPPED, "the WebSocket was let go of");
}

static void socket_resource_close(struct resource *resource)
{
    struct socket_resource *socket = (struct socket_resource *)resource;

    web_socket_free(socket->socket);
    fail_waiting(&socket->connect);
    fail_waiting(&socket->next);
    fail_waiting(&socket->send);
    free(socket);
}

static bool socket_resource_is_allowed(const struct resource *resource)
{
    const struct socket_resource *socket = (const struct socket_resource *)resource;
    uint16_t port;
    const char *host = web_socket_host(socket->socket, &port);

    return web_socket_state(socket->socket) == WEB_SOCKET_CLOSED ||
           permission_fetch(resource->worker, host, port);
}

static const struct resource_kind socket_kind = {"WebSocket", socket_resource_close,
                                                 socket_resource_is_allowed};

static void on_cancel(struct broker_call *call, void *arg)
{
    struct socket_resource *socket = arg;

    (void)call;
    resource_close(&socket->resource);
}

static void wait_for(struct socket_resource *socket, struct host_call **waiting,
                     struct host_call *call)
{
    *waiting = call;
    host_call_on_cancel(call, on_cancel, socket);
}

static struct host_call *take_call(struct host_call **waiting)
{
    struct host_call *call = *waiting;

    *waiting = NULL;
    return call;
}

static void finish_call(struct host_call *call, struct buffer *json, const void *data, size_t len)
{
    int error = buffer_status(json);

    if (error == 0)
        host_call_done(call, json->data, data, len);
    else
        host_call_fail(call, error, NULL);
    buffer_free(json);
}

static void answer_connect(struct socket_resource *socket)
{
    struct host_call *call = take_call(&socket->connect);
    const char *protocol = web_socket_protocol(socket->socket);
    struct web_socket_end end;
    struct buffer json;

    if (web_socket_state(socket->socket) == WEB_SOCKET_CLOSED) {
        web_socket_how_it_ended(socket->socket, &end);
        if (end.error == AMID_E_DENIED)
            host_call_deny(call, "fetch", end.fault);
        else
            host_call_fail(call, end.error, end.fault);
        resource_close(&socket->resource);
        return;
    }
    buffer_init(&json, ANSWER_MAX_BYTES);
    buffer_printf(&json, "{\"rid\":%u,\"protocol\":", (unsigned)socket->resource.rid);
    json_append_string(&json, protocol, strlen(protocol));
    buffer_append_char(&json, '}');
    finish_call(call, &json, NULL, 0);
}

/* The end is the last that is told; the resource goes with it. */
static void answer_end(struct socket_resource *socket)
{
    struct host_call *call = take_call(&socket->next);
    struct web_socket_end end;
    struct buffer json;

    web_socket_how_it_ended(socket->socket, &end);
    buffer_init(&json, ANSWER_MAX_BYTES);
    buffer_printf(&json, "{\"type\":\"close\",\"code\":%u,\"wasClean\":%s,\"reason\":", end.code,
                  end.is_clean ? "true" : "false");
    json_append_string(&json, end.reason, strlen(end.reason));
    buffer_append_str(&json, ",\"error\":");
    if (end.error != 0)
        json_append_string(&json, end.fault, strlen(end.fault));
    else
        buffer_append_str(&json, "null");
    buffer_append_char(&json, '}');
    finish_call(call, &json, NULL, 0);
    resource_close(&socket->resource);
}

static void answer_next(struct socket_resource *socket)
{
    const void *data;
    bool is_text;
    size_t len;

    if (web_socket_peek(socket->socket, &is_text, &data, &len)) {
        host_call_done(take_call(&socket->next),
                       is_text ? "{\"type\":\"text\"}" : "{\"type\":\"binary\"}", data, len);
        web_socket_take(socket->socket);
    } else if (web_socket_state(socket->socket) == WEB_SOCKET_CLOSED) {
        answer_end(socket);
    }
}

static void on_news(void *arg)
{
    struct socket_resource *socket = arg;
    enum web_socket_state state = web_socket_state(socket->socket);

    if (socket->connect != NULL) {
        if (state != WEB_SOCKET_CONNECTING)
            answer_connect(socket);
        return;
    }
    if (socket->send != NULL && state == WEB_SOCKET_CLOSED)
        host_call_fail(take_call(&socket->send), AMID_E_CLOSED, "the WebSocket is closed");
    else if (socket->send != NULL && web_socket_is_written(socket->socket))
        host_call_done(take_call(&socket->send), NULL, NULL, 0);
    if (socket->next != NULL)
        answer_next(socket);
}

static void socket_connect(struct host_call *call, const cJSON *args, const uint8_t *data,
                           size_t len)
{
    struct broker_worker *worker = call->call.worker;
    char fault[FETCH_FAULT_BYTES] = "";
    struct socket_resource *socket;
    const char *url, *protocols;
    int error;

    (void)data;
    (void)len;
    if (!host_call_text(call, args, "url", TARGET_URL_MAX_BYTES, &url) ||
        !host_call_text(call, args, "protocols", WEB_SOCKET_PROTOCOLS_MAX_BYTES, &protocols))
        return;
    if (protocols[strspn(protocols, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789!#$%&'*+-.^_`|~, ")] != '\0') {
        host_call_fail(call, AMID_E_INVALID, "the protocols of a WebSocket are tokens");
        return;
    }
    socket = calloc(1, sizeof(*socket));
    error = socket == NULL ? AMID_E_NOMEM : fetch_client_of(worker);
    if (error == 0)
        error = web_socket_open(worker->fetch_client, url, protocols, on_news, socket,
                                &socket->socket, fault, sizeof(fault));
    if (error == 0) {
        error = resource_open(worker, &socket->resource, &socket_kind);
        if (error != 0)
            web_socket_free(socket->socket);
        if (error == AMID_E_LIMIT)
            snprintf(fault, sizeof(fault), "too many responses and sockets are open");
    }
    if (error != 0) {
        free(socket);
        host_call_fail(call, error, fault[0] != '\0' ? fault : NULL);
        return;
    }
    wait_for(socket, &socket->connect, call);
}

static struct socket_resource *socket_of(struct host_call *call, const cJSON *args)
{
    struct resource *resource;
    struct socket_resource *socket;

    if (!host_call_resource(call, args, &socket_kind, &resource))
        return NULL;
    socket = (struct socket_resource *)resource;
    if (socket->connect == NULL)
        return socket;
    host_call_fail(call, AMID_E_BUSY, "the WebSocket is being connected");
    return NULL;
}

static void socket_next(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct socket_resource *socket = socket_of(call, args);

    (void)data;
    (void)len;
    if (socket == NULL)
        return;
    if (socket->next != NULL) {
        host_call_fail(call, AMID_E_BUSY, "the WebSocket is being read already");
        return;
    }
    wait_for(socket, &socket->next, call);
    answer_next(socket);
}

static void socket_send(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct socket_resource *socket = socket_of(call, args);
    bool is_binary;
    int error;

    if (socket == NULL || !host_call_flag(call, args, "binary", &is_binary))
        return;
    error =
        socket->send != NULL ? AMID_E_BUSY : web_socket_send(socket->socket, !is_binary, data, len);
    if (error == AMID_E_TOO_LARGE)
        host_call_fail(call, error, "the message is longer than fetch.message_kib allows");
    else if (error != 0)
        host_call_fail(call, error, NULL);
    else if (web_socket_is_written(socket->socket))
        host_call_done(call, NULL, NULL, 0);
    else
        wait_for(socket, &socket->send, call);
}

/* Answered at once: how it ended is what the last SOCKET_NEXT tells. */
static void socket_close(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct socket_resource *socket = socket_of(call, args);
    const char *reason;
    int64_t code;

    (void)data;
    (void)len;
    if (socket == NULL ||
        !host_call_int(call, args, "code", 1000, 4999, WEBSOCKET_CODE_NONE, &code) ||
        !host_call_text(call, args, "reason", WEBSOCKET_REASON_MAX_BYTES, &reason))
        return;
    if (code != WEBSOCKET_CODE_NONE && !websocket_code_is_valid((unsigned)code)) {
        host_call_fail(call, AMID_E_INVALID, "not a code that a WebSocket may be closed with");
        return;
    }
    web_socket_close(socket->socket, (uint16_t)code, reason);
    host_call_done(call, NULL, NULL, 0);
}

const struct broker_op broker_socket_ops[] = {
    {PROTO_SOCKET_CONNECT, socket_connect},
    {PROTO_SOCKET_NEXT, socket_next},
    {PROTO_SOCKET_SEND, socket_send},
    {PROTO_SOCKET_CLOSE, socket_close},
    {0, NULL},
};
