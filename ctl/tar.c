#include "ctl/tar.h"

#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/module.h"

#define BLOCK_BYTES 512
#define PATH_BYTES  1024

/* POSIX ustar: where the fields of a header stand. */
#define AT_NAME     0
#define NAME_BYTES  100
#define AT_SIZE     124
#define SIZE_BYTES  12
#define AT_CHECKSUM 148
#define SUM_BYTES   8
#define AT_TYPE     156
#define AT_MAGIC    257
#define AT_PREFIX   345
#define PREFIX_SIZE 155

struct reader {
    const uint8_t *bytes;
    size_t len, at;
    char long_path[PATH_BYTES]; /* for the next member; "" = none */
    tar_file_fn fn;
    void *arg;
    char *reason;
    size_t reason_size;
};

static int refuse(struct reader *reader, const char *what, const char *path)
{
    snprintf(reader->reason, reader->reason_size, "%s%s%.200s%s", what, *path ? " (" : "", path,
             *path ? ")" : "");
    return AMID_E_INVALID;
}

static bool read_octal(const uint8_t *field, size_t size, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t i = 0;

    while (i < size && field[i] == ' ')
        i++;
    if (i == size || field[i] < '0' || field[i] > '7')
        return false;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        if (number >> 60 != 0)
            return false;
        number = number * 8 + (uint64_t)(field[i] - '0');
    }
    if (i < size && field[i] != '\0' && field[i] != ' ')
        return false;
    *ret_number = number;
    return true;
}

static bool is_checksum_right(const uint8_t *header)
{
    uint64_t said, sum = 0;

    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += i >= AT_CHECKSUM && i < AT_CHECKSUM + SUM_BYTES ? ' ' : header[i];
    return read_octal(header + AT_CHECKSUM, SUM_BYTES, &said) && said == sum;
}

static bool is_empty(const uint8_t *block)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        if (block[i] != 0)
            return false;
    }
    return true;
}

static void header_path(const struct reader *reader, const uint8_t *header, char path[PATH_BYTES])
{
    const char *name = (const char *)header + AT_NAME;
    const char *prefix = (const char *)header + AT_PREFIX;
    int name_len = (int)strnlen(name, NAME_BYTES);
    int prefix_len = (int)strnlen(prefix, PREFIX_SIZE);

    if (reader->long_path[0] != '\0')
        snprintf(path, PATH_BYTES, "%s", reader->long_path);
    else if (memcmp(header + AT_MAGIC, "ustar", 5) == 0 && header[AT_MAGIC + 5] == '\0' &&
             prefix_len > 0)
        snprintf(path, PATH_BYTES, "%.*s/%.*s", prefix_len, prefix, name_len, name);
    else
        snprintf(path, PATH_BYTES, "%.*s", name_len, name);
}

/* "27 path=package/…\n" of a pax header; other keys change nothing that matters here. */
static int read_pax(struct reader *reader, const char *text, size_t len)
{
    while (len > 0) {
        size_t digits = 0;
        size_t record = 0;

        while (digits < len && digits < 8 && text[digits] >= '0' && text[digits] <= '9')
            record = record * 10 + (size_t)(text[digits++] - '0');
        if (digits == 0 || record <= digits + 1 || record > len || text[digits] != ' ' ||
            text[record - 1] != '\n')
            return refuse(reader, "its pax header is damaged", "");
        if (record - digits - 1 > 6 && memcmp(text + digits + 1, "path=", 5) == 0) {
            size_t path_len = record - digits - 7;

            if (path_len >= PATH_BYTES || memchr(text + digits + 6, 0, path_len) != NULL)
                return refuse(reader, "it has a path that is too long", "");
            memcpy(reader->long_path, text + digits + 6, path_len);
            reader->long_path[path_len] = '\0';
        } else if (record - digits - 1 > 5 && memcmp(text + digits + 1, "size=", 5) == 0) {
            return refuse(reader, "it has a size beyond what a package may have", "");
        }
        text += record;
        len -= record;
    }
    return 0;
}

static int read_gnu_name(struct reader *reader, const char *text, size_t len)
{
    size_t path_len = strnlen(text, len);

    if (path_len >= PATH_BYTES)
        return refuse(reader, "it has a path that is too long", "");
    memcpy(reader->long_path, text, path_len);
    reader->long_path[path_len] = '\0';
    return 0;
}

static int read_file(struct reader *reader, const uint8_t *header, const uint8_t *data, size_t len)
{
    char path[PATH_BYTES];
    const char *inside;

    header_path(reader, header, path);
    reader->long_path[0] = '\0';
    if (!module_path_is_valid(path))
        return refuse(reader, "it has a path that leads elsewhere", path);
    inside = strchr(path, '/');
    if (inside == NULL) /* beside the package's folder: nothing of it */
        return 0;
    return reader->fn(reader->arg, inside + 1, data, len) ? 0 : AMID_E_STOPPED;
}

static int read_folder(struct reader *reader, const uint8_t *header)
{
    char path[PATH_BYTES];
    size_t len;

    header_path(reader, header, path);
    reader->long_path[0] = '\0';
    len = strlen(path);
    if (len > 0 && path[len - 1] == '/')
        path[len - 1] = '\0';
    return module_path_is_valid(path) ? 0
                                      : refuse(reader, "it has a path that leads elsewhere", path);
}

static int read_member(struct reader *reader, const uint8_t *header, const uint8_t *data,
                       size_t len)
{
    char path[PATH_BYTES];

    switch (header[AT_TYPE]) {
    case '0':
    case '\0':
    case '7':
        return read_file(reader, header, data, len);
    case '5':
        return read_folder(reader, header);
    case 'x':
        return read_pax(reader, (const char *)data, len);
    case 'g': /* for all members: comments of whoever packed it */
        return 0;
    case 'L':
        return read_gnu_name(reader, (const char *)data, len);
    default:
        header_path(reader, header, path);
        return refuse(reader, "it holds a link, a device or something else that is no file", path);
    }
}

int tar_read(const uint8_t *bytes, size_t len, tar_file_fn fn, void *arg, char *reason,
             size_t reason_size)
{
    struct reader reader = {.bytes = bytes,
                            .len = len,
                            .fn = fn,
                            .arg = arg,
                            .reason = reason,
                            .reason_size = reason_size};
    size_t members = 0;

    while (reader.len - reader.at >= BLOCK_BYTES) {
        const uint8_t *header = bytes + reader.at;
        uint64_t size;
        int error;

        if (is_empty(header))
            return 0;
        if (++members > TAR_MEMBERS_MAX)
            return refuse(&reader, "it has too many members", "");
        if (!is_checksum_right(header) || !read_octal(header + AT_SIZE, SIZE_BYTES, &size))
            return refuse(&reader, "it is no tar archive, or damaged", "");
        reader.at += BLOCK_BYTES;
        if (size > reader.len - reader.at)
            return refuse(&reader, "it ends in the middle of a file", "");
        error = read_member(&reader, header, bytes + reader.at, (size_t)size);
        if (error != 0)
            return error;
        size = (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        reader.at += size < reader.len - reader.at ? (size_t)size : reader.len - reader.at;
    }
    return members > 0 ? 0 : refuse(&reader, "it is no tar archive", "");
}
