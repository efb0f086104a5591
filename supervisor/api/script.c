#include "supervisor/api/script.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"

#define DEPENDENCIES_MAX_BYTES (64 * 1024)
#define MESSAGE_MAX_BYTES      (64 * 1024)
#define FAILED_PREFIX          "Script minification failed"

static char *copy_text(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static int keep_result(struct script *script, const struct compile_result *result)
{
    script->minified = copy_text(result->minified, result->minified_len);
    script->minified_len = result->minified_len;
    script->warnings = copy_text(result->warnings, result->warnings_len);
    script->warnings_len = result->warnings_len;
    return script->minified && script->warnings ? 0 : AMID_E_NOMEM;
}

static void compiled(void *arg, int error, const struct compile_result *result)
{
    struct script *script = arg;
    if (!error) {
        error = result ? keep_result(script, result) : AMID_E_INTERNAL;
    } else if (error == AMID_E_SYNTAX && result) {
        const char *message = result->message ? result->message : "syntax error";
        script->message = copy_text(message, strlen(message));
        script->line = result->line;
        script->column = result->column;
    }
    script->done(script->arg, error);
}

static void append_dependencies(const struct worker *worker, struct buffer *out)
{
    buffer_append_char(out, '[');
    for (size_t i = 0; i < worker->dependency_count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        json_append_string(out, worker->dependencies[i], strlen(worker->dependencies[i]));
    }
    buffer_append_char(out, ']');
}

int script_compile(struct script *script, struct api *api, const struct worker *worker,
                   const char *source, void (*done)(void *arg, int error), void *arg)
{
    struct buffer dependencies;
    buffer_init(&dependencies, DEPENDENCIES_MAX_BYTES);
    append_dependencies(worker, &dependencies);
    script->api = api;
    script->done = done;
    script->arg = arg;
    int error = buffer_status(&dependencies);
    if (!error)
        error = compile_submit(fleet_compiler(api->needs.fleet), worker->priority, source,
                               strlen(source), dependencies.data, compiled, script);
    buffer_free(&dependencies);
    return error;
}

void script_cancel(struct script *script)
{
    compile_cancel(fleet_compiler(script->api->needs.fleet), compiled, script);
}

void script_free(struct script *script)
{
    free(script->minified);
    free(script->warnings);
    free(script->message);
    *script = (struct script){0};
}

static void refuse_syntax(const struct script *script, struct api_call *call)
{
    struct buffer text, body;
    buffer_init(&text, MESSAGE_MAX_BYTES);
    buffer_printf(&text, FAILED_PREFIX ": line %u, column %u: ", script->line, script->column);
    buffer_append_str(&text, script->message ? script->message : "syntax error");
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"error\":");
    if (buffer_status(&text) == 0)
        json_append_string(&body, text.data, text.len);
    else
        buffer_append_str(&body, "\"" FAILED_PREFIX "\"");
    buffer_printf(&body, ",\"line\":%u,\"column\":%u}", script->line, script->column);
    buffer_free(&text);
    api_call_answer(call, 400, &body);
}

void script_refuse(const struct script *script, struct api_call *call, int error)
{
    switch (error) {
    case AMID_E_SYNTAX:
        refuse_syntax(script, call);
        break;
    case AMID_E_TOO_LARGE:
        api_call_refuse(call, 413, FAILED_PREFIX ": the script is too large to compile");
        break;
    case AMID_E_TIMEOUT:
        api_call_refuse(call, 400, FAILED_PREFIX ": compiling took longer than is allowed");
        break;
    case AMID_E_BUSY:
        api_call_add_header(call, "Retry-After", "1");
        api_call_refuse(call, 503, "Too many scripts are being compiled, try again");
        break;
    default:
        api_call_fail(call, error);
        break;
    }
}

bool script_has_warnings(const struct script *script)
{
    return script->warnings_len > 2; /* more than [] */
}

void script_append_warnings(const struct script *script, struct buffer *out)
{
    if (script_has_warnings(script))
        buffer_append(out, script->warnings, script->warnings_len);
    else
        buffer_append_str(out, "[]");
}
