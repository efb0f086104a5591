/* Holds: who signed the network's published transaction gets in, with his key in either form, and
 * every single thing that is not as it must be is refused with its own reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/auth/sign_in.h"
#include "wallet/transaction.h"

#define SECRET_ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define SECRET_TWO "0000000000000000000000000000000000000000000000000000000000000002"
#define KEY_ONE    "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
#define KEY_ONE_FULL                                                                               \
    "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e" \
    "1108a8fd17b448a68554199c47d08ffb10d4b8"
#define KEY_TWO     "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
#define ADDRESS_ONE "gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m"
#define HASH_ONE    "7abd4fb13781e0466bceb9e182dd34a793bba16f2fb2697f00a7c9054c8095c1"
#define SIGNATURE_ONE                                                                              \
    "30450221008f3aacf5acf9adb75ecfc102b87ccca1a1c7fb24cf57a7ac21ece6f0049f3ee50220128cac84b1f6c6" \
    "001c7c2b2b74bf1bacc69ba44ec8accae2611d205f737769fc"
/* The same with the group's order less s. */
#define SIGNATURE_HIGH                                                                             \
    "30460221008f3aacf5acf9adb75ecfc102b87ccca1a1c7fb24cf57a7ac21ece6f0049f3ee5022100ed73537b4e09" \
    "39ffe383d4d48b40e451f4133897e69bd5595eb53e2d5cbed745"
#define NOW_MS 1760000000000

/* A sign-in by the wallet of SECRET_ONE; a test changes one member. NULL data: as clients do it. */
struct plan {
    enum sign_in_kind kind;
    const char *secret, *to, *data, *key, *wallet;
    int64_t amount, fee, time_ms;
};

static const struct plan good = {
    .secret = SECRET_ONE,
    .to = ADDRESS_ONE,
    .key = KEY_ONE_FULL,
    .wallet = ADDRESS_ONE,
    .fee = 1,
    .time_ms = NOW_MS,
};

static char *data_text(const char *action, const char *time, const char *network,
                       const char *wallet)
{
    static char text[512];

    snprintf(text, sizeof(text),
             "{\"action\":\"%s\",\"timestamp\":%s,\"network\":\"%s\",\"walletAddress\":\"%s\"}",
             action, time, network, wallet);
    return text;
}

/* The caller deletes it. */
static cJSON *make_body(const struct plan *plan)
{
    bool connects = plan->kind == SIGN_IN_CONNECT;
    struct transaction_plan signed_part = {.to = plan->to,
                                           .amount = plan->amount,
                                           .fee = plan->fee,
                                           .timestamp_ms = plan->time_ms,
                                           .data = plan->data};
    struct wallet *wallet = NULL;
    struct json_fault fault;
    struct buffer text;
    cJSON *body = NULL;
    char time[32];

    snprintf(time, sizeof(time), "%lld", (long long)plan->time_ms);
    if (!signed_part.data)
        signed_part.data = data_text(connects ? "LOGIN_REQUEST" : "DEVELOPER_REQUEST", time,
                                     "testnet", ADDRESS_ONE);
    assert_int_equal(wallet_import(plan->secret, SECRET_HEX_LEN, &wallet), 0);
    buffer_init(&text, 65536);
    if (connects)
        buffer_append_str(&text, "{\"network\":\"testnet\",\"nid\":\"n\",\"payload\":{\"webfix\":"
                                 "\"1.0\",\"method\":\"connectionNode\",\"params\":[],\"body\":");
    buffer_append_str(&text, "{\"transaction\":");
    assert_int_equal(transaction_sign(wallet, &signed_part, &text), 0);
    buffer_printf(&text, ",\"walletAddress\":\"%s\",\"publicKey\":\"%s\"}", plan->wallet,
                  plan->key);
    if (connects)
        buffer_append_str(&text, "}}");
    assert_int_equal(json_parse(text.data, text.len, &body, &fault), 0);
    buffer_free(&text);
    wallet_free(wallet);
    return body;
}

/* NULL = let in. */
static const char *reason_at(cJSON *body, enum sign_in_kind kind, int64_t now_ms)
{
    struct sign_in sign_in = {.wallet = "untouched"};
    const char *reason = NULL;
    int error = sign_in_check(body, kind, "testnet", now_ms, &sign_in, &reason);

    cJSON_Delete(body);
    if (error == 0) {
        assert_string_equal(sign_in.wallet, ADDRESS_ONE);
        return NULL;
    }
    assert_int_equal(error, AMID_E_INVALID);
    assert_non_null(reason);
    assert_string_equal(sign_in.wallet, "untouched");
    return reason;
}

