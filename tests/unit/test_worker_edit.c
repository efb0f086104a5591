/*
 * What clients may send for a worker: every member alone with right and wrong values, full and
 * partial changes, the defaults, the exact sentences of the API's documentation, and when a new
 * generation begins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/registry/worker_edit.h"

#define NOW_MS INT64_C(1760529600000) /* 2025-10-15T12:00:00.000Z */

struct edited {
    int error;
    struct worker *worker;
    const char *source;
    char reason[256];
    cJSON *json; /* source may point into it */
};

static void edited_free(struct edited *edited)
{
    worker_free(edited->worker);
    cJSON_Delete(edited->json);
}

static struct edited create(const char *body)
{
    struct edited edited = {.error = 0};
    edited.json = body == NULL ? NULL : cJSON_Parse(body);
    assert_true(body == NULL || edited.json != NULL);
    edited.error = worker_edit_create(edited.json, "s-0001", NOW_MS, &edited.worker, &edited.source,
                                      edited.reason, sizeof(edited.reason));
    return edited;
}

static struct edited update(const struct worker *current, const char *raw)
{
    struct edited edited = {.error = 0};
    edited.json = cJSON_Parse(raw);
    assert_non_null(edited.json);
    edited.error = worker_edit_update(current, edited.json, NOW_MS + 1, &edited.worker,
                                      &edited.source, edited.reason, sizeof(edited.reason));
    return edited;
}

static void create_refused(const char *body, const char *sentence)
{
    struct edited edited = create(body);
    assert_int_equal(edited.error, AMID_E_INVALID);
    assert_string_equal(edited.reason, sentence);
    assert_null(edited.worker);
    edited_free(&edited);
}

static void update_refused(const struct worker *current, const char *raw, const char *sentence)
{
    struct edited edited = update(current, raw);
    assert_int_equal(edited.error, AMID_E_INVALID);
    assert_string_equal(edited.reason, sentence);
    assert_null(edited.worker);
    edited_free(&edited);
}

static void test_defaults(void **state)
{
    (void)state;
    const char *const bodies[] = {
        NULL, "{}",
        "{\"mode\":null,\"note\":null,\"scope\":null,\"priority\":null,"
        "\"executionMode\":null,\"accountId\":null,\"assignedNode\":\"\"}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct edited edited = create(bodies[i]);
        char note[128];
        assert_int_equal(edited.error, 0);
        const struct worker *worker = edited.worker;
        assert_true(id_is_uuid(worker->sid));
        strcpy(note, "Worker script Stels SDK ");
        strcat(note, worker->sid);
        strcat(note, " - 2025-10-15T12:00:00.000Z");
        assert_string_equal(worker->note, note);
        assert_string_equal(worker->nid, "s-0001");
        assert_string_equal(worker->version, "1.19.2");
        assert_string_equal(worker->script, "");
        assert_string_equal(edited.source, "\nlogger.info(\"Worker script initialized!\");\n");
        assert_int_equal(worker->dependency_count, 1);
        assert_string_equal(worker->dependencies[0], "gliesereum");
        assert_false(worker->active);
        assert_int_equal(worker->mode, WORKER_MODE_LOOP);
        assert_int_equal(worker->execution, WORKER_PARALLEL);
        assert_int_equal(worker->priority, WORKER_NORMAL);
        assert_int_equal(worker->scope, WORKER_NETWORK);
        assert_null(worker->account_id);
        assert_null(worker->assigned_node);
        assert_int_equal(worker->timestamp_ms, NOW_MS);
        assert_int_equal(worker->generation, 1);
        edited_free(&edited);
    }
}

static void test_every_member(void **state)
{
    (void)state;
    struct edited edited = create(
        "{\"scriptContent\":\"1;\",\"dependencies\":[],\"version\":\"2\","
        "\"executionMode\":\"exclusive\",\"priority\":\"critical\",\"accountId\":\"a\","
        "\"assignedNode\":\"s-0009\",\"mode\":\"single\",\"note\":\"\",\"scope\":\"network\","
        "\"active\":true}");
    assert_int_equal(edited.error, 0);
    assert_string_equal(edited.source, "1;");
    assert_int_equal(edited.worker->dependency_count, 0);
    assert_string_equal(edited.worker->version, "2");
    assert_int_equal(edited.worker->execution, WORKER_EXCLUSIVE);
    assert_int_equal(edited.worker->priority, WORKER_CRITICAL);
    assert_string_equal(edited.worker->account_id, "a");
    assert_string_equal(edited.worker->assigned_node, "s-0009");
    assert_int_equal(edited.worker->mode, WORKER_MODE_SINGLE);
    assert_string_equal(edited.worker->note, "");
    assert_true(edited.worker->active);
    assert_int_equal(edited.worker->generation, 1);
    edited_free(&edited);
}

