#include "supervisor/api/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "supervisor/api/change.h"
#include "supervisor/api/note.h"
#include "supervisor/api/script.h"
#include "supervisor/api/session.h"
#include "supervisor/broker/permission.h"
#include "supervisor/registry/worker_edit.h"

#define REASON_BYTES      512
#define WARNING_MAX_BYTES 512
#define UPDATE_LOST       "Update Worker Error: version mismatch or not found"

struct save {
    struct api_call *call;
    struct script script;  /* compiled; script.minified NULL = the script stays */
    struct worker *worker; /* create: the record until it is written */
    const cJSON *raw;      /* update: borrowed from the call */
    struct change *change; /* update: while it runs */
    const char *source;    /* owner's text, borrowed from the call */
    char sid[ID_UUID_LEN + 1];
    bool is_locked;
    bool is_compiling;
    bool is_validation;
    bool names_permissions;
    struct kv_versionstamp lock;
    char reason[REASON_BYTES];
    char members[AUDIT_DETAIL_MAX_BYTES]; /* see name_members */
};

static void save_free(struct save *save)
{
    script_free(&save->script);
    worker_free(save->worker);
    free(save);
}

static void save_abandon(void *arg)
{
    struct save *save = arg;
    if (save->change)
        change_abandon(save->change);
    if (save->is_compiling)
        script_cancel(&save->script);
    save_free(save);
}

static struct save *save_new(struct api_call *call)
{
    struct save *save = calloc(1, sizeof *save);
    if (!save) {
        api_call_fail(call, AMID_E_NOMEM);
        return NULL;
    }
    save->call = call;
    call->abandon = save_abandon;
    call->abandon_arg = save;
    return save;
}

/* Everything below ends in one of these two. */
static void save_refuse(struct save *save, int status, const char *text)
{
    api_call_refuse(save->call, status, "%s", text);
    save_free(save);
}

static void save_fail(struct save *save, int error)
{
    api_call_fail(save->call, error);
    save_free(save);
}

static void append_warning(struct buffer *list, const char *what, const char *which)
{
    struct buffer text;
    buffer_init(&text, WARNING_MAX_BYTES);
    buffer_printf(&text, what, which);
    buffer_append_str(list, list->len > 0 ? ",{\"message\":" : "{\"message\":");
    json_append_string(list, text.data ? text.data : "", text.len);
    buffer_append_str(list, ",\"line\":0,\"column\":0}");
    buffer_free(&text);
}

/* What a record names beyond this node's settings is not granted here; another node may have
 * others. */
static void append_permission_warnings(const struct save *save, const struct worker *worker,
                                       struct buffer *list)
{
    const struct config *config = save->call->api->needs.config;
    const struct port_range *ports = NULL;
    char *const *hosts = NULL;
    size_t count = permissions_hosts(worker->permissions, &hosts);
    for (size_t i = 0; i < count; i++) {
        if (!permission_node_fetch(config, hosts[i]))
            append_warning(list,
                           "permissions.fetch names %s, which fetch.allow of this node does "
                           "not allow; it is not granted here",
                           hosts[i]);
    }
    count = permissions_ports(worker->permissions, &ports);
    for (size_t i = 0; i < count; i++) {
        char range[16];
        snprintf(range, sizeof range, "%u-%u", ports[i].first, ports[i].last);
        if (ports[i].first == ports[i].last)
            snprintf(range, sizeof range, "%u", ports[i].first);
        if (!permission_node_serve(config, &ports[i]))
            append_warning(list,
                           "permissions.serve names %s, which serve.ports of this node does "
                           "not allow; it is not granted here",
                           range);
    }
}

/* {"key":…,"versionstamp":…} with the warnings as a last member: the script's, then those about
 * permissions, if these were sent. */
static void answer_entry(struct save *save, const struct registry_entry *entry)
{
    struct buffer body, list;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_init(&list, API_ANSWER_MAX_BYTES);
    if (save->names_permissions)
        append_permission_warnings(save, entry->worker, &list);
    if (script_has_warnings(&save->script) || list.len > 0) {
        buffer_append(&body, entry->json, entry->json_len - 1);
        buffer_append_str(&body, ",\"warnings\":");
        script_append_warnings(&save->script, &body);
        if (list.len > 0) {
            body.len--; /* the bracket */
            if (script_has_warnings(&save->script))
                buffer_append_char(&body, ',');
            buffer_append(&body, list.data, list.len);
            buffer_append_char(&body, ']');
        }
        buffer_append_char(&body, '}');
    } else {
        buffer_append(&body, entry->json, entry->json_len);
    }
    buffer_free(&list);
    api_call_answer(save->call, 200, &body);
    save_free(save);
}