static void refused(const struct plan *plan, const char *expected)
{
    const char *reason = reason_at(make_body(plan), plan->kind, NOW_MS);

    assert_non_null(reason);
    assert_string_equal(reason, expected);
}

static cJSON *transaction_of(cJSON *body)
{
    cJSON *payload = cJSON_GetObjectItem(body, "payload");

    return cJSON_GetObjectItem(cJSON_GetObjectItem(payload, "body"), "transaction");
}

static void the_published_transaction_signs_in(void **state)
{
    struct sign_in sign_in;
    const char *reason = NULL;
    cJSON *body = make_body(&good);

    (void)state;
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItem(transaction_of(body), "signature")),
        SIGNATURE_ONE);
    assert_int_equal(sign_in_check(body, SIGN_IN_CONNECT, "testnet", NOW_MS, &sign_in, &reason), 0);
    assert_string_equal(sign_in.wallet, ADDRESS_ONE);
    assert_string_equal(sign_in.hash, HASH_ONE);
    cJSON_Delete(body);
}

static void keys_come_in_both_forms(void **state)
{
    struct plan plan = good;

    (void)state;
    plan.key = KEY_ONE;
    assert_null(reason_at(make_body(&plan), plan.kind, NOW_MS));
    plan.kind = SIGN_IN_DEVELOPER;
    assert_null(reason_at(make_body(&plan), plan.kind, NOW_MS));
    plan.key = KEY_ONE_FULL;
    assert_null(reason_at(make_body(&plan), plan.kind, NOW_MS));
}

static void both_clocks_may_differ_by_two_minutes(void **state)
{
    static const char old[] = "the transaction is older than 120 s: is the clock right?";
    static const char ahead[] = "the transaction is more than 120 s ahead: is the clock right?";
    struct plan plan = good;

    (void)state;
    assert_null(reason_at(make_body(&good), good.kind, NOW_MS + SIGN_IN_SKEW_MS));
    assert_null(reason_at(make_body(&good), good.kind, NOW_MS - SIGN_IN_SKEW_MS));
    assert_string_equal(reason_at(make_body(&good), good.kind, NOW_MS + SIGN_IN_SKEW_MS + 1), old);
    assert_string_equal(reason_at(make_body(&good), good.kind, NOW_MS - SIGN_IN_SKEW_MS - 1),
                        ahead);
    plan.data = data_text("LOGIN_REQUEST", "1759999879999", "testnet", ADDRESS_ONE);
    refused(&plan, old);
    plan.data = data_text("LOGIN_REQUEST", "1760000120001", "testnet", ADDRESS_ONE);
    refused(&plan, ahead);
    plan.data = data_text("LOGIN_REQUEST", "\"now\"", "testnet", ADDRESS_ONE);
    refused(&plan, "data.timestamp is not a time in milliseconds");
}

static void the_data_must_mean_this_call(void **state)
{
    struct plan plan = good;

    (void)state;
    plan.data = data_text("DEVELOPER_REQUEST", "1760000000000", "testnet", ADDRESS_ONE);
    refused(&plan, "data.action is not what this method needs");
    plan.data = data_text("LOGIN_REQUEST", "1760000000000", "mainnet", ADDRESS_ONE);
    refused(&plan, "data.network is not this node's network");
    plan.data = data_text("LOGIN_REQUEST", "1760000000000", "testnet", "g");
    refused(&plan, "data.walletAddress is not the signer's address");
    plan.data = "{\"action\":\"LOGIN_REQUEST\",\"timestamp\":1760000000000}";
    refused(&plan, "data.network is not this node's network");
    plan.data = "LOGIN_REQUEST";
    refused(&plan, "data is not JSON");
    plan.data = "{\"action\":\"DEVELOPER_REQUEST\",\"action\":\"LOGIN_REQUEST\"}";
    refused(&plan, "data is not JSON");
    plan.kind = SIGN_IN_DEVELOPER;
    plan.data = "{\"action\":\"DEVELOPER_REQUEST\"}";
    assert_null(reason_at(make_body(&plan), plan.kind, NOW_MS));
    plan.data = "{\"action\":\"DEVELOPER_REQUEST\",\"network\":\"mainnet\"}";
    refused(&plan, "data.network is not this node's network");
    plan.data = data_text("LOGIN_REQUEST", "1760000000000", "testnet", ADDRESS_ONE);
    refused(&plan, "data.action is not what this method needs");
}

