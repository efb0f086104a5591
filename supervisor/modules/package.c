#include "supervisor/modules/package.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/module.h"

#define MANIFEST          "package.json"
#define EXPORTS_DEPTH_MAX 8 /* conditions inside conditions */

struct file {
    const char *path; /* borrowed from pack */
    const char *text;
    size_t len;
    cJSON *manifest; /* of a package.json */
};

struct package {
    cJSON *pack; /* owns every text */
    const char *name;
    const char *version;
    struct file *files; /* by path */
    size_t count;
    const cJSON *manifest; /* the root's, or NULL */
};

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct file *)left)->path, ((const struct file *)right)->path);
}

static struct file *find(const struct package *package, const char *path)
{
    const struct file key = {.path = path};

    return package->count == 0
               ? NULL
               : bsearch(&key, package->files, package->count, sizeof(key), by_path);
}

static bool is_manifest(const char *path)
{
    const char *name = strrchr(path, '/');

    return strcmp(name == NULL ? path : name + 1, MANIFEST) == 0;
}

static const char *text_member(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static const char *add_files(struct package *package, const cJSON *files)
{
    struct json_fault fault;
    const cJSON *item;
    size_t bytes = 0;

    cJSON_ArrayForEach(item, files)
    {
        struct file *file = &package->files[package->count];

        if (!module_path_is_valid(item->string) || !cJSON_IsString(item))
            return "it names a file that it must not have";
        *file = (struct file){.path = item->string, .text = item->valuestring};
        file->len = strlen(file->text);
        bytes += file->len;
        if (file->len > MODULE_FILE_MAX_BYTES || bytes > MODULE_BYTES_MAX)
            return "it is too large";
        if (is_manifest(file->path) &&
            json_parse(file->text, file->len, &file->manifest, &fault) != 0)
            file->manifest = NULL;
        package->count++;
    }
    qsort(package->files, package->count, sizeof(*package->files), by_path);
    return NULL;
}

static const char *read_pack(struct package *package)
{
    const cJSON *files = cJSON_GetObjectItemCaseSensitive(package->pack, "files");
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(package->pack, "format");
    const struct file *manifest;
    const char *complaint;
    int count = cJSON_GetArraySize(files);

    package->name = text_member(package->pack, "name");
    package->version = text_member(package->pack, "version");
    if (!cJSON_IsNumber(format) || format->valueint != MODULE_FORMAT)
        return "it has a format of another version of amid";
    if (package->name == NULL || !module_name_is_valid(package->name) || package->version == NULL ||
        strlen(package->version) > MODULE_VERSION_MAX_BYTES)
        return "it has no name or no version";
    if (!cJSON_IsObject(files) || count > MODULE_FILES_MAX)
        return "it has no files, or too many";
    package->files = calloc((size_t)count + 1, sizeof(*package->files));
    if (package->files == NULL)
        return "out of memory";
    complaint = add_files(package, files);
    if (complaint != NULL)
        return complaint;
    manifest = find(package, MANIFEST);
    package->manifest = manifest == NULL ? NULL : manifest->manifest;
    return NULL;
}

int package_parse(const char *text, size_t len, struct package **ret_package, char *reason,
                  size_t reason_size)
{
    struct package *package = calloc(1, sizeof(*package));
    struct json_fault fault;
    const char *complaint;

    if (package == NULL)
        return AMID_E_NOMEM;
    if (len > MODULE_PACK_MAX_BYTES || json_parse(text, len, &package->pack, &fault) != 0)
        complaint = "it is no JSON";
    else
        complaint = read_pack(package);
    if (complaint == NULL) {
        *ret_package = package;
        return 0;
    }
    snprintf(reason, reason_size, "%s", complaint);
    package_free(package);
    return AMID_E_INVALID;
}

void package_free(struct package *package)
{
    if (package == NULL)
        return;
    for (size_t i = 0; i < package->count; i++)
        cJSON_Delete(package->files[i].manifest);
    free(package->files);
    cJSON_Delete(package->pack);
    free(package);
}

const char *package_name(const struct package *package)
{
    return package->name;
}

const char *package_version(const struct package *package)
{
    return package->version;
}

const char *package_file(const struct package *package, const char *path, size_t *ret_len)
{
    const struct file *file = find(package, path);

    if (file == NULL)
        return NULL;
    *ret_len = file->len;
    return file->text;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);

    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

/* "type" of the package.json in the file's folder, or in the nearest one above it. */
static bool is_of_module_type(const struct package *package, const char *path)
{
    char manifest[MODULE_PATH_MAX_BYTES + sizeof(MANIFEST) + 1];
    const char *type;
    char *slash;

    snprintf(manifest, sizeof(manifest), "%s", path);
    while ((slash = strrchr(manifest, '/')) != NULL) {
        const struct file *file;

        memcpy(slash + 1, MANIFEST, sizeof(MANIFEST));
        file = find(package, manifest);
        if (file != NULL && file->manifest != NULL) {
            type = text_member(file->manifest, "type");
            return type != NULL && strcmp(type, "module") == 0;
        }
        *slash = '\0';
    }
    type = text_member(package->manifest, "type");
    return type != NULL && strcmp(type, "module") == 0;
}

enum package_kind package_kind_of(const struct package *package, const char *path)
{
    if (ends_with(path, ".json"))
        return PACKAGE_JSON;
    if (ends_with(path, ".mjs") || (!ends_with(path, ".cjs") && is_of_module_type(package, path)))
        return PACKAGE_MODULE;
    return PACKAGE_COMMONJS;
}

bool package_requires(const struct package *package, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(package->manifest, "dependencies");

    return cJSON_GetObjectItemCaseSensitive(list, name) != NULL;
}

/* --- what a path means --- */

/* Appends the parts of more to path, in which it takes "." and ".." for what they mean; false if it
 * leads out of the package or is too long. */
static bool join(char path[MODULE_PATH_MAX_BYTES + 1], const char *more)
{
    size_t len = strlen(path);

    while (*more != '\0') {
        size_t part = strcspn(more, "/");

        if (part == 2 && more[0] == '.' && more[1] == '.') {
            const char *slash = len == 0 ? NULL : strrchr(path, '/');

            if (len == 0)
                return false;
            len = slash == NULL ? 0 : (size_t)(slash - path);
        } else if (part > 0 && !(part == 1 && more[0] == '.')) {
            if (len + 1 + part > MODULE_PATH_MAX_BYTES)
                return false;
            if (len > 0)
                path[len++] = '/';
            memcpy(path + len, more, part);
            len += part;
        }
        path[len] = '\0';
        more += part + (more[part] == '/');
    }
    return true;
}

static const char *exact(const struct package *package, const char *path)
{
    const struct file *file = find(package, path);

    return file == NULL ? NULL : file->path;
}

static const char *with_ends(const struct package *package, const char *path, const char *between)
{
    static const char *const ends[] = {".js", ".json", ".cjs", ".mjs"};
    char longer[MODULE_PATH_MAX_BYTES + 16];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *found;

        snprintf(longer, sizeof(longer), "%s%s%s", path, between, ends[i]);
        found = exact(package, longer);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static const char *as_file(const struct package *package, const char *path)
{
    const char *found = *path == '\0' ? NULL : exact(package, path);

    return found != NULL || *path == '\0' ? found : with_ends(package, path, "");
}

/* A folder: what its package.json calls main, else index. */
static const char *as_folder(const struct package *package, const char *path)
{
    char inside[MODULE_PATH_MAX_BYTES + 1];
    const struct file *manifest;
    const char *found = NULL;
    const char *main;

    snprintf(inside, sizeof(inside), "%s", path);
    manifest = join(inside, MANIFEST) ? find(package, inside) : NULL;
    main = manifest == NULL ? NULL : text_member(manifest->manifest, "main");
    if (main != NULL) {
        snprintf(inside, sizeof(inside), "%s", path);
        if (join(inside, main)) {
            found = as_file(package, inside);
            if (found == NULL)
                found = with_ends(package, inside, *inside == '\0' ? "index" : "/index");
        }
    }
    return found != NULL ? found : with_ends(package, path, *path == '\0' ? "index" : "/index");
}

static const char *as_either(const struct package *package, const char *path)
{
    const char *found = as_file(package, path);

    return found != NULL ? found : as_folder(package, path);
}

/* A target like "./lib/(star).js" with what the star stands for; exactly that file, as Node has it.
 */
static const char *as_target(const struct package *package, const char *target, const char *star)
{
    char path[MODULE_PATH_MAX_BYTES + 1] = "";
    char filled[2 * MODULE_PATH_MAX_BYTES];
    size_t before = strcspn(target, "*");

    if (target[before] == '*' && star != NULL)
        snprintf(filled, sizeof(filled), "%.*s%s%s", (int)before, target, star,
                 target + before + 1);
    else
        snprintf(filled, sizeof(filled), "%s", target);
    if (strncmp(filled, "./", 2) != 0 || !join(path, filled + 2))
        return NULL;
    return exact(package, path);
}

/* A target: a path, conditions in the order they are written, or the first of a list that fits. */
static const char *choose(const struct package *package, const cJSON *target, const char *star,
                          bool is_import, int depth)
{
    const char *found = NULL;
    const cJSON *item;

    if (depth > EXPORTS_DEPTH_MAX)
        return NULL;
    if (cJSON_IsString(target))
        return as_target(package, target->valuestring, star);
    cJSON_ArrayForEach(item, target)
    {
        bool fits = cJSON_IsArray(target) || strcmp(item->string, "default") == 0 ||
                    strcmp(item->string, is_import ? "import" : "require") == 0;

        if (fits)
            found = choose(package, item, star, is_import, depth + 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The longest pattern "a*b" that key fits; what the star stands for is put into star. */
static const cJSON *match_pattern(const cJSON *map, const char *key, char *star, size_t star_size)
{
    const cJSON *best = NULL;
    size_t best_len = 0;
    const cJSON *item;
    size_t key_len = strlen(key);

    cJSON_ArrayForEach(item, map)
    {
        const char *at = strchr(item->string, '*');
        size_t before = at == NULL ? 0 : (size_t)(at - item->string);
        size_t after = at == NULL ? 0 : strlen(at + 1);

        if (at == NULL || before + after >= key_len || before < best_len ||
            strncmp(key, item->string, before) != 0 || strcmp(key + key_len - after, at + 1) != 0)
            continue;
        best = item;
        best_len = before;
        snprintf(star, star_size, "%.*s", (int)(key_len - before - after), key + before);
    }
    return best;
}

static const char *look_up(const struct package *package, const cJSON *map, const char *key,
                           bool is_import)
{
    char star[MODULE_PATH_MAX_BYTES + 1] = "";
    const cJSON *target = cJSON_GetObjectItemCaseSensitive(map, key);

    if (target != NULL && strchr(key, '*') == NULL)
        return choose(package, target, NULL, is_import, 0);
    target = match_pattern(map, key, star, sizeof(star));
    return target == NULL ? NULL : choose(package, target, star, is_import, 0);
}

static bool is_map(const cJSON *exports)
{
    return cJSON_IsObject(exports) && exports->child != NULL && exports->child->string[0] == '.';
}

const char *package_entry(const struct package *package, const char *subpath, bool is_import)
{
    const cJSON *exports = cJSON_GetObjectItemCaseSensitive(package->manifest, "exports");
    char path[MODULE_PATH_MAX_BYTES + 1] = "";
    char key[MODULE_PATH_MAX_BYTES + 3];

    if (strlen(subpath) > MODULE_PATH_MAX_BYTES)
        return NULL;
    if (exports != NULL && !cJSON_IsNull(exports)) {
        snprintf(key, sizeof(key), ".%s%s", *subpath == '\0' ? "" : "/", subpath);
        if (is_map(exports))
            return look_up(package, exports, key, is_import);
        return *subpath == '\0' ? choose(package, exports, NULL, is_import, 0) : NULL;
    }
    if (*subpath == '\0')
        return as_folder(package, "");
    return join(path, subpath) ? as_either(package, path) : NULL;
}

const char *package_relative(const struct package *package, const char *from, const char *specifier,
                             bool is_import)
{
    char path[MODULE_PATH_MAX_BYTES + 1];
    char *slash;

    if (strlen(from) > MODULE_PATH_MAX_BYTES)
        return NULL;
    if (*specifier == '#')
        return look_up(package, cJSON_GetObjectItemCaseSensitive(package->manifest, "imports"),
                       specifier, is_import);
    snprintf(path, sizeof(path), "%s", from);
    slash = strrchr(path, '/');
    path[slash == NULL ? 0 : slash - path] = '\0';
    if (!join(path, specifier))
        return NULL;
    /* "./" and "./lib/" mean folders only. */
    if (specifier[strlen(specifier) - 1] == '/')
        return as_folder(package, path);
    return as_either(package, path);
}
