#include "supervisor/registry/worker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/module.h"

#define EXACT_INTEGER_MAX 9007199254740991.0 /* beyond it not every integer is a double */

static const char *const mode_names[WORKER_MODE_MAX] = {
    [WORKER_MODE_LOOP] = "loop", [WORKER_MODE_SINGLE] = "single"};
static const char *const execution_names[WORKER_EXECUTION_MAX] = {
    [WORKER_PARALLEL] = "parallel", [WORKER_LEADER] = "leader", [WORKER_EXCLUSIVE] = "exclusive"};
static const char *const priority_names[WORKER_PRIORITY_MAX] = {[WORKER_CRITICAL] = "critical",
                                                                [WORKER_HIGH] = "high",
                                                                [WORKER_NORMAL] = "normal",
                                                                [WORKER_LOW] = "low"};
static const char *const scope_names[WORKER_SCOPE_MAX] = {
    [WORKER_LOCAL] = "local", [WORKER_NETWORK] = "network"};

static const char *name_of(const char *const *names, int max, int value)
{
    return value >= 0 && value < max ? names[value] : "unknown";
}

const char *worker_mode_name(enum worker_mode mode)
{
    return name_of(mode_names, WORKER_MODE_MAX, (int)mode);
}

const char *worker_execution_name(enum worker_execution execution)
{
    return name_of(execution_names, WORKER_EXECUTION_MAX, (int)execution);
}

const char *worker_priority_name(enum worker_priority priority)
{
    return name_of(priority_names, WORKER_PRIORITY_MAX, (int)priority);
}

const char *worker_scope_name(enum worker_scope scope)
{
    return name_of(scope_names, WORKER_SCOPE_MAX, (int)scope);
}

struct worker *worker_new(void)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL)
        return NULL;
    worker->mode = WORKER_MODE_LOOP;
    worker->execution = WORKER_PARALLEL;
    worker->priority = WORKER_NORMAL;
    worker->scope = WORKER_NETWORK;
    return worker;
}

void worker_free(struct worker *worker)
{
    if (worker == NULL)
        return;
    for (size_t i = 0; i < worker->dependency_count; i++)
        free(worker->dependencies[i]);
    free(worker->dependencies);
    permissions_unref(worker->permissions);
    free(worker->nid);
    free(worker->owner);
    free(worker->account_id);
    free(worker->assigned_node);
    free(worker->note);
    free(worker->script);
    free(worker->version);
    free(worker);
}

/* NULL stays NULL; false when out of memory. */
static bool text_copy(const char *text, char **ret_copy)
{
    *ret_copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *ret_copy != NULL;
}

static bool dependencies_copy(const struct worker *from, struct worker *to)
{
    to->dependencies = calloc(from->dependency_count + 1, sizeof(char *));
    if (to->dependencies == NULL)
        return false;
    for (size_t i = 0; i < from->dependency_count; i++) {
        if (!text_copy(from->dependencies[i], &to->dependencies[i]))
            return false;
        to->dependency_count++;
    }
    return true;
}

struct worker *worker_copy(const struct worker *worker)
{
    struct worker *copy = malloc(sizeof(*copy));
    if (copy == NULL)
        return NULL;
    *copy = *worker;
    copy->nid = copy->owner = copy->account_id = copy->assigned_node = NULL;
    copy->note = copy->script = copy->version = NULL;
    copy->dependencies = NULL;
    copy->dependency_count = 0;
    permissions_ref(copy->permissions);
    if (text_copy(worker->nid, &copy->nid) && text_copy(worker->owner, &copy->owner) &&
        text_copy(worker->account_id, &copy->account_id) &&
        text_copy(worker->assigned_node, &copy->assigned_node) &&
        text_copy(worker->note, &copy->note) && text_copy(worker->script, &copy->script) &&
        text_copy(worker->version, &copy->version) && dependencies_copy(worker, copy))
        return copy;
    worker_free(copy);
    return NULL;
}

static void append_text(struct buffer *out, const char *text)
{
    if (text == NULL)
        buffer_append_str(out, "null");
    else
        json_append_string(out, text, strlen(text));
}

static void append_member(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, ",\"%s\":", name);
    append_text(out, text);
}

