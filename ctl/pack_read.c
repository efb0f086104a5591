#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/error.h"
#include "ctl/pack.h"
#include "ctl/tar.h"

#define TARBALL_MAX_BYTES (32 * 1024 * 1024)
/* With all that is left out; a bomb ends here. */
#define UNPACKED_MAX_BYTES (128 * 1024 * 1024)
#define FOLDER_DEPTH_MAX   32
#define FOLDER_ITEMS_MAX   50000
#define GZIP_WINDOW        (15 + 16) /* zlib: the largest window, gzip's header */
#define INFLATE_STEP       (256 * 1024)

static int refuse(struct pack *pack, const char *what, const char *which)
{
    if (pack->reason[0] == '\0')
        snprintf(pack->reason, sizeof(pack->reason), "%s%s%.200s", what, *which ? ": " : "", which);
    return AMID_E_INVALID;
}

/* A regular file, whole. fd is closed. */
static uint8_t *read_whole(int fd, size_t max_bytes, size_t *ret_len, const char **ret_why)
{
    struct stat status;
    uint8_t *bytes = NULL;
    size_t got = 0;

    *ret_why = "it cannot be read";
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        if (status.st_size > (off_t)max_bytes)
            *ret_why = "it is too large";
        else
            bytes = malloc((size_t)status.st_size + 1);
    }
    while (bytes != NULL && got < (size_t)status.st_size) {
        ssize_t len = read(fd, bytes + got, (size_t)status.st_size - got);

        if (len <= 0) {
            free(bytes);
            bytes = NULL;
        } else {
            got += (size_t)len;
        }
    }
    if (fd >= 0)
        close(fd);
    *ret_len = got;
    return bytes;
}

static int unpack(struct pack *pack, uint8_t *bytes, size_t len, struct buffer *out)
{
    z_stream stream = {.next_in = bytes, .avail_in = (uInt)len};
    uint8_t *step = malloc(INFLATE_STEP);
    int code = step == NULL ? Z_MEM_ERROR : inflateInit2(&stream, GZIP_WINDOW);

    if (code != Z_OK) {
        free(step);
        return refuse(pack, "there is no memory left for it", "");
    }
    while (code == Z_OK && !out->failed) {
        stream.next_out = step;
        stream.avail_out = INFLATE_STEP;
        code = inflate(&stream, Z_NO_FLUSH);
        if (code == Z_OK || code == Z_STREAM_END)
            buffer_append(out, step, INFLATE_STEP - stream.avail_out);
    }
    inflateEnd(&stream);
    free(step);
    if (out->failed)
        return refuse(pack, "it unpacks to more than 128 MiB", "");
    return code == Z_STREAM_END ? 0 : refuse(pack, "it is no gzip file, or damaged", "");
}

static bool tar_file(void *arg, const char *path, const uint8_t *bytes, size_t len)
{
    return pack_add(arg, path, bytes, len);
}

int pack_read_tarball(struct pack *pack, const char *path)
{
    char reason[PACK_REASON_BYTES] = "";
    struct buffer archive;
    const char *why;
    size_t len;
    uint8_t *bytes =
        read_whole(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), TARBALL_MAX_BYTES, &len, &why);
    int error;

    if (bytes == NULL)
        return refuse(pack, why, "");
    module_integrity(bytes, len, pack->source);
    buffer_init(&archive, UNPACKED_MAX_BYTES);
    error = unpack(pack, bytes, len, &archive);
    free(bytes);
    if (error == 0)
        error = tar_read((const uint8_t *)archive.data, archive.len, tar_file, pack, reason,
                         sizeof(reason));
    if (error == AMID_E_INVALID && reason[0] != '\0')
        refuse(pack, reason, "");
    buffer_free(&archive);
    return error == 0 ? pack_finish(pack) : AMID_E_INVALID;
}

struct walk {
    struct pack *pack;
    size_t items;
};

static int read_folder(struct walk *walk, int fd, const char *path, int depth);

static int read_item(struct walk *walk, int folder, const char *name, const char *path, int depth)
{
    struct pack *pack = walk->pack;
    struct stat status;
    const char *why;
    uint8_t *bytes;
    size_t len;
    bool is_good;

    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return refuse(pack, "it cannot be read", path);
    if (S_ISDIR(status.st_mode))
        return read_folder(walk,
                           openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                           path, depth + 1);
    if (!S_ISREG(status.st_mode))
        return refuse(pack, "it holds a link, a device or something else that is no file", path);
    if (!module_path_is_valid(path))
        return refuse(pack, "it has a path that is not allowed", path);
    if (!pack_wants(path))
        return 0;
    bytes = read_whole(openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK),
                       MODULE_FILE_MAX_BYTES, &len, &why);
    if (bytes == NULL)
        return refuse(pack, why, path);
    is_good = pack_add(pack, path, bytes, len);
    free(bytes);
    return is_good ? 0 : AMID_E_INVALID;
}

/* fd is closed. What begins with a dot and the packages below are nothing of this package. */
static int read_folder(struct walk *walk, int fd, const char *path, int depth)
{
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    char inside[MODULE_PATH_MAX_BYTES + 1];
    int error = 0;

    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return refuse(walk->pack, "it cannot be read", path);
    }
    if (depth > FOLDER_DEPTH_MAX)
        error = refuse(walk->pack, "its folders are nested too deeply", path);
    while (error == 0 && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0)
            continue;
        if (++walk->items > FOLDER_ITEMS_MAX)
            error = refuse(walk->pack, "it has too many files", "");
        else if (snprintf(inside, sizeof(inside), "%s%s%s", path, *path ? "/" : "",
                          entry->d_name) >= (int)sizeof(inside))
            error = refuse(walk->pack, "it has a path that is too long", path);
        else
            error = read_item(walk, dirfd(folder), entry->d_name, inside, depth);
    }
    closedir(folder);
    return error;
}

int pack_read_folder(struct pack *pack, const char *path)
{
    struct walk walk = {.pack = pack};
    int error = read_folder(&walk, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", 0);

    return error == 0 ? pack_finish(pack) : error;
}
