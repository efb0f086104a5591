#ifndef AMID_WALLET_WALLET_H
#define AMID_WALLET_WALLET_H

#include <stddef.h>
#include <stdint.h>

#include "wallet/address.h"
#include "wallet/signature.h"

/* What anybody may know of a wallet. */
struct wallet_card {
    char address[ADDRESS_LEN + 1];
    char number[ADDRESS_NUMBER_LEN + 1];
    char public_key[KEY_HEX_LEN + 1];
    char public_key_full[KEY_FULL_HEX_LEN + 1];
};

void wallet_card_of_key(const struct public_key *key, struct wallet_card *ret_card);
int wallet_card_of_secret(const uint8_t secret[SECRET_BYTES], struct wallet_card *ret_card);

/* A wallet that amid holds: its secret lies in guarded memory and is wiped when freed. */
struct wallet;

/* 32 random bytes. AMID_E_NOMEM. */
int wallet_create(struct wallet **ret_wallet);
/* Exactly 64 hex digits that are a secret of the curve, else AMID_E_INVALID. */
int wallet_import(const char *hex, size_t len, struct wallet **ret_wallet);
void wallet_free(struct wallet *wallet);
const struct wallet_card *wallet_card(const struct wallet *wallet);
int wallet_sign(const struct wallet *wallet, const void *text, size_t len,
                char ret_hex[SIGNATURE_TEXT_MAX]);
/* The caller wipes it. */
void wallet_secret(const struct wallet *wallet, char ret_hex[SECRET_HEX_LEN + 1]);

#endif
