#ifndef AMID_WALLET_BASE58_H
#define AMID_WALLET_BASE58_H

#include <stddef.h>
#include <stdint.h>

/* Bitcoin's alphabet. Both take quadratic time, so for short texts only. */
#define BASE58_BYTES_MAX 64
#define BASE58_TEXT_MAX  89 /* of so many bytes, with the NUL */

/* len <= BASE58_BYTES_MAX. Returns the length of the text. */
size_t base58_encode(const uint8_t *bytes, size_t len, char out[BASE58_TEXT_MAX]);
/* 0 if the text stands for exactly len bytes, else AMID_E_INVALID. */
int base58_decode(const char *text, size_t text_len, uint8_t *out, size_t len);

#endif
