#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/error.h"
#include "ctl/commands.h"
#include "ctl/modules_folder.h"
#include "ctl/output.h"

#define REASON_BYTES   1400
#define FOLDER_DEFAULT "/var/lib/amid/modules"
#define COLUMNS        4
#define CELL_BYTES     256

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* As amid finds it, but for its file of settings. */
static const char *folder_of(const struct settings *settings, char path[1024])
{
    const char *folder = getenv("AMID_NODE_MODULES");
    const char *state = getenv("AMID_NODE_STATE");

    if (settings->modules_folder != NULL)
        return settings->modules_folder;
    if (folder != NULL && *folder != '\0')
        return folder;
    if (state == NULL || *state == '\0')
        return is_folder("/var/lib/amid") || !is_folder("var") ? FOLDER_DEFAULT : "var/modules";
    snprintf(path, 1024, "%s/modules", state);
    return path;
}

static enum ctl_exit open_folder(const struct settings *settings, bool to_change,
                                 struct modules_folder *folder)
{
    char reason[REASON_BYTES] = "";
    char path[1024];

    if (sodium_init() < 0) {
        fprintf(stderr, "amictl: libsodium cannot be used\n");
        return CTL_REFUSED;
    }
    if (modules_folder_open(folder, folder_of(settings, path), to_change, reason, sizeof(reason)) ==
        0)
        return CTL_OK;
    fprintf(stderr, "amictl: %s\n", reason);
    modules_folder_close(folder);
    return CTL_REFUSED;
}

/* A folder, a tarball, or the name of what npm has put into ./node_modules. */
static int read_package(const char *what, struct pack *pack)
{
    char path[MODULE_NAME_MAX_BYTES + 32];

    if (is_folder(what))
        return pack_read_folder(pack, what);
    snprintf(path, sizeof(path), "node_modules/%.*s", MODULE_NAME_MAX_BYTES, what);
    if (module_name_is_valid(what) && is_folder(path))
        return pack_read_folder(pack, path);
    return pack_read_tarball(pack, what);
}

static void say_installed(const struct pack *pack)
{
    printf("installed %s %s: %zu files, %zu bytes\n", pack->name, pack->version, pack->count,
           pack->bytes);
    if (pack->source[0] != '\0')
        printf("tarball %s\n", pack->source);
    if (pack->has_install)
        printf("its install scripts were not run\n");
    if (pack->left_out > 0)
        printf("%zu files that are no text were left out\n", pack->left_out);
}

static enum ctl_exit add(const struct settings *settings, const char *what)
{
    struct modules_folder folder;
    char reason[REASON_BYTES] = "";
    struct pack pack;
    enum ctl_exit result = open_folder(settings, true, &folder);

    if (result != CTL_OK)
        return result;
    pack_init(&pack);
    if (read_package(what, &pack) != 0) {
        fprintf(stderr, "amictl: %s was not installed: %s\n", what, pack.reason);
        result = CTL_REFUSED;
    } else if (modules_folder_add(&folder, &pack, reason, sizeof(reason)) != 0) {
        fprintf(stderr, "amictl: %s\n", reason);
        result = CTL_REFUSED;
    } else {
        say_installed(&pack);
    }
    pack_free(&pack);
    modules_folder_close(&folder);
    return result;
}

static enum ctl_exit take_away(const struct settings *settings, const char *name)
{
    struct modules_folder folder;
    char reason[REASON_BYTES] = "";
    enum ctl_exit result = open_folder(settings, true, &folder);
    int error;

    if (result != CTL_OK)
        return result;
    error = modules_folder_remove(&folder, name, reason, sizeof(reason));
    if (error != 0) {
        fprintf(stderr, "amictl: %s\n", reason);
        result = error == AMID_E_NOT_FOUND ? CTL_UNKNOWN : CTL_REFUSED;
    } else {
        printf("removed %s\n", name);
    }
    modules_folder_close(&folder);
    return result;
}

static const char *text_of(const cJSON *entry, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, name));

    return text == NULL ? "" : text;
}

static void print_packages(const cJSON *packages)
{
    static const char *const head[COLUMNS] = {"NAME", "VERSION", "FILES", "INTEGRITY"};
    size_t count = (size_t)cJSON_GetArraySize(packages) + 1;
    const char **cells = calloc(count * COLUMNS, sizeof(*cells));
    char(*numbers)[16] = calloc(count, sizeof(*numbers));
    const cJSON *entry;
    size_t row = 0;

    if (cells != NULL && numbers != NULL) {
        memcpy(cells, head, sizeof(head));
        cJSON_ArrayForEach(entry, packages)
        {
            const char **at = cells + COLUMNS * ++row;

            snprintf(numbers[row], sizeof(numbers[row]), "%.0f",
                     cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(entry, "files")));
            at[0] = entry->string;
            at[1] = text_of(entry, "version");
            at[2] = numbers[row];
            at[3] = text_of(entry, "integrity");
        }
        output_table(cells, count, COLUMNS);
    }
    free(cells);
    free(numbers);
}

static enum ctl_exit list(const struct settings *settings)
{
    struct modules_folder folder;
    enum ctl_exit result = open_folder(settings, false, &folder);
    const cJSON *packages;
    char *text;

    if (result != CTL_OK)
        return result;
    packages = cJSON_GetObjectItemCaseSensitive(folder.index, "packages");
    if (settings->as_json) {
        text = cJSON_Print(packages);
        if (text != NULL)
            puts(text);
        cJSON_free(text);
    } else if (cJSON_GetArraySize(packages) == 0) {
        puts("There are no packages.");
    } else {
        print_packages(packages);
    }
    modules_folder_close(&folder);
    return CTL_OK;
}

enum ctl_exit command_modules(const struct settings *settings, char *const *words)
{
    if (words[0] != NULL && strcmp(words[0], "list") == 0 && words[1] == NULL)
        return list(settings);
    if (words[0] != NULL && words[1] != NULL && words[2] == NULL) {
        if (strcmp(words[0], "add") == 0)
            return add(settings, words[1]);
        if (strcmp(words[0], "remove") == 0)
            return take_away(settings, words[1]);
    }
    fprintf(stderr, "amictl: modules add NAME|TARBALL|FOLDER, modules list, modules remove NAME\n");
    return CTL_USAGE;
}
