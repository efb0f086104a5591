#include "ctl/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "common/json.h"
#include "common/utf8.h"

#define FILES_STEP 64

void pack_init(struct pack *pack)
{
    *pack = (struct pack){.count = 0};
}

void pack_free(struct pack *pack)
{
    for (size_t i = 0; i < pack->count; i++) {
        free(pack->files[i].path);
        free(pack->files[i].text);
    }
    free(pack->files);
    pack_init(pack);
}

static bool refuse(struct pack *pack, const char *what, const char *path)
{
    if (pack->reason[0] == '\0')
        snprintf(pack->reason, sizeof(pack->reason), "%s%s%.200s", what, *path ? ": " : "", path);
    return false;
}

static bool ends_with(const char *path, const char *end)
{
    size_t len = strlen(path);
    size_t end_len = strlen(end);

    return len >= end_len && strcasecmp(path + len - end_len, end) == 0;
}

static bool is_native(const char *path)
{
    const char *name = strrchr(path, '/');

    return ends_with(path, ".node") || strcmp(name == NULL ? path : name + 1, "binding.gyp") == 0;
}

bool pack_wants(const char *path)
{
    if (strncmp(path, "node_modules/", 13) == 0 || strstr(path, "/node_modules/") != NULL)
        return false;
    return ends_with(path, ".js") || ends_with(path, ".mjs") || ends_with(path, ".cjs") ||
           ends_with(path, ".json") || is_native(path);
}

static struct pack_file *new_file(struct pack *pack)
{
    if (pack->count % FILES_STEP == 0) {
        struct pack_file *files = realloc(pack->files, (pack->count + FILES_STEP) * sizeof(*files));

        if (files == NULL)
            return NULL;
        pack->files = files;
    }
    pack->files[pack->count] = (struct pack_file){.path = NULL};
    return &pack->files[pack->count];
}

bool pack_add(struct pack *pack, const char *path, const uint8_t *bytes, size_t len)
{
    struct pack_file *file;

    if (!pack_wants(path))
        return true;
    if (is_native(path))
        return refuse(pack, "it is not pure JavaScript", path);
    if (!utf8_is_valid((const char *)bytes, len) || memchr(bytes, 0, len) != NULL) {
        pack->left_out++;
        return true;
    }
    if (len > MODULE_FILE_MAX_BYTES)
        return refuse(pack, "it has a file of more than 1 MiB", path);
    if (pack->count >= MODULE_FILES_MAX)
        return refuse(pack, "it has more than 2000 scripts and JSON files", "");
    pack->bytes += len;
    if (pack->bytes > MODULE_BYTES_MAX)
        return refuse(pack, "its scripts and JSON files are larger than 8 MiB together", "");
    file = new_file(pack);
    if (file == NULL)
        return refuse(pack, "there is no memory left for it", "");
    file->path = strdup(path);
    file->text = malloc(len + 1);
    pack->count++; /* so that it is freed */
    if (file->path == NULL || file->text == NULL)
        return refuse(pack, "there is no memory left for it", "");
    if (len > 0)
        memcpy(file->text, bytes, len);
    file->text[len] = '\0';
    file->len = len;
    return true;
}

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct pack_file *)left)->path, ((const struct pack_file *)right)->path);
}

static const struct pack_file *find(const struct pack *pack, const char *path)
{
    for (size_t i = 0; i < pack->count; i++) {
        if (strcmp(pack->files[i].path, path) == 0)
            return &pack->files[i];
    }
    return NULL;
}

static bool read_manifest(struct pack *pack, const cJSON *manifest)
{
    static const char *const hooks[] = {"preinstall", "install", "postinstall"};
    const cJSON *scripts = cJSON_GetObjectItemCaseSensitive(manifest, "scripts");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(manifest, "name"));
    const char *version =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(manifest, "version"));

    if (name == NULL || !module_name_is_valid(name))
        return refuse(pack, "its package.json has no name, or none that is allowed", "");
    if (module_is_built_in(name))
        return refuse(pack, "every node has this package already", name);
    if (version == NULL || strlen(version) > MODULE_VERSION_MAX_BYTES || *version == '\0')
        return refuse(pack, "its package.json has no version", "");
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(manifest, "gypfile")))
        return refuse(pack, "it is not pure JavaScript", "gypfile in package.json");
    memcpy(pack->name, name, strlen(name) + 1);
    memcpy(pack->version, version, strlen(version) + 1);
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        if (cJSON_GetObjectItemCaseSensitive(scripts, hooks[i]) != NULL)
            pack->has_install = true;
    }
    return true;
}

int pack_finish(struct pack *pack)
{
    const struct pack_file *file = find(pack, "package.json");
    struct json_fault fault;
    cJSON *manifest = NULL;

    if (file == NULL)
        refuse(pack, "it has no package.json", "");
    else if (json_parse(file->text, file->len, &manifest, &fault) != 0)
        refuse(pack, "its package.json is not JSON", fault.reason);
    else
        read_manifest(pack, manifest);
    cJSON_Delete(manifest);
    qsort(pack->files, pack->count, sizeof(*pack->files), by_path);
    for (size_t i = 1; i < pack->count; i++) {
        if (strcmp(pack->files[i - 1].path, pack->files[i].path) == 0)
            refuse(pack, "it has a file twice", pack->files[i].path);
    }
    return pack->reason[0] == '\0' ? 0 : AMID_E_INVALID;
}

int pack_write(const struct pack *pack, struct buffer *out)
{
    buffer_printf(out, "{\"format\":%d,\"name\":", MODULE_FORMAT);
    json_append_string(out, pack->name, strlen(pack->name));
    buffer_append_str(out, ",\"version\":");
    json_append_string(out, pack->version, strlen(pack->version));
    buffer_append_str(out, ",\"files\":{");
    for (size_t i = 0; i < pack->count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        json_append_string(out, pack->files[i].path, strlen(pack->files[i].path));
        buffer_append_char(out, ':');
        json_append_string(out, pack->files[i].text, pack->files[i].len);
    }
    buffer_append_str(out, "}}\n");
    return buffer_status(out);
}