static void append_raw(struct buffer *out, const struct worker *worker)
{
    buffer_append_str(out, "{\"sid\":");
    append_text(out, worker->sid);
    append_member(out, "nid", worker->nid);
    buffer_append_str(out, worker->active ? ",\"active\":true" : ",\"active\":false");
    append_member(out, "mode", worker_mode_name(worker->mode));
    append_member(out, "executionMode", worker_execution_name(worker->execution));
    append_member(out, "scope", worker_scope_name(worker->scope));
    append_member(out, "priority", worker_priority_name(worker->priority));
    if (worker->owner != NULL)
        append_member(out, "owner", worker->owner);
    append_member(out, "accountId", worker->account_id);
    append_member(out, "assignedNode", worker->assigned_node);
    append_member(out, "note", worker->note);
    buffer_append_str(out, ",\"script\":");
    json_append_string(out, worker->script == NULL ? "" : worker->script, worker->script_len);
    buffer_append_str(out, ",\"dependencies\":[");
    for (size_t i = 0; i < worker->dependency_count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        append_text(out, worker->dependencies[i]);
    }
    buffer_append_str(out, "],\"permissions\":");
    buffer_append_str(out,
                      worker->permissions == NULL ? "null" : permissions_json(worker->permissions));
    append_member(out, "version", worker->version);
    buffer_append_str(out, ",\"timestamp\":");
    json_append_int(out, worker->timestamp_ms);
    buffer_append_char(out, '}');
}

int worker_to_value(const struct worker *worker, struct buffer *out)
{
    buffer_printf(out, "{\"channel\":\"ami.worker.%s\",\"module\":\"worker\"", worker->sid);
    buffer_printf(out, ",\"widget\":\"widget.ami.worker.%s\",\"raw\":", worker->sid);
    append_raw(out, worker);
    buffer_append_str(out, ",\"timestamp\":");
    json_append_int(out, worker->timestamp_ms);
    buffer_append_str(out, ",\"generation\":");
    json_append_int(out, (int64_t)worker->generation);
    buffer_append_char(out, '}');
    return buffer_status(out);
}

/* Reads members of one object and keeps the first complaint. */
struct record {
    const cJSON *object;
    const char *complaint; /* name of the member that is wrong */
    bool no_memory;
};

static const cJSON *member(struct record *record, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(record->object, name);
    return cJSON_IsNull(item) ? NULL : item;
}

static void complain(struct record *record, const char *name)
{
    if (record->complaint == NULL)
        record->complaint = name;
}

/* absent: what a member that is not there means; NULL = it must be there unless optional. */
static char *read_text(struct record *record, const char *name, const char *absent, bool optional,
                       size_t max_bytes)
{
    const cJSON *item = member(record, name);
    const char *text = absent;
    char *copy = NULL;
    if (cJSON_IsString(item))
        text = item->valuestring;
    else if (item != NULL || (absent == NULL && !optional))
        complain(record, name);
    if (text != NULL && strlen(text) > max_bytes)
        complain(record, name);
    if (record->complaint == NULL && !text_copy(text, &copy))
        record->no_memory = true;
    return copy;
}

static int read_choice(struct record *record, const char *name, const char *const *names, int max,
                       int absent)
{
    const cJSON *item = member(record, name);
    if (item == NULL)
        return absent;
    for (int i = 0; i < max && cJSON_IsString(item); i++) {
        if (strcmp(item->valuestring, names[i]) == 0)
            return i;
    }
    complain(record, name);
    return absent;
}

static int64_t read_integer(struct record *record, const char *name, int64_t absent)
{
    const cJSON *item = member(record, name);
    if (item == NULL)
        return absent;
    double number = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (number >= 0 && number <= EXACT_INTEGER_MAX && floor(number) == number)
        return (int64_t)number;
    complain(record, name);
    return absent;
}

static void read_dependencies(struct record *record, struct worker *worker)
{
    const cJSON *list = member(record, "dependencies");
    const cJSON *item;
    int count = list == NULL ? 0 : cJSON_GetArraySize(list);
    if ((list != NULL && !cJSON_IsArray(list)) || count > WORKER_DEPENDENCIES_MAX) {
        complain(record, "dependencies");
        return;
    }
    worker->dependencies = calloc((size_t)count + 1, sizeof(char *));
    if (worker->dependencies == NULL) {
        record->no_memory = true;
        return;
    }
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || !module_name_is_valid(item->valuestring)) {
            complain(record, "dependencies");
            return;
        }
        if (!text_copy(item->valuestring, &worker->dependencies[worker->dependency_count])) {
            record->no_memory = true;
            return;
        }
        worker->dependency_count++;
    }
}

