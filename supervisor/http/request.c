#include "supervisor/http/request.h"

#include <event2/buffer.h>
#include <llhttp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/http/connection.h"

#define ERROR_TEXT_MAX_BYTES 1024

struct http_request *http_request_new(struct http_connection *connection, const char *peer)
{
    struct http_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->connection = connection;
    http_message_init(&request->message);
    buffer_init(&request->extra, HTTP_EXTRA_MAX_BYTES);
    snprintf(request->peer, sizeof request->peer, "%s", peer);
    return request;
}

void http_request_free(struct http_request *request)
{
    if (!request)
        return;
    http_message_free(&request->message);
    http_target_free(&request->target);
    buffer_free(&request->extra);
    free(request);
}

void http_request_tell_gone(struct http_request *request)
{
    void (*gone)(void *arg) = request->gone;
    void (*forward_gone)(void *arg) = request->events.gone;
    request->gone = NULL;
    request->events.gone = NULL;
    if (gone)
        gone(request->gone_arg);
    else if (forward_gone)
        forward_gone(request->events.arg);
}

bool http_request_is_head(const struct http_request *request)
{
    return request->message.method == HTTP_HEAD;
}

const char *http_request_method(const struct http_request *request)
{
    if (http_request_is_head(request))
        return "GET";
    return llhttp_method_name((llhttp_method_t)request->message.method);
}

void *http_request_note(struct http_request *request)
{
    return request->note;
}

const void *http_request_noted(const struct http_request *request)
{
    return request->note;
}

void *http_request_route_arg(const struct http_request *request)
{
    return request->route->arg;
}

const char *http_request_path(const struct http_request *request)
{
    return request->target.path;
}

const char *http_request_query(const struct http_request *request, const char *name)
{
    return http_target_query(&request->target, name);
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    return http_message_header(&request->message, name);
}

const char *http_request_body(const struct http_request *request, size_t *ret_len)
{
    *ret_len = request->message.body.len;
    return request->message.body.data ? request->message.body.data : "";
}

bool http_request_is_tls(const struct http_request *request)
{
    return request->is_tls;
}

bool http_request_is_local(const struct http_request *request)
{
    return request->is_local;
}

const char *http_request_peer(const struct http_request *request)
{
    return request->peer;
}

void http_request_on_gone(struct http_request *request, void (*fn)(void *arg), void *arg)
{
    request->gone = fn;
    request->gone_arg = arg;
}

int http_request_add_header(struct http_request *request, const char *name, const char *value)
{
    if (request->extra_count == HTTP_EXTRA_HEADERS_MAX)
        return AMID_E_LIMIT;
    if (strpbrk(name, "\r\n: ") || strpbrk(value, "\r\n"))
        return AMID_E_INVALID;
    buffer_append_str(&request->extra, name);
    buffer_append_str(&request->extra, ": ");
    buffer_append_str(&request->extra, value);
    buffer_append_str(&request->extra, "\r\n");
    request->extra_count++;
    return buffer_status(&request->extra);
}

void http_respond_owned(struct http_request *request, int status, const char *type, char *body,
                        size_t len)
{
    if (request->connection) {
        connection_answer(request->connection, status, type, body, len);
        return;
    }
    free(body);
    http_request_free(request);
}

void http_respond(struct http_request *request, int status, const char *type, const char *body,
                  size_t len)
{
    char *copy = NULL;
    if (len > 0 && request->connection) {
        copy = malloc(len);
        if (!copy) {
            http_respond_error(request, 500, "out of memory");
            return;
        }
        memcpy(copy, body, len);
    }
    http_respond_owned(request, status, type, copy, copy ? len : 0);
}

void http_respond_error(struct http_request *request, int status, const char *format, ...)
{
    char text[ERROR_TEXT_MAX_BYTES];
    struct buffer body;
    va_list args;
    size_t len = 0;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_init(&body, 8 * ERROR_TEXT_MAX_BYTES);
    buffer_append_str(&body, "{\"error\":");
    json_append_string(&body, text, strlen(text));
    buffer_append_char(&body, '}');
    char *bytes = buffer_take(&body, &len);
    http_respond_owned(request, status, NULL, bytes, bytes ? len : 0);
}

int http_stream_begin(struct http_request *request, int status, const char *type)
{
    if (!request->connection)
        return AMID_E_CLOSED;
    return connection_stream_begin(request->connection, status, type);
}

int http_stream_write(struct http_request *request, const char *data, size_t len)
{
    if (!request->connection)
        return AMID_E_CLOSED;
    return connection_stream_write(request->connection, data, len);
}

void http_stream_end(struct http_request *request)
{
    if (request->connection)
        connection_stream_end(request->connection);
    else
        http_request_free(request);
}
