#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/lifecycle/instance.h"

#define COMPILE_BUSY_MS        500
#define DEPENDENCIES_MAX_BYTES 8192

/* The registry cannot be told that nobody waits for a source any more. */
struct source_wait {
    struct instance *instance; /* NULL = nobody */
};

static char *copy_of(const char *bytes, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

static void compile_busy(struct instance *instance)
{
    gate_leave(&instance->needs->compile_gate, &instance->compile_ticket);
    timer_start(&instance->timer, COMPILE_BUSY_MS);
}

static void code_is_there(struct instance *instance)
{
    gate_leave(&instance->needs->compile_gate, &instance->compile_ticket);
    instance_fire(instance, EVENT_COMPILED);
}

static void modules_gathered(void *arg, int error, const char *reason, char *json, size_t len)
{
    struct instance *instance = arg;
    char text[512];

    instance->graph = NULL;
    if (error == 0) {
        instance->modules = json;
        instance->modules_len = len;
        code_is_there(instance);
        return;
    }
    if (error == AMID_E_NOMEM) {
        compile_busy(instance);
        return;
    }
    gate_leave(&instance->needs->compile_gate, &instance->compile_ticket);
    if (error == AMID_E_NOT_FOUND) { /* waits for the package, without counting as a failure */
        snprintf(instance->lacks, sizeof(instance->lacks), "waiting for %s", reason);
        instance->needs->reconsider(instance->needs->arg, instance);
    } else if (error != AMID_E_STOPPED) {
        snprintf(text, sizeof(text), "ModuleError: %.400s", reason);
        instance_failed(instance, POLICY_CLASS_CRITICAL, text);
    }
}

/* True if there are files of packages to wait for. */
static bool gather_modules(struct instance *instance, const struct compile_result *result)
{
    const struct registry_entry *entry = registry_find(instance->needs->registry, instance->sid);
    struct module_graph_needs needs = {.modules = instance->needs->modules,
                                       .compiler = instance->needs->compiler,
                                       .timers = instance->needs->timers,
                                       .priority = instance->priority};

    if (entry == NULL || result->needs_len <= 2) /* [] */
        return false;
    needs.dependencies = entry->worker->dependencies;
    needs.dependency_count = entry->worker->dependency_count;
    if (module_graph_start(&needs, result->needs, result->needs_len, modules_gathered, instance,
                           &instance->graph) != 0)
        compile_busy(instance);
    return true;
}

static void compile_finished(void *arg, int error, const struct compile_result *result)
{
    struct instance *instance = arg;
    char text[512];

    instance->is_compiling = false;
    if (error == 0) {
        instance_drop_code(instance);
        instance->code = copy_of(result->code, result->code_len);
        instance->code_len = result->code_len;
        instance->lines = copy_of(result->lines, result->lines_len);
        instance->lines_len = result->lines_len;
        if (instance->code == NULL || instance->lines == NULL)
            compile_busy(instance);
        else if (!gather_modules(instance, result))
            code_is_there(instance);
        return;
    }
    gate_leave(&instance->needs->compile_gate, &instance->compile_ticket);
    if (error == AMID_E_STOPPED)
        return;
    if (error == AMID_E_SYNTAX)
        snprintf(text, sizeof(text), "SyntaxError: line %u, column %u: %.400s",
                 (unsigned)result->line, (unsigned)result->column, result->message);
    else
        snprintf(text, sizeof(text), "CompileError: the script could not be compiled: %s",
                 error_text(error));
    instance_failed(instance, POLICY_CLASS_CRITICAL, text);
}

static char *dependencies_json(const struct worker *worker)
{
    struct buffer out;

    buffer_init(&out, DEPENDENCIES_MAX_BYTES);
    buffer_append_char(&out, '[');
    for (size_t i = 0; i < worker->dependency_count; i++) {
        if (i > 0)
            buffer_append_char(&out, ',');
        json_append_string(&out, worker->dependencies[i], strlen(worker->dependencies[i]));
    }
    buffer_append_char(&out, ']');
    return buffer_take(&out, NULL);
}

static void source_read(void *arg, int error, const char *source, size_t len)
{
    struct source_wait *wait = arg;
    struct instance *instance = wait->instance;
    const struct registry_entry *entry;
    char *dependencies;

    free(wait);
    if (instance == NULL)
        return;
    instance->source = NULL;
    entry = registry_find(instance->needs->registry, instance->sid);
    dependencies = entry == NULL || error != 0 ? NULL : dependencies_json(entry->worker);
    if (dependencies == NULL ||
        compile_submit(instance->needs->compiler, instance->priority, source, len, dependencies,
                       compile_finished, instance) != 0)
        compile_busy(instance);
    else
        instance->is_compiling = true;
    free(dependencies);
}

void instance_compile(void *arg)
{
    struct instance *instance = arg;
    struct source_wait *wait = calloc(1, sizeof(*wait));

    if (wait != NULL) {
        wait->instance = instance;
        instance->source = wait;
        if (registry_source(instance->needs->registry, instance->sid, source_read, wait) == 0)
            return;
        instance->source = NULL;
        free(wait);
    }
    compile_busy(instance);
}

void instance_drop_compile(struct instance *instance)
{
    gate_leave(&instance->needs->compile_gate, &instance->compile_ticket);
    if (instance->source != NULL)
        instance->source->instance = NULL;
    instance->source = NULL;
    if (instance->is_compiling)
        compile_cancel(instance->needs->compiler, compile_finished, instance);
    instance->is_compiling = false;
    module_graph_close(instance->graph);
    instance->graph = NULL;
}

void instance_drop_code(struct instance *instance)
{
    free(instance->code);
    free(instance->lines);
    free(instance->modules);
    instance->code = instance->lines = instance->modules = NULL;
}
