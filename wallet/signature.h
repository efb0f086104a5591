#ifndef AMID_WALLET_SIGNATURE_H
#define AMID_WALLET_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ECDSA over secp256k1 and SHA-256. Signatures are DER in lower-case hex, the nonce is RFC 6979's
 * and s is the lower of two; verifying takes either s.
 */
#define SECRET_BYTES        32
#define SECRET_HEX_LEN      (2 * SECRET_BYTES)
#define KEY_BYTES           33
#define KEY_HEX_LEN         (2 * KEY_BYTES)
#define KEY_FULL_BYTES      65
#define KEY_FULL_HEX_LEN    (2 * KEY_FULL_BYTES)
#define SIGNATURE_BYTES_MAX 72
#define SIGNATURE_TEXT_MAX  (2 * SIGNATURE_BYTES_MAX + 1)

struct public_key {
    uint8_t compressed[KEY_BYTES];
    uint8_t full[KEY_FULL_BYTES]; /* 04, x, y */
};

/* 66 hex digits beginning 02 or 03, or 130 beginning 04. AMID_E_INVALID for anything else and for
 * what is no point of the curve. */
int public_key_read(const char *hex, size_t len, struct public_key *ret_key);
/* AMID_E_INVALID if the secret is 0 or not below the group's order. */
int public_key_of_secret(const uint8_t secret[SECRET_BYTES], struct public_key *ret_key);

/* Signs SHA-256 of the text. 0 or AMID_E_INVALID (the secret). */
int signature_make(const uint8_t secret[SECRET_BYTES], const void *text, size_t len,
                   char ret_hex[SIGNATURE_TEXT_MAX]);
bool signature_verify(const struct public_key *key, const void *text, size_t len, const char *hex,
                      size_t hex_len);
/* False for the higher of the two s that hold, and for what is no signature. */
bool signature_is_low(const char *hex, size_t hex_len);

#endif
