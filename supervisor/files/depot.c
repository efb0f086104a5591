#include "supervisor/files/depot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/id.h"

#define BUCKETS     256 /* a power of two */
#define FOLDER_MODE 0700
/* The name under which a forgotten folder waits for its removal, with a number behind it. */
#define GONE_PREFIX FILE_PATH_OWN_PREFIX "gone-"

struct account {
    struct account *next;
    struct usage usage;
    char sid[ID_UUID_LEN + 1];
};

struct depot {
    int fd;
    uint64_t gone_count;
    bool has_gone;
    struct account *buckets[BUCKETS];
};

struct depot *depot_new(int folder_fd)
{
    struct depot *depot = calloc(1, sizeof(*depot));

    if (depot == NULL)
        return NULL;
    depot->fd = folder_fd;
    depot->has_gone = true; /* perhaps, from before */
    return depot;
}

void depot_free(struct depot *depot)
{
    if (depot == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (depot->buckets[i] != NULL) {
            struct account *account = depot->buckets[i];

            depot->buckets[i] = account->next;
            free(account);
        }
    }
    close(depot->fd);
    free(depot);
}

static struct account **account_place(struct depot *depot, const char *sid)
{
    struct account **at = &depot->buckets[id_hash(sid) & (BUCKETS - 1)];

    while (*at != NULL && strcmp((*at)->sid, sid) != 0)
        at = &(*at)->next;
    return at;
}

static int account_open(struct depot *depot, const char *sid, int root_fd,
                        struct account **ret_account)
{
    struct account **place = account_place(depot, sid);
    struct account *account = *place;
    int error;

    if (account == NULL) {
        account = calloc(1, sizeof(*account));
        if (account == NULL)
            return AMID_E_NOMEM;
        snprintf(account->sid, sizeof(account->sid), "%s", sid);
        error = usage_scan(root_fd, &account->usage);
        if (error != 0) {
            free(account);
            return error;
        }
        *place = account;
    }
    *ret_account = account;
    return 0;
}

static int open_root(const struct depot *depot, const char *sid, int *ret_fd)
{
    int fd = openat(depot->fd, sid, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        if (mkdirat(depot->fd, sid, FOLDER_MODE) != 0 || fsync(depot->fd) != 0)
            return error_from_errno(errno);
        fd = openat(depot->fd, sid, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0)
        return errno == ENOTDIR || errno == ELOOP ? AMID_E_DENIED : error_from_errno(errno);
    *ret_fd = fd;
    return 0;
}

void depot_run(struct depot *depot, struct file_op *op)
{
    struct account *account = NULL;
    int root_fd = -1;

    op->error = open_root(depot, op->sid, &root_fd);
    if (op->error != 0)
        return;
    op->error = account_open(depot, op->sid, root_fd, &account);
    if (op->error == 0)
        file_op_run(op, root_fd, &account->usage);
    close(root_fd);
}

int depot_forget(struct depot *depot, const char *sid)
{
    struct account **place = account_place(depot, sid);
    struct account *account = *place;
    char name[sizeof(GONE_PREFIX) + 24];
    int rc;

    if (account != NULL) {
        *place = account->next;
        free(account);
    }
    do {
        snprintf(name, sizeof(name), GONE_PREFIX "%" PRIu64, depot->gone_count++);
        rc = renameat(depot->fd, sid, depot->fd, name);
    } while (rc != 0 && (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
    if (rc != 0)
        return errno == ENOENT ? 0 : error_from_errno(errno);
    depot->has_gone = true;
    return 0;
}

/* One that is waiting; false for none. */
static bool find_gone(const struct depot *depot, char *ret_name, size_t size)
{
    int copy = openat(depot->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    bool is_found = false;

    if (folder == NULL) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    while (!is_found && (entry = readdir(folder)) != NULL) {
        is_found = strncmp(entry->d_name, GONE_PREFIX, sizeof(GONE_PREFIX) - 1) == 0;
        if (is_found)
            snprintf(ret_name, size, "%s", entry->d_name);
    }
    closedir(folder);
    return is_found;
}

/* 0, AMID_E_BUSY when there is more to do, or an error. */
static int clear_one(const struct depot *depot, const char *name, unsigned *left)
{
    int fd = openat(depot->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct usage removed;
    int error;

    if (fd < 0) /* not a folder of ours: whoever put it there */
        return unlinkat(depot->fd, name, 0) == 0 ? 0 : error_from_errno(errno);
    error = file_empty(fd, left, &removed);
    close(fd);
    if (error == 0 && unlinkat(depot->fd, name, AT_REMOVEDIR) != 0)
        error = error_from_errno(errno);
    return error;
}

int depot_clear(struct depot *depot, unsigned entries)
{
    char name[NAME_MAX + 1];
    unsigned left = entries;
    int error = 0;

    while (depot->has_gone && left > 0 && error == 0) {
        depot->has_gone = find_gone(depot, name, sizeof(name));
        if (depot->has_gone)
            error = clear_one(depot, name, &left);
    }
    if (error != 0 && error != AMID_E_BUSY) {
        depot->has_gone = false;
        return error;
    }
    return depot->has_gone ? AMID_E_BUSY : 0;
}