static void fail_write(struct save *save, int error)
{
    if (error == AMID_E_TOO_LARGE)
        save_refuse(save, 413, "Script too large: the worker's record would exceed 64 KiB");
    else
        save_fail(save, error);
}

static void created(void *arg, int error, const struct registry_entry *entry)
{
    struct save *save = arg;
    if (error)
        fail_write(save, error);
    else
        answer_entry(save, entry);
}

static int take_script(struct save *save, struct worker *worker)
{
    char *copy = malloc(save->script.minified_len + 1);
    if (!copy)
        return AMID_E_NOMEM;
    memcpy(copy, save->script.minified, save->script.minified_len + 1);
    free(worker->script);
    worker->script = copy;
    worker->script_len = save->script.minified_len;
    return 0;
}

static const char *new_name(const cJSON *list, const struct permissions *before,
                            bool (*has)(const struct permissions *permissions, const char *name))
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && !has(before, item->valuestring))
            return item->valuestring;
    }
    return NULL;
}

/* Secrets and exchanges are the owner's (RULES 24: granted by name only): whoever writes a worker's
 * record may keep those it has and name no others. The first he may not name, or NULL. */
static const char *foreign_grant(const struct api_call *call, const cJSON *record,
                                 const struct permissions *before)
{
    const cJSON *wanted = cJSON_GetObjectItemCaseSensitive(record, "permissions");
    const cJSON *secrets = cJSON_GetObjectItemCaseSensitive(wanted, "secrets");
    const cJSON *exchanges = cJSON_GetObjectItemCaseSensitive(wanted, "exchanges");
    if (session_principal(call->request)->role == ROLE_OWNER)
        return NULL;
    const char *name = new_name(secrets, before, permissions_secret);
    return name ? name : new_name(exchanges, before, permissions_exchange);
}

/* False = answered. */
static bool may_name_grants(struct api_call *call, const cJSON *record,
                            const struct permissions *before)
{
    const char *name = foreign_grant(call, record, before);
    if (name)
        api_call_refuse(call, 403,
                        "Forbidden: only an owner gives a worker the secret or exchange %s", name);
    return name == NULL;
}

static void write_new(struct save *save)
{
    struct worker *worker = save->worker;
    int error = session_renew(save->call->api, save->call->request, RIGHT_WORKER_CREATE, NULL);
    if (!error && foreign_grant(save->call, save->call->body, NULL))
        error = AMID_E_DENIED;
    if (!error)
        error = take_script(save, worker);
    if (!error) {
        const struct note note = {.event = "worker-create", .sid = worker->sid};
        struct buffer text;
        save->worker = NULL;
        error = note_render(save->call, &note, &text);
        if (error)
            worker_free(worker);
        else
            error = registry_create(save->call->api->needs.registry, worker, save->source,
                                    strlen(save->source), text.data, created, save);
        buffer_free(&text);
    }
    if (error)
        fail_write(save, error);
}

/* The record as the update would make it. AMID_E_INVALID: save->reason says why not. */
static int edit_record(struct save *save, const struct worker *current, struct worker **ret_worker,
                       const char **ret_source)
{
    struct worker *worker = NULL;
    int error = worker_edit_update(current, save->raw, clock_real_ms(), &worker, ret_source,
                                   save->reason, sizeof save->reason);
    if (!error)
        error = worker_edit_place(worker, save->call->api->needs.config->node_nid, save->reason,
                                  sizeof save->reason);
    if (error)
        worker_free(worker);
    else
        *ret_worker = worker;
    return error;
}

/* What the update named, for the audit; never what it was set to. */
static void name_members(struct save *save)
{
    const cJSON *member;
    size_t used = 0;
    save->members[0] = '\0';
    cJSON_ArrayForEach(member, save->raw)
    {
        int len = snprintf(save->members + used, sizeof save->members - used, "%s%s",
                           used > 0 ? " " : "", member->string);
        if (len < 0 || (size_t)len >= sizeof save->members - used)
            break;
        used += (size_t)len;
    }
}

