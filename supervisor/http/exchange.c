#include "supervisor/http/exchange.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/http/answer.h"
#include "supervisor/http/cors.h"
#include "supervisor/http/forwarded.h"
#include "supervisor/http/request.h"

bool exchange_may_keep_alive(const struct http_connection *c)
{
    const struct http_message *message = &c->request->message;
    if (!message->keep_alive || c->context->is_draining || c->refuses)
        return false;
    if (!c->message_done && (c->request->body_awaits_us || c->phase == PHASE_HEAD ||
                             message->content_length > c->context->body_max))
        return false;
    return !c->read_closed || evbuffer_get_length(connection_input(c)) > 0;
}

static struct http_answer answer_base(const struct http_connection *c, int status, const char *type)
{
    return (struct http_answer){.status = status,
                                .type = type,
                                .origin = c->context->cors_origin,
                                .asked_origin = http_message_header(&c->request->message, "origin"),
                                .is_old = c->request->message.minor == 0,
                                .extra = &c->request->extra};
}

static void free_body(const void *data, size_t len, void *arg)
{
    (void)data;
    (void)len;
    free(arg);
}

void connection_answer(struct http_connection *c, int status, const char *type, char *body,
                       size_t len)
{
    struct http_answer answer = answer_base(c, status, type);
    answer.framing = status == 204 ? HTTP_FRAMING_NONE : HTTP_FRAMING_LENGTH;
    answer.length = len;
    answer.keep_alive = exchange_may_keep_alive(c);
    bool with_body = len > 0 && status != 204 && !http_request_is_head(c->request);
    int error = http_answer_write_head(connection_output(c), &answer);
    if (!error && with_body)
        error = evbuffer_add_reference(connection_output(c), body, len, free_body, body);
    if (error || !with_body)
        free(body);
    http_request_free(c->request);
    c->request = NULL;
    if (error) {
        log_error(NULL, "no memory for an answer to %s", c->peer);
        answer.keep_alive = false;
    }
    connection_answered(c, answer.keep_alive);
}

int connection_stream_begin(struct http_connection *c, int status, const char *type)
{
    struct http_request *request = c->request;
    struct http_answer answer = answer_base(c, status, type);
    bool is_old = request->message.minor == 0;
    answer.framing = is_old ? HTTP_FRAMING_CLOSE : HTTP_FRAMING_CHUNKED;
    answer.keep_alive = !is_old && exchange_may_keep_alive(c);
    int error = http_answer_write_head(connection_output(c), &answer);
    if (error)
        return error;
    request->is_streaming = true;
    /* Who has closed his side already cannot be seen leaving later. */
    if (c->read_closed)
        bufferevent_trigger_event(c->bev, BEV_EVENT_READING | BEV_EVENT_EOF,
                                  BEV_TRIG_DEFER_CALLBACKS);
    request->message.keep_alive = answer.keep_alive;
    if (http_request_is_head(request))
        request->stream = STREAM_DROPPED;
    else
        request->stream = is_old ? STREAM_PLAIN : STREAM_CHUNKED;
    return 0;
}

int connection_stream_write(struct http_connection *c, const char *data, size_t len)
{
    struct evbuffer *output = connection_output(c);
    int error = 0;
    if (len == 0 || c->request->stream == STREAM_DROPPED)
        return 0;
    if (evbuffer_get_length(output) + len > HTTP_STREAM_MAX_BYTES)
        return AMID_E_LIMIT;
    if (c->request->stream == STREAM_CHUNKED)
        error = evbuffer_add_printf(output, "%zx\r\n", len) < 0;
    if (!error)
        error = evbuffer_add(output, data, len);
    if (!error && c->request->stream == STREAM_CHUNKED)
        error = evbuffer_add(output, "\r\n", 2);
    return error ? AMID_E_NOMEM : 0;
}

void connection_stream_end(struct http_connection *c)
{
    struct http_request *request = c->request;
    bool keep_alive = exchange_may_keep_alive(c) && request->stream != STREAM_PLAIN;
    if (request->stream == STREAM_CHUNKED &&
        evbuffer_add(connection_output(c), "0\r\n\r\n", 5) != 0)
        keep_alive = false;
    c->request = NULL;
    http_request_free(request);
    connection_answered(c, keep_alive);
}

/* The body went wrong in a handler's hands: the handler is told that the client has gone, and who
 * has seen nothing of an answer yet gets ours. */
static void take_back(struct http_connection *c)
{
    struct http_request *request = c->request;
    struct http_request *own = request->is_streaming ? NULL : http_request_new(c, c->peer);
    request->connection = NULL;
    c->request = own;
    if (own) {
        own->message.minor = request->message.minor;
        own->message.method = request->message.method;
    } else {
        connection_close(c);
    }
    http_request_tell_gone(request);
}

