#include "supervisor/files/file_op.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/files/beneath.h"

struct file_op *file_op_new(enum file_op_kind kind, const char *sid, const uint8_t *data,
                            size_t len)
{
    struct file_op *op = calloc(1, sizeof(*op));

    if (op == NULL)
        return NULL;
    op->kind = kind;
    snprintf(op->sid, sizeof(op->sid), "%s", sid);
    buffer_init(&op->json, FILE_OP_JSON_MAX);
    if (len > 0) {
        op->data = malloc(len);
        if (op->data == NULL) {
            free(op);
            return NULL;
        }
        memcpy(op->data, data, len);
        op->len = len;
    }
    return op;
}

void file_op_free(struct file_op *op)
{
    if (op == NULL)
        return;
    free(op->data);
    buffer_free(&op->json);
    free(op);
}

static int read_all(int fd, struct file_op *op, size_t size)
{
    op->data = malloc(size > 0 ? size : 1);
    if (op->data == NULL)
        return AMID_E_NOMEM;
    while (op->len < size) {
        ssize_t n = read(fd, op->data + op->len, size - op->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_from_errno(errno);
        if (n == 0)
            break;
        op->len += (size_t)n;
    }
    return 0;
}

static int file_read(struct file_op *op, int root_fd)
{
    off_t size = 0;
    int fd = -1;
    int error = beneath_open_file(root_fd, &op->path, O_RDONLY, &fd, &size);

    if (error != 0)
        return error;
    error = size > (off_t)FILE_OP_DATA_MAX ? AMID_E_TOO_LARGE : read_all(fd, op, (size_t)size);
    close(fd);
    return error;
}

static long long time_ms(struct timespec time)
{
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int file_stat(struct file_op *op, int root_fd)
{
    struct stat info;
    int fd = -1;
    /* O_PATH opens whatever it is; openat2 refuses a link even so. */
    int error = beneath_open(root_fd, &op->path, O_PATH, 0, &fd);

    if (error != 0)
        return error;
    error = fstat(fd, &info) == 0 ? 0 : error_from_errno(errno);
    close(fd);
    if (error != 0)
        return error;
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return AMID_E_DENIED;
    buffer_printf(&op->json,
                  "{\"isFile\":%s,\"isDirectory\":%s,\"size\":%lld,\"mode\":%u,\"nlink\":%u,"
                  "\"ino\":%llu,\"mtime\":%lld,\"atime\":%lld,\"ctime\":%lld}",
                  S_ISREG(info.st_mode) ? "true" : "false",
                  S_ISDIR(info.st_mode) ? "true" : "false", (long long)info.st_size,
                  (unsigned)info.st_mode, (unsigned)info.st_nlink, (unsigned long long)info.st_ino,
                  time_ms(info.st_mtim), time_ms(info.st_atim), time_ms(info.st_ctim));
    return buffer_status(&op->json);
}

static bool is_hidden(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strncmp(name, FILE_PATH_OWN_PREFIX, sizeof(FILE_PATH_OWN_PREFIX) - 1) == 0;
}

/* d_type is not known on every file system. */
static const char *type_of(int folder_fd, const struct dirent *entry)
{
    struct stat info;

    if (entry->d_type == DT_REG)
        return "f";
    if (entry->d_type == DT_DIR)
        return "d";
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_LNK ? "l" : "o";
    if (fstatat(folder_fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return "o";
    return S_ISREG(info.st_mode)   ? "f"
           : S_ISDIR(info.st_mode) ? "d"
           : S_ISLNK(info.st_mode) ? "l"
                                   : "o";
}

static int file_list(struct file_op *op, int root_fd)
{
    const struct dirent *entry;
    size_t count = 0;
    DIR *folder;
    int fd = -1;
    int error = beneath_open(root_fd, &op->path, O_RDONLY | O_DIRECTORY, 0, &fd);

    if (error != 0)
        return error;
    folder = fdopendir(fd);
    if (folder == NULL) {
        close(fd);
        return AMID_E_NOMEM;
    }
    buffer_append_char(&op->json, '[');
    while ((entry = readdir(folder)) != NULL && buffer_status(&op->json) == 0) {
        if (is_hidden(entry->d_name))
            continue;
        if (count++ > 0)
            buffer_append_char(&op->json, ',');
        buffer_printf(&op->json, "[\"%s\",", type_of(dirfd(folder), entry));
        json_append_string(&op->json, entry->d_name, strlen(entry->d_name));
        buffer_append_char(&op->json, ']');
    }
    buffer_append_char(&op->json, ']');
    closedir(folder);
    return buffer_status(&op->json);
}

void file_op_run(struct file_op *op, int root_fd, struct usage *usage)
{
    switch (op->kind) {
    case FILE_OP_READ:
        op->error = file_read(op, root_fd);
        break;
    case FILE_OP_STAT:
        op->error = file_stat(op, root_fd);
        break;
    case FILE_OP_LIST:
        op->error = file_list(op, root_fd);
        break;
    case FILE_OP_WRITE:
        op->error = file_write(op, root_fd, usage);
        break;
    case FILE_OP_COPY:
        op->error = file_copy(op, root_fd, usage);
        break;
    case FILE_OP_TRUNCATE:
        op->error = file_truncate(op, root_fd, usage);
        break;
    default:
        op->error = file_change(op, root_fd, usage);
        break;
    }
}
