#include "supervisor/registry/worker_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/error.h"
#include "common/module.h"

#define REASON_NAME_SHOW 64 /* bytes of an unknown member's name in the answer */

/* Looks at members of one object; the first complaint stays in reason. */
struct form {
    const cJSON *object;
    const char *prefix;
    char *reason;
    size_t reason_size;
    int error;
};

static const char *const create_members[] = {
    "scriptContent", "dependencies", "version", "executionMode", "priority",
    "accountId",     "assignedNode", "mode",    "note",          "scope",
    "active",        "permissions",  NULL};
static const char *const update_members[] = {
    "sid",          "nid",       "active",       "mode",        "executionMode", "scope",
    "priority",     "accountId", "assignedNode", "note",        "script",        "source",
    "dependencies", "version",   "timestamp",    "permissions", "owner",         NULL};
/* All of these make a raw a full one (RULES 1). */
static const char *const full_members[] = {"sid",    "nid",          "active",  "mode", "note",
                                           "script", "dependencies", "version", NULL};

static void refuse(struct form *form, const char *name, const char *what)
{
    if (form->error != 0)
        return;
    form->error = AMID_E_INVALID;
    snprintf(form->reason, form->reason_size, "%s.%.*s %s", form->prefix, REASON_NAME_SHOW, name,
             what);
}

static void refuse_with(struct form *form, const char *sentence)
{
    if (form->error != 0)
        return;
    form->error = AMID_E_INVALID;
    snprintf(form->reason, form->reason_size, "%s", sentence);
}

static void no_memory(struct form *form)
{
    form->error = AMID_E_NOMEM;
    snprintf(form->reason, form->reason_size, "%s", error_text(AMID_E_NOMEM));
}

static const cJSON *member(const struct form *form, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(form->object, name);
}

static bool is_listed(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

static void refuse_unknown(struct form *form, const char *const *known)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, form->object)
    {
        if (!is_listed(known, item->string))
            refuse(form, item->string, "is not a member that amid knows");
    }
}

static void text_set(struct form *form, char **slot, const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);
    if (text != NULL && copy == NULL) {
        no_memory(form);
        return;
    }
    free(*slot);
    *slot = copy;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    }
    return false;
}

static void edit_label(struct form *form, const char *name, char **slot)
{
    const cJSON *item = member(form, name);
    char what[64];
    if (item == NULL)
        return;
    snprintf(what, sizeof(what), "must be at most %d bytes", WORKER_LABEL_MAX_BYTES);
    if (!cJSON_IsString(item))
        refuse(form, name, "must be a string");
    else if (item->valuestring[0] == '\0')
        refuse(form, name, "must not be empty");
    else if (strlen(item->valuestring) > WORKER_LABEL_MAX_BYTES)
        refuse(form, name, what);
    else if (has_control(item->valuestring))
        refuse(form, name, "must not contain control characters");
    else
        text_set(form, slot, item->valuestring);
}

/* Null and the empty string clear. */
static void edit_optional_label(struct form *form, const char *name, char **slot)
{
    const cJSON *item = member(form, name);
    if (cJSON_IsNull(item) || (cJSON_IsString(item) && item->valuestring[0] == '\0'))
        text_set(form, slot, NULL);
    else
        edit_label(form, name, slot);
}

static void edit_note(struct form *form, char **slot)
{
    const cJSON *item = member(form, "note");
    char what[64];
    if (item == NULL)
        return;
    snprintf(what, sizeof(what), "must be at most %d bytes", WORKER_NOTE_MAX_BYTES);
    if (!cJSON_IsString(item))
        refuse(form, "note", "must be a string");
    else if (strlen(item->valuestring) > WORKER_NOTE_MAX_BYTES)
        refuse(form, "note", what);
    else
        text_set(form, slot, item->valuestring);
}

static void edit_active(struct form *form, bool *slot)
{
    const cJSON *item = member(form, "active");
    if (item == NULL)
        return;
    if (!cJSON_IsBool(item))
        refuse(form, "active", "must be true or false");
    else
        *slot = cJSON_IsTrue(item);
}

static const char *mode_name(int value)
{
    return worker_mode_name((enum worker_mode)value);
}

