#include "supervisor/auth/node_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/id.h"
#include "common/log.h"
#include "supervisor/auth/secret_file.h"

#define WHAT "node key"
#define NAME "node.key"

_Static_assert(NODE_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(NODE_KEY_SEAL_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
                                          crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "seal");

struct node_key {
    bool is_outside;
    uint8_t bytes[NODE_KEY_BYTES];
};

/* sodium_malloc: guarded, locked and left out of core dumps (MADV_DONTDUMP). */
static struct node_key *key_new(const char *hex, bool is_outside)
{
    struct node_key *key = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*key));

    if (key == NULL)
        return NULL;
    key->is_outside = is_outside;
    if (id_unhex(hex, key->bytes, NODE_KEY_BYTES) != 0) {
        sodium_free(key);
        return NULL;
    }
    sodium_mprotect_readonly(key);
    return key;
}

static int load(const struct secret_file *file, bool is_outside, struct node_key **ret_key,
                char *reason, size_t reason_size)
{
    char hex[SECRET_FILE_HEX_MAX + 1];
    int error = secret_file_load(file, hex, reason, reason_size);
    struct node_key *key;

    if (error != 0)
        return error;
    key = key_new(hex, is_outside);
    sodium_memzero(hex, sizeof(hex));
    if (key == NULL) {
        snprintf(reason, reason_size, WHAT ": %s", error_text(AMID_E_NOMEM));
        return AMID_E_NOMEM;
    }
    *ret_key = key;
    return 0;
}

int node_key_from_outside(const char *path, const char *credentials, struct node_key **ret_key,
                          char *reason, size_t reason_size)
{
    struct secret_file file = {
        .folder = AT_FDCWD, .what = WHAT, .name = path, .hex_len = NODE_KEY_HEX_LEN};
    char credential[PATH_MAX];
    int error;

    *ret_key = NULL;
    if (path[0] == '\0') {
        if (credentials == NULL ||
            snprintf(credential, sizeof(credential), "%s/" NODE_KEY_CREDENTIAL, credentials) >=
                (int)sizeof(credential))
            return 0;
        file.name = credential;
    }
    error = load(&file, true, ret_key, reason, reason_size);
    if (error == AMID_E_NOT_FOUND && path[0] == '\0')
        return 0; /* the unit has other credentials */
    if (error == AMID_E_NOT_FOUND)
        snprintf(reason, reason_size, "auth.key_file: there is no %s", path);
    return error;
}

static int create(const struct secret_file *file, struct node_key **ret_key, char *reason,
                  size_t reason_size)
{
    uint8_t bytes[NODE_KEY_BYTES];
    char hex[NODE_KEY_HEX_LEN + 1];
    int error;

    if (sodium_init() < 0)
        return AMID_E_INTERNAL;
    randombytes_buf(bytes, sizeof(bytes));
    id_hex(bytes, sizeof(bytes), hex);
    sodium_memzero(bytes, sizeof(bytes));
    error = secret_file_create(file, hex, reason, reason_size);
    if (error == 0)
        *ret_key = key_new(hex, false);
    sodium_memzero(hex, sizeof(hex));
    if (error == 0 && *ret_key == NULL) {
        snprintf(reason, reason_size, WHAT ": %s", error_text(AMID_E_NOMEM));
        error = AMID_E_NOMEM;
    }
    return error;
}

int node_key_from_state(const char *state_folder, struct node_key **ret_key, char *reason,
                        size_t reason_size)
{
    struct secret_file file = {.what = WHAT, .name = NAME, .hex_len = NODE_KEY_HEX_LEN};
    int error;

    *ret_key = NULL;
    file.folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file.folder < 0) {
        snprintf(reason, reason_size, WHAT ": cannot open the state folder: %s", strerror(errno));
        return error_from_errno(errno);
    }
    error = load(&file, false, ret_key, reason, reason_size);
    if (error == AMID_E_NOT_FOUND)
        error = create(&file, ret_key, reason, reason_size);
    close(file.folder);
    return error;
}

void node_key_free(struct node_key *key)
{
    if (key != NULL)
        sodium_free(key);
}

bool node_key_is_outside(const struct node_key *key)
{
    return key->is_outside;
}

int node_key_seal(const struct node_key *key, const char *about, const void *plain, size_t len,
                  uint8_t *out)
{
    uint8_t *nonce = out;
    uint8_t *sealed = out + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;

    randombytes_buf(nonce, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    return crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain, len,
                                                      (const uint8_t *)about, strlen(about), NULL,
                                                      nonce, key->bytes) == 0
               ? 0
               : AMID_E_INTERNAL;
}

int node_key_open_sealed(const struct node_key *key, const char *about, const uint8_t *sealed,
                         size_t len, void *out)
{
    size_t nonce_len = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;

    if (len < NODE_KEY_SEAL_BYTES)
        return AMID_E_CORRUPT;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + nonce_len,
                                                      len - nonce_len, (const uint8_t *)about,
                                                      strlen(about), sealed, key->bytes) == 0
               ? 0
               : AMID_E_CORRUPT;
}
