#include "supervisor/http/forward.h"

#include <event2/buffer.h>
#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/http/answer.h"
#include "supervisor/http/exchange.h"
#include "supervisor/http/request.h"

/* Status line and Date, or framing and connection: our part of a head. */
#define OUR_LINES_BYTES 160

void http_server_forward(struct http_server *server, http_handler_fn fn, void *arg)
{
    struct http_context *context = http_server_context(server);
    context->forward = fn;
    context->forward_arg = arg;
}

void http_forward_watch(struct http_request *request, const struct http_forward_events *events)
{
    request->events = *events;
}

const char *http_forward_method(const struct http_request *request)
{
    return llhttp_method_name((llhttp_method_t)request->message.method);
}

bool http_forward_is_head(const struct http_request *request)
{
    return http_request_is_head(request);
}

const char *http_forward_target(const struct http_request *request, size_t *ret_len)
{
    *ret_len = request->message.target_len;
    return request->message.text.data;
}

bool http_forward_header(const struct http_request *request, size_t n, const char **ret_name,
                         const char **ret_value)
{
    const struct http_message *message = &request->message;
    if (n >= message->header_count)
        return false;
    *ret_name = message->text.data + message->headers[n].name;
    *ret_value = message->text.data + message->headers[n].value;
    return true;
}

bool http_forward_has_body(const struct http_request *request)
{
    return request->message.content_length > 0 ||
           http_message_header(&request->message, "transfer-encoding") != NULL;
}

bool http_forward_awaits(const struct http_request *request)
{
    return request->body_awaits_us;
}

const char *http_forward_body(struct http_request *request, size_t *ret_len, bool *ret_end)
{
    struct buffer *body = &request->message.body;
    struct http_connection *c = request->connection;
    if (c && request->body_awaits_us)
        exchange_tell_to_continue(c);
    *ret_len = body->len;
    *ret_end = !c || c->message_done;
    return body->data ? body->data : "";
}

void http_forward_take(struct http_request *request, size_t len)
{
    struct buffer *body = &request->message.body;
    struct http_connection *c = request->connection;
    bool was_full = body->len >= HTTP_FORWARD_BODY_BYTES;
    if (len >= body->len) {
        buffer_free(body);
        buffer_init(body, HTTP_BODY_MAX_BYTES);
    } else {
        memmove(body->data, body->data + len, body->len - len);
        body->len -= len;
    }
    if (c && was_full && body->len < HTTP_FORWARD_BODY_BYTES)
        connection_body_taken(c);
}

/* RFC 9110 6.4.1: these never have a body, whatever the head says. */
static bool is_bodiless(const struct http_request *request, int status)
{
    return http_request_is_head(request) || status == 204 || status == 304;
}

static int write_head(struct http_connection *c, const struct http_forward_head *head,
                      enum http_framing framing, bool keep_alive)
{
    struct evbuffer *output = connection_output(c);
    char start[OUR_LINES_BYTES];
    char end[OUR_LINES_BYTES];
    const char *connection = "";
    int start_len = snprintf(start, sizeof start, "HTTP/1.1 %d %s\r\n%s%s%s", head->status,
                             http_status_phrase(head->status),
                             head->has_date ? "" : "Date: ", head->has_date ? "" : http_date_text(),
                             head->has_date ? "" : "\r\n");
    int end_len = 0;
    if (framing == HTTP_FRAMING_LENGTH)
        end_len =
            snprintf(end, sizeof end, "Content-Length: %llu\r\n", (unsigned long long)head->length);
    else if (framing == HTTP_FRAMING_CHUNKED)
        end_len = snprintf(end, sizeof end, "Transfer-Encoding: chunked\r\n");
    if (!keep_alive)
        connection = "Connection: close\r\n";
    else if (c->request->message.minor == 0)
        connection = "Connection: keep-alive\r\n";
    end_len += snprintf(end + end_len, sizeof end - (size_t)end_len, "%s\r\n", connection);
    if (evbuffer_expand(output, (size_t)(start_len + end_len) + head->lines_len) != 0)
        return AMID_E_NOMEM;
    evbuffer_add(output, start, (size_t)start_len);
    if (head->lines_len > 0)
        evbuffer_add(output, head->lines, head->lines_len);
    evbuffer_add(output, end, (size_t)end_len);
    return 0;
}

