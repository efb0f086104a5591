#include "supervisor/files/usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/files/file_path.h"

int usage_change(const struct usage *before, const struct usage_limits *limits, int64_t more_bytes,
                 int32_t more_count, struct usage *ret_after)
{
    struct usage after = *before;

    if (more_bytes > 0) {
        if (after.bytes > limits->bytes || (uint64_t)more_bytes > limits->bytes - after.bytes)
            return AMID_E_QUOTA;
        after.bytes += (uint64_t)more_bytes;
    } else {
        uint64_t less = (uint64_t)-more_bytes;

        after.bytes -= less < after.bytes ? less : after.bytes;
    }
    if (more_count > 0) {
        if (after.count > limits->count || (uint32_t)more_count > limits->count - after.count)
            return AMID_E_QUOTA;
        after.count += (uint32_t)more_count;
    } else {
        uint32_t less = (uint32_t)-more_count;

        after.count -= less < after.count ? less : after.count;
    }
    *ret_after = after;
    return 0;
}

static bool is_own(const char *name)
{
    return strncmp(name, FILE_PATH_OWN_PREFIX, sizeof(FILE_PATH_OWN_PREFIX) - 1) == 0;
}

static int scan(int folder_fd, unsigned depth, struct usage *usage);

static int scan_entry(int folder_fd, const char *name, unsigned depth, struct usage *usage)
{
    struct stat info;
    int fd, error;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    if (is_own(name) && unlinkat(folder_fd, name, 0) == 0)
        return 0;
    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : error_from_errno(errno);
    usage->count++;
    if (S_ISREG(info.st_mode))
        usage->bytes += (uint64_t)info.st_size;
    if (!S_ISDIR(info.st_mode) || depth == USAGE_SCAN_DEPTH_MAX)
        return 0;
    fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : error_from_errno(errno);
    error = scan(fd, depth + 1, usage);
    close(fd);
    return error;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by USAGE_SCAN_DEPTH_MAX
static int scan(int folder_fd, unsigned depth, struct usage *usage)
{
    int copy = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int error = 0;

    if (folder == NULL) {
        error = error_from_errno(errno);
        if (copy >= 0)
            close(copy);
        return error;
    }
    while (error == 0 && (entry = readdir(folder)) != NULL)
        error = scan_entry(folder_fd, entry->d_name, depth, usage);
    closedir(folder);
    return error;
}

int usage_scan(int folder_fd, struct usage *ret_usage)
{
    struct usage usage = {0, 0};
    int error = scan(folder_fd, 0, &usage);

    if (error == 0)
        *ret_usage = usage;
    return error;
}
