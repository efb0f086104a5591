#include "supervisor/broker/broker.h"

#include <stdlib.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/broker/broker_call.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"
#include "supervisor/broker/term.h"
#include "supervisor/fetch/fetch.h"

#define ERROR_PAYLOAD_MAX_BYTES 4096

static int resource_close_asked(struct broker_worker *worker, uint32_t id, const uint8_t *payload,
                                size_t len);
static int cancel_asked(struct broker_worker *worker, uint32_t id, const uint8_t *payload,
                        size_t len);

/* What has a layout of its own; the uniform host calls are in host_call.c. */
static const struct {
    enum proto_message type;
    int (*handle)(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len);
} handlers[] = {
    {PROTO_LOG, broker_log},
    {PROTO_KV_GET, broker_kv_get},
    {PROTO_KV_LIST, broker_kv_list},
    {PROTO_KV_ATOMIC, broker_kv_atomic},
    {PROTO_RESOURCE_CLOSE, resource_close_asked},
    {PROTO_CALL_CANCEL, cancel_asked},
};

#define HANDLERS (sizeof(handlers) / sizeof(handlers[0]))

bool broker_takes(enum proto_message type)
{
    for (size_t i = 0; i < HANDLERS; i++) {
        if (handlers[i].type == type)
            return true;
    }
    return proto_call_find(type) != NULL;
}

int broker_handle(struct broker_worker *worker, enum proto_message type, uint32_t id,
                  const uint8_t *payload, size_t len)
{
    if (term_concerns(type) && term_is_over(worker)) {
        broker_refuse(worker, (enum proto_message)(type + 1), id, AMID_E_LEASE_LOST, NULL);
        return 0;
    }
    for (size_t i = 0; i < HANDLERS; i++) {
        if (handlers[i].type == type)
            return handlers[i].handle(worker, id, payload, len);
    }
    return host_call_handle(worker, type, id, payload, len);
}

void broker_worker_begin(struct broker_worker *worker)
{
    worker->units = 0;
    worker->is_held = false;
    worker->calls = NULL;
    worker->fetch_client = NULL;
    resource_table_init(&worker->resources);
    worker->denied_since_ms = 0;
    worker->denied_lines = 0;
    broker_log_begin(worker);
}

static void call_cancel(struct broker_call *call)
{
    void (*cancel)(struct broker_call *, void *) = call->cancel;

    call->cancel = NULL;
    if (cancel != NULL)
        cancel(call, call->cancel_arg);
}

void broker_worker_end(struct broker_worker *worker)
{
    struct broker_call *call;

    broker_log_end(worker);
    permission_denied_flush(worker);
    resource_close_all(worker);
    while ((call = worker->calls) != NULL) {
        worker->calls = call->next;
        if (call->next != NULL)
            call->next->previous = NULL;
        call->worker = NULL;
        call->previous = call->next = NULL;
        call_cancel(call);
    }
    fetch_client_close(worker->fetch_client);
    worker->fetch_client = NULL;
}

void broker_calls_cancel(struct broker_worker *worker)
{
    struct broker_call *call = worker->calls;

    /* A cancel may end its call and others of the same resource: begin anew after each. */
    while (call != NULL) {
        if (call->cancel == NULL) {
            call = call->next;
            continue;
        }
        call_cancel(call);
        call = worker->calls;
    }
}

static int read_number(const uint8_t *payload, size_t len, uint32_t *ret_number)
{
    struct wire_reader reader;
    uint32_t number;

    wire_read(&reader, payload, len);
    number = wire_get_u32(&reader);
    if (!wire_end(&reader))
        return AMID_E_PROTOCOL;
    *ret_number = number;
    return 0;
}

static int resource_close_asked(struct broker_worker *worker, uint32_t id, const uint8_t *payload,
                                size_t len)
{
    struct resource *resource;
    uint32_t rid;

    if (id != 0 || read_number(payload, len, &rid) != 0)
        return AMID_E_PROTOCOL;
    if (rid == 0) {
        resource_close_all(worker);
        broker_calls_cancel(worker);
        return 0;
    }
    resource = resource_find(worker, rid, NULL);
    if (resource != NULL) /* else it closed by itself meanwhile */
        resource_close(resource);
    return 0;
}

static int cancel_asked(struct broker_worker *worker, uint32_t id, const uint8_t *payload,
                        size_t len)
{
    uint32_t of;

    if (id != 0 || read_number(payload, len, &of) != 0)
        return AMID_E_PROTOCOL;
    for (struct broker_call *call = worker->calls; call != NULL; call = call->next) {
        if (call->id == of) {
            call_cancel(call);
            break;
        }
    }
    return 0;
}

void broker_hold(struct broker_worker *worker)
{
    bool is_held = worker->units >= BROKER_UNITS_MAX || worker->is_flooding;

    if (is_held == worker->is_held)
        return;
    worker->is_held = is_held;
    worker->hold(worker->arg, is_held);
}

void *broker_call_new(struct broker_worker *worker, size_t size, enum proto_message answer,
                      uint32_t id, uint32_t units)
{
    struct broker_call *call = calloc(1, size);

    if (call == NULL)
        return NULL;
    *call = (struct broker_call){
        .worker = worker, .next = worker->calls, .answer = answer, .id = id, .units = units};
    if (call->next != NULL)
        call->next->previous = call;
    worker->calls = call;
    worker->units += units;
    broker_hold(worker);
    return call;
}

static void call_free(struct broker_call *call)
{
    struct broker_worker *worker = call->worker;

    if (worker != NULL) {
        if (call->previous != NULL)
            call->previous->next = call->next;
        else
            worker->calls = call->next;
        if (call->next != NULL)
            call->next->previous = call->previous;
        worker->units -= call->units;
        broker_hold(worker);
    }
    free(call);
}

void broker_call_answer(struct broker_call *call, const struct buffer *payload)
{
    struct broker_worker *worker = call->worker;

    if (worker != NULL &&
        worker->send(worker->arg, call->answer, call->id, payload) == AMID_E_TOO_LARGE)
        broker_refuse(worker, call->answer, call->id, AMID_E_TOO_LARGE, NULL);
    call_free(call);
}

void broker_refuse(struct broker_worker *worker, enum proto_message answer, uint32_t id, int error,
                   const char *message)
{
    struct buffer payload;
    int sent;

    buffer_init(&payload, ERROR_PAYLOAD_MAX_BYTES);
    wire_put_u32(&payload, (uint32_t)-error);
    wire_put_text(&payload, message == NULL ? error_text(error) : message);
    sent = worker->send(worker->arg, answer, id, &payload);
    buffer_free(&payload);
    if (sent == AMID_E_TOO_LARGE && message != NULL)
        broker_refuse(worker, answer, id, error, NULL);
}

void broker_call_fail(struct broker_call *call, int error, const char *message)
{
    if (call->worker != NULL)
        broker_refuse(call->worker, call->answer, call->id, error, message);
    call_free(call);
}
