/* Any JSON: the check of a transaction says yes or gives a reason, whatever the members are; and
 * canonical text of members with plain names reads and writes as itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "wallet/base58.h"
#include "wallet/canonical.h"
#include "wallet/transaction.h"

#define TEXT_MAX_BYTES (1u * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_texts(const char *text, size_t len)
{
    char signature[SIGNATURE_TEXT_MAX] = "30";
    struct public_key key;
    uint8_t bytes[25];
    char again[BASE58_TEXT_MAX];

    if (base58_decode(text, len, bytes, sizeof(bytes)) == 0 &&
        (base58_encode(bytes, sizeof(bytes), again) != len || memcmp(again, text, len) != 0))
        abort();
    address_is_valid(text, len);
    if (public_key_read(text, len, &key) == 0)
        signature_verify(&key, text, len, signature, strlen(signature));
    if (public_key_read("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 66,
                        &key) != 0)
        abort();
    signature_verify(&key, "", 0, text, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_fault fault = {0};
    struct transaction transaction;
    struct buffer first, second;
    const char *reason = NULL;
    cJSON *json = NULL, *again = NULL;
    int error;

    try_texts((const char *)data, size);
    if (json_parse((const char *)data, size, &json, &fault) != 0)
        return 0;
    error = transaction_check(json, &transaction, &reason);
    if ((error != 0 && reason == NULL) || (error == 0 && !canonical_names_are_plain(json)))
        abort();
    buffer_init(&first, TEXT_MAX_BYTES);
    buffer_init(&second, TEXT_MAX_BYTES);
    if (canonical_names_are_plain(json) && canonical_json(json, NULL, &first) == 0) {
        if (json_parse(first.data, first.len, &again, &fault) != 0 ||
            canonical_json(again, NULL, &second) != 0)
            abort();
        if (second.len != first.len || memcmp(second.data, first.data, first.len) != 0)
            abort();
    }
    buffer_free(&first);
    buffer_free(&second);
    cJSON_Delete(json);
    cJSON_Delete(again);
    return 0;
}
