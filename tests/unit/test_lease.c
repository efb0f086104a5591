/* Holds: on a single node a leader's lease advances like a real one: 60 s from before each write,
 * renewed every 30 s, tried again every 2 s where it cannot be written; released it is expired at
 * once and stays visible (RULES 8, 20). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "supervisor/lifecycle/lease.h"
#include "tests/unit/fault_alloc.h"
#include "tests/unit/fault_vfs.h"
#include "tests/unit/kv_harness.h"

#define SID "550e8400-e29b-41d4-a716-446655440000"

struct bench {
    struct harness harness;
    struct lease lease;
    bool won;
    size_t wins;
    bool seen;
    char value[1024];
};

static void lease_won(void *arg)
{
    struct bench *bench = arg;

    bench->won = true;
    bench->wins++;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    harness_make(&bench->harness);
    assert_int_equal(harness_open(&bench->harness), 0);
    clock_freeze(1);
    lease_init(&bench->lease, SID, "s-0001", bench->harness.timers, lease_won, bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    lease_detach(&bench->lease);
    clock_freeze(0);
    harness_close(&bench->harness);
    harness_drop(&bench->harness);
    free(bench);
    return 0;
}

static void take_value(void *arg, int error, const struct kv_entry *entry)
{
    struct bench *bench = arg;

    assert_int_equal(error, 0);
    assert_non_null(entry);
    assert_true(entry->value_len < sizeof(bench->value));
    memcpy(bench->value, entry->value, entry->value_len + 1);
    bench->seen = true;
}

/* A number of the record as a script reads it. */
static int64_t written(struct bench *bench, const char *name)
{
    struct json_fault fault;
    struct kv_key key;
    cJSON *json;
    int64_t value;

    bench->seen = false;
    assert_int_equal(lease_key(&key, SID), 0);
    assert_int_equal(kv_get(store_net(bench->harness.store), &key, take_value, bench), 0);
    harness_wait(&bench->harness, &bench->seen);
    assert_int_equal(json_parse(bench->value, strlen(bench->value), &json, &fault), 0);
    value = (int64_t)cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(json, "raw"),
                                                      name)
                ->valuedouble;
    cJSON_Delete(json);
    return value;
}

static void settle(struct bench *bench)
{
    while (bench->lease.writing != NULL)
        event_base_loop(bench->harness.base, EVLOOP_ONCE);
}

static void advance(struct bench *bench, int64_t ms)
{
    clock_advance_ms(ms);
    timers_advance(bench->harness.timers);
    settle(bench);
}

static void it_is_held_renewed_and_released(void **state)
{
    struct bench *bench = *state;
    int64_t begun_ms = clock_real_ms();

    lease_take(&bench->lease, store_net(bench->harness.store));
    lease_take(&bench->lease, store_net(bench->harness.store));
    assert_false(bench->lease.is_held);
    harness_wait(&bench->harness, &bench->won);
    assert_true(bench->lease.is_held);
    assert_int_equal(bench->lease.elected_ms, begun_ms);
    assert_int_equal(bench->lease.expires_ms, begun_ms + LEASE_TTL_MS);
    assert_int_equal(written(bench, "expiresAt"), begun_ms + LEASE_TTL_MS);
    assert_non_null(strstr(bench->value, "\"nid\":\"s-0001\""));

    advance(bench, LEASE_RENEW_MS - 1);
    assert_int_equal(bench->lease.renewed_ms, begun_ms);
    advance(bench, 1);
    assert_int_equal(bench->lease.renewed_ms, begun_ms + LEASE_RENEW_MS);
    assert_int_equal(bench->lease.elected_ms, begun_ms);
    assert_int_equal(written(bench, "expiresAt"), begun_ms + LEASE_RENEW_MS + LEASE_TTL_MS);
    assert_int_equal(bench->wins, 1);

    advance(bench, 1000);
    lease_release(&bench->lease);
    assert_false(bench->lease.is_held);
    settle(bench);
    assert_int_equal(written(bench, "expiresAt"), begun_ms + LEASE_RENEW_MS + 1000);
    advance(bench, 10 * LEASE_TTL_MS);
    assert_int_equal(written(bench, "expiresAt"), begun_ms + LEASE_RENEW_MS + 1000);
}

