#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/files/beneath.h"
#include "supervisor/files/file_op.h"

#define FOLDER_MODE 0700

static int error_of(int errnum)
{
    return errnum == ENOTEMPTY ? AMID_E_NOT_EMPTY : error_from_errno(errnum);
}

static void account(struct usage *usage, int64_t more_bytes, int32_t more_count)
{
    const struct usage_limits none = {UINT64_MAX, UINT32_MAX};

    usage_change(usage, &none, more_bytes, more_count, usage);
}

static int open_folder(int at, const char *name, int *ret_fd)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return error_of(errno);
    *ret_fd = fd;
    return 0;
}

/* --- removing --- */

struct walk {
    unsigned *left;
    struct usage removed;
};

static int empty(int folder_fd, unsigned depth, struct walk *walk);

static int remove_folder(int at, const char *name, unsigned depth, struct walk *walk)
{
    int fd = -1;
    int error = open_folder(at, name, &fd);

    if (error != 0)
        return error;
    error = empty(fd, depth, walk);
    close(fd);
    if (error == 0 && unlinkat(at, name, AT_REMOVEDIR) != 0)
        error = error_of(errno);
    if (error == 0)
        walk->removed.count++;
    return error;
}

static int remove_entry(int folder_fd, const char *name, unsigned depth, struct walk *walk)
{
    struct stat info;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    if (*walk->left == 0)
        return AMID_E_BUSY;
    --*walk->left;
    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : error_of(errno);
    if (S_ISDIR(info.st_mode))
        return depth == USAGE_SCAN_DEPTH_MAX ? AMID_E_LIMIT
                                             : remove_folder(folder_fd, name, depth + 1, walk);
    if (unlinkat(folder_fd, name, 0) != 0)
        return error_of(errno);
    walk->removed.count++;
    if (S_ISREG(info.st_mode))
        walk->removed.bytes += (uint64_t)info.st_size;
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by USAGE_SCAN_DEPTH_MAX
static int empty(int folder_fd, unsigned depth, struct walk *walk)
{
    int copy = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int error = 0;

    if (folder == NULL) {
        error = error_of(errno);
        if (copy >= 0)
            close(copy);
        return error;
    }
    while (error == 0 && (entry = readdir(folder)) != NULL)
        error = remove_entry(folder_fd, entry->d_name, depth, walk);
    closedir(folder);
    return error;
}

int file_empty(int folder_fd, unsigned *left, struct usage *ret_removed)
{
    struct walk walk = {.left = left};
    int error = empty(folder_fd, 0, &walk);

    *ret_removed = walk.removed;
    return error;
}

static int remove_one(int folder_fd, const char *name, bool recursive, struct usage *usage)
{
    unsigned left = UINT_MAX;
    struct walk walk = {.left = &left};
    struct stat info;
    int error = 0;

    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return error_of(errno);
    if (S_ISDIR(info.st_mode) && recursive) {
        error = remove_folder(folder_fd, name, 0, &walk);
        account(usage, -(int64_t)walk.removed.bytes, -(int32_t)walk.removed.count);
    } else if (unlinkat(folder_fd, name, S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0) != 0) {
        error = error_of(errno);
    } else {
        account(usage, S_ISREG(info.st_mode) ? -(int64_t)info.st_size : 0, -1);
    }
    return error;
}

static int file_remove(struct file_op *op, int root_fd, struct usage *usage)
{
    int folder_fd = -1;
    int error = beneath_open_parent(root_fd, &op->path, &folder_fd);

    if (error != 0)
        return error;
    error = remove_one(folder_fd, file_path_name(&op->path), op->recursive, usage);
    if (fsync(folder_fd) != 0 && error == 0)
        error = error_of(errno);
    close(folder_fd);
    return error;
}

/* --- folders --- */

/* In folder_fd, which is closed; ret_fd is the new folder, or the one that was there. */
static int make_one(struct file_op *op, int folder_fd, const char *name, bool may_exist,
                    struct usage *usage, int *ret_fd)
{
    struct usage after;
    int error = usage_change(usage, &op->limits, 0, 1, &after);
    struct stat info;

    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        error = !may_exist ? AMID_E_EXISTS : S_ISDIR(info.st_mode) ? 0 : AMID_E_NOT_DIRECTORY;
    } else if (error == 0) {
        if (mkdirat(folder_fd, name, FOLDER_MODE) != 0 || fsync(folder_fd) != 0)
            error = error_of(errno);
        else
            *usage = after;
    }
    if (error == 0)
        error = open_folder(folder_fd, name, ret_fd);
    close(folder_fd);
    return error;
}

