#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

#include "runner/host.h"

/*
 * Hashes and HMAC of the global `crypto`. They run inside the turn of the script that asks: the
 * turn's limit of CPU time holds for them as for any other code.
 */
enum hash_kind { HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASH_MAX };

union hash_state {
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
};

union hmac_state {
    struct hmac_sha1_ctx sha1;
    struct hmac_sha256_ctx sha256;
    struct hmac_sha512_ctx sha512;
};

static const size_t digest_bytes[HASH_MAX] = {SHA1_DIGEST_SIZE, SHA256_DIGEST_SIZE,
                                              SHA384_DIGEST_SIZE, SHA512_DIGEST_SIZE};

static enum hash_kind require_kind(duk_context *ctx, duk_idx_t idx)
{
    int kind = duk_require_int(ctx, idx);

    if (kind < 0 || kind >= HASH_MAX)
        (void)duk_type_error(ctx, "no such hash");
    return (enum hash_kind)kind;
}

static void hash(enum hash_kind kind, const uint8_t *bytes, size_t len, uint8_t *digest)
{
    union hash_state state;

    switch (kind) {
    case HASH_SHA1:
        sha1_init(&state.sha1);
        sha1_update(&state.sha1, len, bytes);
        sha1_digest(&state.sha1, SHA1_DIGEST_SIZE, digest);
        break;
    case HASH_SHA256:
        sha256_init(&state.sha256);
        sha256_update(&state.sha256, len, bytes);
        sha256_digest(&state.sha256, SHA256_DIGEST_SIZE, digest);
        break;
    case HASH_SHA384:
        sha384_init(&state.sha512);
        sha384_update(&state.sha512, len, bytes);
        sha384_digest(&state.sha512, SHA384_DIGEST_SIZE, digest);
        break;
    default:
        sha512_init(&state.sha512);
        sha512_update(&state.sha512, len, bytes);
        sha512_digest(&state.sha512, SHA512_DIGEST_SIZE, digest);
        break;
    }
}

struct input {
    const uint8_t *key;
    size_t key_len;
    const uint8_t *bytes;
    size_t len;
};

static void authenticate(enum hash_kind kind, const struct input *in, uint8_t *digest)
{
    union hmac_state state;

    switch (kind) {
    case HASH_SHA1:
        hmac_sha1_set_key(&state.sha1, in->key_len, in->key);
        hmac_sha1_update(&state.sha1, in->len, in->bytes);
        hmac_sha1_digest(&state.sha1, SHA1_DIGEST_SIZE, digest);
        break;
    case HASH_SHA256:
        hmac_sha256_set_key(&state.sha256, in->key_len, in->key);
        hmac_sha256_update(&state.sha256, in->len, in->bytes);
        hmac_sha256_digest(&state.sha256, SHA256_DIGEST_SIZE, digest);
        break;
    case HASH_SHA384:
        hmac_sha384_set_key(&state.sha512, in->key_len, in->key);
        hmac_sha384_update(&state.sha512, in->len, in->bytes);
        hmac_sha384_digest(&state.sha512, SHA384_DIGEST_SIZE, digest);
        break;
    default:
        hmac_sha512_set_key(&state.sha512, in->key_len, in->key);
        hmac_sha512_update(&state.sha512, in->len, in->bytes);
        hmac_sha512_digest(&state.sha512, SHA512_DIGEST_SIZE, digest);
        break;
    }
}

static uint8_t *push_digest(duk_context *ctx, enum hash_kind kind)
{
    uint8_t *digest = duk_push_fixed_buffer(ctx, digest_bytes[kind]);

    duk_push_buffer_object(ctx, -1, 0, digest_bytes[kind], DUK_BUFOBJ_UINT8ARRAY);
    return digest;
}

/* digest(kind, bytes): Uint8Array */
static duk_ret_t js_digest(duk_context *ctx)
{
    enum hash_kind kind = require_kind(ctx, 0);
    size_t len;
    const uint8_t *bytes = host_require_bytes(ctx, 1, &len);

    hash(kind, bytes, len, push_digest(ctx, kind));
    return 1;
}

/* hmac(kind, key, bytes): Uint8Array */
static duk_ret_t js_hmac(duk_context *ctx)
{
    enum hash_kind kind = require_kind(ctx, 0);
    struct input in;

    in.key = host_require_bytes(ctx, 1, &in.key_len);
    in.bytes = host_require_bytes(ctx, 2, &in.len);
    authenticate(kind, &in, push_digest(ctx, kind));
    return 1;
}

/* sameBytes(a, b): whether they are equal, in a time that does not tell where they differ */
static duk_ret_t js_same_bytes(duk_context *ctx)
{
    size_t a_len, b_len;
    const uint8_t *a = host_require_bytes(ctx, 0, &a_len);
    const uint8_t *b = host_require_bytes(ctx, 1, &b_len);

    duk_push_boolean(ctx, a_len == b_len && memeql_sec(a, b, a_len) != 0);
    return 1;
}

void host_push_crypto(duk_context *ctx)
{
    static const duk_function_list_entry functions[] = {
        {"digest", js_digest, 2},
        {"hmac", js_hmac, 3},
        {"sameBytes", js_same_bytes, 2},
        {NULL, NULL, 0},
    };

    duk_put_function_list(ctx, -1, functions);
}
