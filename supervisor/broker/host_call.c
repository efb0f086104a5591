#include "supervisor/broker/host_call.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "proto/wire.h"
#include "supervisor/broker/permission.h"

#define MESSAGE_MAX_BYTES 512
/* Lengths and error number around an answer's two texts. */
#define ANSWER_OVERHEAD_BYTES 16

static const struct broker_op *const families[] = {
    broker_kv_ops,     broker_files_ops,  broker_serve_ops,  broker_fetch_ops,
    broker_socket_ops, broker_wallet_ops, broker_secret_ops,
};

static const struct broker_op *op_find(enum proto_message type)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        for (const struct broker_op *op = families[i]; op->type != 0; op++) {
            if (op->type == type)
                return op;
        }
    }
    return NULL;
}

static void op_run(const struct broker_op *op, struct host_call *call, const char *json,
                   size_t json_len, const uint8_t *data, size_t len)
{
    struct json_fault fault;
    cJSON *args = NULL;
    int error = json_parse(json, json_len, &args, &fault);

    if (error != 0)
        host_call_failf(call, error, "the arguments cannot be passed on: %s", fault.reason);
    else if (!cJSON_IsObject(args))
        host_call_fail(call, AMID_E_INVALID, "the arguments are not an object");
    else
        op->handle(call, args, data, len);
    cJSON_Delete(args);
}

int host_call_handle(struct broker_worker *worker, enum proto_message type, uint32_t id,
                     const uint8_t *payload, size_t len)
{
    const struct proto_call_info *info = proto_call_find(type);
    const enum proto_message answer = (enum proto_message)(type + 1);
    const struct broker_op *op = op_find(type);
    struct wire_reader reader;
    struct host_call *call;
    const uint8_t *json, *data;
    size_t json_len, data_len;

    wire_read(&reader, payload, len);
    json = wire_get_bytes(&reader, len, &json_len);
    data = wire_get_bytes(&reader, len, &data_len);
    if (info == NULL || id == 0 || json == NULL || !wire_end(&reader))
        return AMID_E_PROTOCOL;
    if (op == NULL) {
        broker_refuse(worker, answer, id, AMID_E_UNSUPPORTED, NULL);
        return 0;
    }
    call = broker_call_new(worker, sizeof(*call), answer, id, info->units);
    if (call == NULL)
        broker_refuse(worker, answer, id, AMID_E_NOMEM, NULL);
    else
        op_run(op, call, (const char *)json, json_len, data, data_len);
    return 0;
}

void host_call_done(struct host_call *call, const char *json, const void *data, size_t len)
{
    const struct proto_message_info *message = proto_message_find((uint16_t)call->call.answer);
    struct buffer payload;

    buffer_init(&payload, message->max_bytes + (size_t)ANSWER_OVERHEAD_BYTES);
    wire_put_u32(&payload, 0);
    wire_put_text(&payload, "");
    wire_put_text(&payload, json == NULL ? "null" : json);
    wire_put_bytes(&payload, data, len);
    broker_call_answer(&call->call, &payload);
    buffer_free(&payload);
}

void host_call_fail(struct host_call *call, int error, const char *message)
{
    broker_call_fail(&call->call, error, message);
}

void host_call_failf(struct host_call *call, int error, const char *format, ...)
{
    char message[MESSAGE_MAX_BYTES];
    va_list args;

    va_start(args, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, in the line above
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    host_call_fail(call, error, message);
}

void host_call_deny(struct host_call *call, const char *permission, const char *what)
{
    if (call->call.worker != NULL)
        permission_denied(call->call.worker, permission, what);
    host_call_failf(call, AMID_E_DENIED, "this worker lacks the permission: %s %s", permission,
                    what);
}

void host_call_on_cancel(struct host_call *call,
                         void (*cancel)(struct broker_call *call, void *arg), void *arg)
{
    call->call.cancel = cancel;
    call->call.cancel_arg = arg;
}

bool host_call_text(struct host_call *call, const cJSON *args, const char *name, size_t max_bytes,
                    const char **ret_text)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(args, name);

    if (!cJSON_IsString(member)) {
        host_call_failf(call, AMID_E_INVALID, "%s is a string", name);
        return false;
    }
    if (strlen(member->valuestring) > max_bytes) {
        host_call_failf(call, AMID_E_TOO_LARGE, "%s is longer than %zu bytes", name, max_bytes);
        return false;
    }
    *ret_text = member->valuestring;
    return true;
}

bool host_call_int(struct host_call *call, const cJSON *args, const char *name, int64_t least,
                   int64_t most, int64_t fallback, int64_t *ret_number)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(args, name);
    double number;

    if (member == NULL || cJSON_IsNull(member)) {
        *ret_number = fallback;
        return true;
    }
    number = cJSON_IsNumber(member) ? member->valuedouble : NAN;
    if (!(number >= (double)least && number <= (double)most) || number != floor(number)) {
        host_call_failf(call, AMID_E_INVALID, "%s is a whole number from %lld to %lld", name,
                        (long long)least, (long long)most);
        return false;
    }
    *ret_number = (int64_t)number;
    return true;
}

bool host_call_flag(struct host_call *call, const cJSON *args, const char *name, bool *ret_flag)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(args, name);

    if (member != NULL && !cJSON_IsBool(member)) {
        host_call_failf(call, AMID_E_INVALID, "%s is true or false", name);
        return false;
    }
    *ret_flag = cJSON_IsTrue(member);
    return true;
}

bool host_call_resource(struct host_call *call, const cJSON *args, const struct resource_kind *kind,
                        struct resource **ret_resource)
{
    struct resource *resource;
    int64_t rid;

    if (!host_call_int(call, args, "rid", 0, UINT32_MAX, 0, &rid))
        return false;
    resource = resource_find(call->call.worker, (uint32_t)rid, kind);
    if (resource == NULL) {
        host_call_failf(call, AMID_E_BAD_RESOURCE, "the %s is closed", kind->name);
        return false;
    }
    *ret_resource = resource;
    return true;
}
