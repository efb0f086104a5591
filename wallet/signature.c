#include "wallet/signature.h"

#include <secp256k1.h>
#include <string.h>

#include "common/error.h"
#include "wallet/digest.h"

static int key_fill(const secp256k1_pubkey *point, struct public_key *key)
{
    size_t len = KEY_BYTES, full_len = KEY_FULL_BYTES;

    if (secp256k1_ec_pubkey_serialize(secp256k1_context_static, key->compressed, &len, point,
                                      SECP256K1_EC_COMPRESSED) != 1 ||
        secp256k1_ec_pubkey_serialize(secp256k1_context_static, key->full, &full_len, point,
                                      SECP256K1_EC_UNCOMPRESSED) != 1)
        return AMID_E_INTERNAL;
    return 0;
}

int public_key_read(const char *hex, size_t len, struct public_key *ret_key)
{
    uint8_t bytes[KEY_FULL_BYTES];
    secp256k1_pubkey point;
    size_t byte_len = len / 2;
    bool has_form;

    if ((len != KEY_HEX_LEN && len != KEY_FULL_HEX_LEN) ||
        digest_unhex(hex, len, bytes, byte_len) != 0)
        return AMID_E_INVALID;
    /* The library would also take the hybrid forms 06 and 07. */
    has_form = len == KEY_HEX_LEN ? bytes[0] == 0x02 || bytes[0] == 0x03 : bytes[0] == 0x04;
    if (!has_form ||
        secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, bytes, byte_len) != 1)
        return AMID_E_INVALID;
    return key_fill(&point, ret_key);
}

/* What works with a secret needs a context of its own; made at first use, kept. */
static const secp256k1_context *signing_context(void)
{
    static secp256k1_context *context;

    if (context == NULL)
        context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    return context;
}

int public_key_of_secret(const uint8_t secret[SECRET_BYTES], struct public_key *ret_key)
{
    const secp256k1_context *context = signing_context();
    secp256k1_pubkey point;

    if (context == NULL)
        return AMID_E_NOMEM;
    if (secp256k1_ec_pubkey_create(context, &point, secret) != 1)
        return AMID_E_INVALID;
    return key_fill(&point, ret_key);
}

int signature_make(const uint8_t secret[SECRET_BYTES], const void *text, size_t len,
                   char ret_hex[SIGNATURE_TEXT_MAX])
{
    const secp256k1_context *context = signing_context();
    uint8_t hash[DIGEST_BYTES], der[SIGNATURE_BYTES_MAX];
    size_t der_len = sizeof(der);
    secp256k1_ecdsa_signature signature;

    if (context == NULL)
        return AMID_E_NOMEM;
    digest_sha256(text, len, hash);
    /* The library's signatures have the lower s. */
    if (secp256k1_ecdsa_sign(context, &signature, hash, secret, secp256k1_nonce_function_rfc6979,
                             NULL) != 1)
        return AMID_E_INVALID;
    if (secp256k1_ecdsa_signature_serialize_der(context, der, &der_len, &signature) != 1)
        return AMID_E_INTERNAL;
    digest_hex(der, der_len, ret_hex);
    return 0;
}

static bool signature_read(const char *hex, size_t hex_len, secp256k1_ecdsa_signature *signature)
{
    uint8_t der[SIGNATURE_BYTES_MAX];

    return hex_len <= 2 * sizeof(der) && digest_unhex(hex, hex_len, der, hex_len / 2) == 0 &&
           secp256k1_ecdsa_signature_parse_der(secp256k1_context_static, signature, der,
                                               hex_len / 2) == 1;
}

bool signature_is_low(const char *hex, size_t hex_len)
{
    secp256k1_ecdsa_signature signature;

    return signature_read(hex, hex_len, &signature) &&
           secp256k1_ecdsa_signature_normalize(secp256k1_context_static, NULL, &signature) == 0;
}

bool signature_verify(const struct public_key *key, const void *text, size_t len, const char *hex,
                      size_t hex_len)
{
    uint8_t hash[DIGEST_BYTES];
    secp256k1_ecdsa_signature signature;
    secp256k1_pubkey point;

    if (!signature_read(hex, hex_len, &signature) ||
        secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, key->compressed, KEY_BYTES) !=
            1)
        return false;
    /* The library verifies the lower s alone; the network's rule is wider. */
    secp256k1_ecdsa_signature_normalize(secp256k1_context_static, &signature, &signature);
    digest_sha256(text, len, hash);
    return secp256k1_ecdsa_verify(secp256k1_context_static, &signature, hash, &point) == 1;
}
