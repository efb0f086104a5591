#include "supervisor/auth/owner_token.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/auth/secret_file.h"

#define WHAT          "owner token"
#define TOKEN_NAME    "owner.token"
#define TOKEN_BYTES   32
#define TOKEN_HEX_LEN (2 * TOKEN_BYTES)

struct owner_token {
    unsigned char hash[crypto_generichash_BYTES];
};

static void hash_session(const char *session, size_t len, unsigned char *out)
{
    crypto_generichash(out, crypto_generichash_BYTES, (const unsigned char *)session, len, NULL, 0);
}

static int create(const struct secret_file *file, char *reason, size_t reason_size)
{
    unsigned char bytes[TOKEN_BYTES];
    char text[TOKEN_HEX_LEN + 1];
    int error;

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, sizeof text, bytes, sizeof bytes);
    error = secret_file_create(file, text, reason, reason_size);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, sizeof text);
    return error;
}

static int load(const struct secret_file *file, struct owner_token *token, char *reason,
                size_t reason_size)
{
    char text[SECRET_FILE_HEX_MAX + 1];
    int error = secret_file_load(file, text, reason, reason_size);

    if (error == AMID_E_CORRUPT)
        snprintf(reason, reason_size,
                 WHAT ": " TOKEN_NAME " does not hold %d hex digits; delete it and a new one "
                      "is made at the next start",
                 TOKEN_HEX_LEN);
    if (error != 0)
        return error;
    hash_session(text, TOKEN_HEX_LEN, token->hash);
    sodium_memzero(text, sizeof text);
    return 0;
}

int owner_token_open(const char *state_folder, struct owner_token **ret_token, char *reason,
                     size_t reason_size)
{
    struct owner_token *token = NULL;
    struct secret_file file = {
        .folder = -1, .what = WHAT, .name = TOKEN_NAME, .hex_len = TOKEN_HEX_LEN};
    int error = 0;

    if (sodium_init() < 0) {
        snprintf(reason, reason_size, "owner token: libsodium cannot start");
        return AMID_E_INTERNAL;
    }
    token = calloc(1, sizeof *token);
    if (!token) {
        snprintf(reason, reason_size, "owner token: out of memory");
        return AMID_E_NOMEM;
    }
    file.folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file.folder < 0) {
        error = error_from_errno(errno);
        snprintf(reason, reason_size, WHAT ": cannot open the state folder: %s", strerror(errno));
        goto cleanup;
    }
    error = load(&file, token, reason, reason_size);
    if (error == AMID_E_NOT_FOUND) {
        error = create(&file, reason, reason_size);
        if (!error)
            error = load(&file, token, reason, reason_size);
        if (!error)
            log_info(&(struct log_about){.event = "owner-token-created"},
                     "owner token written to %s/" TOKEN_NAME, state_folder);
    }
cleanup:
    if (file.folder >= 0)
        close(file.folder);
    if (error) {
        free(token);
        return error;
    }
    *ret_token = token;
    return 0;
}

void owner_token_free(struct owner_token *token)
{
    if (token)
        sodium_memzero(token, sizeof *token);
    free(token);
}

bool owner_token_matches(const struct owner_token *token, const char *session, size_t len)
{
    unsigned char hash[crypto_generichash_BYTES];
    if (len != TOKEN_HEX_LEN)
        return false;
    hash_session(session, len, hash);
    return sodium_memcmp(hash, token->hash, sizeof hash) == 0;
}