static void only_a_transfer_of_nothing_to_oneself_signs_in(void **state)
{
    static const char expected[] = "a sign-in is a transfer of 0 to the signer";
    struct plan plan = good;
    struct wallet *other = NULL;

    (void)state;
    plan.amount = 1;
    refused(&plan, expected);
    plan = good;
    assert_int_equal(wallet_import(SECRET_TWO, SECRET_HEX_LEN, &other), 0);
    plan.to = wallet_card(other)->address;
    refused(&plan, expected);
    wallet_free(other);
}

static void names_beside_the_transaction_are_the_signers(void **state)
{
    struct plan plan = good;

    (void)state;
    plan.wallet = "gcoP3o6qwkGdHnrUctkZM965oYgzirVv5M";
    refused(&plan, "walletAddress is not the signer's address");
    plan = good;
    plan.key = KEY_TWO;
    refused(&plan, "publicKey is not the signer's key");
    plan.key = "04";
    refused(&plan, "publicKey is not a public key");
    plan = good;
    plan.secret = SECRET_TWO;
    refused(&plan, "walletAddress is not the signer's address");
}

static void change(cJSON *transaction, const char *name, const char *value)
{
    cJSON_ReplaceItemInObjectCaseSensitive(transaction, name, cJSON_CreateString(value));
}

static void a_broken_seal_is_refused(void **state)
{
    static const struct {
        const char *member, *value, *reason;
    } changes[] = {
        {"signature", SIGNATURE_HIGH, "the signature has the higher s"},
        {"signature", "3006020101020101", "signature does not hold"},
        {"signature", "", "signature does not hold"},
        {"hash", "7abd4fb13781e0466bceb9e182dd34a793bba16f2fb2697f00a7c9054c8095c2",
         "hash is not the transaction's"},
        {"data", "{}", "hash is not the transaction's"},
        {"to", "nobody", "to is not an address"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        cJSON *body = make_body(&good);

        change(transaction_of(body), changes[i].member, changes[i].value);
        assert_string_equal(reason_at(body, SIGN_IN_CONNECT, NOW_MS), changes[i].reason);
    }
}

static void the_envelope_is_checked(void **state)
{
    static const char payload[] = "body.payload is not a connectionNode call of WebFIX 1.0";
    static const char *const members[] = {"webfix", "method", "params"};
    cJSON *body = make_body(&good);

    (void)state;
    change(body, "network", "mainnet");
    assert_string_equal(reason_at(body, SIGN_IN_CONNECT, NOW_MS),
                        "body.network is not this node's network");
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        body = make_body(&good);
        change(cJSON_GetObjectItem(body, "payload"), members[i], "0.9");
        assert_string_equal(reason_at(body, SIGN_IN_CONNECT, NOW_MS), payload);
    }
    body = make_body(&good);
    change(body, "payload", "text");
    assert_string_equal(reason_at(body, SIGN_IN_CONNECT, NOW_MS), payload);
    body = make_body(&good);
    cJSON_DeleteItemFromObject(cJSON_GetObjectItem(body, "payload"), "body");
    assert_string_equal(reason_at(body, SIGN_IN_CONNECT, NOW_MS), "a transaction is an object");
    assert_string_equal(reason_at(NULL, SIGN_IN_CONNECT, NOW_MS),
                        "body.network is not this node's network");
    assert_string_equal(reason_at(NULL, SIGN_IN_DEVELOPER, NOW_MS), "a transaction is an object");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_transaction_signs_in),
        cmocka_unit_test(keys_come_in_both_forms),
        cmocka_unit_test(both_clocks_may_differ_by_two_minutes),
        cmocka_unit_test(the_data_must_mean_this_call),
        cmocka_unit_test(only_a_transfer_of_nothing_to_oneself_signs_in),
        cmocka_unit_test(names_beside_the_transaction_are_the_signers),
        cmocka_unit_test(a_broken_seal_is_refused),
        cmocka_unit_test(the_envelope_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
