#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/files/beneath.h"
#include "supervisor/files/file_op.h"

#define FILE_MODE 0600
/* One writer, so one name is enough; a kill leaves at most this behind, which the scan removes. */
#define TEMPORARY FILE_PATH_OWN_PREFIX "new"

static int write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_from_errno(errno);
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* What stands under the name now: its size, or -1 for nothing. */
static int size_of_target(int folder_fd, const char *name, off_t *ret_size)
{
    struct stat info;

    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        *ret_size = -1;
        return errno == ENOENT ? 0 : error_from_errno(errno);
    }
    if (S_ISDIR(info.st_mode))
        return AMID_E_IS_DIRECTORY;
    if (!S_ISREG(info.st_mode))
        return AMID_E_DENIED;
    *ret_size = info.st_size;
    return 0;
}

/* The whole content is durable before the name leads to it, so that a reader, or a start after a
 * crash, sees the old content or the new. */
static int replace(int folder_fd, const char *name, const uint8_t *data, size_t len)
{
    int fd;
    int error;

    unlinkat(folder_fd, TEMPORARY, 0);
    fd = openat(folder_fd, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                FILE_MODE);
    if (fd < 0)
        return error_from_errno(errno);
    error = write_all(fd, data, len);
    if (error == 0 && fsync(fd) != 0)
        error = error_from_errno(errno);
    close(fd);
    if (error == 0 && renameat(folder_fd, TEMPORARY, folder_fd, name) != 0)
        error = error_from_errno(errno);
    if (error != 0)
        unlinkat(folder_fd, TEMPORARY, 0);
    else if (fsync(folder_fd) != 0)
        error = error_from_errno(errno);
    return error;
}

static int put(struct file_op *op, int root_fd, const struct file_path *path, struct usage *usage)
{
    struct usage after;
    off_t before = -1;
    int folder_fd = -1;
    int error = beneath_open_parent(root_fd, path, &folder_fd);

    if (error != 0)
        return error;
    error = size_of_target(folder_fd, file_path_name(path), &before);
    if (error == 0 && before < 0 && !op->create)
        error = AMID_E_NOT_FOUND;
    if (error == 0 && before >= 0 && op->create_new)
        error = AMID_E_EXISTS;
    if (error == 0)
        error = usage_change(usage, &op->limits, (int64_t)op->len - (before > 0 ? before : 0),
                             before < 0 ? 1 : 0, &after);
    if (error == 0)
        error = replace(folder_fd, file_path_name(path), op->data, op->len);
    if (error == 0)
        *usage = after;
    close(folder_fd);
    return error;
}

/* A write that failed half way is taken back. */
static int append_to(int fd, off_t before, const uint8_t *data, size_t len)
{
    int error = write_all(fd, data, len);

    if (error == 0 && fdatasync(fd) != 0)
        error = error_from_errno(errno);
    if (error != 0)
        (void)!ftruncate(fd, before);
    return error;
}

static int append(struct file_op *op, int root_fd, struct usage *usage)
{
    struct usage after;
    off_t before = 0;
    int fd = -1;
    int error = beneath_open_file(root_fd, &op->path, O_WRONLY | O_APPEND, &fd, &before);

    if (error == AMID_E_NOT_FOUND && op->create)
        return put(op, root_fd, &op->path, usage);
    if (error != 0)
        return error;
    error = op->create_new ? AMID_E_EXISTS
                           : usage_change(usage, &op->limits, (int64_t)op->len, 0, &after);
    if (error == 0)
        error = append_to(fd, before, op->data, op->len);
    if (error == 0)
        *usage = after;
    close(fd);
    return error;
}

int file_write(struct file_op *op, int root_fd, struct usage *usage)
{
    return op->append ? append(op, root_fd, usage) : put(op, root_fd, &op->path, usage);
}

int file_copy(struct file_op *op, int root_fd, struct usage *usage)
{
    struct file_op read = {.kind = FILE_OP_READ, .path = op->path};
    int error;

    buffer_init(&read.json, 0);
    file_op_run(&read, root_fd, usage);
    error = read.error;
    op->data = read.data;
    op->len = read.len;
    op->create = true;
    if (error == 0)
        error = put(op, root_fd, &op->to, usage);
    op->len = 0; /* nobody asked for the content */
    return error;
}

int file_truncate(struct file_op *op, int root_fd, struct usage *usage)
{
    struct usage after;
    off_t before = 0;
    int fd = -1;
    int error = beneath_open_file(root_fd, &op->path, O_WRONLY, &fd, &before);

    if (error != 0)
        return error;
    error = usage_change(usage, &op->limits, op->length - (int64_t)before, 0, &after);
    if (error == 0 && (ftruncate(fd, (off_t)op->length) != 0 || fsync(fd) != 0))
        error = error_from_errno(errno);
    if (error == 0)
        *usage = after;
    close(fd);
    return error;
}