static void test_refused_creations(void **state)
{
    (void)state;
    create_refused("[]", "Invalid request body");
    create_refused("{\"scriptContent\":5}", "Invalid script content");
    create_refused("{\"scriptContent\":null}", "Invalid script content");
    create_refused("{\"scriptContent\":\"\"}", "Invalid script content");
    create_refused("{\"scriptContent\":\" \\n\\t\\ufeff\\u00a0\"}", "Invalid script content");
    create_refused("{\"executionMode\":\"exclusive\"}",
                   "Exclusive mode requires assignedNode parameter");
    create_refused("{\"executionMode\":\"exclusive\",\"assignedNode\":\"\"}",
                   "Exclusive mode requires assignedNode parameter");
    create_refused("{\"executionMode\":\"exclusive\",\"assignedNode\":\"s-2\",\"scope\":\"local\"}",
                   "assignedNode must be this node (s-0001) because the worker's scope is local");
    create_refused("{\"script\":\"1\"}", "body.script is not a member that amid knows");
    create_refused("{\"ScriptContent\":\"1\"}",
                   "body.ScriptContent is not a member that amid knows");
    create_refused("{\"priority\":\"urgent\"}",
                   "body.priority must be one of critical, high, normal, low");
    create_refused("{\"priority\":1}", "body.priority must be one of critical, high, normal, low");
    create_refused("{\"executionMode\":\"both\"}",
                   "body.executionMode must be one of parallel, leader, exclusive");
    create_refused("{\"mode\":\"LOOP\"}", "body.mode must be one of loop, single");
    create_refused("{\"scope\":\"world\"}", "body.scope must be one of local, network");
    create_refused("{\"active\":\"yes\"}", "body.active must be true or false");
    create_refused("{\"active\":null}", "body.active must be true or false");
    create_refused("{\"version\":1}", "body.version must be a string");
    create_refused("{\"version\":null}", "body.version must be a string");
    create_refused("{\"version\":\"\"}", "body.version must not be empty");
    create_refused("{\"version\":\"1\\n\"}", "body.version must not contain control characters");
    create_refused("{\"accountId\":7}", "body.accountId must be a string");
    create_refused("{\"assignedNode\":[]}", "body.assignedNode must be a string");
    create_refused("{\"note\":7}", "body.note must be a string");
    create_refused("{\"dependencies\":\"gliesereum\"}",
                   "body.dependencies must be an array of strings");
    create_refused("{\"dependencies\":null}", "body.dependencies must be an array of strings");
    create_refused("{\"dependencies\":[1]}", "body.dependencies must be an array of strings");
    create_refused("{\"dependencies\":[\"../x\"]}",
                   "body.dependencies names \"../x\", which is no name of a package");
    create_refused("{\"dependencies\":[\"lodash/get\"]}",
                   "body.dependencies names \"lodash/get\", which is no name of a package");
    create_refused("{\"dependencies\":[\"gliesereum\",\"gliesereum\"]}",
                   "body.dependencies names \"gliesereum\" twice");
}

static void too_long(const char *name, size_t len, const char *sentence)
{
    char *text = malloc(len + 1);
    cJSON *body = cJSON_CreateObject();
    memset(text, 'x', len);
    text[len] = '\0';
    cJSON_AddStringToObject(body, name, text);
    char *json = cJSON_PrintUnformatted(body);
    create_refused(json, sentence);
    text[len - 1] = '\0';
    cJSON_ReplaceItemInObject(body, name, cJSON_CreateString(text));
    char *fits = cJSON_PrintUnformatted(body);
    struct edited edited = create(fits);
    assert_int_equal(edited.error, 0);
    edited_free(&edited);
    cJSON_free(json);
    cJSON_free(fits);
    cJSON_Delete(body);
    free(text);
}

