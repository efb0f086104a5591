#include "supervisor/modules/modules.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "common/module.h"

#define PATH_BYTES  2048
#define FAULT_BYTES 192

/* What the index says of one package. */
struct listed {
    char *name;
    char integrity[MODULE_INTEGRITY_BYTES];
    char fault[FAULT_BYTES]; /* "" = none known */
};

/* A package in memory, for as long as somebody uses it. */
struct loaded {
    LIST_ENTRY(loaded) link;
    struct package *package;
    char integrity[MODULE_INTEGRITY_BYTES];
    unsigned users;
};

struct modules {
    struct modules_needs needs;
    char *folder;
    int watch_fd; /* inotify; -1 = none */
    struct event *watch;
    struct listed *listed; /* by name */
    size_t count;
    LIST_HEAD(, loaded) loaded;
};

static const struct log_about about = {.event = "modules"};

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct listed *)left)->name, ((const struct listed *)right)->name);
}

static struct listed *find(struct modules *modules, const char *name)
{
    struct listed key = {.name = NULL};
    struct listed *found;
    char copy[MODULE_NAME_MAX_BYTES + 1];

    if (modules->count == 0 || strlen(name) > MODULE_NAME_MAX_BYTES)
        return NULL;
    snprintf(copy, sizeof(copy), "%s", name);
    key.name = copy;
    found = bsearch(&key, modules->listed, modules->count, sizeof(key), by_name);
    return found;
}

static void listed_free(struct listed *listed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(listed[i].name);
    free(listed);
}

/* A regular file of the folder, whole; to be freed. */
static int read_file(const struct modules *modules, const char *name, size_t max_bytes,
                     char **ret_text, size_t *ret_len)
{
    char path[PATH_BYTES];
    struct stat status;
    size_t got = 0;
    char *text = NULL;
    int error = 0;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", modules->needs.folder, name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? AMID_E_NOT_FOUND : error_from_errno(errno);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > (off_t)max_bytes)
        error = AMID_E_CORRUPT;
    else if ((text = malloc((size_t)status.st_size + 1)) == NULL)
        error = AMID_E_NOMEM;
    while (error == 0 && got < (size_t)status.st_size) {
        ssize_t len = read(fd, text + got, (size_t)status.st_size - got);

        if (len <= 0)
            error = len < 0 ? error_from_errno(errno) : AMID_E_CORRUPT;
        else
            got += (size_t)len;
    }
    close(fd);
    if (error != 0) {
        free(text);
        return error;
    }
    text[got] = '\0';
    *ret_text = text;
    *ret_len = got;
    return 0;
}

static bool read_listed(const cJSON *item, struct listed *listed)
{
    const char *integrity =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "integrity"));
    char file[MODULE_FILE_NAME_BYTES];

    if (!module_name_is_valid(item->string) || integrity == NULL ||
        strlen(integrity) >= MODULE_INTEGRITY_BYTES || !module_file_name(integrity, file))
        return false;
    *listed = (struct listed){.name = strdup(item->string)};
    memcpy(listed->integrity, integrity, strlen(integrity) + 1);
    return listed->name != NULL;
}

static int read_index(const cJSON *json, struct listed **ret_listed, size_t *ret_count)
{
    const cJSON *packages = cJSON_GetObjectItemCaseSensitive(json, "packages");
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(json, "format");
    int most = cJSON_GetArraySize(packages);
    struct listed *listed;
    const cJSON *item;
    size_t count = 0;

    if (!cJSON_IsNumber(format) || format->valueint != MODULE_FORMAT || !cJSON_IsObject(packages) ||
        most > MODULE_PACKAGES_MAX)
        return AMID_E_CORRUPT;
    listed = calloc((size_t)most + 1, sizeof(*listed));
    if (listed == NULL)
        return AMID_E_NOMEM;
    cJSON_ArrayForEach(item, packages)
    {
        if (!read_listed(item, &listed[count])) {
            listed_free(listed, count);
            return AMID_E_CORRUPT;
        }
        count++;
    }
    qsort(listed, count, sizeof(*listed), by_name);
    *ret_listed = listed;
    *ret_count = count;
    return 0;
}

