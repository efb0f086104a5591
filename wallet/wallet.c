#include "wallet/wallet.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "wallet/digest.h"

/* All of it is in pages that no overrun reaches and no swap or core file holds. */
struct wallet {
    uint8_t secret[SECRET_BYTES];
    struct wallet_card card;
};

void wallet_card_of_key(const struct public_key *key, struct wallet_card *ret_card)
{
    address_of_key(key->compressed, ret_card->address);
    address_number(ret_card->address, ADDRESS_LEN, ret_card->number);
    digest_hex(key->compressed, KEY_BYTES, ret_card->public_key);
    digest_hex(key->full, KEY_FULL_BYTES, ret_card->public_key_full);
}

int wallet_card_of_secret(const uint8_t secret[SECRET_BYTES], struct wallet_card *ret_card)
{
    struct public_key key;
    int error = public_key_of_secret(secret, &key);

    if (error == 0)
        wallet_card_of_key(&key, ret_card);
    return error;
}

static struct wallet *wallet_new(void)
{
    return sodium_init() < 0 ? NULL : sodium_malloc(sizeof(struct wallet));
}

int wallet_create(struct wallet **ret_wallet)
{
    struct wallet *wallet = wallet_new();
    int error;

    if (wallet == NULL)
        return AMID_E_NOMEM;
    do {
        randombytes_buf(wallet->secret, sizeof(wallet->secret));
        error = wallet_card_of_secret(wallet->secret, &wallet->card);
    } while (error == AMID_E_INVALID); /* once in 2^128 */
    if (error != 0) {
        wallet_free(wallet);
        return error;
    }
    *ret_wallet = wallet;
    return 0;
}

int wallet_import(const char *hex, size_t len, struct wallet **ret_wallet)
{
    struct wallet *wallet = wallet_new();
    int error;

    if (wallet == NULL)
        return AMID_E_NOMEM;
    error = digest_unhex(hex, len, wallet->secret, SECRET_BYTES);
    if (error == 0)
        error = wallet_card_of_secret(wallet->secret, &wallet->card);
    if (error != 0) {
        wallet_free(wallet);
        return error;
    }
    *ret_wallet = wallet;
    return 0;
}

void wallet_free(struct wallet *wallet)
{
    sodium_free(wallet);
}

const struct wallet_card *wallet_card(const struct wallet *wallet)
{
    return &wallet->card;
}

int wallet_sign(const struct wallet *wallet, const void *text, size_t len,
                char ret_hex[SIGNATURE_TEXT_MAX])
{
    return signature_make(wallet->secret, text, len, ret_hex);
}

void wallet_secret(const struct wallet *wallet, char ret_hex[SECRET_HEX_LEN + 1])
{
    digest_hex(wallet->secret, SECRET_BYTES, ret_hex);
}
