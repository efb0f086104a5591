/*
 * The audit table: its rows are in the change's own commit, they form a chain that finds whatever
 * is changed, taken out or moved by hand, refusals cannot flood it, and trimming leaves a chain
 * that still verifies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "common/chain.h"
#include "common/error.h"
#include "supervisor/journal/audit.h"
#include "supervisor/journal/audit_limit.h"
#include "tests/unit/kv_harness.h"

static struct config config = {.audit_rows = 200000};

struct verdict {
    bool done;
    int error;
    uint64_t rows;
    uint64_t broken; /* seq that was expected where the chain breaks, 0 = none */
    bool ends_at_head;
    struct chain_end at;
    char last[512];
};

static void judge(void *arg, int error, const struct store_rows *rows)
{
    struct verdict *verdict = arg;
    verdict->done = true;
    verdict->error = error;
    if (error != 0)
        return;
    if (verdict->rows == 0)
        verdict->at = rows->trimmed;
    for (size_t i = 0; i < rows->count && verdict->broken == 0; i++) {
        if (chain_follow(&verdict->at, &rows->rows[i]) != CHAIN_OK)
            verdict->broken = verdict->at.seq + 1;
        verdict->rows++;
        snprintf(verdict->last, sizeof(verdict->last), "%s", rows->rows[i].text);
    }
    verdict->ends_at_head = memcmp(&verdict->at, &rows->head, sizeof(rows->head)) == 0;
}

static struct verdict verify(struct harness *harness)
{
    struct verdict verdict = {.done = false};
    uint64_t before;
    do {
        before = verdict.rows;
        verdict.done = false;
        assert_int_equal(
            store_rows(harness->store, verdict.at.seq, STORE_ROWS_MAX, judge, &verdict), 0);
        harness_wait(harness, &verdict.done);
    } while (verdict.error == 0 && verdict.broken == 0 && verdict.rows > before &&
             !verdict.ends_at_head);
    return verdict;
}

static struct audit *begin(struct harness *harness)
{
    struct audit *audit = NULL;
    assert_int_equal(harness_open(harness), 0);
    assert_int_equal(audit_open(harness->store, harness->timers, &config, &audit), 0);
    return audit;
}

static void end(struct harness *harness, struct audit *audit)
{
    audit_flush(audit);
    store_drain(harness->store);
    audit_close(audit);
    harness_close(harness);
}

/* A change with its row. */
static struct answer change(struct harness *harness, struct audit *audit, const char *name,
                            const char *value)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key = key_of(name);
    assert_int_equal(kv_atomic_set(atomic, &key, value, strlen(value), 0), 0);
    assert_int_equal(audit_attach(audit, atomic,
                                  &(struct audit_entry){.event = "worker-update",
                                                        .sid = name,
                                                        .address = "127.0.0.1:1",
                                                        .detail = "a \"quoted\"\nline"}),
                     0);
    return harness_commit(harness, store_local(harness->store), atomic);
}

static void test_chain_grows(void **state)
{
    struct harness *harness = *state;
    struct audit *audit = begin(harness);
    struct verdict verdict = verify(harness);
    assert_int_equal(verdict.rows, 0);
    assert_true(verdict.ends_at_head);
    for (int i = 0; i < 7; i++)
        assert_int_equal(change(harness, audit, "k", "1").error, 0);
    end(harness, audit);
    audit = begin(harness);
    assert_int_equal(change(harness, audit, "k", "2").error, 0);
    verdict = verify(harness);
    assert_int_equal(verdict.rows, 8);
    assert_int_equal(verdict.broken, 0);
    assert_true(verdict.ends_at_head);
    assert_string_equal(verdict.last,
                        "{\"event\":\"worker-update\",\"outcome\":\"done\",\"address\":"
                        "\"127.0.0.1:1\",\"sid\":\"k\",\"detail\":\"a \\\"quoted\\\"\\nline\"}");
    end(harness, audit);
}

/* A change that is refused has no row. */
static void test_no_row_without_change(void **state)
{
    struct harness *harness = *state;
    struct audit *audit = begin(harness);
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_versionstamp never = {.bytes = {9}};
    struct kv_key key = key_of("k");
    assert_int_equal(kv_atomic_check(atomic, &key, &never), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, 0), 0);
    assert_int_equal(audit_attach(audit, atomic, &(struct audit_entry){.event = "e"}), 0);
    assert_int_equal(harness_commit(harness, store_local(harness->store), atomic).error,
                     AMID_E_CONFLICT);
    assert_int_equal(verify(harness).rows, 0);
    end(harness, audit);
}

