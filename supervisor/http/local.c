#include "supervisor/http/local.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/error.h"

#define MODE       0660
#define BACKLOG    64
#define GROUPS_MAX 1024 /* of a peer; one with more is judged by its first group alone */

static int fault(const char *path, const char *what, int error, char *reason, size_t reason_size)
{
    snprintf(reason, reason_size, "%s: %s", path, what);
    return error;
}

/* Whatever else lies there is not ours to remove. */
static int clear_place(const struct sockaddr_un *address, char *reason, size_t reason_size)
{
    const char *path = address->sun_path;
    struct stat stat;
    int fd, connected, errnum;

    if (lstat(path, &stat) != 0)
        return errno == ENOENT
                   ? 0
                   : fault(path, strerror(errno), error_from_errno(errno), reason, reason_size);
    if (!S_ISSOCK(stat.st_mode))
        return fault(path, "there is something that is no socket", AMID_E_INVALID, reason,
                     reason_size);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fault(path, strerror(errno), error_from_errno(errno), reason, reason_size);
    connected = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    errnum = errno;
    close(fd);
    if (connected == 0 || errnum != ECONNREFUSED)
        return fault(path, connected == 0 ? "another program listens there" : strerror(errnum),
                     AMID_E_ADDR_IN_USE, reason, reason_size);
    if (unlink(path) != 0)
        return fault(path, strerror(errno), error_from_errno(errno), reason, reason_size);
    return 0;
}

/* The group may only be given by one of its members; without it the socket is our own user's. */
static int hand_over(const char *path, gid_t *ret_group)
{
    const struct group *group = getgrnam(HTTP_LOCAL_GROUP);

    *ret_group = getegid();
    if (group != NULL && chown(path, (uid_t)-1, group->gr_gid) == 0)
        *ret_group = group->gr_gid;
    else
        return chmod(path, MODE & ~077);
    return chmod(path, MODE);
}

int http_local_bind(const char *path, int *ret_fd, gid_t *ret_group, char *reason,
                    size_t reason_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd, error;

    if (strlen(path) >= sizeof(address.sun_path))
        return fault(path, "too long for the name of a socket", AMID_E_INVALID, reason,
                     reason_size);
    memcpy(address.sun_path, path, strlen(path) + 1);
    error = clear_place(&address, reason, reason_size);
    if (error != 0)
        return error;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The umask keeps everybody else out until the mode is set. */
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        hand_over(path, ret_group) != 0 || listen(fd, BACKLOG) != 0) {
        error = fault(path, strerror(errno), error_from_errno(errno), reason, reason_size);
        if (fd >= 0)
            close(fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

static bool has_group(int fd, gid_t group)
{
    gid_t groups[GROUPS_MAX];
    socklen_t len = sizeof(groups);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
        return false;
    for (size_t i = 0; i < len / sizeof(*groups); i++) {
        if (groups[i] == group)
            return true;
    }
    return false;
}

bool http_local_admits(int fd, gid_t group, uid_t runner)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || peer.uid == (uid_t)-1)
        return false;
    if (runner != HTTP_LOCAL_NONE && peer.uid == runner)
        return false;
    return peer.uid == 0 || peer.uid == geteuid() || peer.gid == group || has_group(fd, group);
}

void http_local_name(int fd, char *out, size_t size)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        snprintf(out, size, "unknown user");
    else
        snprintf(out, size, "uid %u", (unsigned)peer.uid);
}
