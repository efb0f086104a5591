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
#define NEXT_NAME  "owner.token.next"

static int fail(const char *what, char *reason, size_t reason_size)
{
    int error = error_from_errno(errno);

    snprintf(reason, reason_size, WHAT ": cannot %s: %s", what, strerror(errno));
    return error;
}

static int open_folder(const char *state_folder, const char *name, struct secret_file *ret_file,
                       char *reason, size_t reason_size)
{
    int fd = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return fail("open the state folder", reason, reason_size);
    *ret_file = (struct secret_file){
        .folder = fd, .what = WHAT, .name = name, .hex_len = CREDENTIAL_SECRET_HEX};
    return 0;
}

static int write_file(const char *state_folder, const char *name, const char *secret, char *reason,
                      size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    int error = open_folder(state_folder, name, &file, reason, reason_size);

    if (error)
        return error;
    error = secret_file_create(&file, secret, reason, reason_size);
    close(file.folder);
    return error;
}

int owner_token_write(const char *state_folder, const char *secret, char *reason,
                      size_t reason_size)
{
    return write_file(state_folder, TOKEN_NAME, secret, reason, reason_size);
}

int owner_token_write_next(const char *state_folder, const char *secret, char *reason,
                           size_t reason_size)
{
    return write_file(state_folder, NEXT_NAME, secret, reason, reason_size);
}

static int read_file(const char *state_folder, const char *name, char *ret_secret, char *reason,
                     size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    char text[SECRET_FILE_HEX_MAX + 1];
    int error = open_folder(state_folder, name, &file, reason, reason_size);

    if (error)
        return error;
    error = secret_file_load(&file, text, reason, reason_size);
    close(file.folder);
    if (error == AMID_E_CORRUPT)
        snprintf(reason, reason_size, WHAT ": %s does not hold %d hex digits", name,
                 CREDENTIAL_SECRET_HEX);
    if (error)
        return error;
    memcpy(ret_secret, text, CREDENTIAL_SECRET_HEX + 1);
    sodium_memzero(text, sizeof text);
    return 0;
}

int owner_token_read(const char *state_folder, char *ret_secret, char *reason, size_t reason_size)
{
    return read_file(state_folder, TOKEN_NAME, ret_secret, reason, reason_size);
}

int owner_token_read_next(const char *state_folder, char *ret_secret, char *reason,
                          size_t reason_size)
{
    return read_file(state_folder, NEXT_NAME, ret_secret, reason, reason_size);
}

int owner_token_take_next(const char *state_folder, char *reason, size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    int error = open_folder(state_folder, NEXT_NAME, &file, reason, reason_size);

    if (error)
        return error;
    if (renameat(file.folder, NEXT_NAME, file.folder, TOKEN_NAME) != 0 || fsync(file.folder) != 0)
        error = fail("put " NEXT_NAME " in the place of " TOKEN_NAME, reason, reason_size);
    close(file.folder);
    return error;
}

static int remove_file(const char *state_folder, const char *name, char *reason, size_t reason_size)
{
    struct secret_file file = {.folder = -1};
    int error = open_folder(state_folder, name, &file, reason, reason_size);

    if (error)
        return error;
    if (unlinkat(file.folder, name, 0) != 0 && errno != ENOENT)
        error = fail("remove its file", reason, reason_size);
    else
        fsync(file.folder);
    close(file.folder);
    return error;
}

int owner_token_remove_next(const char *state_folder, char *reason, size_t reason_size)
{
    return remove_file(state_folder, NEXT_NAME, reason, reason_size);
}

int owner_token_remove(const char *state_folder, char *reason, size_t reason_size)
{
    return remove_file(state_folder, TOKEN_NAME, reason, reason_size);
}
