/*
 * wallet-tool: the arithmetic of wallets, a JSON object per line in, a JSON value per line out, so
 * that a test can compare it with another implementation.
 *
 *   {"op":"canonical","value":…}            the canonical text
 *   {"op":"card","secret":hex}              {address, number, publicKey, publicKeyFull} or null
 *   {"op":"sign","secret":hex,"text":…}     the signature or null
 *   {"op":"verify","key":hex,"text":…,"signature":hex}   true or false
 *   {"op":"address","text":…}               true or false
 *   {"op":"transfer","secret":hex,"to":…,"amount":…,"fee":…,"timestamp":…,"data":…}  the
 * transaction
 *   {"op":"check","transaction":…}          null, or why it is refused
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "wallet/canonical.h"
#include "wallet/transaction.h"

#define LINE_MAX_BYTES (8u * 1024 * 1024)

static const char *text_of(const cJSON *json, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    return cJSON_IsString(member) ? member->valuestring : "";
}

static int64_t number_of(const cJSON *json, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    return cJSON_IsNumber(member) ? (int64_t)member->valuedouble : 0;
}

static void put_text(struct buffer *out, const char *text)
{
    json_append_string(out, text, strlen(text));
}

static void do_canonical(const cJSON *json, struct buffer *out)
{
    struct buffer text;

    buffer_init(&text, LINE_MAX_BYTES);
    canonical_json(cJSON_GetObjectItemCaseSensitive(json, "value"), NULL, &text);
    json_append_string(out, text.data, text.len);
    buffer_free(&text);
}

static void do_card(const cJSON *json, struct buffer *out)
{
    const char *secret = text_of(json, "secret");
    struct wallet *wallet;

    if (wallet_import(secret, strlen(secret), &wallet) != 0) {
        buffer_append_str(out, "null");
        return;
    }
    buffer_printf(out, "[\"%s\",\"%s\",\"%s\",\"%s\"]", wallet_card(wallet)->address,
                  wallet_card(wallet)->number, wallet_card(wallet)->public_key,
                  wallet_card(wallet)->public_key_full);
    wallet_free(wallet);
}

static void do_sign(const cJSON *json, struct buffer *out)
{
    const char *secret = text_of(json, "secret");
    const char *text = text_of(json, "text");
    char signature[SIGNATURE_TEXT_MAX];
    struct wallet *wallet;

    if (wallet_import(secret, strlen(secret), &wallet) != 0 ||
        wallet_sign(wallet, text, strlen(text), signature) != 0)
        exit(1);
    put_text(out, signature);
    wallet_free(wallet);
}

static void do_verify(const cJSON *json, struct buffer *out)
{
    const char *key_hex = text_of(json, "key");
    const char *text = text_of(json, "text");
    const char *signature = text_of(json, "signature");
    struct public_key key;
    bool holds = public_key_read(key_hex, strlen(key_hex), &key) == 0 &&
                 signature_verify(&key, text, strlen(text), signature, strlen(signature));

    buffer_append_str(out, holds ? "true" : "false");
}

static void do_address(const cJSON *json, struct buffer *out)
{
    const char *text = text_of(json, "text");

    buffer_append_str(out, address_is_valid(text, strlen(text)) ? "true" : "false");
}

static void do_transfer(const cJSON *json, struct buffer *out)
{
    const char *secret = text_of(json, "secret");
    const struct transaction_plan plan = {.to = text_of(json, "to"),
                                          .amount = number_of(json, "amount"),
                                          .fee = number_of(json, "fee"),
                                          .timestamp_ms = number_of(json, "timestamp"),
                                          .data = text_of(json, "data")};
    struct wallet *wallet;

    if (wallet_import(secret, strlen(secret), &wallet) != 0)
        exit(1);
    if (transaction_sign(wallet, &plan, out) != 0)
        buffer_append_str(out, "null");
    wallet_free(wallet);
}

static void do_check(const cJSON *json, struct buffer *out)
{
    struct transaction transaction;
    const char *reason = NULL;

    if (transaction_check(cJSON_GetObjectItemCaseSensitive(json, "transaction"), &transaction,
                          &reason) == 0)
        buffer_append_str(out, "null");
    else
        put_text(out, reason);
}

static const struct {
    const char *name;
    void (*run)(const cJSON *json, struct buffer *out);
} ops[] = {{"canonical", do_canonical}, {"card", do_card},       {"sign", do_sign},
           {"verify", do_verify},       {"address", do_address}, {"transfer", do_transfer},
           {"check", do_check}};

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    while ((len = getline(&line, &size, stdin)) > 0) {
        struct json_fault fault;
        struct buffer out;
        cJSON *json;

        if (json_parse(line, (size_t)len, &json, &fault) != 0) {
            fprintf(stderr, "wallet-tool: %s\n", fault.reason);
            return 1;
        }
        buffer_init(&out, LINE_MAX_BYTES);
        for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
            if (strcmp(text_of(json, "op"), ops[i].name) == 0)
                ops[i].run(json, &out);
        puts(out.data != NULL ? out.data : "null");
        buffer_free(&out);
        cJSON_Delete(json);
    }
    free(line);
    return 0;
}