static const char *execution_name(int value)
{
    return worker_execution_name((enum worker_execution)value);
}

static const char *priority_name(int value)
{
    return worker_priority_name((enum worker_priority)value);
}

static const char *scope_name(int value)
{
    return worker_scope_name((enum worker_scope)value);
}

struct choice {
    const char *name;
    const char *(*name_of)(int value);
    int max;
    int on_null; /* what null means; -1 = it is refused */
};

static int edit_choice(struct form *form, const struct choice *choice, int current)
{
    const cJSON *item = member(form, choice->name);
    char what[96] = "must be one of ";
    if (item == NULL)
        return current;
    if (cJSON_IsNull(item) && choice->on_null >= 0)
        return choice->on_null;
    for (int i = 0; i < choice->max; i++) {
        const char *name = choice->name_of(i);
        if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
            return i;
        if (i > 0)
            strncat(what, ", ", sizeof(what) - strlen(what) - 1);
        strncat(what, name, sizeof(what) - strlen(what) - 1);
    }
    refuse(form, choice->name, what);
    return current;
}

static void edit_choices(struct form *form, struct worker *worker, bool is_new)
{
    const struct choice mode = {"mode", mode_name, WORKER_MODE_MAX, is_new ? WORKER_MODE_LOOP : -1};
    const struct choice execution = {"executionMode", execution_name, WORKER_EXECUTION_MAX,
                                     WORKER_PARALLEL};
    const struct choice priority = {"priority", priority_name, WORKER_PRIORITY_MAX, WORKER_NORMAL};
    const struct choice scope = {"scope", scope_name, WORKER_SCOPE_MAX,
                                 is_new ? WORKER_NETWORK : -1};
    worker->mode = (enum worker_mode)edit_choice(form, &mode, (int)worker->mode);
    worker->execution =
        (enum worker_execution)edit_choice(form, &execution, (int)worker->execution);
    worker->scope = (enum worker_scope)edit_choice(form, &scope, (int)worker->scope);
    worker->priority = (enum worker_priority)edit_choice(form, &priority, (int)worker->priority);
}

static void dependencies_clear(struct worker *worker)
{
    for (size_t i = 0; i < worker->dependency_count; i++)
        free(worker->dependencies[i]);
    free(worker->dependencies);
    worker->dependencies = NULL;
    worker->dependency_count = 0;
}

/* Copies the names; list NULL = the one that every worker gets. */
static void dependencies_set(struct form *form, struct worker *worker, const cJSON *list)
{
    size_t count = list == NULL ? 1 : (size_t)cJSON_GetArraySize(list);
    const cJSON *item;

    dependencies_clear(worker);
    worker->dependencies = calloc(count + 1, sizeof(char *));
    if (worker->dependencies == NULL) {
        no_memory(form);
        return;
    }
    if (list == NULL) {
        text_set(form, &worker->dependencies[0], WORKER_DEFAULT_DEPENDENCY);
        worker->dependency_count = form->error == 0 ? 1 : 0;
    }
    cJSON_ArrayForEach(item, list)
    {
        text_set(form, &worker->dependencies[worker->dependency_count], item->valuestring);
        if (form->error == 0)
            worker->dependency_count++;
    }
}

static bool is_named_before(const cJSON *list, const cJSON *item)
{
    for (const cJSON *other = list->child; other != item; other = other->next) {
        if (strcmp(other->valuestring, item->valuestring) == 0)
            return true;
    }
    return false;
}

/* Whether the packages are installed is each node's own affair: a worker waits where they are not.
 */
