#include "supervisor/auth/node_wallet.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/id.h"
#include "common/log.h"
#include "supervisor/auth/secret_file.h"

#define WHAT         "node wallet"
#define NAME         "node.wallet"
#define SEALED_NAME  NAME ".sealed"
#define SEALED_BYTES (SECRET_BYTES + NODE_KEY_SEAL_BYTES)
#define ABOUT        "node wallet"

_Static_assert(2 * SEALED_BYTES <= SECRET_FILE_HEX_MAX, "a sealed secret fits its file");

static struct secret_file plain_file(int folder)
{
    return (struct secret_file){
        .folder = folder, .what = WHAT, .name = NAME, .hex_len = SECRET_HEX_LEN};
}

static struct secret_file sealed_file(int folder)
{
    return (struct secret_file){
        .folder = folder, .what = WHAT, .name = SEALED_NAME, .hex_len = 2 * SEALED_BYTES};
}

static int save_sealed(int folder, const struct node_key *key, const char *hex, char *reason,
                       size_t reason_size)
{
    const struct secret_file file = sealed_file(folder);
    uint8_t secret[SECRET_BYTES], sealed[SEALED_BYTES];
    char text[2 * SEALED_BYTES + 1];
    int error = id_unhex(hex, secret, sizeof(secret));

    if (error == 0)
        error = node_key_seal(key, ABOUT, secret, sizeof(secret), sealed);
    sodium_memzero(secret, sizeof(secret));
    if (error != 0) {
        snprintf(reason, reason_size, WHAT ": cannot be encrypted: %s", error_text(error));
        return error;
    }
    id_hex(sealed, sizeof(sealed), text);
    return secret_file_create(&file, text, reason, reason_size);
}

/* AMID_E_NOT_FOUND without a reason if there is none. */
static int load_sealed(int folder, const struct node_key *key, char hex[SECRET_FILE_HEX_MAX + 1],
                       char *reason, size_t reason_size)
{
    const struct secret_file file = sealed_file(folder);
    uint8_t secret[SECRET_BYTES], sealed[SEALED_BYTES];
    int error = secret_file_load(&file, hex, reason, reason_size);

    if (error != 0)
        return error;
    error = id_unhex(hex, sealed, sizeof(sealed));
    if (error == 0)
        error = node_key_open_sealed(key, ABOUT, sealed, sizeof(sealed), secret);
    if (error == 0)
        id_hex(secret, sizeof(secret), hex);
    else
        snprintf(reason, reason_size, WHAT ": " SEALED_NAME " was encrypted with another key%s",
                 node_key_is_outside(key) ? "" : "; name it with auth.key_file");
    sodium_memzero(secret, sizeof(secret));
    return error;
}

/* Overwritten as far as the file system keeps the place. */
static void remove_plain(int folder)
{
    static const char zeros[SECRET_HEX_LEN + 1] = "";
    int fd = openat(folder, NAME, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT)
        return;
    if (fd < 0 || write(fd, zeros, sizeof(zeros)) != (ssize_t)sizeof(zeros) || fsync(fd) != 0)
        log_warn(&(struct log_about){.event = "wallet-sealed"},
                 NAME " could not be overwritten before it was removed");
    if (fd >= 0)
        close(fd);
    if (unlinkat(folder, NAME, 0) != 0 || fsync(folder) != 0)
        log_error(&(struct log_about){.event = "wallet-sealed"},
                  "The plain secret in " NAME " could not be removed: %s", strerror(errno));
    else
        log_info(&(struct log_about){.event = "wallet-sealed"},
                 "The node's wallet is encrypted now, in " SEALED_NAME);
}

static int create(int folder, const struct node_key *key, struct wallet **ret_wallet, char *reason,
                  size_t reason_size)
{
    const struct secret_file file = plain_file(folder);
    char hex[SECRET_HEX_LEN + 1];
    struct wallet *wallet = NULL;
    bool is_sealed = node_key_is_outside(key);
    int error = wallet_create(&wallet);

    if (error != 0) {
        snprintf(reason, reason_size, WHAT ": cannot make one: %s", error_text(error));
        return error;
    }
    wallet_secret(wallet, hex);
    error = is_sealed ? save_sealed(folder, key, hex, reason, reason_size)
                      : secret_file_create(&file, hex, reason, reason_size);
    sodium_memzero(hex, sizeof(hex));
    if (error != 0) {
        wallet_free(wallet);
        return error;
    }
    log_info(&(struct log_about){.event = "wallet-created"},
             "The node has a wallet: address %s, secret in %s", wallet_card(wallet)->address,
             is_sealed ? SEALED_NAME : NAME);
    *ret_wallet = wallet;
    return 0;
}

static int import(const char *hex, struct wallet **ret_wallet, char *reason, size_t reason_size)
{
    int error = wallet_import(hex, SECRET_HEX_LEN, ret_wallet);

    if (error == AMID_E_INVALID) {
        snprintf(reason, reason_size, WHAT ": what " NAME " holds is no secret key");
        return AMID_E_CORRUPT;
    }
    if (error != 0)
        snprintf(reason, reason_size, WHAT ": %s", error_text(error));
    return error;
}

/* The sealed one counts where both are: the plain one is then what a crash left. */
static int load(int folder, const struct node_key *key, struct wallet **ret_wallet, char *reason,
                size_t reason_size)
{
    const struct secret_file file = plain_file(folder);
    char hex[SECRET_FILE_HEX_MAX + 1];
    bool is_plain;
    int error = load_sealed(folder, key, hex, reason, reason_size);

    is_plain = error == AMID_E_NOT_FOUND;
    if (is_plain)
        error = secret_file_load(&file, hex, reason, reason_size);
    if (error == 0)
        error = import(hex, ret_wallet, reason, reason_size);
    if (error == 0 && is_plain && node_key_is_outside(key)) {
        error = save_sealed(folder, key, hex, reason, reason_size);
        if (error != 0) {
            wallet_free(*ret_wallet);
            *ret_wallet = NULL;
        }
    }
    if (error == 0 && (!is_plain || node_key_is_outside(key)))
        remove_plain(folder);
    sodium_memzero(hex, sizeof(hex));
    return error;
}

int node_wallet_open(const char *state_folder, const struct node_key *key,
                     struct wallet **ret_wallet, char *reason, size_t reason_size)
{
    int folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error;

    if (folder < 0) {
        snprintf(reason, reason_size, WHAT ": cannot open the state folder: %s", strerror(errno));
        return error_from_errno(errno);
    }
    error = load(folder, key, ret_wallet, reason, reason_size);
    if (error == AMID_E_NOT_FOUND)
        error = create(folder, key, ret_wallet, reason, reason_size);
    close(folder);
    return error;
}