static int update_edit(void *arg, const struct registry_entry *entry, struct change_edit *ret_edit)
{
    struct save *save = arg;
    struct worker *worker = NULL;
    const char *source = NULL;
    int error;
    /* What it was given may have been taken away while the script was compiled. */
    if (foreign_grant(save->call, save->raw, entry->worker->permissions))
        return AMID_E_DENIED;
    error = edit_record(save, entry->worker, &worker, &source);
    if (error)
        return error;
    /* Compiled if it was new a moment ago; if it is new only now, somebody changed it meanwhile. */
    if (source && !save->script.minified) {
        worker_free(worker);
        return AMID_E_CONFLICT;
    }
    error = source ? take_script(save, worker) : 0;
    if (error) {
        worker_free(worker);
        return error;
    }
    name_members(save);
    *ret_edit = (struct change_edit){.worker = worker,
                                     .source = source,
                                     .source_len = source ? strlen(source) : 0,
                                     .event = "worker-update",
                                     .detail = save->members};
    return 0;
}

static void updated(void *arg, int error, const struct registry_entry *entry)
{
    struct save *save = arg;
    save->change = NULL;
    if (error == AMID_E_CONFLICT || error == AMID_E_NOT_FOUND)
        save_refuse(save, 409, UPDATE_LOST);
    else if (error == AMID_E_INVALID)
        save_refuse(save, 400, save->reason);
    else if (error)
        fail_write(save, error);
    else
        answer_entry(save, entry);
}

static void write_update(struct save *save)
{
    int error = change_start(save->call, RIGHT_WORKER_CHANGE, save->sid,
                             save->is_locked ? &save->lock : NULL, update_edit, updated, save,
                             &save->change);
    if (error)
        save_fail(save, error);
}

static void answer_validation(struct save *save)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_printf(&body, "{\"valid\":true,\"sourceBytes\":%zu,\"minifiedBytes\":%zu,\"warnings\":",
                  strlen(save->source), save->script.minified_len);
    script_append_warnings(&save->script, &body);
    buffer_append_char(&body, '}');
    api_call_answer(save->call, 200, &body);
    save_free(save);
}

static void compiled(void *arg, int error)
{
    struct save *save = arg;
    save->is_compiling = false;
    if (error)
        script_refuse(&save->script, save->call, error);
    if (error)
        save_free(save);
    else if (save->is_validation)
        answer_validation(save);
    else if (save->worker)
        write_new(save);
    else
        write_update(save);
}

static void compile(struct save *save, const struct worker *worker)
{
    int error =
        script_compile(&save->script, save->call->api, worker, save->source, compiled, save);
    if (error)
        script_refuse(&save->script, save->call, error);
    if (error)
        save_free(save);
    else
        save->is_compiling = true;
}

/* The body as an object, NULL if there is none; false (and answered) for anything else. */
static bool take_body(struct api_call *call)
{
    if (!call->body || cJSON_IsObject(call->body))
        return true;
    api_call_refuse(call, 400, "Invalid request body");
    return false;
}

/* A worker belongs to the wallet that made it, whatever the client says. */
static int take_owner(struct save *save)
{
    const char *wallet = session_principal(save->call->request)->wallet;
    if (wallet[0] == '\0')
        return 0;
    save->worker->owner = strdup(wallet);
    return save->worker->owner ? 0 : AMID_E_NOMEM;
}

static void create(struct api_call *call, bool is_validation)
{
    if (!take_body(call) || !may_name_grants(call, call->body, NULL))
        return;
    struct save *save = save_new(call);
    if (!save)
        return;
    save->is_validation = is_validation;
    save->names_permissions = cJSON_HasObjectItem(call->body, "permissions");
    int error = worker_edit_create(call->body, call->api->needs.config->node_nid, clock_real_ms(),
                                   &save->worker, &save->source, save->reason, sizeof save->reason);
    if (!error)
        error = take_owner(save);
    if (error == AMID_E_INVALID)
        save_refuse(save, 400, save->reason);
    else if (error)
        save_fail(save, error);
    else
        compile(save, save->worker);
}