static void edit_dependencies(struct form *form, struct worker *worker)
{
    const cJSON *list = member(form, "dependencies");
    const cJSON *item;
    char what[96];

    if (list == NULL)
        return;
    if (!cJSON_IsArray(list))
        refuse(form, "dependencies", "must be an array of strings");
    snprintf(what, sizeof(what), "must have at most %d items", WORKER_DEPENDENCIES_MAX);
    if (cJSON_GetArraySize(list) > WORKER_DEPENDENCIES_MAX)
        refuse(form, "dependencies", what);
    cJSON_ArrayForEach(item, list)
    {
        if (form->error != 0)
            return;
        if (!cJSON_IsString(item)) {
            refuse(form, "dependencies", "must be an array of strings");
        } else if (!module_name_is_valid(item->valuestring)) {
            snprintf(what, sizeof(what), "names \"%.48s\", which is no name of a package",
                     item->valuestring);
            refuse(form, "dependencies", what);
        } else if (is_named_before(list, item)) {
            snprintf(what, sizeof(what), "names \"%.48s\" twice", item->valuestring);
            refuse(form, "dependencies", what);
        }
    }
    if (form->error == 0)
        dependencies_set(form, worker, list);
}

static void permissions_set(struct worker *worker, struct permissions *permissions)
{
    permissions_unref(worker->permissions);
    worker->permissions = permissions;
}

static void edit_permissions(struct form *form, struct worker *worker)
{
    const cJSON *item = member(form, "permissions");
    struct permissions *permissions = NULL;

    if (item == NULL || form->error != 0)
        return;
    if (!cJSON_IsNull(item))
        form->error =
            permissions_parse(item, form->prefix, &permissions, form->reason, form->reason_size);
    if (form->error == 0)
        permissions_set(worker, permissions);
}

/* White space as JavaScript has it, of which only the usual kinds are looked for. */
static bool is_blank(const char *text)
{
    while (*text != '\0') {
        size_t spaces = strspn(text, " \t\r\n\v\f");
        if (spaces == 0 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
            spaces = 3;
        if (spaces == 0 && strncmp(text, "\xc2\xa0", 2) == 0)
            spaces = 2;
        if (spaces == 0)
            return false;
        text += spaces;
    }
    return true;
}

static const char *read_script(struct form *form, const char *name)
{
    const cJSON *item = member(form, name);
    char what[64];
    if (item == NULL)
        return NULL;
    snprintf(what, sizeof(what), "must be at most %d bytes", WORKER_SOURCE_MAX_BYTES);
    if (!cJSON_IsString(item) || is_blank(item->valuestring))
        refuse_with(form, "Invalid script content");
    else if (strlen(item->valuestring) > WORKER_SOURCE_MAX_BYTES)
        refuse(form, name, what);
    else
        return item->valuestring;
    return NULL;
}

static void require_assigned_node(struct form *form, const struct worker *worker)
{
    if (worker->execution == WORKER_EXCLUSIVE && worker->assigned_node == NULL)
        refuse_with(form, "Exclusive mode requires assignedNode parameter");
}

int worker_edit_place(const struct worker *worker, const char *nid, char *reason,
                      size_t reason_size)
{
    if (worker->scope != WORKER_LOCAL || worker->execution != WORKER_EXCLUSIVE ||
        worker->assigned_node == NULL || strcmp(worker->assigned_node, nid) == 0)
        return 0;
    snprintf(reason, reason_size,
             "assignedNode must be this node (%s) because the worker's scope is local", nid);
    return AMID_E_INVALID;
}

static void default_note(struct form *form, struct worker *worker, int64_t now_ms)
{
    char note[160];
    char day[32];
    struct tm date;
    time_t seconds = (time_t)(now_ms / 1000);
    gmtime_r(&seconds, &date);
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &date);
    snprintf(note, sizeof(note), "Worker script Stels SDK %s - %s.%03dZ", worker->sid, day,
             (int)(now_ms % 1000));
    text_set(form, &worker->note, note);
}

static void fill_defaults(struct form *form, struct worker *worker, const char *nid, int64_t now_ms)
{
    id_uuid(worker->sid);
    worker->generation = 1;
    worker->timestamp_ms = now_ms;
    text_set(form, &worker->nid, nid);
    text_set(form, &worker->version, WORKER_DEFAULT_VERSION);
    text_set(form, &worker->script, "");
    default_note(form, worker, now_ms);
    dependencies_set(form, worker, NULL);
}