static void read_permissions(struct record *record, struct worker *worker)
{
    const cJSON *item = member(record, "permissions");
    char reason[256];
    int error = item == NULL
                    ? 0
                    : permissions_parse(item, "raw", &worker->permissions, reason, sizeof(reason));

    if (error == AMID_E_NOMEM)
        record->no_memory = true;
    else if (error != 0)
        complain(record, "permissions");
}

static void read_raw(struct record *record, struct worker *worker)
{
    const cJSON *sid = member(record, "sid");
    const cJSON *active = member(record, "active");
    if (!cJSON_IsString(sid) || !id_is_uuid(sid->valuestring))
        complain(record, "sid");
    else
        memcpy(worker->sid, sid->valuestring, sizeof(worker->sid));
    if (active != NULL && !cJSON_IsBool(active))
        complain(record, "active");
    worker->active = cJSON_IsTrue(active);
    worker->nid = read_text(record, "nid", "", false, WORKER_LABEL_MAX_BYTES);
    worker->mode = (enum worker_mode)read_choice(record, "mode", mode_names, WORKER_MODE_MAX,
                                                 WORKER_MODE_LOOP);
    worker->execution = (enum worker_execution)read_choice(record, "executionMode", execution_names,
                                                           WORKER_EXECUTION_MAX, WORKER_PARALLEL);
    worker->priority = (enum worker_priority)read_choice(record, "priority", priority_names,
                                                         WORKER_PRIORITY_MAX, WORKER_NORMAL);
    worker->scope = (enum worker_scope)read_choice(record, "scope", scope_names, WORKER_SCOPE_MAX,
                                                   WORKER_NETWORK);
    worker->owner = read_text(record, "owner", NULL, true, WORKER_LABEL_MAX_BYTES);
    worker->account_id = read_text(record, "accountId", NULL, true, WORKER_LABEL_MAX_BYTES);
    worker->assigned_node = read_text(record, "assignedNode", NULL, true, WORKER_LABEL_MAX_BYTES);
    worker->note = read_text(record, "note", "", false, WORKER_NOTE_MAX_BYTES);
    worker->script = read_text(record, "script", NULL, false, WORKER_SCRIPT_MAX_BYTES);
    worker->script_len = worker->script == NULL ? 0 : strlen(worker->script);
    worker->version = read_text(record, "version", "", false, WORKER_LABEL_MAX_BYTES);
    worker->timestamp_ms = read_integer(record, "timestamp", 0);
    read_dependencies(record, worker);
    read_permissions(record, worker);
}

static int worker_from_json(const cJSON *json, struct worker **ret_worker, char *reason,
                            size_t reason_size)
{
    struct record value = {.object = json};
    struct record raw = {.object = cJSON_GetObjectItemCaseSensitive(json, "raw")};
    struct worker *worker = worker_new();
    if (worker == NULL)
        return AMID_E_NOMEM;
    if (!cJSON_IsObject(json) || !cJSON_IsObject(raw.object))
        raw.complaint = "raw";
    else
        read_raw(&raw, worker);
    /* A record from before generations existed is in its first. */
    worker->generation = (uint64_t)read_integer(&value, "generation", 1);
    const char *complaint = raw.complaint != NULL ? raw.complaint : value.complaint;
    if (complaint == NULL && !raw.no_memory) {
        *ret_worker = worker;
        return 0;
    }
    worker_free(worker);
    if (complaint == NULL)
        return AMID_E_NOMEM;
    snprintf(reason, reason_size, "member \"%s\" is missing or wrong", complaint);
    return AMID_E_INVALID;
}

int worker_from_value(const char *value, size_t len, struct worker **ret_worker, char *reason,
                      size_t reason_size)
{
    struct json_fault fault = {.reason = ""};
    cJSON *json = NULL;
    int error = json_parse(value, len, &json, &fault);
    if (error != 0) {
        snprintf(reason, reason_size, "not JSON: %s at byte %zu", fault.reason, fault.offset);
        return error;
    }
    error = worker_from_json(json, ret_worker, reason, reason_size);
    cJSON_Delete(json);
    return error;
}