static void a_wish_that_changes_while_it_is_written_is_followed(void **state)
{
    struct bench *bench = *state;

    lease_take(&bench->lease, store_net(bench->harness.store));
    lease_release(&bench->lease);
    settle(bench);
    advance(bench, 0);
    assert_false(bench->lease.is_held);
    assert_int_equal(bench->wins, 0);
    lease_take(&bench->lease, store_net(bench->harness.store));
    settle(bench);
    advance(bench, 0);
    assert_true(bench->lease.is_held);
    assert_int_equal(bench->wins, 1);
}

static void what_an_earlier_amid_wrote_is_known(void **state)
{
    static const char text[] =
        "{\"raw\":{\"timestamp\":1000,\"renewedAt\":2000,\"expiresAt\":3000}}";
    struct bench *bench = *state;

    static const char bad[] =
        "{\"raw\":{\"timestamp\":\"1000\",\"renewedAt\":-1,\"expiresAt\":1e15}}";

    lease_recall(&bench->lease, bad, sizeof(bad) - 1);
    assert_int_equal(bench->lease.elected_ms, 0);
    assert_int_equal(bench->lease.renewed_ms, 0);
    lease_recall(&bench->lease, "{", 1);
    lease_recall(&bench->lease, "[]", 2);
    assert_int_equal(bench->lease.expires_ms, 0);
    lease_recall(&bench->lease, text, sizeof(text) - 1);
    assert_int_equal(bench->lease.elected_ms, 1000);
    assert_int_equal(bench->lease.renewed_ms, 2000);
    assert_int_equal(bench->lease.expires_ms, 3000);
    assert_false(bench->lease.is_held);

    lease_release(&bench->lease); /* of what nobody wants */
    lease_take(&bench->lease, store_net(bench->harness.store));
    harness_wait(&bench->harness, &bench->won);
    lease_recall(&bench->lease, text, sizeof(text) - 1);
    assert_true(bench->lease.expires_ms > 3000);
}

static void a_disk_that_fails_is_tried_again(void **state)
{
    struct bench *bench = *state;

    fault_plan.writes = FAULT_FOREVER;
    lease_take(&bench->lease, store_net(bench->harness.store));
    settle(bench);
    advance(bench, LEASE_RETRY_MS);
    assert_false(bench->lease.is_held);
    fault_plan_clear();
    advance(bench, LEASE_RETRY_MS - 1);
    assert_false(bench->lease.is_held);
    advance(bench, 1);
    assert_true(bench->lease.is_held);
}

static void memory_that_ends_is_tried_again(void **state)
{
    struct bench *bench = *state;
    bool has_come = true;

    for (unsigned nth = 1; has_come; nth++) {
        fault_alloc_at(nth);
        lease_take(&bench->lease, store_net(bench->harness.store));
        has_come = fault_alloc_came();
        fault_alloc_at(0);
        settle(bench);
        if (has_come) {
            assert_false(bench->lease.is_held);
            advance(bench, LEASE_RETRY_MS);
        }
        assert_true(bench->lease.is_held);
        assert_int_equal(bench->wins, nth);
        lease_release(&bench->lease);
        settle(bench);
    }
    assert_true(bench->wins > 3); /* or nothing was made to fail */
}

static void its_end_is_not_waited_for(void **state)
{
    struct bench *bench = *state;

    lease_take(&bench->lease, store_net(bench->harness.store));
    lease_detach(&bench->lease);
    assert_true(harness_get(&bench->harness, store_net(bench->harness.store), "other").done);
    assert_int_equal(bench->wins, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_held_renewed_and_released),
        TEST(a_wish_that_changes_while_it_is_written_is_followed),
        TEST(what_an_earlier_amid_wrote_is_known),
        TEST(a_disk_that_fails_is_tried_again),
        TEST(memory_that_ends_is_tried_again),
        TEST(its_end_is_not_waited_for),
    };

    fault_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
