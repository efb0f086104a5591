#include <sodium.h>
#include <string.h>

#include "common/error.h"
#include "runner/host.h"
#include "runner/text.h"
#include "wallet/digest.h"
#include "wallet/wallet.h"

/*
 * What a script does with keys that it holds itself needs nobody's permission and nothing from
 * amid, so it is done here, at once and on the script's own CPU time. The node's wallet is not
 * here.
 */
enum wallet_op { OP_CARD, OP_CARD_OF_KEY, OP_SIGN, OP_VERIFY, OP_ADDRESS, OP_HASH, OP_NUMBER };

/* Room for the canonical text of a transaction with 2 MiB of data. */
#define TEXT_MAX_BYTES (8u * 1024 * 1024)
/* Keys, addresses and signatures are shorter. */
#define SHORT_MAX_BYTES 256

/* A short text argument, or "" for what is none. */
static void get_short(duk_context *ctx, duk_idx_t idx, char text[SHORT_MAX_BYTES + 1])
{
    duk_size_t len = 0;
    const char *chars = duk_get_lstring(ctx, idx, &len);

    text[0] = '\0';
    if (chars == NULL || len > SHORT_MAX_BYTES || memchr(chars, '\0', len) != NULL)
        return;
    memcpy(text, chars, len);
    text[len] = '\0';
}

/* A text in UTF-8, a lone surrogate as U+FFFD like TextEncoder. Throws; the caller frees it. */
static void get_text(duk_context *ctx, duk_idx_t idx, struct buffer *text)
{
    int error;

    buffer_init(text, TEXT_MAX_BYTES);
    error = text_get(ctx, idx, TEXT_LONE_REPLACE, text);
    if (error == 0)
        return;
    buffer_free(text);
    if (error == AMID_E_TOO_LARGE)
        (void)duk_range_error(ctx, "the text is longer than 8 MiB");
    else if (error == AMID_E_NOMEM)
        (void)duk_error(ctx, DUK_ERR_ERROR, "out of memory");
    else
        (void)duk_type_error(ctx, "a text is expected");
}

static void push_card(duk_context *ctx, const struct wallet_card *card)
{
    const char *const parts[] = {card->address, card->number, card->public_key,
                                 card->public_key_full};

    duk_push_array(ctx);
    for (duk_uarridx_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        duk_push_string(ctx, parts[i]);
        duk_put_prop_index(ctx, -2, i);
    }
}

static void push_card_of_secret(duk_context *ctx, const char *hex)
{
    uint8_t secret[SECRET_BYTES];
    struct wallet_card card;
    int error = digest_unhex(hex, strlen(hex), secret, sizeof(secret));

    if (error == 0)
        error = wallet_card_of_secret(secret, &card);
    sodium_memzero(secret, sizeof(secret));
    if (error == 0)
        push_card(ctx, &card);
    else
        duk_push_undefined(ctx);
}

static void push_card_of_key(duk_context *ctx, const char *hex)
{
    struct public_key key;
    struct wallet_card card;

    if (public_key_read(hex, strlen(hex), &key) != 0) {
        duk_push_undefined(ctx);
        return;
    }
    wallet_card_of_key(&key, &card);
    push_card(ctx, &card);
}

static void push_signature(duk_context *ctx, const struct buffer *text, const char *hex)
{
    char signature[SIGNATURE_TEXT_MAX];
    uint8_t secret[SECRET_BYTES];
    int error = digest_unhex(hex, strlen(hex), secret, sizeof(secret));

    if (error == 0)
        error = signature_make(secret, text->data, text->len, signature);
    sodium_memzero(secret, sizeof(secret));
    if (error == 0)
        duk_push_string(ctx, signature);
    else
        duk_push_undefined(ctx);
}

static void push_hash(duk_context *ctx, const struct buffer *text)
{
    char hex[DIGEST_HEX_LEN + 1];
    uint8_t hash[DIGEST_BYTES];

    digest_sha256(text->data, text->len, hash);
    digest_hex(hash, sizeof(hash), hex);
    duk_push_string(ctx, hex);
}

static void push_number(duk_context *ctx, const struct buffer *text)
{
    char number[ADDRESS_NUMBER_LEN + 1];

    address_number(text->data, text->len, number);
    duk_push_string(ctx, number);
}

static bool verifies(const struct buffer *text, const char *signature, const char *key_hex)
{
    struct public_key key;

    return public_key_read(key_hex, strlen(key_hex), &key) == 0 &&
           signature_verify(&key, text->data, text->len, signature, strlen(signature));
}

/* Pushes may throw when the heap is full; the text is not the engine's. */
struct text_work {
    enum wallet_op op;
    struct buffer text;
    char second[SHORT_MAX_BYTES + 1];
    char third[SHORT_MAX_BYTES + 1];
};

static duk_ret_t work_safely(duk_context *ctx, void *udata)
{
    const struct text_work *work = udata;

    if (work->op == OP_SIGN)
        push_signature(ctx, &work->text, work->second);
    else if (work->op == OP_VERIFY)
        duk_push_boolean(ctx, verifies(&work->text, work->second, work->third));
    else if (work->op == OP_HASH)
        push_hash(ctx, &work->text);
    else
        push_number(ctx, &work->text);
    return 1;
}

static duk_ret_t work_on_text(duk_context *ctx, enum wallet_op op)
{
    struct text_work work = {.op = op};
    duk_int_t result;

    get_short(ctx, 2, work.second);
    get_short(ctx, 3, work.third);
    get_text(ctx, 1, &work.text);
    result = duk_safe_call(ctx, work_safely, &work, 0, 1);
    buffer_free(&work.text);
    sodium_memzero(&work, sizeof(work));
    return result == DUK_EXEC_SUCCESS ? 1 : duk_throw(ctx);
}

/* wallet(op, a, b, c); undefined for a key that is none. */
static duk_ret_t js_wallet(duk_context *ctx)
{
    char text[SHORT_MAX_BYTES + 1];
    duk_int_t op = duk_require_int(ctx, 0);

    switch (op) {
    case OP_SIGN:
    case OP_VERIFY:
    case OP_HASH:
    case OP_NUMBER:
        return work_on_text(ctx, (enum wallet_op)op);
    default:
        break;
    }
    get_short(ctx, 1, text);
    if (op == OP_CARD)
        push_card_of_secret(ctx, text);
    else if (op == OP_CARD_OF_KEY)
        push_card_of_key(ctx, text);
    else
        duk_push_boolean(ctx, address_is_valid(text, strlen(text)));
    sodium_memzero(text, sizeof(text));
    return 1;
}

void host_push_wallet(duk_context *ctx)
{
    duk_push_c_function(ctx, js_wallet, 4);
    duk_put_prop_string(ctx, -2, "wallet");
}
