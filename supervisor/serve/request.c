#include "supervisor/serve/request.h"

#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/json.h"
#include "supervisor/serve/port_internal.h"

#define REFUSAL_MAX_BYTES 1024

static void body_event(void *arg)
{
    struct serve_request *request = arg;
    struct serve_port *port = request->port;

    if (request->state != SERVE_WAITS && port->state == PORT_USED)
        port->user.readable(port->user.arg, request);
}

static void drained_event(void *arg)
{
    struct serve_request *request = arg;
    struct serve_port *port = request->port;

    if (request->state == SERVE_ANSWERING && port->state == PORT_USED)
        port->user.writable(port->user.arg, request);
}

static void gone_event(void *arg)
{
    struct serve_request *request = arg;
    struct serve_port *port = request->port;

    if (request->state != SERVE_WAITS && port->state == PORT_USED) {
        port->user.gone(port->user.arg, request);
        port_notify(port);
    }
    serve_request_cut(request);
}

/* Of one that is not in our books yet. */
static void refuse_http(struct http_request *http, int status, const char *text)
{
    static const char type[] = "Content-Type: application/json\r\nRetry-After: 1\r\n";
    struct http_forward_head head = {.status = status, .lines = type, .lines_len = strlen(type)};
    struct buffer body;

    buffer_init(&body, REFUSAL_MAX_BYTES);
    buffer_append_str(&body, "{\"error\":");
    json_append_string(&body, text, strlen(text));
    buffer_append_char(&body, '}');
    http_forward_answer(http, &head, body.data, buffer_status(&body) == 0 ? body.len : 0);
    buffer_free(&body);
}

void request_arrived(void *arg, struct http_request *http)
{
    struct serve_port *port = arg;
    struct serve_request *request;
    struct http_forward_events events = {body_event, drained_event, gone_event, NULL};

    if (port->state == PORT_CLOSING) {
        refuse_http(http, 503, "This worker has stopped");
        return;
    }
    request = calloc(1, sizeof(*request));
    if (request == NULL) {
        refuse_http(http, 503, "out of memory");
        return;
    }
    request->port = port;
    request->http = http;
    request->due_ms = clock_mono_ms() + port->serve->needs.config->serve_wait_ms;
    events.arg = request;
    http_forward_watch(http, &events);
    serve_list_add(&port->waiting, request);
    port_notify(port);
}

static struct http_request *let_go(struct serve_request *request)
{
    struct http_request *http = request->http;
    const struct serve_user *user = &request->port->user;
    const struct http_forward_events none = {NULL, NULL, NULL, NULL};

    if (request->reader != NULL || request->writer != NULL)
        user->over(user->arg, request);
    port_drop(request->port, request);
    http_forward_watch(http, &none);
    free(request);
    return http;
}

void serve_request_answer(struct serve_request *request, const struct http_forward_head *head,
                          const void *body, size_t len)
{
    http_forward_answer(let_go(request), head, body, len);
}

void serve_request_end(struct serve_request *request)
{
    http_forward_end(let_go(request));
}

void serve_request_cut(struct serve_request *request)
{
    http_forward_cut(let_go(request));
}

void serve_request_refuse(struct serve_request *request, int status, const char *text)
{
    if (request->state == SERVE_ANSWERING)
        serve_request_cut(request);
    else
        refuse_http(let_go(request), status, text);
}

void serve_request_give_back(struct serve_request *request)
{
    struct serve_port *port = request->port;

    if (request->was_given_back) {
        serve_request_refuse(request, 503, "This worker does not take requests at the moment");
        return;
    }
    if (request->reader != NULL || request->writer != NULL)
        port->user.over(port->user.arg, request);
    port_drop(port, request);
    request->state = SERVE_WAITS;
    request->was_given_back = true;
    request->due_ms = clock_mono_ms() + port->serve->needs.config->serve_wait_ms;
    serve_list_add_first(&port->waiting, request);
    port_notify(port);
}

int serve_request_begin(struct serve_request *request, const struct http_forward_head *head)
{
    int error = http_forward_begin(request->http, head);

    if (error != 0)
        return error;
    serve_list_remove(&request->port->taken, request);
    request->state = SERVE_ANSWERING;
    return 0;
}
