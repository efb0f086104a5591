#include "supervisor/broker/broker_serve.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/broker/permission.h"

#define HOSTNAME_MAX_BYTES 64
#define REASON_BYTES       256
#define LISTENING_BYTES    256

static void server_closed(struct resource *resource);

static bool server_is_allowed(const struct resource *resource);

const struct resource_kind server_kind = {"server", server_closed, server_is_allowed};

static void end_waiter(void **waiter, int error, const char *message)
{
    struct host_call *call = *waiter;

    *waiter = NULL;
    if (call != NULL)
        host_call_fail(call, error, message);
}

static void server_waiting(void *arg)
{
    server_answer_next(arg);
}

static void read_on(struct serve_request *request)
{
    struct host_call *call = request->reader;
    bool is_end;
    size_t len;
    const char *body = http_forward_body(request->http, &len, &is_end);

    if (len == 0 && !is_end)
        return;
    if (len > SERVE_CHUNK_BYTES)
        len = SERVE_CHUNK_BYTES;
    request->reader = NULL;
    host_call_done(call, len == 0 ? "true" : "false", body, len);
    http_forward_take(request->http, len);
}

static void server_readable(void *arg, struct serve_request *request)
{
    (void)arg;
    if (request->reader != NULL)
        read_on(request);
}

static void server_writable(void *arg, struct serve_request *request)
{
    (void)arg;
    server_written(request);
}

static void server_over(void *arg, struct serve_request *request)
{
    (void)arg;
    end_waiter(&request->reader, AMID_E_CLOSED, "the request is over");
    end_waiter(&request->writer, AMID_E_CLOSED, "the request is over");
}

static void server_gone(void *arg, struct serve_request *request)
{
    struct server *server = arg;

    if (server->aborted_count < SERVE_TAKEN_MAX)
        server->aborted[server->aborted_count++] = request->id;
}

static bool server_is_allowed(const struct resource *resource)
{
    const struct server *server = (const struct server *)resource;

    return permission_serve(resource->worker, serve_port_number(server->port));
}

static void server_closed(struct resource *resource)
{
    struct server *server = (struct server *)resource;
    bool is_allowed = server_is_allowed(resource);
    void *next = server->next;

    server->next = NULL;
    if (is_allowed) {
        end_waiter(&next, AMID_E_STOPPED, "the server is closed");
    } else {
        end_waiter(&next, AMID_E_DENIED, "this worker lacks the permission: serve");
        serve_port_shut(server->port);
    }
    serve_port_release(server->port);
    free(server);
}

static void listen_done(struct host_call *call, const struct server *server)
{
    char json[LISTENING_BYTES];

    snprintf(json, sizeof(json), "{\"rid\":%u,\"port\":%u,\"hostname\":\"%s\"}",
             (unsigned)server->resource.rid, (unsigned)serve_port_number(server->port),
             serve_port_hostname(server->port));
    host_call_done(call, json, NULL, 0);
}

static void listen_now(struct host_call *call, const char *hostname, uint16_t port)
{
    struct broker_worker *worker = call->call.worker;
    struct server *server = calloc(1, sizeof(*server));
    const struct serve_user user = {server_waiting, server_readable, server_writable,
                                    server_gone,    server_over,     server};
    char reason[REASON_BYTES] = "";
    int error = AMID_E_NOMEM;

    if (server != NULL)
        error = serve_port_listen(worker->broker->serve, worker->sid, hostname, port, &user,
                                  &server->port, reason, sizeof(reason));
    if (error != 0) {
        free(server);
        host_call_fail(call, error, reason[0] == '\0' ? NULL : reason);
        return;
    }
    error = resource_open(worker, &server->resource, &server_kind);
    if (error != 0) {
        serve_port_shut(server->port);
        serve_port_release(server->port);
        free(server);
        host_call_fail(call, error, "too much is held open");
        return;
    }
    listen_done(call, server);
}

