/*
 * The worker record: written in the documented order of members, read back as it was, and read
 * leniently where an older amid left something out, but never with a wrong type.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/registry/worker.h"

#define SID "550e8400-e29b-41d4-a716-446655440000"

static struct worker *sample(void)
{
    struct worker *worker = worker_new();
    strcpy(worker->sid, SID);
    worker->nid = strdup("s-0001");
    worker->note = strdup("a \"note\"\n");
    worker->script = strdup("logger.info('x');");
    worker->script_len = strlen(worker->script);
    worker->version = strdup("1.19.2");
    worker->account_id = strdup("account-uuid");
    worker->dependencies = calloc(2, sizeof(char *));
    worker->dependencies[0] = strdup("gliesereum");
    worker->dependency_count = 1;
    worker->timestamp_ms = 1760245826876;
    worker->generation = 3;
    return worker;
}

static void test_written_in_order(void **state)
{
    (void)state;
    struct worker *worker = sample();
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(worker_to_value(worker, &out), 0);
    assert_string_equal(
        out.data,
        "{\"channel\":\"ami.worker." SID "\",\"module\":\"worker\","
        "\"widget\":\"widget.ami.worker." SID "\",\"raw\":{\"sid\":\"" SID "\",\"nid\":\"s-0001\","
        "\"active\":false,\"mode\":\"loop\",\"executionMode\":\"parallel\",\"scope\":\"network\","
        "\"priority\":\"normal\",\"accountId\":\"account-uuid\",\"assignedNode\":null,"
        "\"note\":\"a \\\"note\\\"\\n\",\"script\":\"logger.info('x');\","
        "\"dependencies\":[\"gliesereum\"],\"permissions\":null,\"version\":\"1.19.2\","
        "\"timestamp\":1760245826876},"
        "\"timestamp\":1760245826876,\"generation\":3}");
    buffer_free(&out);
    buffer_init(&out, 100);
    assert_int_equal(worker_to_value(worker, &out), AMID_E_TOO_LARGE);
    buffer_free(&out);
    worker_free(worker);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct worker *worker = sample();
    struct worker *copy = worker_copy(worker);
    struct worker *read = NULL;
    struct buffer out;
    struct buffer again;
    char reason[128];
    copy->mode = WORKER_MODE_SINGLE;
    copy->execution = WORKER_EXCLUSIVE;
    copy->priority = WORKER_CRITICAL;
    copy->scope = WORKER_LOCAL;
    copy->active = true;
    copy->assigned_node = strdup("s-0002");
    buffer_init(&out, 4096);
    buffer_init(&again, 4096);
    assert_int_equal(worker_to_value(copy, &out), 0);
    assert_int_equal(worker_from_value(out.data, out.len, &read, reason, sizeof(reason)), 0);
    assert_int_equal(worker_to_value(read, &again), 0);
    assert_string_equal(out.data, again.data);
    assert_int_equal(read->generation, 3);
    assert_int_equal(read->script_len, strlen(read->script));
    buffer_free(&out);
    buffer_free(&again);
    worker_free(read);
    worker_free(copy);
    worker_free(worker);
    worker_free(NULL);
}

static void test_an_older_record(void **state)
{
    (void)state;
    static const char value[] = "{\"raw\":{\"sid\":\"" SID "\",\"script\":\"1\",\"future\":[1]}}";
    struct worker *worker = NULL;
    char reason[128];
    assert_int_equal(worker_from_value(value, strlen(value), &worker, reason, sizeof(reason)), 0);
    assert_int_equal(worker->generation, 1);
    assert_false(worker->active);
    assert_int_equal(worker->execution, WORKER_PARALLEL);
    assert_int_equal(worker->priority, WORKER_NORMAL);
    assert_string_equal(worker->nid, "");
    assert_null(worker->account_id);
    assert_int_equal(worker->dependency_count, 0);
    worker_free(worker);
}

static void refused(const char *value, const char *named)
{
    struct worker *worker = NULL;
    char reason[128] = "";
    int error = worker_from_value(value, strlen(value), &worker, reason, sizeof(reason));
    if (error != AMID_E_INVALID || strstr(reason, named) == NULL)
        fail_msg("%s gave %d and \"%s\"", value, error, reason);
    assert_null(worker);
}

#define RAW(members) "{\"raw\":{\"sid\":\"" SID "\",\"script\":\"1\"" members "}}"

static void test_wrong_records(void **state)
{
    (void)state;
    refused("", "not JSON");
    refused("{\"raw\":{},\"raw\":{}}", "duplicate");
    refused("[]", "raw");
    refused("{}", "raw");
    refused("{\"raw\":1}", "raw");
    refused("{\"raw\":{\"script\":\"1\"}}", "sid");
    refused("{\"raw\":{\"sid\":\"x\",\"script\":\"1\"}}", "sid");
    refused("{\"raw\":{\"sid\":\"" SID "\"}}", "script");
    refused(RAW(",\"active\":1"), "active");
    refused(RAW(",\"nid\":1"), "nid");
    refused(RAW(",\"mode\":\"twice\""), "mode");
    refused(RAW(",\"mode\":1"), "mode");
    refused(RAW(",\"executionMode\":\"\""), "executionMode");
    refused(RAW(",\"scope\":\"world\""), "scope");
    refused(RAW(",\"priority\":[]"), "priority");
    refused(RAW(",\"accountId\":{}"), "accountId");
    refused(RAW(",\"timestamp\":-1"), "timestamp");
    refused(RAW(",\"timestamp\":0.5"), "timestamp");
    refused(RAW(",\"timestamp\":1e300"), "timestamp");
    refused(RAW(",\"dependencies\":{}"), "dependencies");
    refused(RAW(",\"dependencies\":[1]"), "dependencies");
    refused("{\"raw\":{\"sid\":\"" SID "\",\"script\":\"1\"},\"generation\":\"x\"}", "generation");
}

static void test_lengths(void **state)
{
    (void)state;
    struct worker *worker = sample();
    struct buffer out;
    struct worker *read = NULL;
    char reason[128];
    free(worker->version);
    worker->version = malloc(WORKER_LABEL_MAX_BYTES + 2);
    memset(worker->version, 'v', WORKER_LABEL_MAX_BYTES + 1);
    worker->version[WORKER_LABEL_MAX_BYTES + 1] = '\0';
    buffer_init(&out, 4096);
    assert_int_equal(worker_to_value(worker, &out), 0);
    assert_int_equal(worker_from_value(out.data, out.len, &read, reason, sizeof(reason)),
                     AMID_E_INVALID);
    assert_non_null(strstr(reason, "version"));
    buffer_free(&out);
    worker_free(worker);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(worker_mode_name(WORKER_MODE_SINGLE), "single");
    assert_string_equal(worker_execution_name(WORKER_LEADER), "leader");
    assert_string_equal(worker_priority_name(WORKER_HIGH), "high");
    assert_string_equal(worker_scope_name(WORKER_LOCAL), "local");
    assert_string_equal(worker_scope_name((enum worker_scope)9), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_in_order), cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_an_older_record),  cmocka_unit_test(test_wrong_records),
        cmocka_unit_test(test_lengths),          cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
