#include "supervisor/auth/sign_in.h"

#include <stdbool.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "wallet/transaction.h"

#define METHOD_CONNECT "connectionNode"

struct check {
    enum sign_in_kind kind;
    const char *network;
    int64_t now_ms;
    struct transaction transaction;
};

static const char *const actions[SIGN_IN_KIND_MAX] = {
    [SIGN_IN_CONNECT] = "LOGIN_REQUEST",
    [SIGN_IN_DEVELOPER] = "DEVELOPER_REQUEST",
};

static const cJSON *member_of(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(json, name);
}

static const char *text_of(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(member_of(json, name));
}

static bool is_text(const cJSON *json, const char *name, const char *expected)
{
    const char *text = text_of(json, name);

    return text != NULL && strcmp(text, expected) == 0;
}

/* The signed part of connectionNode lies in an envelope of its own. What lies beside it is not
 * signed and decides nothing; a network that is not ours only says that the client is lost. */
static const char *open_payload(const struct check *check, const cJSON *body, const cJSON **ret)
{
    const cJSON *payload = member_of(body, "payload");

    if (!is_text(body, "network", check->network))
        return "body.network is not this node's network";
    if (!cJSON_IsObject(payload) || !is_text(payload, "webfix", "1.0") ||
        !is_text(payload, "method", METHOD_CONNECT) || !cJSON_IsArray(member_of(payload, "params")))
        return "body.payload is not a connectionNode call of WebFIX 1.0";
    *ret = member_of(payload, "body");
    return NULL;
}

static bool is_recent(const struct check *check, double time_ms)
{
    double now_ms = (double)check->now_ms;

    return time_ms >= now_ms - SIGN_IN_SKEW_MS && time_ms <= now_ms + SIGN_IN_SKEW_MS;
}

static const char *check_time(const struct check *check, double time_ms)
{
    if (is_recent(check, time_ms))
        return NULL;
    return time_ms < (double)check->now_ms
               ? "the transaction is older than 120 s: is the clock right?"
               : "the transaction is more than 120 s ahead: is the clock right?";
}

/* A member of the data that a request for rights may lack; what is there must fit. */
static bool fits(const struct check *check, const cJSON *data, const char *name,
                 const char *expected)
{
    if (check->kind == SIGN_IN_DEVELOPER && member_of(data, name) == NULL)
        return true;
    return is_text(data, name, expected);
}

static const char *check_data(const struct check *check, const cJSON *data)
{
    const cJSON *time_ms = member_of(data, "timestamp");

    if (!is_text(data, "action", actions[check->kind]))
        return "data.action is not what this method needs";
    if (!fits(check, data, "network", check->network))
        return "data.network is not this node's network";
    if (!fits(check, data, "walletAddress", check->transaction.from.address))
        return "data.walletAddress is not the signer's address";
    if (time_ms == NULL && check->kind == SIGN_IN_DEVELOPER)
        return NULL;
    if (time_ms == NULL || !cJSON_IsNumber(time_ms))
        return "data.timestamp is not a time in milliseconds";
    return check_time(check, time_ms->valuedouble);
}

/* What the transaction as such means, its seal holding. */
static const char *check_meaning(const struct check *check, const cJSON *json)
{
    const struct transaction *transaction = &check->transaction;
    const char *signature = text_of(json, "signature");
    struct json_fault fault;
    cJSON *data = NULL;
    const char *reason;

    if (!signature_is_low(signature, strlen(signature)))
        return "the signature has the higher s";
    if (check->kind == SIGN_IN_CONNECT &&
        (strcmp(transaction->to, transaction->from.address) != 0 || transaction->amount != 0))
        return "a sign-in is a transfer of 0 to the signer";
    reason = check_time(check, (double)transaction->timestamp_ms);
    if (reason != NULL)
        return reason;
    if (json_parse(transaction->data, strlen(transaction->data), &data, &fault) != 0)
        return "data is not JSON";
    reason = check_data(check, data);
    cJSON_Delete(data);
    return reason;
}

/* The names beside the transaction must be its signer's. */
static const char *check_signer(const struct check *check, const cJSON *signed_body)
{
    const char *public_key = text_of(signed_body, "publicKey");
    struct wallet_card card;
    struct public_key key;

    if (!is_text(signed_body, "walletAddress", check->transaction.from.address))
        return "walletAddress is not the signer's address";
    if (public_key == NULL || public_key_read(public_key, strlen(public_key), &key) != 0)
        return "publicKey is not a public key";
    wallet_card_of_key(&key, &card);
    if (strcmp(card.public_key, check->transaction.from.public_key) != 0)
        return "publicKey is not the signer's key";
    return NULL;
}

int sign_in_check(const cJSON *body, enum sign_in_kind kind, const char *network, int64_t now_ms,
                  struct sign_in *ret_sign_in, const char **ret_reason)
{
    struct check check = {.kind = kind, .network = network, .now_ms = now_ms};
    const cJSON *signed_body = body, *transaction;
    const char *reason = NULL;
    int error;

    if (kind == SIGN_IN_CONNECT)
        reason = open_payload(&check, body, &signed_body);
    transaction = member_of(signed_body, "transaction");
    if (reason == NULL) {
        error = transaction_check(transaction, &check.transaction, &reason);
        if (error == AMID_E_NOMEM)
            return error;
    }
    if (reason == NULL)
        reason = check_signer(&check, signed_body);
    if (reason == NULL)
        reason = check_meaning(&check, transaction);
    if (reason != NULL) {
        *ret_reason = reason;
        return AMID_E_INVALID;
    }
    memcpy(ret_sign_in->wallet, check.transaction.from.address, sizeof(ret_sign_in->wallet));
    digest_hex(check.transaction.hash, DIGEST_BYTES, ret_sign_in->hash);
    return 0;
}
