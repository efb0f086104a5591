#include "wallet/address.h"

#include <string.h>

#include "wallet/base58.h"
#include "wallet/digest.h"

#define VERSION_BYTE   0x62
#define CHECKSUM_BYTES 4
#define BODY_BYTES     (1 + RIPEMD160_BYTES)
#define ADDRESS_BYTES  (BODY_BYTES + CHECKSUM_BYTES)
#define DECIMAL_DIGITS 78 /* of 2^256 - 1 */
#define NUMBER_DIGITS  14 /* of them in a card number */

void address_of_key(const uint8_t key[ADDRESS_KEY_BYTES], char out[ADDRESS_LEN + 1])
{
    uint8_t bytes[ADDRESS_BYTES], hash[DIGEST_BYTES];
    char text[BASE58_TEXT_MAX];

    digest_sha256(key, ADDRESS_KEY_BYTES, hash);
    bytes[0] = VERSION_BYTE;
    digest_ripemd160(hash, sizeof(hash), bytes + 1);
    digest_sha256(bytes, BODY_BYTES, hash);
    memcpy(bytes + BODY_BYTES, hash, CHECKSUM_BYTES);
    base58_encode(bytes, sizeof(bytes), text);
    memcpy(out, text, ADDRESS_LEN);
    out[ADDRESS_LEN] = '\0';
}

bool address_is_valid(const char *text, size_t len)
{
    uint8_t bytes[ADDRESS_BYTES], hash[DIGEST_BYTES];

    if (len != ADDRESS_LEN || base58_decode(text, len, bytes, sizeof(bytes)) != 0 ||
        bytes[0] != VERSION_BYTE)
        return false;
    digest_sha256(bytes, BODY_BYTES, hash);
    return memcmp(bytes + BODY_BYTES, hash, CHECKSUM_BYTES) == 0;
}

/* Decimal digits of a number of 256 bits, the first first. */
static size_t decimal(const uint8_t number[DIGEST_BYTES], char out[DECIMAL_DIGITS])
{
    char digits[DECIMAL_DIGITS]; /* the least first */
    size_t count = 0;

    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        unsigned carry = number[i];

        for (size_t k = 0; k < count || carry > 0; k++) {
            carry += k < count ? 256u * (unsigned)digits[k] : 0;
            digits[k] = (char)(carry % 10);
            carry /= 10;
            if (k == count)
                count++;
        }
    }
    for (size_t k = 0; k < count; k++)
        out[k] = (char)('0' + digits[count - 1 - k]);
    return count;
}

void address_number(const char *text, size_t len, char out[ADDRESS_NUMBER_LEN + 1])
{
    char digits[DECIMAL_DIGITS];
    uint8_t hash[DIGEST_BYTES];
    unsigned sum = 0;

    memset(digits, '0', sizeof(digits));
    digest_sha256(text, len, hash);
    decimal(hash, digits);
    out[0] = '0';
    memcpy(out + 1, digits, NUMBER_DIGITS);
    for (size_t i = 0; i <= NUMBER_DIGITS; i++) {
        unsigned digit = (unsigned)(out[NUMBER_DIGITS - i] - '0');

        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    out[NUMBER_DIGITS + 1] = (char)('0' + (10 - sum % 10) % 10);
    out[ADDRESS_NUMBER_LEN] = '\0';
}