static void server_listen(struct host_call *call, const cJSON *args, const uint8_t *data,
                          size_t len)
{
    const char *hostname = NULL;
    char what[16];
    int64_t port;

    (void)data;
    (void)len;
    if (!host_call_int(call, args, "port", 1, UINT16_MAX, 0, &port))
        return;
    if (cJSON_HasObjectItem(args, "hostname") &&
        !host_call_text(call, args, "hostname", HOSTNAME_MAX_BYTES, &hostname))
        return;
    snprintf(what, sizeof(what), "%u", (unsigned)port);
    if (call->call.worker->broker->serve == NULL)
        host_call_fail(call, AMID_E_UNSUPPORTED, NULL);
    else if (port == 0 || !permission_serve(call->call.worker, (uint16_t)port))
        host_call_deny(call, "serve", what);
    else
        listen_now(call, hostname, (uint16_t)port);
}

static void cancel_next(struct broker_call *call, void *arg)
{
    struct server *server = arg;

    server->next = NULL;
    broker_call_fail(call, AMID_E_STOPPED, NULL);
}

/* {rid, answers}: what of earlier requests is answered, and who is next. */
static void server_next(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct resource *resource;
    struct server *server;

    if (!host_call_resource(call, args, &server_kind, &resource))
        return;
    server = (struct server *)resource;
    if (!server_take_answers(server, args, data, len)) {
        host_call_fail(call, AMID_E_INVALID, "answers holds what is no answer");
        return;
    }
    if (server->next != NULL) {
        host_call_fail(call, AMID_E_BUSY, "one request for the next is waiting already");
        return;
    }
    server->next = call;
    host_call_on_cancel(call, cancel_next, server);
    server_answer_next(server);
}

static void cancel_body(struct broker_call *call, void *arg)
{
    struct serve_request *request = arg;

    request->reader = NULL;
    broker_call_fail(call, AMID_E_STOPPED, NULL);
}

static void server_body(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct serve_request *request;
    struct resource *resource;
    int64_t id;

    (void)data;
    (void)len;
    if (!host_call_resource(call, args, &server_kind, &resource) ||
        !host_call_int(call, args, "id", 0, UINT32_MAX, 0, &id))
        return;
    request = serve_port_find(((struct server *)resource)->port, (uint32_t)id);
    if (request == NULL) {
        host_call_fail(call, AMID_E_CLOSED, "the client has gone");
    } else if (request->reader != NULL) {
        host_call_fail(call, AMID_E_BUSY, "the body is being read already");
    } else {
        request->reader = call;
        host_call_on_cancel(call, cancel_body, request);
        read_on(request);
    }
}

static void server_shutdown(struct host_call *call, const cJSON *args, const uint8_t *data,
                            size_t len)
{
    struct resource *resource;
    struct server *server;

    (void)data;
    (void)len;
    if (!host_call_resource(call, args, &server_kind, &resource))
        return;
    server = (struct server *)resource;
    /* What a script does because it is being reloaded does not give the port back (RULES 18). */
    if (!server->is_finishing)
        serve_port_shut(server->port);
    host_call_done(call, NULL, NULL, 0);
    server_answer_next(server);
}

void broker_worker_stops(struct broker_worker *worker, bool comes_back)
{
    for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
        for (struct resource *at = worker->resources.buckets[i]; at != NULL; at = at->next) {
            struct server *server = (struct server *)at;

            if (at->kind != &server_kind)
                continue;
            if (comes_back)
                server->is_finishing = true;
            else
                serve_port_shut(server->port);
            server_answer_next(server);
        }
    }
}

const struct broker_op broker_serve_ops[] = {
    {PROTO_SERVE_LISTEN, server_listen},
    {PROTO_SERVE_NEXT, server_next},
    {PROTO_SERVE_BODY, server_body},
    {PROTO_SERVE_RESPOND, server_respond},
    {PROTO_SERVE_WRITE, server_write},
    {PROTO_SERVE_SHUTDOWN, server_shutdown},
    {0, NULL},
};