static void test_lengths(void **state)
{
    (void)state;
    too_long("note", WORKER_NOTE_MAX_BYTES + 1, "body.note must be at most 2048 bytes");
    too_long("version", WORKER_LABEL_MAX_BYTES + 1, "body.version must be at most 128 bytes");
    too_long("accountId", WORKER_LABEL_MAX_BYTES + 1, "body.accountId must be at most 128 bytes");
    too_long("scriptContent", WORKER_SOURCE_MAX_BYTES + 1,
             "body.scriptContent must be at most 262144 bytes");
}

static struct worker *stored(void)
{
    struct edited edited = create("{\"executionMode\":\"leader\",\"priority\":\"high\","
                                  "\"accountId\":\"a\",\"assignedNode\":\"s-0001\","
                                  "\"note\":\"n\",\"scope\":\"local\"}");
    struct worker *worker = edited.worker;
    assert_int_equal(edited.error, 0);
    free(worker->script);
    worker->script = strdup("stored();");
    worker->script_len = strlen(worker->script);
    cJSON_Delete(edited.json);
    return worker;
}

static void test_partial_changes_what_it_names(void **state)
{
    (void)state;
    struct worker *current = stored();
    struct edited edited = update(current, "{\"note\":\"other\",\"timestamp\":5,\"source\":\"x\"}");
    assert_int_equal(edited.error, 0);
    assert_null(edited.source);
    assert_string_equal(edited.worker->note, "other");
    assert_string_equal(edited.worker->sid, current->sid);
    assert_string_equal(edited.worker->script, "stored();");
    assert_string_equal(edited.worker->account_id, "a");
    assert_int_equal(edited.worker->execution, WORKER_LEADER);
    assert_int_equal(edited.worker->priority, WORKER_HIGH);
    assert_int_equal(edited.worker->scope, WORKER_LOCAL);
    assert_int_equal(edited.worker->timestamp_ms, NOW_MS + 1);
    assert_int_equal(edited.worker->generation, 1);
    edited_free(&edited);

    edited = update(current, "{\"accountId\":null,\"assignedNode\":null,\"priority\":null,"
                             "\"executionMode\":null}");
    assert_int_equal(edited.error, 0);
    assert_null(edited.worker->account_id);
    assert_null(edited.worker->assigned_node);
    assert_int_equal(edited.worker->priority, WORKER_NORMAL);
    assert_int_equal(edited.worker->execution, WORKER_PARALLEL);
    edited_free(&edited);

    edited = update(current, "{}");
    assert_int_equal(edited.error, 0);
    edited_free(&edited);
    worker_free(current);
}

static void test_full_replaces(void **state)
{
    (void)state;
    struct worker *current = stored();
    char raw[512];
    snprintf(
        raw, sizeof(raw),
        "{\"sid\":\"%s\",\"nid\":\"s-0007\",\"active\":false,\"mode\":\"single\",\"note\":\"\","
        "\"script\":\"stored();\",\"dependencies\":[],\"version\":\"3\"}",
        current->sid);
    struct edited edited = update(current, raw);
    assert_int_equal(edited.error, 0);
    assert_null(edited.source);
    assert_null(edited.worker->account_id);
    assert_null(edited.worker->assigned_node);
    assert_int_equal(edited.worker->execution, WORKER_PARALLEL);
    assert_int_equal(edited.worker->priority, WORKER_NORMAL);
    assert_int_equal(edited.worker->scope, WORKER_LOCAL);
    assert_string_equal(edited.worker->nid, "s-0007");
    assert_string_equal(edited.worker->version, "3");
    assert_int_equal(edited.worker->dependency_count, 0);
    assert_int_equal(edited.worker->generation, 1);
    edited_free(&edited);
    worker_free(current);
}

static void generation_after(const struct worker *current, const char *raw, uint64_t expected)
{
    struct edited edited = update(current, raw);
    assert_int_equal(edited.error, 0);
    assert_int_equal(edited.worker->generation, expected);
    edited_free(&edited);
}

