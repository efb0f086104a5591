#include "wallet/transaction.h"

#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "wallet/canonical.h"

static const char *const unsigned_members[] = {"hash", "signature", NULL};

/* cJSON_Add… return NULL when memory is out. */
static cJSON *build(const struct wallet_card *card, const struct transaction_plan *plan)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *from = cJSON_AddObjectToObject(json, "from");

    if (from != NULL && cJSON_AddStringToObject(from, "publicKey", card->public_key_full) &&
        cJSON_AddStringToObject(from, "address", card->address) &&
        cJSON_AddStringToObject(from, "number", card->number) &&
        cJSON_AddStringToObject(json, "to", plan->to) &&
        cJSON_AddNumberToObject(json, "amount", (double)plan->amount) &&
        cJSON_AddNumberToObject(json, "fee", (double)plan->fee) &&
        cJSON_AddFalseToObject(json, "verified") && cJSON_AddArrayToObject(json, "validators") &&
        cJSON_AddNumberToObject(json, "timestamp", (double)plan->timestamp_ms) &&
        cJSON_AddStringToObject(json, "data", plan->data))
        return json;
    cJSON_Delete(json);
    return NULL;
}

/* In the order in which clients write the members. */
static void append_signed(const cJSON *json, const char *hash, const char *signature,
                          struct buffer *out)
{
    const cJSON *member;

    buffer_append_char(out, '{');
    cJSON_ArrayForEach(member, json)
    {
        json_append_string(out, member->string, strlen(member->string));
        buffer_append_char(out, ':');
        canonical_json(member, NULL, out);
        buffer_append_char(out, ',');
    }
    buffer_printf(out, "\"hash\":\"%s\",\"signature\":\"%s\"}", hash, signature);
}

int transaction_sign(const struct wallet *wallet, const struct transaction_plan *plan,
                     struct buffer *out)
{
    char signature[SIGNATURE_TEXT_MAX], hash_hex[DIGEST_HEX_LEN + 1];
    uint8_t hash[DIGEST_BYTES];
    struct buffer text;
    cJSON *json;
    int error;

    if (!address_is_valid(plan->to, strlen(plan->to)) || plan->amount < 0 || plan->fee <= 0 ||
        plan->timestamp_ms < 0 || plan->amount > TRANSACTION_NUMBER_MAX ||
        plan->fee > TRANSACTION_NUMBER_MAX || plan->timestamp_ms > TRANSACTION_NUMBER_MAX ||
        strlen(plan->data) > TRANSACTION_DATA_MAX_BYTES)
        return AMID_E_INVALID;
    json = build(wallet_card(wallet), plan);
    if (json == NULL)
        return AMID_E_NOMEM;
    buffer_init(&text, TRANSACTION_TEXT_MAX_BYTES);
    error = canonical_json(json, unsigned_members, &text);
    if (error == 0)
        error = wallet_sign(wallet, text.data, text.len, signature);
    if (error == 0) {
        digest_sha256(text.data, text.len, hash);
        digest_hex(hash, sizeof(hash), hash_hex);
        append_signed(json, hash_hex, signature, out);
        error = buffer_status(out);
    }
    buffer_free(&text);
    cJSON_Delete(json);
    return error;
}

static const char *text_of(const cJSON *json, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    return cJSON_IsString(member) ? member->valuestring : NULL;
}

static bool number_of(const cJSON *json, const char *name, int64_t least, int64_t *ret_number)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    if (!cJSON_IsNumber(member) || !(member->valuedouble >= (double)least) ||
        !(member->valuedouble <= (double)TRANSACTION_NUMBER_MAX) ||
        member->valuedouble != (double)(int64_t)member->valuedouble)
        return false;
    *ret_number = (int64_t)member->valuedouble;
    return true;
}

static const char *check_from(const cJSON *from, struct public_key *key, struct wallet_card *card)
{
    const char *public_key = text_of(from, "publicKey");
    const char *address = text_of(from, "address");
    const char *number = text_of(from, "number");

    if (public_key == NULL || public_key_read(public_key, strlen(public_key), key) != 0)
        return "from.publicKey is not a public key";
    wallet_card_of_key(key, card);
    if (address == NULL || strcmp(address, card->address) != 0)
        return "from.address is not the address of from.publicKey";
    if (number == NULL || strcmp(number, card->number) != 0)
        return "from.number is not the number of from.address";
    return NULL;
}

static const char *check_rest(const cJSON *json, struct transaction *transaction)
{
    transaction->to = text_of(json, "to");
    transaction->data = text_of(json, "data");
    if (transaction->to == NULL || !address_is_valid(transaction->to, strlen(transaction->to)))
        return "to is not an address";
    if (!number_of(json, "amount", 0, &transaction->amount))
        return "amount is not a whole number from 0";
    if (!number_of(json, "fee", 1, &transaction->fee))
        return "fee is not a whole number from 1";
    if (!number_of(json, "timestamp", 0, &transaction->timestamp_ms))
        return "timestamp is not a time in milliseconds";
    if (transaction->data == NULL || strlen(transaction->data) > TRANSACTION_DATA_MAX_BYTES)
        return "data is not a text of at most 2 MiB";
    if (!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "verified")))
        return "verified is not false";
    if (!cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(json, "validators")))
        return "validators is not an array";
    return NULL;
}

static const char *check_seal(const cJSON *json, const struct public_key *key,
                              const struct buffer *text, struct transaction *transaction)
{
    const char *hash = text_of(json, "hash");
    const char *signature = text_of(json, "signature");
    char expected[DIGEST_HEX_LEN + 1];

    digest_sha256(text->data, text->len, transaction->hash);
    digest_hex(transaction->hash, DIGEST_BYTES, expected);
    if (hash == NULL || strcmp(hash, expected) != 0)
        return "hash is not the transaction's";
    if (signature == NULL ||
        !signature_verify(key, text->data, text->len, signature, strlen(signature)))
        return "signature does not hold";
    return NULL;
}

int transaction_check(const cJSON *json, struct transaction *ret_transaction,
                      const char **ret_reason)
{
    struct transaction transaction = {0};
    struct public_key key;
    struct buffer text;
    const char *reason;
    int error;

    if (!cJSON_IsObject(json)) {
        *ret_reason = "a transaction is an object";
        return AMID_E_INVALID;
    }
    if (!canonical_names_are_plain(json)) {
        *ret_reason = "a member's name has a quote, a backslash or a control character";
        return AMID_E_INVALID;
    }
    reason = check_from(cJSON_GetObjectItemCaseSensitive(json, "from"), &key, &transaction.from);
    if (reason == NULL)
        reason = check_rest(json, &transaction);
    if (reason != NULL) {
        *ret_reason = reason;
        return AMID_E_INVALID;
    }
    buffer_init(&text, TRANSACTION_TEXT_MAX_BYTES);
    error = canonical_json(json, unsigned_members, &text);
    if (error == AMID_E_NOMEM) {
        buffer_free(&text);
        return error;
    }
    reason =
        error != 0 ? "the transaction is too large" : check_seal(json, &key, &text, &transaction);
    buffer_free(&text);
    if (reason != NULL) {
        *ret_reason = reason;
        return AMID_E_INVALID;
    }
    *ret_transaction = transaction;
    return 0;
}