static int load_index(struct modules *modules, struct listed **ret_listed, size_t *ret_count)
{
    struct json_fault fault;
    cJSON *json = NULL;
    char *text = NULL;
    size_t len;
    int error = read_file(modules, MODULE_INDEX, MODULE_INDEX_MAX_BYTES, &text, &len);

    if (error == AMID_E_NOT_FOUND) { /* nothing has been installed yet */
        *ret_listed = NULL;
        *ret_count = 0;
        return 0;
    }
    if (error == 0 && json_parse(text, len, &json, &fault) != 0)
        error = AMID_E_CORRUPT;
    free(text);
    if (error == 0)
        error = read_index(json, ret_listed, ret_count);
    cJSON_Delete(json);
    return error;
}

void modules_refresh(struct modules *modules)
{
    struct listed *listed = NULL;
    size_t count = 0;
    int error = load_index(modules, &listed, &count);

    if (error != 0) {
        log_error(&about, "%s/" MODULE_INDEX " cannot be read (%s); the packages stay as they were",
                  modules->needs.folder, error_text(error));
        return;
    }
    listed_free(modules->listed, modules->count);
    modules->listed = listed;
    modules->count = count;
    log_debug(&about, "%zu packages are installed", count);
    modules->needs.changed(modules->needs.arg);
}

static void folder_changed(evutil_socket_t fd, short what, void *arg)
{
    struct modules *modules = arg;
    /* Room for several events; what does not fit is read in the next turn. */
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool is_index = false;
    ssize_t len;

    (void)what;
    len = read(fd, events, sizeof(events));
    for (char *at = events; len > 0 && at < events + len;) {
        const struct inotify_event *event = (const struct inotify_event *)at;

        is_index = is_index || (event->mask & IN_Q_OVERFLOW) != 0 ||
                   (event->len > 0 && strcmp(event->name, MODULE_INDEX) == 0);
        at += sizeof(*event) + event->len;
    }
    if (is_index)
        modules_refresh(modules);
}

/* amictl replaces the index by a rename, whatever else it writes before. */
static void watch_folder(struct modules *modules)
{
    const char *folder = modules->needs.folder;

    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        log_warn(&about, "The modules folder %s cannot be made: %s", folder, strerror(errno));
    modules->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (modules->watch_fd >= 0 &&
        inotify_add_watch(modules->watch_fd, folder, IN_MOVED_TO | IN_ONLYDIR) >= 0)
        modules->watch = event_new(modules->needs.base, modules->watch_fd, EV_READ | EV_PERSIST,
                                   folder_changed, modules);
    if (modules->watch == NULL || event_add(modules->watch, NULL) != 0)
        log_warn(&about, "The modules folder %s cannot be watched; SIGHUP makes amid look at it",
                 folder);
}

static void nobody(void *arg)
{
    (void)arg;
}

int modules_open(const struct modules_needs *needs, struct modules **ret_modules)
{
    struct modules *modules = calloc(1, sizeof(*modules));

    if (modules == NULL)
        return AMID_E_NOMEM;
    modules->needs = *needs;
    modules->watch_fd = -1;
    LIST_INIT(&modules->loaded);
    modules->folder = strdup(needs->folder);
    modules->needs.folder = modules->folder;
    if (modules->folder == NULL) {
        modules_close(modules);
        return AMID_E_NOMEM;
    }
    watch_folder(modules);
    modules->needs.changed = nobody; /* not before there is somebody to tell */
    modules_refresh(modules);
    modules->needs.changed = needs->changed;
    *ret_modules = modules;
    return 0;
}

