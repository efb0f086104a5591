#include "supervisor/auth/secret_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define NAME_MAX_BYTES 64
/* The file may end in a newline, an editor may have left a carriage return. */
#define FILE_MAX_BYTES (SECRET_FILE_HEX_MAX + 8)

static int fail(const struct secret_file *file, const char *what, char *reason, size_t reason_size)
{
    int error = error_from_errno(errno);

    snprintf(reason, reason_size, "%s: cannot %s %s: %s", file->what, what, file->name,
             strerror(errno));
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

/* Temporary file, fsync, rename, fsync of the folder: there is a whole secret or none. */
int secret_file_create(const struct secret_file *file, const char *hex, char *reason,
                       size_t reason_size)
{
    char temporary[NAME_MAX_BYTES];
    int error = 0;
    int fd;

    snprintf(temporary, sizeof(temporary), "%s.new", file->name);
    unlinkat(file->folder, temporary, 0);
    fd =
        openat(file->folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(file, "create", reason, reason_size);
    if (fchmod(fd, 0600) != 0 || write_all(fd, hex, file->hex_len) != 0 ||
        write_all(fd, "\n", 1) != 0 || fsync(fd) != 0)
        error = fail(file, "write", reason, reason_size);
    else if (renameat(file->folder, temporary, file->folder, file->name) != 0 ||
             fsync(file->folder) != 0)
        error = fail(file, "put in place", reason, reason_size);
    close(fd);
    return error;
}

static void check_mode(const struct secret_file *file, int fd)
{
    struct stat stat;

    if (fstat(fd, &stat) == 0 && (stat.st_mode & 077) != 0)
        log_warn(&(struct log_about){.event = "secret-file-mode"},
                 "%s can be read by others (mode %03o): chmod 600 it", file->name,
                 (unsigned)(stat.st_mode & 0777));
}

/* The bytes read, or -1. */
static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t got = read(fd, text + used, size - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static bool is_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

int secret_file_load(const struct secret_file *file, char ret_hex[SECRET_FILE_HEX_MAX + 1],
                     char *reason, size_t reason_size)
{
    char text[FILE_MAX_BYTES];
    int error = 0;
    ssize_t len;
    int fd = openat(file->folder, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return errno == ENOENT ? AMID_E_NOT_FOUND : fail(file, "open", reason, reason_size);
    check_mode(file, fd);
    len = read_all(fd, text, sizeof(text));
    if (len < 0)
        error = fail(file, "read", reason, reason_size);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    if (error == 0 && ((size_t)len != file->hex_len || !is_hex(text, file->hex_len))) {
        snprintf(reason, reason_size, "%s: %s does not hold %zu hex digits", file->what, file->name,
                 file->hex_len);
        error = AMID_E_CORRUPT;
    }
    if (error == 0) {
        memcpy(ret_hex, text, file->hex_len);
        ret_hex[file->hex_len] = '\0';
    }
    sodium_memzero(text, sizeof(text));
    close(fd);
    return error;
}
