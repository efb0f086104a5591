#include "ctl/modules_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"

#define LOCK_FILE      ".lock"
#define TEMPORARY_FILE ".new"
#define FILE_MODE      0644 /* amid may be another user; a package is nobody's secret */
#define FOLDER_MODE    0755

static int explain(const struct modules_folder *folder, const char *what, char *reason,
                   size_t reason_size)
{
    int error = error_from_errno(errno);

    snprintf(reason, reason_size, "%s: %s: %s", folder->path, what, strerror(errno));
    return error;
}

static int read_index(struct modules_folder *folder, char *reason, size_t reason_size)
{
    int fd = openat(folder->fd, MODULE_INDEX, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct json_fault fault;
    struct buffer text;
    char step[4096];
    ssize_t len;
    int error;

    if (fd < 0 && errno == ENOENT) {
        folder->index = cJSON_CreateObject();
        cJSON_AddNumberToObject(folder->index, "format", MODULE_FORMAT);
        return cJSON_AddObjectToObject(folder->index, "packages") == NULL ? AMID_E_NOMEM : 0;
    }
    if (fd < 0)
        return explain(folder, MODULE_INDEX, reason, reason_size);
    buffer_init(&text, MODULE_INDEX_MAX_BYTES);
    while ((len = read(fd, step, sizeof(step))) > 0)
        buffer_append(&text, step, (size_t)len);
    close(fd);
    error = text.failed || text.data == NULL ||
                    json_parse(text.data, text.len, &folder->index, &fault) != 0
                ? AMID_E_CORRUPT
                : 0;
    buffer_free(&text);
    if (error == 0 && !cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(folder->index, "packages")))
        error = AMID_E_CORRUPT;
    if (error != 0)
        snprintf(reason, reason_size,
                 "%s/" MODULE_INDEX " is damaged; remove it and install the packages again",
                 folder->path);
    return error;
}

int modules_folder_open(struct modules_folder *folder, const char *path, bool to_change,
                        char *reason, size_t reason_size)
{
    int lock;
    int error;

    *folder = (struct modules_folder){.fd = -1};
    snprintf(folder->path, sizeof(folder->path), "%s", path);
    if (to_change && mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
        return explain(folder, "cannot be made", reason, reason_size);
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return explain(folder, "cannot be opened", reason, reason_size);
    if (to_change) {
        /* The folder's own descriptor would do, but NFS locks only what is open for writing. The
         * lock goes with the process. */
        lock = openat(folder->fd, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
        if (lock < 0 || flock(lock, LOCK_EX) != 0)
            return explain(folder, "cannot be locked", reason, reason_size);
    }
    error = read_index(folder, reason, reason_size);
    return error;
}

void modules_folder_close(struct modules_folder *folder)
{
    cJSON_Delete(folder->index);
    if (folder->fd >= 0)
        close(folder->fd);
    folder->index = NULL;
    folder->fd = -1;
}

static cJSON *packages_of(const struct modules_folder *folder)
{
    return cJSON_GetObjectItemCaseSensitive(folder->index, "packages");
}

cJSON *modules_folder_find(const struct modules_folder *folder, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(packages_of(folder), name);
}

/* A name in the folder has the whole new content, or what it had. */
static int replace_file(struct modules_folder *folder, const char *name, const char *bytes,
                        size_t len, char *reason, size_t reason_size)
{
    int fd = openat(folder->fd, TEMPORARY_FILE,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    bool is_written = fd >= 0;

    for (size_t done = 0; is_written && done < len;) {
        ssize_t wrote = write(fd, bytes + done, len - done);

        if (wrote < 0 && errno != EINTR)
            is_written = false;
        else if (wrote > 0)
            done += (size_t)wrote;
    }
    /* Whatever umask the operator has, amid must be able to read it. */
    is_written = is_written && fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0;
    if (!is_written || renameat(folder->fd, TEMPORARY_FILE, folder->fd, name) != 0 ||
        fsync(folder->fd) != 0) {
        int error = explain(folder, name, reason, reason_size);

        if (fd >= 0)
            close(fd);
        unlinkat(folder->fd, TEMPORARY_FILE, 0);
        return error;
    }
    close(fd);
    return 0;
}

static int write_index(struct modules_folder *folder, char *reason, size_t reason_size)
{
    char *text = cJSON_Print(folder->index);
    int error = AMID_E_NOMEM;

    if (text != NULL)
        error = replace_file(folder, MODULE_INDEX, text, strlen(text), reason, reason_size);
    else
        snprintf(reason, reason_size, "out of memory");
    cJSON_free(text);
    return error;
}

static const char *integrity_of(const cJSON *entry)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "integrity"));
}

