/* A script's paths: whatever the bytes, what is accepted stays below the folder, names nothing of
 * amid's, and is the same when parsed again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/files/file_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_names(const struct file_path *path)
{
    const char *at = path->text;
    size_t depth = 0;

    while (*at != '\0') {
        size_t len = strcspn(at, "/");

        if (len == 0 || len > FILE_NAME_MAX_BYTES || (len == 1 && at[0] == '.') ||
            (len == 2 && at[0] == '.' && at[1] == '.') ||
            strncmp(at, FILE_PATH_OWN_PREFIX, strlen(FILE_PATH_OWN_PREFIX)) == 0)
            abort();
        depth++;
        at += len;
        if (*at == '/' && at[1] == '\0')
            abort();
        at += *at == '/';
    }
    if (depth != path->depth || depth > FILE_PATH_DEPTH_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file_path path, again;
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (file_path_parse(text, &path) == 0) {
        check_names(&path);
        if (file_path_parse(path.text, &again) != 0 || strcmp(path.text, again.text) != 0 ||
            strcspn(file_path_name(&path), "/") != strlen(file_path_name(&path)))
            abort();
    }
    free(text);
    return 0;
}
