#include "supervisor/files/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.h"

static bool is_openat2_off;

void beneath_without_openat2(bool is_off)
{
    is_openat2_off = is_off;
}

static int error_of_open(int errnum)
{
    switch (errnum) {
    case ELOOP: /* a link */
    case EXDEV: /* out of the folder, or onto another file system */
    case ENXIO: /* a FIFO or a socket */
        return AMID_E_DENIED;
    default:
        return error_from_errno(errnum);
    }
}

static int open_at_once(int root_fd, const char *path, int flags, mode_t mode)
{
    struct open_how how = {.flags = (uint64_t)(unsigned)flags,
                           .mode = (flags & O_CREAT) != 0 ? mode : 0,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                      RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV};

    if (is_openat2_off) {
        errno = ENOSYS;
        return -1;
    }
    return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
}

/* Each name by itself, none of them followed if it is a link. */
static int open_by_names(int root_fd, const char *path, int flags, mode_t mode)
{
    char name[FILE_NAME_MAX_BYTES + 1];
    int at = root_fd;
    int next = -1;

    for (;;) {
        size_t len = strcspn(path, "/");
        bool is_last = path[len] == '\0';
        int saved;

        if (len >= sizeof(name)) {
            errno = ENAMETOOLONG;
            next = -1;
        } else {
            snprintf(name, sizeof(name), "%.*s", (int)len, path);
            next = openat(
                at, name,
                is_last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, mode);
        }
        saved = errno;
        if (at != root_fd)
            close(at);
        errno = saved;
        if (next < 0 || is_last)
            return next;
        at = next;
        path += len + 1;
    }
}

/* Without openat2 a link in the middle is ENOTDIR; openat2 says ELOOP. */
static int open_text(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd)
{
    int fd;

    if (path[0] == '\0')
        path = ".";
    fd = open_at_once(root_fd, path, flags | O_CLOEXEC, mode);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = open_by_names(root_fd, path, flags | O_CLOEXEC, mode);
    if (fd < 0)
        return error_of_open(errno);
    *ret_fd = fd;
    return 0;
}

int beneath_open(int root_fd, const struct file_path *path, int flags, mode_t mode, int *ret_fd)
{
    return open_text(root_fd, path->text, flags, mode, ret_fd);
}

int beneath_open_parent(int root_fd, const struct file_path *path, int *ret_fd)
{
    char text[sizeof(path->text)];
    char *slash;

    if (path->depth == 0)
        return AMID_E_DENIED;
    memcpy(text, path->text, sizeof(text));
    slash = strrchr(text, '/');
    *(slash == NULL ? text : slash) = '\0';
    return open_text(root_fd, text, O_RDONLY | O_DIRECTORY, 0, ret_fd);
}

int beneath_open_file(int root_fd, const struct file_path *path, int flags, int *ret_fd,
                      off_t *ret_size)
{
    struct stat info;
    int fd = -1;
    int error = 0;

    /* Not waiting for the other end of a FIFO that somebody put there. */
    error = open_text(root_fd, path->text, flags | O_NONBLOCK | O_NOCTTY, 0, &fd);
    if (error != 0)
        return error;
    if (fstat(fd, &info) != 0)
        error = error_from_errno(errno);
    else if (S_ISDIR(info.st_mode))
        error = AMID_E_IS_DIRECTORY;
    else if (!S_ISREG(info.st_mode) || info.st_nlink != 1)
        error = AMID_E_DENIED;
    if (error != 0) {
        close(fd);
        return error;
    }
    if (ret_size != NULL)
        *ret_size = info.st_size;
    *ret_fd = fd;
    return 0;
}
