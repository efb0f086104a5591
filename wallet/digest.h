#ifndef AMID_WALLET_DIGEST_H
#define AMID_WALLET_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES    32
#define DIGEST_HEX_LEN  (2 * DIGEST_BYTES)
#define RIPEMD160_BYTES 20

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_BYTES]);
void digest_ripemd160(const void *data, size_t len, uint8_t out[RIPEMD160_BYTES]);
/* Lower-case hex and a NUL: out has room for 2 × len + 1. */
void digest_hex(const uint8_t *bytes, size_t len, char *out);
/* Exactly len bytes from 2 × len hex digits of either case. 0 or AMID_E_INVALID. */
int digest_unhex(const char *hex, size_t hex_len, uint8_t *out, size_t len);

#endif
