#include "wallet/digest.h"

#include <nettle/ripemd160.h>
#include <sodium.h>

#include "common/error.h"

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_BYTES])
{
    crypto_hash_sha256(out, data, len);
}

void digest_ripemd160(const void *data, size_t len, uint8_t out[RIPEMD160_BYTES])
{
    struct ripemd160_ctx context;

    ripemd160_init(&context);
    ripemd160_update(&context, len, data);
    ripemd160_digest(&context, RIPEMD160_BYTES, out);
}

void digest_hex(const uint8_t *bytes, size_t len, char *out)
{
    sodium_bin2hex(out, 2 * len + 1, bytes, len);
}

int digest_unhex(const char *hex, size_t hex_len, uint8_t *out, size_t len)
{
    size_t used = 0;

    if (hex_len != 2 * len || sodium_hex2bin(out, len, hex, hex_len, NULL, &used, NULL) != 0 ||
        used != len)
        return AMID_E_INVALID;
    return 0;
}
