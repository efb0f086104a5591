#include "supervisor/auth/owner_token.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/auth/secret_file.h"

#define WHAT       "owner token"
#define TOKEN_NAME "owner.token"

static int open_folder(const char *state_folder, struct secret_file *ret_file, char *reason,
                       size_t reason_size)
{
    int fd = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        int error = error_from_errno(errno);
        snprintf(reason, reason_size, WHAT ": cannot open the state folder: %s", strerror(errno));
        return error;
    }
    *ret_file = (struct secret_file){
        .folder = fd, .what = WHAT, .name = TOKEN_NAME, .hex_len = CREDENTIAL_SECRET_HEX};
    return 0;
}

int owner_token_write(const char *state_folder, const char *secret, char *reason,
                      size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    int error = open_folder(state_folder, &file, reason, reason_size);

    if (error)
        return error;
    error = secret_file_create(&file, secret, reason, reason_size);
    close(file.folder);
    return error;
}

int owner_token_read(const char *state_folder, char *ret_secret, char *reason, size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    char text[SECRET_FILE_HEX_MAX + 1];
    int error = open_folder(state_folder, &file, reason, reason_size);

    if (error)
        return error;
    error = secret_file_load(&file, text, reason, reason_size);
    close(file.folder);
    if (error == AMID_E_CORRUPT)
        snprintf(reason, reason_size, WHAT ": " TOKEN_NAME " does not hold %d hex digits",
                 CREDENTIAL_SECRET_HEX);
    if (error)
        return error;
    memcpy(ret_secret, text, CREDENTIAL_SECRET_HEX + 1);
    sodium_memzero(text, sizeof text);
    return 0;
}

int owner_token_remove(const char *state_folder, char *reason, size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    int error = open_folder(state_folder, &file, reason, reason_size);

    if (error)
        return error;
    if (unlinkat(file.folder, TOKEN_NAME, 0) != 0 && errno != ENOENT) {
        error = error_from_errno(errno);
        snprintf(reason, reason_size, WHAT ": cannot remove " TOKEN_NAME ": %s", strerror(errno));
    } else {
        fsync(file.folder);
    }
    close(file.folder);
    return error;
}
