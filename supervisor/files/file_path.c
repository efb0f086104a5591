#include "supervisor/files/file_path.h"

#include <stdbool.h>
#include <string.h>

#include "common/error.h"

struct parse {
    struct file_path path;
    size_t starts[FILE_PATH_DEPTH_MAX]; /* where each name begins, its slash included */
    size_t len;
};

static int name_push(struct parse *parse, const char *name, size_t len)
{
    struct file_path *path = &parse->path;
    size_t start = parse->len;

    if (len > FILE_NAME_MAX_BYTES || path->depth == FILE_PATH_DEPTH_MAX ||
        parse->len + len + 1 > FILE_PATH_MAX_BYTES)
        return AMID_E_TOO_LARGE;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return AMID_E_INVALID;
    }
    if (len >= sizeof(FILE_PATH_OWN_PREFIX) - 1 &&
        memcmp(name, FILE_PATH_OWN_PREFIX, sizeof(FILE_PATH_OWN_PREFIX) - 1) == 0)
        return AMID_E_DENIED;
    if (path->depth > 0)
        path->text[parse->len++] = '/';
    memcpy(path->text + parse->len, name, len);
    parse->len += len;
    parse->starts[path->depth++] = start;
    return 0;
}

static int name_pop(struct parse *parse)
{
    if (parse->path.depth == 0)
        return AMID_E_DENIED;
    parse->len = parse->starts[--parse->path.depth];
    return 0;
}

static bool is_name(const char *name, size_t len, const char *other)
{
    return len == strlen(other) && memcmp(name, other, len) == 0;
}

int file_path_parse(const char *text, struct file_path *ret_path)
{
    struct parse parse = {.len = 0};
    int error = 0;

    if (strnlen(text, FILE_PATH_MAX_BYTES + 1) > FILE_PATH_MAX_BYTES)
        return AMID_E_TOO_LARGE;
    while (*text != '\0' && error == 0) {
        size_t len = strcspn(text, "/");

        if (is_name(text, len, ".."))
            error = name_pop(&parse);
        else if (len > 0 && !is_name(text, len, "."))
            error = name_push(&parse, text, len);
        text += len;
        text += *text == '/';
    }
    if (error != 0)
        return error;
    parse.path.text[parse.len] = '\0';
    *ret_path = parse.path;
    return 0;
}

const char *file_path_name(const struct file_path *path)
{
    const char *slash = strrchr(path->text, '/');

    return slash == NULL ? path->text : slash + 1;
}