static void edit_members(struct form *form, struct worker *worker, bool is_new)
{
    edit_active(form, &worker->active);
    edit_choices(form, worker, is_new);
    edit_optional_label(form, "accountId", &worker->account_id);
    edit_optional_label(form, "assignedNode", &worker->assigned_node);
    if (!is_new || !cJSON_IsNull(member(form, "note")))
        edit_note(form, &worker->note);
    edit_dependencies(form, worker);
    edit_permissions(form, worker);
    edit_label(form, "version", &worker->version);
    require_assigned_node(form, worker);
}

int worker_edit_create(const cJSON *body, const char *nid, int64_t now_ms,
                       struct worker **ret_worker, const char **ret_source, char *reason,
                       size_t reason_size)
{
    struct form form = {
        .object = body, .prefix = "body", .reason = reason, .reason_size = reason_size};
    const char *source = NULL;
    if (body != NULL && !cJSON_IsObject(body)) {
        snprintf(reason, reason_size, "Invalid request body");
        return AMID_E_INVALID;
    }
    struct worker *worker = worker_new();
    if (worker == NULL)
        return AMID_E_NOMEM;
    fill_defaults(&form, worker, nid, now_ms);
    if (body != NULL) {
        refuse_unknown(&form, create_members);
        source = read_script(&form, "scriptContent");
        edit_members(&form, worker, true);
    }
    if (form.error == 0)
        form.error = worker_edit_place(worker, nid, reason, reason_size);
    if (form.error != 0) {
        worker_free(worker);
        return form.error;
    }
    *ret_worker = worker;
    *ret_source = source != NULL ? source : WORKER_DEFAULT_SCRIPT;
    return 0;
}

static bool is_full(const struct form *form)
{
    for (const char *const *name = full_members; *name != NULL; name++) {
        if (member(form, *name) == NULL)
            return false;
    }
    return true;
}

/* What a full raw does not mention goes back to its default. Scope and permissions do not: where a
 * record lies and what it may not do is nothing that an older client clears by not knowing it. */
static void clear_optional(struct form *form, struct worker *worker)
{
    worker->execution = WORKER_PARALLEL;
    worker->priority = WORKER_NORMAL;
    text_set(form, &worker->account_id, NULL);
    text_set(form, &worker->assigned_node, NULL);
}

static void check_sid(struct form *form, const struct worker *worker)
{
    const cJSON *item = member(form, "sid");
    if (item != NULL && (!cJSON_IsString(item) || strcmp(item->valuestring, worker->sid) != 0))
        refuse(form, "sid", "must be the sid of the channel");
}

/* A client sends back what it was given; whose the worker is it cannot change. */
static void check_owner(struct form *form, const struct worker *worker)
{
    const cJSON *item = member(form, "owner");
    bool is_same = cJSON_IsString(item) && worker->owner != NULL &&
                   strcmp(item->valuestring, worker->owner) == 0;
    if (item != NULL && !is_same && !(cJSON_IsNull(item) && worker->owner == NULL))
        refuse(form, "owner", "is set by amid and cannot be changed");
}

int worker_edit_update(const struct worker *current, const cJSON *raw, int64_t now_ms,
                       struct worker **ret_worker, const char **ret_source, char *reason,
                       size_t reason_size)
{
    struct form form = {
        .object = raw, .prefix = "raw", .reason = reason, .reason_size = reason_size};
    if (!cJSON_IsObject(raw)) {
        snprintf(reason, reason_size, "Invalid request body");
        return AMID_E_INVALID;
    }
    struct worker *worker = worker_copy(current);
    if (worker == NULL)
        return AMID_E_NOMEM;
    refuse_unknown(&form, update_members);
    check_sid(&form, current);
    check_owner(&form, current);
    if (is_full(&form))
        clear_optional(&form, worker);
    edit_label(&form, "nid", &worker->nid);
    const char *source = read_script(&form, "script");
    edit_members(&form, worker, false);
    if (form.error != 0) {
        worker_free(worker);
        return form.error;
    }
    /* RULES 3: a client that sends back what it was given has not changed the script. */
    if (source != NULL && strcmp(source, current->script) == 0)
        source = NULL;
    if (source != NULL || (worker->active && !current->active))
        worker->generation++;
    worker->timestamp_ms = now_ms;
    *ret_worker = worker;
    *ret_source = source;
    return 0;
}
