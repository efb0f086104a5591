#include "wallet/base58.h"

#include <string.h>

#include "common/error.h"

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

size_t base58_encode(const uint8_t *bytes, size_t len, char out[BASE58_TEXT_MAX])
{
    uint8_t digits[BASE58_TEXT_MAX] = {0}; /* the least first */
    size_t count = 0, zeros = 0;

    while (zeros < len && bytes[zeros] == 0)
        zeros++;
    for (size_t i = zeros; i < len; i++) {
        unsigned carry = bytes[i];

        for (size_t k = 0; k < count || carry > 0; k++) {
            carry += 256u * digits[k];
            digits[k] = (uint8_t)(carry % 58);
            carry /= 58;
            if (k == count)
                count++;
        }
    }
    memset(out, alphabet[0], zeros);
    for (size_t k = 0; k < count; k++)
        out[zeros + k] = alphabet[digits[count - 1 - k]];
    out[zeros + count] = '\0';
    return zeros + count;
}

int base58_decode(const char *text, size_t text_len, uint8_t *out, size_t len)
{
    uint8_t bytes[BASE58_BYTES_MAX] = {0}; /* the least first */
    size_t count = 0, zeros = 0;

    if (len > BASE58_BYTES_MAX || text_len >= BASE58_TEXT_MAX)
        return AMID_E_INVALID;
    while (zeros < text_len && text[zeros] == alphabet[0])
        zeros++;
    for (size_t i = zeros; i < text_len; i++) {
        const char *digit = text[i] == '\0' ? NULL : strchr(alphabet, text[i]);
        unsigned carry;

        if (digit == NULL)
            return AMID_E_INVALID;
        carry = (unsigned)(digit - alphabet);
        for (size_t k = 0; k < count || carry > 0; k++) {
            if (k == len)
                return AMID_E_INVALID;
            carry += 58u * bytes[k];
            bytes[k] = (uint8_t)carry;
            carry >>= 8;
            if (k == count)
                count++;
        }
    }
    if (zeros + count != len)
        return AMID_E_INVALID;
    memset(out, 0, zeros);
    for (size_t k = 0; k < count; k++)
        out[zeros + k] = bytes[count - 1 - k];
    return 0;
}
