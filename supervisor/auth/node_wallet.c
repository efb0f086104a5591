#include "supervisor/auth/node_wallet.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/auth/secret_file.h"

#define WHAT "node wallet"
#define NAME "node.wallet"

static int create(const struct secret_file *file, struct wallet **ret_wallet, char *reason,
                  size_t reason_size)
{
    char hex[SECRET_HEX_LEN + 1];
    struct wallet *wallet = NULL;
    int error = wallet_create(&wallet);

    if (error != 0) {
        snprintf(reason, reason_size, WHAT ": cannot make one: %s", error_text(error));
        return error;
    }
    wallet_secret(wallet, hex);
    error = secret_file_create(file, hex, reason, reason_size);
    sodium_memzero(hex, sizeof(hex));
    if (error != 0) {
        wallet_free(wallet);
        return error;
    }
    log_info(&(struct log_about){.event = "wallet-created"},
             "The node has a wallet: address %s, secret in " NAME, wallet_card(wallet)->address);
    *ret_wallet = wallet;
    return 0;
}

static int load(const struct secret_file *file, struct wallet **ret_wallet, char *reason,
                size_t reason_size)
{
    char hex[SECRET_FILE_HEX_MAX + 1];
    int error = secret_file_load(file, hex, reason, reason_size);

    if (error != 0)
        return error;
    error = wallet_import(hex, SECRET_HEX_LEN, ret_wallet);
    sodium_memzero(hex, sizeof(hex));
    if (error == AMID_E_INVALID) {
        snprintf(reason, reason_size, WHAT ": what " NAME " holds is no secret key");
        return AMID_E_CORRUPT;
    }
    if (error != 0)
        snprintf(reason, reason_size, WHAT ": %s", error_text(error));
    return error;
}

int node_wallet_open(const char *state_folder, struct wallet **ret_wallet, char *reason,
                     size_t reason_size)
{
    struct secret_file file = {.what = WHAT, .name = NAME, .hex_len = SECRET_HEX_LEN};
    int error;

    file.folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file.folder < 0) {
        snprintf(reason, reason_size, WHAT ": cannot open the state folder: %s", strerror(errno));
        return error_from_errno(errno);
    }
    error = load(&file, ret_wallet, reason, reason_size);
    if (error == AMID_E_NOT_FOUND)
        error = create(&file, ret_wallet, reason, reason_size);
    close(file.folder);
    return error;
}