void http_forward_answer(struct http_request *request, const struct http_forward_head *head,
                         const void *body, size_t len)
{
    struct http_connection *c = request->connection;
    struct http_forward_head whole = *head;
    bool bodiless = is_bodiless(request, head->status);
    if (!c) {
        http_request_free(request);
        return;
    }
    /* Of a HEAD the author may tell what a GET would bring; 204 has no length at all. */
    whole.has_length = bodiless ? head->has_length && head->status != 204 : true;
    whole.length = bodiless ? head->length : len;
    if (http_request_is_head(request) && !head->has_length && len > 0 && head->status != 204 &&
        head->status != 304) {
        whole.has_length = true;
        whole.length = len;
    }
    bool keep_alive = exchange_may_keep_alive(c);
    int error = write_head(c, &whole, whole.has_length ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_NONE,
                           keep_alive);
    if (!error && !bodiless && len > 0 && evbuffer_add(connection_output(c), body, len) != 0)
        error = AMID_E_NOMEM;
    if (error) {
        http_forward_cut(request);
        return;
    }
    c->request = NULL;
    http_request_free(request);
    connection_answered(c, keep_alive);
}

int http_forward_begin(struct http_request *request, const struct http_forward_head *head)
{
    struct http_connection *c = request->connection;
    enum http_framing framing = HTTP_FRAMING_CHUNKED;
    if (!c)
        return AMID_E_CLOSED;
    if (is_bodiless(request, head->status))
        framing = head->has_length && head->status != 204 ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_NONE;
    else if (head->has_length)
        framing = HTTP_FRAMING_LENGTH;
    else if (request->message.minor == 0)
        framing = HTTP_FRAMING_CLOSE;
    bool keep_alive = framing != HTTP_FRAMING_CLOSE && exchange_may_keep_alive(c);
    int error = write_head(c, head, framing, keep_alive);
    if (error)
        return error;
    request->is_streaming = true;
    request->message.keep_alive = keep_alive;
    request->has_left = framing == HTTP_FRAMING_LENGTH;
    request->left = head->length;
    if (is_bodiless(request, head->status)) {
        request->has_left = false;
        request->stream = STREAM_DROPPED;
    } else {
        request->stream = framing == HTTP_FRAMING_CHUNKED ? STREAM_CHUNKED : STREAM_PLAIN;
    }
    connection_stall(c);
    return 0;
}

int http_forward_write(struct http_request *request, const void *data, size_t len)
{
    struct http_connection *c = request->connection;
    if (!c)
        return AMID_E_CLOSED;
    if (request->has_left && len > request->left)
        return AMID_E_TOO_LARGE;
    int error = connection_stream_write(c, data, len);
    if (!error)
        request->left -= request->has_left ? len : 0;
    return error;
}

size_t http_forward_unsent(const struct http_request *request)
{
    return request->connection ? evbuffer_get_length(connection_output(request->connection)) : 0;
}

void http_forward_end(struct http_request *request)
{
    if (!request->connection) {
        http_request_free(request);
        return;
    }
    if (request->has_left && request->left > 0) {
        http_forward_cut(request);
        return;
    }
    if (request->has_left) /* its length has told the end */
        request->stream = STREAM_DROPPED;
    connection_stream_end(request->connection);
}

void http_forward_cut(struct http_request *request)
{
    struct http_connection *c = request->connection;
    request->connection = NULL;
    http_request_free(request);
    if (!c)
        return;
    c->request = NULL;
    connection_close(c);
}
