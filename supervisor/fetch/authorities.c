#include "supervisor/fetch/authorities.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

/* "01234567.123" */
#define NAME_BYTES 24
/* Not the name of any authority. */
#define UNFINISHED "unfinished"

/* Where the distributions keep them: Debian, Fedora and its kin, SUSE, Alpine. */
static const char *const system_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

/* A folder being filled. */
struct filling {
    int fd;
    size_t count;
    unsigned long hashes[AUTHORITIES_MAX];
    unsigned numbers[AUTHORITIES_MAX]; /* of those with the same hash */
};

typedef int (*take_fn)(struct filling *filling, X509 *certificate);

/* Gives each certificate of the file to take, or only counts them. */
static int read_file(const char *file, take_fn take, struct filling *filling, size_t *ret_count)
{
    BIO *in = BIO_new_file(file, "r");
    X509 *certificate;
    size_t count = 0;
    int error = 0;

    if (in == NULL) {
        ERR_clear_error();
        return AMID_E_NOT_FOUND;
    }
    while (error == 0 && (certificate = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL)) != NULL) {
        if (++count > AUTHORITIES_MAX)
            error = AMID_E_LIMIT;
        else if (take != NULL)
            error = take(filling, certificate);
        X509_free(certificate);
    }
    /* The end of the file is told as the lack of another start. */
    if (error == 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        error = AMID_E_INVALID;
    ERR_clear_error();
    BIO_free(in);
    *ret_count = count;
    return error;
}

static int explain(int error, const char *ca_file, char *reason, size_t reason_size)
{
    if (error == AMID_E_INVALID)
        snprintf(reason, reason_size, "fetch.ca_file: %s holds no PEM certificates", ca_file);
    else if (error == AMID_E_LIMIT)
        snprintf(reason, reason_size, "more than %d certificate authorities", AUTHORITIES_MAX);
    else
        snprintf(reason, reason_size, "certificate authorities: %s", error_text(error));
    return error;
}

int authorities_check(const char *ca_file, char *reason, size_t reason_size)
{
    size_t count = 0;
    int error;

    if (access(ca_file, R_OK) != 0) {
        snprintf(reason, reason_size, "fetch.ca_file: %s cannot be read: %s", ca_file,
                 strerror(errno));
        return AMID_E_NOT_FOUND;
    }
    error = read_file(ca_file, NULL, NULL, &count);
    if (error == 0 && count == 0)
        error = AMID_E_INVALID;
    return error == 0 ? 0 : explain(error, ca_file, reason, reason_size);
}

static bool is_there(int folder_fd, const char *name, const char *text, size_t len)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *old = fd < 0 ? NULL : malloc(len + 1);
    bool is_same = old != NULL && read(fd, old, len + 1) == (ssize_t)len;

    if (is_same)
        is_same = memcmp(old, text, len) == 0;
    free(old);
    if (fd >= 0)
        close(fd);
    return is_same;
}

static int write_text(int folder_fd, const char *name, const char *text, size_t len)
{
    ssize_t written;
    int fd;

    if (is_there(folder_fd, name, text, len))
        return 0;
    fd = openat(folder_fd, UNFINISHED, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_from_errno(errno);
    errno = ENOSPC; /* of a write that is only short */
    written = write(fd, text, len);
    if (close(fd) != 0 || written != (ssize_t)len ||
        renameat(folder_fd, UNFINISHED, folder_fd, name) != 0)
        return error_from_errno(errno);
    return 0;
}

static int add(struct filling *filling, X509 *certificate)
{
    unsigned long hash = X509_subject_name_hash(certificate);
    BIO *out = BIO_new(BIO_s_mem());
    char name[NAME_BYTES], *text = NULL;
    unsigned number = 0;
    int error = AMID_E_NOMEM;
    long len;

    for (size_t i = 0; i < filling->count; i++)
        number += filling->hashes[i] == hash;
    snprintf(name, sizeof(name), "%08lx.%u", hash, number);
    if (filling->count == AUTHORITIES_MAX) {
        error = AMID_E_LIMIT;
    } else if (out != NULL && PEM_write_bio_X509_AUX(out, certificate) == 1) {
        len = BIO_get_mem_data(out, &text);
        error = write_text(filling->fd, name, text, (size_t)len);
    }
    BIO_free(out);
    if (error != 0)
        return error;
    filling->hashes[filling->count] = hash;
    filling->numbers[filling->count] = number;
    filling->count++;
    return 0;
}

static bool is_wanted(const struct filling *filling, const char *name)
{
    for (size_t i = 0; i < filling->count; i++) {
        char wanted[NAME_BYTES];

        snprintf(wanted, sizeof(wanted), "%08lx.%u", filling->hashes[i], filling->numbers[i]);
        if (strcmp(name, wanted) == 0)
            return true;
    }
    return false;
}

static int remove_others(const struct filling *filling)
{
    int fd = openat(filling->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int error = 0;

    if (folder == NULL) {
        error = error_from_errno(errno);
        if (fd >= 0)
            close(fd);
        return error;
    }
    while (error == 0 && (entry = readdir(folder)) != NULL) { /* NOLINT: one thread reads it */
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !is_wanted(filling, entry->d_name) && unlinkat(filling->fd, entry->d_name, 0) != 0)
            error = error_from_errno(errno);
    }
    closedir(folder);
    return error;
}

static int fill(struct filling *filling, const char *ca_file)
{
    size_t count = 0;
    int error = 0;

    if (ca_file[0] != '\0') {
        error = read_file(ca_file, add, filling, &count);
        if (error == 0 && count == 0)
            error = AMID_E_INVALID;
        count = 0;
    }
    for (size_t i = 0;
         i < sizeof(system_files) / sizeof(system_files[0]) && error == 0 && count == 0; i++) {
        error = read_file(system_files[i], add, filling, &count);
        if (error == AMID_E_NOT_FOUND || error == AMID_E_INVALID)
            error = 0;
    }
    return error == 0 ? remove_others(filling) : error;
}

int authorities_write(const char *folder, const char *ca_file, char *reason, size_t reason_size)
{
    struct filling *filling = calloc(1, sizeof(*filling));
    int error;

    if (filling == NULL)
        return explain(AMID_E_NOMEM, ca_file, reason, reason_size);
    filling->fd = -1;
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        filling->fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (filling->fd < 0) {
        error = error_from_errno(errno);
        snprintf(reason, reason_size, "%s: %s", folder, strerror(errno));
    } else {
        error = fill(filling, ca_file);
        if (error != 0)
            explain(error, ca_file, reason, reason_size);
        close(filling->fd);
    }
    free(filling);
    return error;
}