void modules_close(struct modules *modules)
{
    struct loaded *loaded;

    if (modules == NULL)
        return;
    while ((loaded = LIST_FIRST(&modules->loaded)) != NULL) {
        LIST_REMOVE(loaded, link);
        package_free(loaded->package);
        free(loaded);
    }
    if (modules->watch != NULL)
        event_free(modules->watch);
    if (modules->watch_fd >= 0)
        close(modules->watch_fd);
    listed_free(modules->listed, modules->count);
    free(modules->folder);
    free(modules);
}

const char *modules_fault(struct modules *modules, const char *name)
{
    const struct listed *listed = find(modules, name);

    if (listed == NULL)
        return "is not installed on this node";
    return listed->fault[0] == '\0' ? NULL : listed->fault;
}

static struct loaded *find_loaded(struct modules *modules, const char *integrity)
{
    struct loaded *loaded;

    LIST_FOREACH(loaded, &modules->loaded, link)
    {
        if (strcmp(loaded->integrity, integrity) == 0)
            return loaded;
    }
    return NULL;
}

static void blame(struct listed *listed, const char *why)
{
    snprintf(listed->fault, sizeof(listed->fault), "%.150s; install it again", why);
    log_error(&about, "Package \"%s\" %s", listed->name, listed->fault);
}

static int parse(struct listed *listed, const char *text, size_t len, struct package **ret_package)
{
    char integrity[MODULE_INTEGRITY_BYTES];
    char reason[128];
    char why[FAULT_BYTES];
    int error;

    module_integrity(text, len, integrity);
    if (strcmp(integrity, listed->integrity) != 0) {
        blame(listed, "does not match the integrity that was recorded when it was installed");
        return AMID_E_CORRUPT;
    }
    error = package_parse(text, len, ret_package, reason, sizeof(reason));
    if (error == AMID_E_INVALID) {
        snprintf(why, sizeof(why), "is not usable: %.100s", reason);
        blame(listed, why);
        return AMID_E_CORRUPT;
    }
    if (error == 0 && strcmp(package_name(*ret_package), listed->name) != 0) {
        package_free(*ret_package);
        blame(listed, "is another package in truth");
        return AMID_E_CORRUPT;
    }
    return error;
}

static int load(struct modules *modules, struct listed *listed, struct package **ret_package)
{
    char file[MODULE_FILE_NAME_BYTES];
    char *text = NULL;
    size_t len = 0;
    int error = module_file_name(listed->integrity, file) ? 0 : AMID_E_CORRUPT;

    if (error == 0)
        error = read_file(modules, file, MODULE_PACK_MAX_BYTES, &text, &len);
    if (error == AMID_E_NOMEM)
        return error;
    if (error != 0) {
        blame(listed, "cannot be read from the modules folder");
        return AMID_E_CORRUPT;
    }
    error = parse(listed, text, len, ret_package);
    free(text);
    return error;
}

int modules_take(struct modules *modules, const char *name, struct package **ret_package)
{
    struct listed *listed = find(modules, name);
    struct loaded *loaded;
    int error;

    if (listed == NULL)
        return AMID_E_NOT_FOUND;
    if (listed->fault[0] != '\0')
        return AMID_E_CORRUPT;
    loaded = find_loaded(modules, listed->integrity);
    if (loaded == NULL) {
        loaded = calloc(1, sizeof(*loaded));
        error = loaded == NULL ? AMID_E_NOMEM : load(modules, listed, &loaded->package);
        if (error != 0) {
            free(loaded);
            return error;
        }
        memcpy(loaded->integrity, listed->integrity, sizeof(loaded->integrity));
        LIST_INSERT_HEAD(&modules->loaded, loaded, link);
    }
    loaded->users++;
    *ret_package = loaded->package;
    return 0;
}

void modules_give_back(struct modules *modules, struct package *package)
{
    struct loaded *loaded;

    LIST_FOREACH(loaded, &modules->loaded, link)
    {
        if (loaded->package == package)
            break;
    }
    if (loaded == NULL || --loaded->users > 0)
        return;
    LIST_REMOVE(loaded, link);
    package_free(loaded->package);
    free(loaded);
}