static void test_generation(void **state)
{
    (void)state;
    struct worker *current = stored();
    generation_after(current, "{\"active\":true}", 2);
    generation_after(current, "{\"active\":false}", 1);
    generation_after(current, "{\"script\":\"stored();\"}", 1);
    generation_after(current, "{\"script\":\"new();\"}", 2);
    generation_after(current, "{\"script\":\"new();\",\"active\":true}", 2);
    generation_after(current, "{\"priority\":\"low\",\"mode\":\"single\"}", 1);
    current->active = true;
    generation_after(current, "{\"active\":true}", 1);
    generation_after(current, "{\"active\":false}", 1);
    worker_free(current);
}

static void test_refused_changes(void **state)
{
    (void)state;
    struct worker *current = stored();
    update_refused(current, "5", "Invalid request body");
    update_refused(current, "{\"sid\":\"550e8400-e29b-41d4-a716-446655440000\"}",
                   "raw.sid must be the sid of the channel");
    update_refused(current, "{\"sid\":5}", "raw.sid must be the sid of the channel");
    update_refused(current, "{\"scriptContent\":\"1\"}",
                   "raw.scriptContent is not a member that amid knows");
    update_refused(current, "{\"script\":\"  \"}", "Invalid script content");
    update_refused(current, "{\"script\":null}", "Invalid script content");
    update_refused(current, "{\"priority\":\"x\"}",
                   "raw.priority must be one of critical, high, normal, low");
    update_refused(current, "{\"mode\":null}", "raw.mode must be one of loop, single");
    update_refused(current, "{\"scope\":null}", "raw.scope must be one of local, network");
    update_refused(current, "{\"note\":null}", "raw.note must be a string");
    update_refused(current, "{\"nid\":\"\"}", "raw.nid must not be empty");
    update_refused(current, "{\"active\":0}", "raw.active must be true or false");
    update_refused(current, "{\"executionMode\":\"exclusive\",\"assignedNode\":null}",
                   "Exclusive mode requires assignedNode parameter");
    worker_free(current);
}

static void test_place(void **state)
{
    (void)state;
    struct worker *current = stored();
    char reason[128] = "";
    assert_int_equal(worker_edit_place(current, "s-0002", reason, sizeof(reason)), 0);
    current->execution = WORKER_EXCLUSIVE;
    assert_int_equal(worker_edit_place(current, "s-0001", reason, sizeof(reason)), 0);
    assert_int_equal(worker_edit_place(current, "s-0002", reason, sizeof(reason)), AMID_E_INVALID);
    assert_non_null(strstr(reason, "s-0002"));
    current->scope = WORKER_NETWORK;
    assert_int_equal(worker_edit_place(current, "s-0002", reason, sizeof(reason)), 0);
    worker_free(current);
}

static void test_permissions(void **state)
{
    static const char limited[] = "{\"permissions\":{\"fetch\":[\"a.com\"],\"wallet\":false}}";
    struct edited first = create(limited);
    struct edited second = update(first.worker, "{\"note\":\"n\"}");
    struct edited third = update(first.worker, "{\"permissions\":null}");
    char full[512];

    (void)state;
    assert_string_equal(permissions_json(first.worker->permissions),
                        "{\"fetch\":[\"a.com\"],\"wallet\":false}");
    assert_false(permissions_wallet(second.worker->permissions));
    assert_null(third.worker->permissions);
    /* A client that knows nothing of permissions must not widen them by saving what it knows. */
    snprintf(full, sizeof(full),
             "{\"sid\":\"%s\",\"nid\":\"s\",\"active\":true,\"mode\":\"loop\",\"note\":\"\","
             "\"script\":\"1\",\"dependencies\":[],\"version\":\"1\"}",
             first.worker->sid);
    struct edited whole = update(first.worker, full);
    assert_int_equal(whole.error, 0);
    assert_false(permissions_wallet(whole.worker->permissions));
    update_refused(first.worker, "{\"permissions\":{\"kv\":{\"net\":{}}}}",
                   "raw.permissions.kv.net must be an array");
    create_refused("{\"permissions\":1}", "body.permissions must be an object");
    edited_free(&first);
    edited_free(&second);
    edited_free(&third);
    edited_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_member),
        cmocka_unit_test(test_refused_creations),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_full_replaces),
        cmocka_unit_test(test_partial_changes_what_it_names),
        cmocka_unit_test(test_generation),
        cmocka_unit_test(test_refused_changes),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_permissions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
