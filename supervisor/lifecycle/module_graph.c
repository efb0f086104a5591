#include "supervisor/lifecycle/module_graph.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/module.h"

/* Compiles of one graph at a time; other workers wait in the same line. */
#define COMPILES_AT_ONCE 4
#define BUSY_MS          200
#define REASON_BYTES     256
#define SCRIPT           ((size_t)-1) /* who asks, when it is the script */

enum file_state { FILE_WAITING, FILE_COMPILING, FILE_DONE };

struct link {
    char *need; /* "i" or "r" and the specifier */
    size_t file;
};

struct links {
    struct link *items;
    size_t count;
};

struct file {
    struct module_graph *graph;
    struct package *package;
    const char *path; /* borrowed from package */
    enum package_kind kind;
    enum file_state state;
    char *code, *lines;
    size_t code_len, lines_len;
    char *error; /* why it could not be compiled */
    struct links links;
};

struct module_graph {
    struct module_graph_needs needs;
    char **dependencies;
    module_graph_fn fn;
    void *arg;
    struct links links; /* the script's */
    /* Pointers, for compiles hold on to files while the list grows. */
    struct file **files;
    size_t count, compiling, done;
    size_t bytes;
    struct package **packages; /* taken, each once */
    size_t package_count;
    int error;
    char reason[REASON_BYTES];
    struct timer timer; /* goes on in a turn of its own */
};

static void links_free(struct links *links)
{
    for (size_t i = 0; i < links->count; i++)
        free(links->items[i].need);
    free(links->items);
}

static void fail(struct module_graph *graph, int error, const char *reason)
{
    if (graph->error != 0)
        return;
    graph->error = error;
    snprintf(graph->reason, sizeof(graph->reason), "%s", reason);
}

static void compiled(void *arg, int error, const struct compile_result *result);

void module_graph_close(struct module_graph *graph)
{
    if (graph == NULL)
        return;
    timer_stop(&graph->timer);
    for (size_t i = 0; i < graph->count; i++) {
        struct file *file = graph->files[i];

        if (file->state == FILE_COMPILING)
            compile_cancel(graph->needs.compiler, compiled, file);
        links_free(&file->links);
        free(file->code);
        free(file->lines);
        free(file->error);
        free(file);
    }
    free(graph->files);
    links_free(&graph->links);
    for (size_t i = 0; i < graph->package_count; i++)
        modules_give_back(graph->needs.modules, graph->packages[i]);
    free(graph->packages);
    for (size_t i = 0; i < graph->needs.dependency_count; i++)
        free(graph->dependencies[i]);
    free(graph->dependencies);
    free(graph);
}

/* --- finding what is needed --- */

static struct package *take_package(struct module_graph *graph, const char *name)
{
    struct package **packages;
    struct package *package = NULL;
    char reason[REASON_BYTES];
    int error;

