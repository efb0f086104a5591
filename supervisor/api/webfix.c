#include "supervisor/api/webfix.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/save.h"
#include "supervisor/api/session.h"

#define REASON_BYTES    256
#define FAULT_MAX_BYTES 4096
#define CODE_UNKNOWN    13
#define CODE_MALFORMED  400
#define TEXT_UNKNOWN    "WebFIX method not found"
#define INTERNAL_LOWER  "Internal server error"
#define INTERNAL_UPPER  "Internal Server Error"

/* The method table. What a 500 says is part of the documented contract of each method. */
static const struct method {
    const char *name;
    api_method_fn fn;
    const char *internal_error;
    enum right right;
} methods[] = {
    {"setWorker", save_create, INTERNAL_LOWER, RIGHT_WORKER_CREATE},
    {"listWorkers", method_list_workers, INTERNAL_UPPER, RIGHT_WORKER_READ},
    {"updateWorker", save_update, INTERNAL_UPPER, RIGHT_WORKER_CHANGE},
    {"deleteWorker", method_delete_worker, INTERNAL_UPPER, RIGHT_WORKER_CHANGE},
    {"stopAllWorkers", method_stop_all_workers, INTERNAL_UPPER, RIGHT_WORKER_CONTROL},
    {"getWorkerStats", method_get_worker_stats, INTERNAL_LOWER, RIGHT_WORKER_READ},
    {"getLeaderInfo", method_get_leader_info, INTERNAL_LOWER, RIGHT_WORKER_READ},
    {"restartWorker", method_restart_worker, INTERNAL_UPPER, RIGHT_WORKER_CONTROL},
    {"getWorker", method_get_worker, INTERNAL_UPPER, RIGHT_WORKER_READ},
    {"validateScript", save_validate, INTERNAL_LOWER, RIGHT_WORKER_CREATE},
    {"connectionNode", method_connection_node, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"requestDeveloperAccess", method_request_developer_access, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"assetList", method_asset_list, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"getAssetBalances", method_asset_balances, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"getAssetBalance", method_asset_balance, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"getAssetTransactions", method_asset_transactions, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"listAccounts", method_list_accounts, INTERNAL_LOWER, RIGHT_PUBLIC},
    {"setAccount", method_set_account, INTERNAL_LOWER, RIGHT_PUBLIC},
};

static void fault(struct http_request *request, int code, const char *message)
{
    struct buffer body;
    size_t len = 0;
    buffer_init(&body, FAULT_MAX_BYTES);
    webfix_append_fault(&body, code, message);
    char *text = buffer_take(&body, &len);
    buffer_free(&body);
    http_respond_owned(request, 400, NULL, text, text ? len : 0);
}

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}

void webfix_handle(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct webfix_envelope envelope;
    char reason[REASON_BYTES];
    size_t len;
    const char *text = http_request_body(request, &len);
    bool is_known = session_principal(request)->kind != PRINCIPAL_NONE;
    if (webfix_parse(text, len, &envelope, reason, sizeof reason) != 0) {
        if (is_known)
            fault(request, CODE_MALFORMED, reason);
        else
            session_refuse(api, request);
        return;
    }
    const struct method *method = find_method(envelope.method);
    if (!method) {
        cJSON_Delete(envelope.json);
        if (is_known)
            fault(request, CODE_UNKNOWN, TEXT_UNKNOWN);
        else
            session_refuse(api, request);
        return;
    }
    struct api_call *call = api_call_new(api, request, envelope.json);
    if (!call)
        return;
    call->body = envelope.body;
    call->internal_error = method->internal_error;
    if (!session_may(request, method->right, NULL))
        session_refuse_call(call);
    else if (!envelope.is_current)
        api_call_refuse(call, 400, "Invalid request Protocol");
    else if (call->body && !cJSON_IsObject(call->body))
        api_call_refuse(call, 400, "Invalid request body");
    else
        method->fn(call);
}
