#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/privilege.h"

#define STATE_MODE  0750
#define PARENT_MODE 0755

static int make_parents(const char *path, char *reason, size_t reason_size)
{
    char folder[PATH_MAX];
    mode_t mask;
    int error = 0;

    if (strlen(path) >= sizeof(folder))
        return AMID_E_TOO_LARGE;
    memcpy(folder, path, strlen(path) + 1);
    mask = umask(022); /* parents of the state folder are nobody's secret */
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, PARENT_MODE) != 0 && errno != EEXIST) {
            error = error_from_errno(errno);
            snprintf(reason, reason_size, "cannot create %s: %s", folder, strerror(errno));
            break;
        }
        *slash = '/';
    }
    umask(mask);
    return error;
}

/* True if the folder is ours to give away: empty, or an amid's already. */
static bool is_unused_or_ours(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    bool is_empty = true;

    if (folder == NULL) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_empty = false;
    }
    closedir(folder);
    return is_empty || faccessat(fd, "amid.db", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* node.state might name /tmp or /etc by a slip; chown(2) as root would not mind. */
static int give_away(const struct privilege *plan, int fd, const char *path, char *reason,
                     size_t reason_size)
{
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return error_from_errno(errno);
    if (!plan->drops || stat.st_uid == plan->uid)
        return 0;
    if (stat.st_uid != 0 || !is_unused_or_ours(fd)) {
        snprintf(reason, reason_size,
                 "the state folder %s belongs to user %u and is in use by others; give it to user "
                 "%u or name another (node.state)",
                 path, (unsigned)stat.st_uid, (unsigned)plan->uid);
        return AMID_E_DENIED;
    }
    if (fchown(fd, plan->uid, plan->gid) != 0) {
        snprintf(reason, reason_size, "cannot give the state folder %s to user %u: %s", path,
                 (unsigned)plan->uid, strerror(errno));
        return error_from_errno(errno);
    }
    return 0;
}

int privilege_open_state(const struct privilege *plan, const char *path, int *ret_fd, char *reason,
                         size_t reason_size)
{
    int error, fd;

    reason[0] = '\0';
    error = make_parents(path, reason, reason_size);
    if (error != 0)
        return error;
    if (mkdir(path, STATE_MODE) != 0 && errno != EEXIST) {
        error = error_from_errno(errno);
        snprintf(reason, reason_size, "cannot create the state folder %s: %s", path,
                 strerror(errno));
        return error;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error = error_from_errno(errno);
        snprintf(reason, reason_size, "cannot open the state folder %s: %s", path, strerror(errno));
        return error;
    }
    error = give_away(plan, fd, path, reason, reason_size);
    if (error != 0) {
        close(fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

int privilege_check_state(const char *path, int state_fd, char *reason, size_t reason_size)
{
    struct stat by_path, by_fd;

    if (stat(path, &by_path) != 0) {
        snprintf(reason, reason_size,
                 "user %u, whom amid became, cannot reach the state folder %s: %s (one of its "
                 "parents is closed to him)",
                 (unsigned)geteuid(), path, strerror(errno));
        return AMID_E_DENIED;
    }
    if (fstat(state_fd, &by_fd) != 0 || by_fd.st_dev != by_path.st_dev ||
        by_fd.st_ino != by_path.st_ino) {
        snprintf(reason, reason_size, "the state folder %s was replaced while amid started", path);
        return AMID_E_DENIED;
    }
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        snprintf(reason, reason_size, "user %u cannot write to the state folder %s: %s",
                 (unsigned)geteuid(), path, strerror(errno));
        return error_from_errno(errno);
    }
    return 0;
}
