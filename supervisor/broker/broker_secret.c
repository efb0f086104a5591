#include <sodium.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/auth/secrets.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"

/* A value as a JSON string, every byte escaped. */
#define JSON_MAX_BYTES (6 * SECRET_VALUE_MAX_BYTES + 16)

static void got(void *arg, int error, const char *value, size_t len, const struct secret_item *item)
{
    struct host_call *call = arg;
    const struct broker_worker *worker = call->call.worker;
    struct buffer json;

    if (error != 0) {
        host_call_fail(call, error,
                       error == AMID_E_NOT_FOUND ? "there is no secret of this name" : NULL);
        return;
    }
    /* One that was set for another worker alone, or taken away while it was read. */
    if (worker != NULL && ((item->sid[0] != '\0' && strcmp(item->sid, worker->sid) != 0) ||
                           !permissions_secret(worker->permissions, item->name))) {
        host_call_deny(call, "secrets", item->name);
        return;
    }
    buffer_init(&json, JSON_MAX_BYTES);
    json_append_string(&json, value, len);
    if (buffer_status(&json) != 0)
        host_call_fail(call, buffer_status(&json), NULL);
    else
        host_call_done(call, json.data, NULL, 0);
    if (json.data != NULL)
        sodium_memzero(json.data, json.len);
    buffer_free(&json);
}

/* SECRET_GET {name}: its value. Unknown names are told apart only to who may have them. */
static void secret_get(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    const struct broker_worker *worker = call->call.worker;
    const char *name;
    int error;

    (void)data;
    (void)len;
    if (!host_call_text(call, args, "name", PERMISSIONS_NAME_MAX_BYTES, &name))
        return;
    if (!permissions_secret(worker->permissions, name)) {
        host_call_deny(call, "secrets", name);
        return;
    }
    error = secrets_get(worker->broker->secrets, name, got, call);
    if (error != 0)
        got(call, error, NULL, 0, NULL);
}

const struct broker_op broker_secret_ops[] = {
    {PROTO_SECRET_GET, secret_get},
    {0, NULL},
};