static void by_hand(struct harness *harness, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(harness->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void found_at(struct harness *harness, const char *sql, const char *undo, uint64_t broken)
{
    struct verdict verdict;
    by_hand(harness, sql);
    assert_int_equal(harness_open(harness), 0);
    verdict = verify(harness);
    assert_int_equal(verdict.error, 0);
    assert_true(broken == verdict.broken);
    assert_true(broken != 0 || !verdict.ends_at_head);
    harness_close(harness);
    by_hand(harness, undo);
}

static void test_tampering_is_found(void **state)
{
    struct harness *harness = *state;
    struct audit *audit = begin(harness);
    for (int i = 0; i < 9; i++)
        assert_int_equal(change(harness, audit, "k", "1").error, 0);
    end(harness, audit);
    by_hand(harness, "CREATE TABLE kept AS SELECT * FROM audit");
    static const char undo[] = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept";
    found_at(harness, "UPDATE audit SET text = replace(text, 'update', 'delete') WHERE seq = 4",
             undo, 4);
    found_at(harness, "UPDATE audit SET real_ms = real_ms + 1 WHERE seq = 9", undo, 9);
    found_at(harness, "UPDATE audit SET stamp = zeroblob(10) WHERE seq = 1", undo, 1);
    found_at(harness, "UPDATE audit SET text = text || x'00' || 'x' WHERE seq = 2", undo, 2);
    found_at(harness, "UPDATE audit SET text = text || hex(zeroblob(90000)) WHERE seq = 3", undo,
             3);
    found_at(harness, "UPDATE audit SET hash = x'00' WHERE seq = 6", undo, 6);
    found_at(harness, "DELETE FROM audit WHERE seq = 5", undo, 5);
    found_at(harness, "DELETE FROM audit WHERE seq = 1", undo, 1);
    found_at(harness,
             "UPDATE audit SET seq = 100 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;"
             "UPDATE audit SET seq = 4 WHERE seq = 100",
             undo, 3);
    found_at(harness, "DELETE FROM audit WHERE seq > 7", undo, 0);
    found_at(harness, "DELETE FROM audit", undo, 0);
    assert_int_equal(harness_open(harness), 0);
    assert_true(verify(harness).ends_at_head);
    harness_close(harness);
}

static void test_trim_keeps_the_chain(void **state)
{
    struct harness *harness = *state;
    struct audit *audit;
    config.audit_rows = 300;
    audit = begin(harness);
    for (int i = 0; i < 1200; i++)
        audit_note(audit, &(struct audit_entry){.event = "e"});
    end(harness, audit);
    audit = begin(harness);
    for (int i = 0; i < 400; i++)
        assert_int_equal(change(harness, audit, "k", "1").error, 0);
    struct verdict verdict = verify(harness);
    config.audit_rows = 200000;
    assert_int_equal(verdict.broken, 0);
    assert_true(verdict.ends_at_head);
    assert_true(verdict.at.seq == 1600);
    assert_in_range(verdict.rows, 300, 300 + 500);
    end(harness, audit);
}

/* A file of the version before has no such table. */
static void test_older_file(void **state)
{
    struct harness *harness = *state;
    struct audit *audit = begin(harness);
    struct answer before = harness_set(harness, store_local(harness->store), "a", "1");
    end(harness, audit);
    by_hand(harness, "DROP TABLE audit; DROP TABLE audit_end; PRAGMA user_version=1");
    audit = begin(harness);
    assert_string_equal(harness_get(harness, store_local(harness->store), "a").value, "1");
    struct answer after = change(harness, audit, "k", "1");
    assert_true(memcmp(after.stamp.bytes, before.stamp.bytes, KV_VERSIONSTAMP_BYTES) > 0);
    assert_int_equal(verify(harness).rows, 1);
    end(harness, audit);
}

static void test_flood(void **state)
{
    struct harness *harness = *state;
    struct audit *audit = begin(harness);
    char address[64];
    for (int i = 0; i < 20000; i++) {
        snprintf(address, sizeof(address), "10.0.%d.7:%d", i % 200, 1024 + i);
        audit_note(audit, &(struct audit_entry){.event = "unauthorized",
                                                .outcome = AUDIT_REFUSED,
                                                .address = address});
    }
    assert_int_equal(change(harness, audit, "k", "1").error, 0);
    end(harness, audit);
    assert_int_equal(harness_open(harness), 0);
    struct verdict verdict = verify(harness);
    assert_int_equal(verdict.rows, AUDIT_SLOTS * (AUDIT_REFUSALS_PER_SLOT + 1) + 1 + 1);
    assert_string_equal(verdict.last,
                        "{\"event\":\"suppressed\",\"outcome\":\"refused\",\"detail\":"
                        "\"suppressed 13600 more of others\"}");
    harness_close(harness);
}

static int make(void **state)
{
    static struct harness harness;
    harness_make(&harness);
    *state = &harness;
    return 0;
}

static int drop(void **state)
{
    harness_drop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_chain_grows, make, drop),
        cmocka_unit_test_setup_teardown(test_no_row_without_change, make, drop),
        cmocka_unit_test_setup_teardown(test_tampering_is_found, make, drop),
        cmocka_unit_test_setup_teardown(test_trim_keeps_the_chain, make, drop),
        cmocka_unit_test_setup_teardown(test_older_file, make, drop),
        cmocka_unit_test_setup_teardown(test_flood, make, drop),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