static int make_all(struct file_op *op, int root_fd, struct usage *usage)
{
    char name[FILE_NAME_MAX_BYTES + 1];
    const char *at = op->path.text;
    int folder_fd = -1;
    int error = open_folder(root_fd, ".", &folder_fd);

    while (error == 0 && *at != '\0') {
        size_t len = strcspn(at, "/");

        snprintf(name, sizeof(name), "%.*s", (int)len, at);
        error = make_one(op, folder_fd, name, true, usage, &folder_fd);
        if (error != 0)
            return error;
        at += len;
        at += *at == '/';
    }
    if (folder_fd >= 0)
        close(folder_fd);
    return error;
}

static int file_mkdir(struct file_op *op, int root_fd, struct usage *usage)
{
    int folder_fd = -1;
    int made_fd = -1;
    int error;

    if (op->recursive)
        return make_all(op, root_fd, usage);
    if (op->path.depth == 0)
        return AMID_E_EXISTS;
    error = beneath_open_parent(root_fd, &op->path, &folder_fd);
    if (error == 0)
        error = make_one(op, folder_fd, file_path_name(&op->path), false, usage, &made_fd);
    if (made_fd >= 0)
        close(made_fd);
    return error;
}

/* --- renaming --- */

/* What the target's disappearance gives back. */
static int check_target(int folder_fd, const char *name, const struct stat *source,
                        struct usage *ret_freed)
{
    struct stat target;

    *ret_freed = (struct usage){0, 0};
    if (fstatat(folder_fd, name, &target, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : error_of(errno);
    if (target.st_ino == source->st_ino && target.st_dev == source->st_dev)
        return 0;
    if (S_ISDIR(target.st_mode) != S_ISDIR(source->st_mode))
        return S_ISDIR(target.st_mode) ? AMID_E_IS_DIRECTORY : AMID_E_NOT_DIRECTORY;
    *ret_freed = (struct usage){S_ISREG(target.st_mode) ? (uint64_t)target.st_size : 0, 1};
    return 0;
}

static int move(int from_fd, const char *from, int to_fd, const char *to, struct usage *usage)
{
    struct usage freed;
    struct stat source;
    int error;

    if (fstatat(from_fd, from, &source, AT_SYMLINK_NOFOLLOW) != 0)
        return error_of(errno);
    if (!S_ISREG(source.st_mode) && !S_ISDIR(source.st_mode))
        return AMID_E_DENIED;
    error = check_target(to_fd, to, &source, &freed);
    if (error != 0)
        return error;
    if (renameat(from_fd, from, to_fd, to) != 0)
        return error_of(errno);
    account(usage, -(int64_t)freed.bytes, -(int32_t)freed.count);
    return fsync(to_fd) != 0 || fsync(from_fd) != 0 ? error_of(errno) : 0;
}

static int file_rename(struct file_op *op, int root_fd, struct usage *usage)
{
    int from_fd = -1;
    int to_fd = -1;
    int error = beneath_open_parent(root_fd, &op->path, &from_fd);

    if (error == 0)
        error = beneath_open_parent(root_fd, &op->to, &to_fd);
    if (error == 0)
        error = move(from_fd, file_path_name(&op->path), to_fd, file_path_name(&op->to), usage);
    if (from_fd >= 0)
        close(from_fd);
    if (to_fd >= 0)
        close(to_fd);
    return error;
}

int file_change(struct file_op *op, int root_fd, struct usage *usage)
{
    switch (op->kind) {
    case FILE_OP_REMOVE:
        return file_remove(op, root_fd, usage);
    case FILE_OP_MKDIR:
        return file_mkdir(op, root_fd, usage);
    case FILE_OP_RENAME:
        return file_rename(op, root_fd, usage);
    default:
        return AMID_E_INTERNAL;
    }
}
