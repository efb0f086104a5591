#include "supervisor/broker/broker.h"

#include <stdlib.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/broker/broker_call.h"

#define ERROR_PAYLOAD_MAX_BYTES 4096

static const struct {
    enum proto_message type;
    int (*handle)(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len);
} handlers[] = {
    {PROTO_LOG, broker_log},
    {PROTO_KV_GET, broker_kv_get},
    {PROTO_KV_LIST, broker_kv_list},
    {PROTO_KV_ATOMIC, broker_kv_atomic},
};

#define HANDLERS (sizeof(handlers) / sizeof(handlers[0]))

bool broker_takes(enum proto_message type)
{
    for (size_t i = 0; i < HANDLERS; i++) {
        if (handlers[i].type == type)
            return true;
    }
    return false;
}

int broker_handle(struct broker_worker *worker, enum proto_message type, uint32_t id,
                  const uint8_t *payload, size_t len)
{
    for (size_t i = 0; i < HANDLERS; i++) {
        if (handlers[i].type == type)
            return handlers[i].handle(worker, id, payload, len);
    }
    return AMID_E_PROTOCOL;
}

void broker_worker_begin(struct broker_worker *worker)
{
    worker->units = 0;
    worker->is_held = false;
    worker->calls = NULL;
    broker_log_begin(worker);
}

void broker_worker_end(struct broker_worker *worker)
{
    struct broker_call *next;

    broker_log_end(worker);
    for (struct broker_call *call = worker->calls; call != NULL; call = next) {
        next = call->next;
        call->worker = NULL;
        call->previous = call->next = NULL;
    }
    worker->calls = NULL;
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

    buffer_init(&payload, ERROR_PAYLOAD_MAX_BYTES);
    wire_put_u32(&payload, (uint32_t)-error);
    wire_put_text(&payload, message == NULL ? error_text(error) : message);
    worker->send(worker->arg, answer, id, &payload);
    buffer_free(&payload);
}

void broker_call_fail(struct broker_call *call, int error, const char *message)
{
    if (call->worker != NULL)
        broker_refuse(call->worker, call->answer, call->id, error, message);
    call_free(call);
}