/* Nobody's file any more, unless another package is the same to the byte. */
static void drop_file(const struct modules_folder *folder, const char *integrity)
{
    char file[MODULE_FILE_NAME_BYTES];
    const cJSON *entry;

    if (integrity == NULL || !module_file_name(integrity, file))
        return;
    cJSON_ArrayForEach(entry, packages_of(folder))
    {
        const char *other = integrity_of(entry);

        if (other != NULL && strcmp(other, integrity) == 0)
            return;
    }
    unlinkat(folder->fd, file, 0);
}

static cJSON *make_entry(const struct pack *pack, const char *integrity)
{
    cJSON *entry = cJSON_CreateObject();

    cJSON_AddStringToObject(entry, "version", pack->version);
    cJSON_AddStringToObject(entry, "integrity", integrity);
    if (pack->source[0] != '\0')
        cJSON_AddStringToObject(entry, "tarball", pack->source);
    cJSON_AddNumberToObject(entry, "files", (double)pack->count);
    cJSON_AddNumberToObject(entry, "bytes", (double)pack->bytes);
    cJSON_AddNumberToObject(entry, "installedAt", (double)clock_real_ms());
    return entry;
}

int modules_folder_add(struct modules_folder *folder, const struct pack *pack, char *reason,
                       size_t reason_size)
{
    cJSON *old = modules_folder_find(folder, pack->name);
    char integrity[MODULE_INTEGRITY_BYTES], file[MODULE_FILE_NAME_BYTES];
    char previous[MODULE_INTEGRITY_BYTES] = "";
    struct buffer out;
    int error;

    if (old == NULL && cJSON_GetArraySize(packages_of(folder)) >= MODULE_PACKAGES_MAX) {
        snprintf(reason, reason_size, "%d packages are installed, which is the most",
                 MODULE_PACKAGES_MAX);
        return AMID_E_LIMIT;
    }
    if (integrity_of(old) != NULL)
        snprintf(previous, sizeof(previous), "%s", integrity_of(old));
    buffer_init(&out, MODULE_PACK_MAX_BYTES);
    error = pack_write(pack, &out);
    if (error != 0) {
        snprintf(reason, reason_size, "%s: %s", pack->name, error_text(error));
        buffer_free(&out);
        return error;
    }
    module_integrity(out.data, out.len, integrity);
    module_file_name(integrity, file);
    error = replace_file(folder, file, out.data, out.len, reason, reason_size);
    buffer_free(&out);
    if (error != 0)
        return error;
    cJSON_DeleteItemFromObjectCaseSensitive(packages_of(folder), pack->name);
    cJSON_AddItemToObject(packages_of(folder), pack->name, make_entry(pack, integrity));
    error = write_index(folder, reason, reason_size);
    if (error == 0)
        drop_file(folder, previous);
    return error;
}

int modules_folder_remove(struct modules_folder *folder, const char *name, char *reason,
                          size_t reason_size)
{
    cJSON *entry = cJSON_DetachItemFromObjectCaseSensitive(packages_of(folder), name);
    int error;

    if (entry == NULL) {
        snprintf(reason, reason_size, "package \"%.200s\" is not installed in %s", name,
                 folder->path);
        return AMID_E_NOT_FOUND;
    }
    error = write_index(folder, reason, reason_size);
    if (error == 0)
        drop_file(folder, integrity_of(entry));
    cJSON_Delete(entry);
    return error;
}
