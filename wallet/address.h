#ifndef AMID_WALLET_ADDRESS_H
#define AMID_WALLET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Addresses of the network: Base58 of 0x62, RIPEMD-160 of SHA-256 of the compressed public key, and
 * the first four bytes of one SHA-256 over these. 25 bytes, so always 34 characters, the first a g.
 */
#define ADDRESS_LEN        34
#define ADDRESS_NUMBER_LEN 16
#define ADDRESS_KEY_BYTES  33

void address_of_key(const uint8_t key[ADDRESS_KEY_BYTES], char out[ADDRESS_LEN + 1]);
bool address_is_valid(const char *text, size_t len);
/* The card number of any text, an address as a rule: 0, the first 14 digits of its SHA-256 read as
 * a decimal number, and a check digit. */
void address_number(const char *text, size_t len, char out[ADDRESS_NUMBER_LEN + 1]);

#endif