void exchange_refuse(struct http_connection *c, int status, const char *reason)
{
    if (c->request->is_handed_over) {
        take_back(c);
        if (c->phase == PHASE_DEAD)
            return;
    }
    c->request->message.keep_alive = false;
    log_debug(&(struct log_about){.peer = c->peer}, "HTTP %d: %s", status, reason);
    http_respond_error(c->request, status, "%s", reason);
}

static void answer_options(struct http_connection *c, const struct buffer *allow)
{
    struct http_request *request = c->request;
    if (allow->len > 0)
        http_request_add_header(request, "Allow", allow->data);
    if (cors_is_preflight(&request->message))
        cors_append_preflight(&request->extra, &request->message);
    connection_answer(c, 204, NULL, NULL, 0);
}

/* Finds the route, or answers: 404, 405, OPTIONS. */
static bool find_route(struct http_connection *c)
{
    struct http_request *request = c->request;
    struct buffer allow;
    int status = 404;
    bool found = false;
    buffer_init(&allow, 256);
    const char *path = http_request_path(request);
    request->route =
        http_routes_find(&c->context->routes, http_request_method(request), path, &status, &allow);
    if (request->route) {
        found = true;
    } else if (request->message.method == HTTP_OPTIONS &&
               (allow.len > 0 || strcmp(path, "*") == 0 || cors_is_preflight(&request->message))) {
        answer_options(c, &allow);
    } else if (c->context->routes.count == 0) {
        http_request_add_header(request, "Retry-After", "1");
        http_respond_error(request, 503, "Still starting");
    } else if (status == 405) {
        http_request_add_header(request, "Allow", allow.data);
        http_respond_error(request, 405, "Method not allowed here, only: %s", allow.data);
    } else {
        http_respond_error(request, 404, "Not found");
    }
    buffer_free(&allow);
    return found;
}

void exchange_tell_to_continue(struct http_connection *c)
{
    c->request->body_awaits_us = false;
    bufferevent_write(c->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

void exchange_hand_over(struct http_connection *c)
{
    c->context->counts.requests++;
    c->request->is_handed_over = true;
    c->context->forward(c->context->forward_arg, c->request);
}

/* What names no resource of a worker's, or could be read in two ways. 0 or the status. */
static int forward_fault(const struct http_message *message, const char **ret_reason)
{
    static const char host_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789.-_~:[]%";
    const char *host = http_message_header(message, "host");
    const char *target = message->text.data;
    if (message->method == HTTP_CONNECT) {
        *ret_reason = "No tunnels are made here";
        return 501;
    }
    if (host && host[strspn(host, host_chars)] != '\0') {
        *ret_reason = "Malformed request: bad Host";
        return 400;
    }
    if (target[0] != '/' && strcmp(target, "*") != 0 && strncasecmp(target, "http://", 7) != 0 &&
        strncasecmp(target, "https://", 8) != 0) {
        *ret_reason = "Malformed request: bad target";
        return 400;
    }
    return 0;
}

static void forward_head(struct http_connection *c)
{
    struct http_message *message = &c->request->message;
    const char *reason = "";
    int status = forward_fault(message, &reason);
    if (status == 0 && message->content_length > c->context->body_max) {
        status = 413;
        reason = "The request's body is too large";
    }
    if (status != 0) {
        exchange_refuse(c, status, reason);
        return;
    }
    if (message->content_length > HTTP_FORWARD_WHOLE_BYTES || c->request->body_awaits_us ||
        http_message_header(message, "transfer-encoding"))
        exchange_hand_over(c);
}

void exchange_head(struct http_connection *c)
{
    struct http_request *request = c->request;
    struct http_message *message = &request->message;
    const char *reason = "";
    int status = http_message_check(message, &reason);
    if (status == 0 && c->refuses) {
        http_request_add_header(request, "Retry-After", "1");
        status = 503;
        reason = "Too many connections";
    }
    if (status != 0) {
        exchange_refuse(c, status, reason);
        return;
    }
    request->body_awaits_us =
        message->minor >= 1 && http_message_header(message, "expect") != NULL &&
        (message->content_length > 0 || http_message_header(message, "transfer-encoding")) &&
        evbuffer_get_length(connection_input(c)) == 0;
    if (c->context->forward) {
        forward_head(c);
        return;
    }
    int error = http_target_parse(message->text.data, message->target_len, &request->target);
    http_forwarded_find(c->context->trusted_proxies, message, request->peer);
    if (error) {
        exchange_refuse(c, error == AMID_E_INVALID ? 400 : 500, "Malformed request: bad target");
        return;
    }
    if (!find_route(c))
        return;
    if (message->content_length > c->context->body_max) {
        exchange_refuse(c, 413, "The request's body is too large");
        return;
    }
    if (c->context->admit && !c->context->admit(c->context->admit_arg, request))
        return;
    if (request->body_awaits_us)
        exchange_tell_to_continue(c);
}