void save_create(struct api_call *call)
{
    create(call, false);
}

void save_validate(struct api_call *call)
{
    if (call->body && cJSON_IsObject(call->body) &&
        !cJSON_GetObjectItemCaseSensitive(call->body, "scriptContent")) {
        api_call_refuse(call, 400, "Invalid script content");
        return;
    }
    create(call, true);
}

/* A version from "versionstamp" or If-Match; 0, or answered. */
static int take_lock(struct save *save)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(save->call->body, "versionstamp");
    const char *header = http_request_header(save->call->request, "if-match");
    struct kv_versionstamp from_header;
    char hex[KV_VERSIONSTAMP_HEX + 1];
    if (member && !cJSON_IsNull(member)) {
        if (!cJSON_IsString(member) ||
            kv_versionstamp_from_hex(member->valuestring, &save->lock) != 0) {
            save_refuse(save, 400, "Invalid versionstamp: 20 hex digits expected");
            return AMID_E_INVALID;
        }
        save->is_locked = true;
    }
    if (!header || strcmp(header, "*") == 0)
        return 0;
    size_t quoted = *header == '"';
    size_t len = strcspn(header + quoted, "\"");
    if (len != KV_VERSIONSTAMP_HEX || strlen(header) != len + 2 * quoted) {
        save_refuse(save, 400, "Invalid If-Match: one versionstamp expected");
        return AMID_E_INVALID;
    }
    memcpy(hex, header + quoted, len);
    hex[len] = '\0';
    if (kv_versionstamp_from_hex(hex, &from_header) != 0 ||
        (save->is_locked &&
         memcmp(from_header.bytes, save->lock.bytes, sizeof from_header.bytes) != 0)) {
        save_refuse(save, 400, "Invalid If-Match: not hex, or not the body's versionstamp");
        return AMID_E_INVALID;
    }
    save->lock = from_header;
    save->is_locked = true;
    return 0;
}

/* Names a member of updateWorker's body that means nothing, such as a misspelt lock. */
static const char *unknown_member(const cJSON *body)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, body)
    {
        if (strcmp(member->string, "channel") != 0 && strcmp(member->string, "raw") != 0 &&
            strcmp(member->string, "versionstamp") != 0)
            return member->string;
    }
    return NULL;
}

static void update_known(struct save *save, const struct registry_entry *entry)
{
    struct worker *worker = NULL;
    int error = edit_record(save, entry->worker, &worker, &save->source);
    if (error == AMID_E_INVALID)
        save_refuse(save, 400, save->reason);
    else if (error)
        save_fail(save, error);
    else if (save->source)
        compile(save, worker);
    else
        write_update(save);
    worker_free(worker);
}

void save_update(struct api_call *call)
{
    const char *channel = api_call_string(call, "channel");
    const cJSON *raw = cJSON_GetObjectItemCaseSensitive(call->body, "raw");
    char sid[ID_UUID_LEN + 1];
    if (!channel || !api_sid_of_channel(channel, sid) || !cJSON_IsObject(raw)) {
        api_call_refuse(call, 400, "Invalid request body");
        return;
    }
    const char *unknown = unknown_member(call->body);
    if (unknown) {
        api_call_refuse(call, 400, "Invalid request body: unknown member %s", unknown);
        return;
    }
    struct save *save = save_new(call);
    if (!save)
        return;
    memcpy(save->sid, sid, sizeof save->sid);
    save->raw = raw;
    save->names_permissions = cJSON_HasObjectItem(raw, "permissions");
    if (take_lock(save) != 0)
        return;
    const struct registry_entry *entry = registry_find(call->api->needs.registry, sid);
    if (entry && !session_may(call->request, RIGHT_WORKER_CHANGE, entry)) {
        save_free(save);
        call->abandon = NULL;
        session_refuse_call(call);
        return;
    }
    if (entry && !may_name_grants(call, raw, entry->worker->permissions)) {
        save_free(save);
        return;
    }
    if (!entry || (save->is_locked && memcmp(entry->versionstamp.bytes, save->lock.bytes,
                                             sizeof save->lock.bytes) != 0))
        save_refuse(save, 409, UPDATE_LOST);
    else
        update_known(save, entry);
}