    for (size_t i = 0; i < graph->package_count; i++) {
        if (strcmp(package_name(graph->packages[i]), name) == 0)
            return graph->packages[i];
    }
    packages = realloc(graph->packages, (graph->package_count + 1) * sizeof(struct package *));
    if (packages == NULL) {
        fail(graph, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
        return NULL;
    }
    graph->packages = packages;
    error = modules_take(graph->needs.modules, name, &package);
    if (error == AMID_E_CORRUPT) {
        snprintf(reason, sizeof(reason), "package \"%.90s\" %.150s", name,
                 modules_fault(graph->needs.modules, name));
        fail(graph, AMID_E_NOT_FOUND, reason);
    } else if (error == AMID_E_NOMEM) {
        fail(graph, error, error_text(error));
    }
    if (error == 0)
        graph->packages[graph->package_count++] = package;
    return package;
}

static void file_set_code(struct file *file, const char *code, size_t code_len, const char *lines,
                          size_t lines_len)
{
    struct module_graph *graph = file->graph;

    file->code = malloc(code_len + 1);
    file->lines = malloc(lines_len + 1);
    if (file->code == NULL || file->lines == NULL) {
        fail(graph, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
        return;
    }
    memcpy(file->code, code, code_len);
    memcpy(file->lines, lines, lines_len);
    file->code_len = code_len;
    file->lines_len = lines_len;
    graph->bytes += code_len + lines_len;
    if (graph->bytes > MODULE_GRAPH_BYTES_MAX)
        fail(graph, AMID_E_TOO_LARGE, "the files of its packages are larger than 3 MiB together");
}

/* The number of the file in the graph, which it joins if it is new; -1 = it cannot. */
static long add_file(struct module_graph *graph, struct package *package, const char *path)
{
    struct file *file;

    for (size_t i = 0; i < graph->count; i++) {
        file = graph->files[i];
        if (file != NULL && file->package == package && strcmp(file->path, path) == 0)
            return (long)i;
    }
    if (graph->count >= MODULE_GRAPH_FILES_MAX) {
        fail(graph, AMID_E_TOO_LARGE, "its packages have more than 1000 files that it needs");
        return -1;
    }
    file = calloc(1, sizeof(*file));
    if (file == NULL) {
        fail(graph, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
        return -1;
    }
    *file = (struct file){
        .graph = graph, .package = package, .path = path, .kind = package_kind_of(package, path)};
    graph->files[graph->count++] = file;
    if (file->kind == PACKAGE_JSON) {
        size_t len = 0;
        const char *text = package_file(package, path, &len);

        file_set_code(file, text, len, "", 0);
        file->state = FILE_DONE;
        graph->done++;
    }
    return (long)(graph->count - 1);
}

static void add_link(struct module_graph *graph, struct links *links, const char *need, long target)
{
    struct link *items;
    char *copy;

    if (target < 0)
        return;
    for (size_t i = 0; i < links->count; i++) {
        if (strcmp(links->items[i].need, need) == 0)
            return;
    }
    items = realloc(links->items, (links->count + 1) * sizeof(*items));
    copy = strdup(need);
    if (items != NULL)
        links->items = items;
    if (items == NULL || copy == NULL) {
        free(copy);
        fail(graph, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
        return;
    }
    links->items[links->count++] = (struct link){.need = copy, .file = (size_t)target};
}

static bool is_listed(const struct module_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->needs.dependency_count; i++) {
        const char *listed = graph->dependencies[i];

        if (listed != NULL && strcmp(listed, name) == 0)
            return true;
    }
    return false;
}

/* "name" or "name/sub/path", asked by a file of asker, or by the script (NULL). */
static long resolve_package(struct module_graph *graph, const struct package *asker,
                            const char *specifier, bool is_import)
{
    char name[MODULE_NAME_MAX_BYTES + 1];
    size_t len = module_specifier_name(specifier);
    struct package *package;
    const char *path;
    char reason[REASON_BYTES];

    if (len == 0)
        return -1;
    snprintf(name, sizeof(name), "%.*s", (int)len, specifier);
    if (module_is_built_in(name) || (asker == NULL && !is_listed(graph, name)))
        return -1;
    package = take_package(graph, name);
    if (package == NULL) {
        if (asker != NULL && package_requires(asker, name)) {
            snprintf(reason, sizeof(reason),
                     "package \"%.90s\", which \"%.90s\" needs, is not installed on this node",
                     name, package_name(asker));
            fail(graph, AMID_E_NOT_FOUND, reason);
        }
        return -1;
    }
    path = package_entry(package, specifier[len] == '/' ? specifier + len + 1 : "", is_import);
    return path == NULL ? -1 : add_file(graph, package, path);
}

/* One that only running it will tell could be any of the listed ones. */
static void follow_any(struct module_graph *graph, char letter)
{
    char need[MODULE_NAME_MAX_BYTES + 2];

    for (size_t i = 0; i < graph->needs.dependency_count; i++) {
        const char *name = graph->dependencies[i];

        if (name == NULL)
            continue;
        snprintf(need, sizeof(need), "%c%s", letter, name);
        add_link(graph, &graph->links, need, resolve_package(graph, NULL, name, letter == 'i'));
    }
}

static void follow(struct module_graph *graph, size_t asker, const char *need)
{
    bool is_import = need[0] == 'i';
    const char *specifier = need + 1;
    struct file *file = asker == SCRIPT ? NULL : graph->files[asker];
    const char *path;
    long target;

    if (strcmp(specifier, "*") == 0) {
        if (file == NULL)
            follow_any(graph, need[0]);
        return;
    }
    if (file == NULL) {
        add_link(graph, &graph->links, need, resolve_package(graph, NULL, specifier, is_import));
        return;
    }
    if (specifier[0] == '.' || specifier[0] == '#') {
        path = package_relative(file->package, file->path, specifier, is_import);
        target = path == NULL ? -1 : add_file(graph, file->package, path);
    } else {
        target = resolve_package(graph, file->package, specifier, is_import);
    }
    add_link(graph, &file->links, need, target);
}

static void follow_all(struct module_graph *graph, size_t asker, const char *needs_json, size_t len)
{
    cJSON *json = cJSON_ParseWithLength(needs_json, len);
    const cJSON *item;

    cJSON_ArrayForEach(item, json)
    {
        if (cJSON_IsString(item) && item->valuestring[0] != '\0' && graph->error == 0)
            follow(graph, asker, item->valuestring);
    }
    cJSON_Delete(json);
}

/* --- compiling --- */

static void file_refused(struct file *file, int error, const struct compile_result *result)
{
    char text[512];

    if (error == AMID_E_SYNTAX && result != NULL)
        snprintf(text, sizeof(text), "line %u, column %u: %.400s", (unsigned)result->line,
                 (unsigned)result->column, result->message);
    else
        snprintf(text, sizeof(text), "%s", error_text(error));
    file->error = strdup(text);
    if (file->error == NULL)
        fail(file->graph, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
}

static size_t number_of(const struct file *file)
{
    const struct module_graph *graph = file->graph;
    size_t i = 0;

    while (graph->files[i] != file)
        i++;
    return i;
}

static void compiled(void *arg, int error, const struct compile_result *result)
{
    struct file *file = arg;
    struct module_graph *graph = file->graph;

    file->state = FILE_DONE;
    graph->compiling--;
    graph->done++;
    if (error == AMID_E_STOPPED) {
        fail(graph, error, error_text(error));
    } else if (error != 0) {
        file_refused(file, error, result);
    } else {
        file_set_code(file, result->code, result->code_len, result->lines, result->lines_len);
        follow_all(graph, number_of(file), result->needs, result->needs_len);
    }
    timer_start(&graph->timer, 0);
}

static void compile_some(struct module_graph *graph)
{
    for (size_t i = 0; i < graph->count && graph->compiling < COMPILES_AT_ONCE; i++) {
        struct file *file = graph->files[i];
        size_t len = 0;
        const char *text;
        int error;

        if (file->state != FILE_WAITING)
            continue;
        text = package_file(file->package, file->path, &len);
        error = compile_submit_module(graph->needs.compiler, graph->needs.priority, text, len,
                                      file->kind == PACKAGE_MODULE, compiled, file);
        if (error == AMID_E_BUSY) {
            if (graph->compiling == 0)
                timer_start(&graph->timer, BUSY_MS);
            return;
        }
        if (error != 0) {
            fail(graph, error, error_text(error));
            return;
        }
        file->state = FILE_COMPILING;
        graph->compiling++;
    }
}

/* --- what comes of it --- */

static void put_links(struct buffer *out, const struct links *links)
{
    buffer_append_str(out, "\"links\":{");
    for (size_t i = 0; i < links->count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        json_append_string(out, links->items[i].need, strlen(links->items[i].need));
        buffer_printf(out, ":%zu", links->items[i].file);
    }
    buffer_append_char(out, '}');
}

static void put_file(struct buffer *out, const struct file *file)
{
    static const char *const kinds[] = {
        [PACKAGE_COMMONJS] = "commonjs", [PACKAGE_MODULE] = "module", [PACKAGE_JSON] = "json"};
    char id[MODULE_NAME_MAX_BYTES + MODULE_PATH_MAX_BYTES + 2];

    snprintf(id, sizeof(id), "%s/%s", package_name(file->package), file->path);
    buffer_append_str(out, "{\"id\":");
    json_append_string(out, id, strlen(id));
    if (file->error != NULL) {
        buffer_append_str(out, ",\"error\":");
        json_append_string(out, file->error, strlen(file->error));
        buffer_append_str(out, ",\"lines\":\"\"}");
        return;
    }
    buffer_printf(out, ",\"kind\":\"%s\",\"code\":", kinds[file->kind]);
    json_append_string(out, file->code, file->code_len);
    buffer_append_str(out, ",\"lines\":");
    json_append_string(out, file->lines, file->lines_len);
    buffer_append_char(out, ',');
    put_links(out, &file->links);
    buffer_append_char(out, '}');
}

static char *write_down(const struct module_graph *graph, size_t *ret_len)
{
    struct buffer out;

    buffer_init(&out, 2 * MODULE_GRAPH_BYTES_MAX);
    buffer_append_char(&out, '{');
    put_links(&out, &graph->links);
    buffer_append_str(&out, ",\"modules\":[");
    for (size_t i = 0; i < graph->count; i++) {
        if (i > 0)
            buffer_append_char(&out, ',');
        put_file(&out, graph->files[i]);
    }
    buffer_append_str(&out, "]}");
    return buffer_take(&out, ret_len);
}

static void go_on(void *arg)
{
    struct module_graph *graph = arg;
    module_graph_fn fn = graph->fn;
    void *fn_arg = graph->arg;
    char reason[REASON_BYTES];
    char *json = NULL;
    size_t len = 0;
    int error;

    if (graph->error == 0 && graph->done < graph->count)
        compile_some(graph);
    if (graph->error == 0 && graph->done < graph->count)
        return;
    if (graph->error == 0) {
        json = write_down(graph, &len);
        if (json == NULL)
            fail(graph, AMID_E_TOO_LARGE, "the files of its packages are too large");
    }
    error = graph->error;
    snprintf(reason, sizeof(reason), "%s", graph->reason);
    module_graph_close(graph);
    fn(fn_arg, error, reason, json, len);
}

int module_graph_start(const struct module_graph_needs *needs, const char *needs_json, size_t len,
                       module_graph_fn fn, void *arg, struct module_graph **ret_graph)
{
    struct module_graph *graph = calloc(1, sizeof(*graph));

    if (graph == NULL)
        return AMID_E_NOMEM;
    graph->needs = *needs;
    graph->needs.dependencies = NULL;
    graph->needs.dependency_count = 0;
    graph->fn = fn;
    graph->arg = arg;
    timer_init(&graph->timer, needs->timers, go_on, graph);
    graph->files = calloc(MODULE_GRAPH_FILES_MAX, sizeof(struct file *));
    graph->dependencies = calloc(needs->dependency_count + 1, sizeof(char *));
    for (size_t i = 0; graph->dependencies != NULL && i < needs->dependency_count; i++) {
        graph->dependencies[i] = strdup(needs->dependencies[i]);
        if (graph->dependencies[i] == NULL)
            break;
        graph->needs.dependency_count++;
    }
    if (graph->files == NULL || graph->dependencies == NULL ||
        graph->needs.dependency_count < needs->dependency_count) {
        module_graph_close(graph);
        return AMID_E_NOMEM;
    }
    follow_all(graph, SCRIPT, needs_json, len);
    timer_start(&graph->timer, 0);
    *ret_graph = graph;
    return 0;
}
