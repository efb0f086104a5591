#include "supervisor/auth/owner_token.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define TOKEN_NAME      "owner.token"
#define TOKEN_TEMPORARY "owner.token.new"
#define TOKEN_BYTES     32
#define TOKEN_HEX_LEN   (2 * TOKEN_BYTES)
/* The file may end in a newline, an editor may have left a carriage return. */
#define TOKEN_FILE_MAX_BYTES (TOKEN_HEX_LEN + 8)

struct owner_token {
    unsigned char hash[crypto_generichash_BYTES];
};

static void hash_session(const char *session, size_t len, unsigned char *out)
{
    crypto_generichash(out, crypto_generichash_BYTES, (const unsigned char *)session, len, NULL, 0);
}

static int fail(char *reason, size_t reason_size, const char *what)
{
    int error = error_from_errno(errno);
    snprintf(reason, reason_size, "owner token: cannot %s: %s", what, strerror(errno));
    return error;
}

static int write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        text += written;
        len -= (size_t)written;
    }
    return 0;
}

/* Temporary file, fsync, rename, fsync of the folder: there is a whole token or none. */
static int create(int folder, char *reason, size_t reason_size)
{
    unsigned char bytes[TOKEN_BYTES];
    char text[TOKEN_HEX_LEN + 2];
    int error = 0;
    int fd = -1;

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, TOKEN_HEX_LEN + 1, bytes, sizeof bytes);
    text[TOKEN_HEX_LEN] = '\n';
    unlinkat(folder, TOKEN_TEMPORARY, 0);
    fd =
        openat(folder, TOKEN_TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        error = fail(reason, reason_size, "create " TOKEN_TEMPORARY);
        goto cleanup;
    }
    if (fchmod(fd, 0600) != 0 || write_all(fd, text, TOKEN_HEX_LEN + 1) != 0 || fsync(fd) != 0)
        error = fail(reason, reason_size, "write " TOKEN_TEMPORARY);
    else if (renameat(folder, TOKEN_TEMPORARY, folder, TOKEN_NAME) != 0 || fsync(folder) != 0)
        error = fail(reason, reason_size, "put " TOKEN_NAME " in place");
cleanup:
    if (fd >= 0)
        close(fd);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, sizeof text);
    return error;
}

static void check_mode(int fd)
{
    struct stat stat;
    if (fstat(fd, &stat) == 0 && (stat.st_mode & 077) != 0)
        log_warn(&(struct log_about){.event = "owner-token-mode"},
                 "owner.token can be read by others (mode %03o): chmod 600 it, or delete it and "
                 "start again for a new one",
                 (unsigned)(stat.st_mode & 0777));
}

static int load(int folder, struct owner_token *token, char *reason, size_t reason_size)
{
    char text[TOKEN_FILE_MAX_BYTES];
    unsigned char bytes[TOKEN_BYTES];
    size_t used = 0, decoded = 0;
    int error = 0;
    int fd = openat(folder, TOKEN_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? AMID_E_NOT_FOUND : fail(reason, reason_size, "open " TOKEN_NAME);
    check_mode(fd);
    while (used < sizeof text) {
        ssize_t got = read(fd, text + used, sizeof text - used);
        if (got < 0) {
            error = fail(reason, reason_size, "read " TOKEN_NAME);
            goto cleanup;
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    while (used > 0 && strchr(" \t\r\n", text[used - 1]))
        used--;
    if (used != TOKEN_HEX_LEN ||
        sodium_hex2bin(bytes, sizeof bytes, text, used, NULL, &decoded, NULL) != 0 ||
        decoded != sizeof bytes) {
        snprintf(reason, reason_size,
                 "owner token: " TOKEN_NAME " does not hold %d hex digits; delete it and a new one "
                 "is made at the next start",
                 TOKEN_HEX_LEN);
        error = AMID_E_CORRUPT;
        goto cleanup;
    }
    hash_session(text, used, token->hash);
cleanup:
    sodium_memzero(text, sizeof text);
    sodium_memzero(bytes, sizeof bytes);
    close(fd);
    return error;
}

int owner_token_open(const char *state_folder, struct owner_token **ret_token, char *reason,
                     size_t reason_size)
{
    struct owner_token *token = NULL;
    int folder = -1;
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
    folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        error = fail(reason, reason_size, "open the state folder");
        goto cleanup;
    }
    error = load(folder, token, reason, reason_size);
    if (error == AMID_E_NOT_FOUND) {
        error = create(folder, reason, reason_size);
        if (!error)
            error = load(folder, token, reason, reason_size);
        if (!error)
            log_info(&(struct log_about){.event = "owner-token-created"},
                     "owner token written to %s/" TOKEN_NAME, state_folder);
    }
cleanup:
    if (folder >= 0)
        close(folder);
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
