#ifndef AMID_WALLET_TRANSACTION_H
#define AMID_WALLET_TRANSACTION_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "common/buffer.h"
#include "wallet/digest.h"
#include "wallet/wallet.h"

/*
 * Signed transactions of the network: { from: { publicKey, address, number }, to, amount, fee,
 * verified, validators, timestamp, data, hash, signature }. hash and signature are made of the
 * canonical text of all other members.
 */
#define TRANSACTION_DATA_MAX_BYTES (2u * 1024 * 1024)
/* Every byte of the data may need six in the text. */
#define TRANSACTION_TEXT_MAX_BYTES (6 * TRANSACTION_DATA_MAX_BYTES + 4096)
/* Whole numbers that every reader keeps exactly. */
#define TRANSACTION_NUMBER_MAX 9007199254740991

struct transaction_plan {
    const char *to;
    int64_t amount; /* >= 0 */
    int64_t fee;    /* > 0 */
    int64_t timestamp_ms;
    const char *data; /* UTF-8 */
};

/* Appends the whole object as JSON. AMID_E_INVALID: an address or number that is none. */
int transaction_sign(const struct wallet *wallet, const struct transaction_plan *plan,
                     struct buffer *out);

/* What a checked transaction says; the texts are borrowed from it. */
struct transaction {
    struct wallet_card from;
    const char *to;
    int64_t amount, fee, timestamp_ms;
    const char *data;
    uint8_t hash[DIGEST_BYTES];
};

/* 0 if every member is what it must be, address and number are the key's, and hash and signature
 * hold. Else AMID_E_INVALID with a static English sentence, or AMID_E_NOMEM. Whether it is recent
 * or known already is the caller's to say. */
int transaction_check(const cJSON *json, struct transaction *ret_transaction,
                      const char **ret_reason);

#endif
