/*
 * Rows of the audit table are as durable as the change they belong to: a write that fails, for a
 * bad or a full disk, leaves neither, and the chain goes on whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "common/chain.h"
#include "common/error.h"
#include "tests/unit/fault_vfs.h"
#include "tests/unit/kv_harness.h"

/* A change that carries a row of the audit table. */
static struct answer noted(struct harness *harness, const char *name, const char *value)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key = key_of(name);
    assert_int_equal(kv_atomic_set(atomic, &key, value, strlen(value), 0), 0);
    assert_int_equal(kv_atomic_note(atomic, "{\"event\":\"e\"}", 13), 0);
    return harness_commit(harness, store_local(harness->store), atomic);
}

struct count {
    bool done;
    uint64_t head;
    bool is_whole;
};

static void count_rows(void *arg, int error, const struct store_rows *rows)
{
    struct count *count = arg;
    assert_int_equal(error, 0);
    struct chain_end at = rows->trimmed;
    for (size_t i = 0; i < rows->count; i++)
        assert_int_equal(chain_follow(&at, &rows->rows[i]), CHAIN_OK);
    count->head = rows->head.seq;
    count->is_whole = memcmp(&at, &rows->head, sizeof(at)) == 0;
    count->done = true;
}

/* Rows and changes are the same number, whatever failed between them. */
static void rows_are(struct harness *harness, uint64_t expected)
{
    struct count count = {.done = false};
    assert_int_equal(store_rows(harness->store, 0, STORE_ROWS_MAX, count_rows, &count), 0);
    harness_wait(harness, &count.done);
    assert_true(count.head == expected);
    assert_true(count.is_whole);
}

static void test_rows_of_failed_writes(void **state)
{
    struct harness *harness = *state;
    assert_int_equal(harness_open(harness), 0);
    assert_int_equal(noted(harness, "a", "1").error, 0);
    for (int i = 0; i < 5; i++) {
        atomic_store(i % 2 == 0 ? &fault_plan.syncs : &fault_plan.writes, 1);
        assert_int_equal(noted(harness, "a", "2").error, AMID_E_IO);
        fault_plan_clear();
        rows_are(harness, 1 + (uint64_t)i);
        assert_int_equal(noted(harness, "a", "3").error, 0);
    }
    rows_are(harness, 6);
}

static void size_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A file size limit is a full disk to SQLite. */
static void test_rows_of_a_full_disk(void **state)
{
    struct harness *harness = *state;
    char value[20000];
    memset(value, '1', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    uint64_t acknowledged = 0;
    int error = 0;
    assert_int_equal(harness_open(harness), 0);
    signal(SIGXFSZ, SIG_IGN);
    size_limit(256 * 1024);
    while (error == 0 && acknowledged < 400) {
        error = noted(harness, "k", value).error;
        acknowledged += error == 0;
    }
    assert_int_equal(error, AMID_E_DISK_FULL);
    rows_are(harness, acknowledged);
    size_limit(RLIM_INFINITY);
    assert_int_equal(noted(harness, "k", "1").error, 0);
    rows_are(harness, acknowledged + 1);
}

static int make(void **state)
{
    static struct harness harness;
    fault_plan_clear();
    harness_make(&harness);
    *state = &harness;
    return 0;
}

static int drop(void **state)
{
    fault_plan_clear();
    harness_close(*state);
    harness_drop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows_of_failed_writes, make, drop),
        cmocka_unit_test_setup_teardown(test_rows_of_a_full_disk, make, drop),
    };
    fault_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
