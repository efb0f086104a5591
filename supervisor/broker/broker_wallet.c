#include <stdio.h>

#include "common/error.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"
#include "wallet/wallet.h"

/* WALLET_SIGN {} with the text as data: the node's signature. A script's own keys are its own
 * business, in its own process. */
static void wallet_sign_text(struct host_call *call, const cJSON *args, const uint8_t *data,
                             size_t len)
{
    const struct broker_worker *worker = call->call.worker;
    char json[SIGNATURE_TEXT_MAX + 2], signature[SIGNATURE_TEXT_MAX];
    int error;

    (void)args;
    if (!permission_wallet(worker)) {
        host_call_deny(call, "wallet", "the node's signature");
        return;
    }
    error = wallet_sign(worker->broker->wallet, data, len, signature);
    if (error != 0) {
        host_call_fail(call, error, NULL);
        return;
    }
    snprintf(json, sizeof(json), "\"%s\"", signature);
    host_call_done(call, json, NULL, 0);
}

const struct broker_op broker_wallet_ops[] = {
    {PROTO_WALLET_SIGN, wallet_sign_text},
    {0, NULL},
};
