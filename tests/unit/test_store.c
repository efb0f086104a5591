/*
 * The KV over a real SQLite file: what is acknowledged is readable, checks see what is there, a
 * failed check undoes nothing but itself however many share its group, watchers hear every change
 * once, in commit order and before the one who made it, expired entries vanish at once and are told
 * of, versionstamps only grow, and limits are refused before anything is queued.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "kv_harness.h"

static int setup(void **state)
{
    struct harness *harness = calloc(1, sizeof(*harness));
    harness_make(harness);
    *state = harness;
    return harness_open(harness);
}

static int teardown(void **state)
{
    harness_drop(*state);
    free(*state);
    return 0;
}

static int stamp_order(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static void test_set_get_delete(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    assert_false(harness_get(harness, local, "a").found);
    struct answer set = harness_set(harness, local, "a", "{\"x\":1}");
    assert_int_equal(set.error, 0);
    struct answer get = harness_get(harness, local, "a");
    assert_true(get.found);
    assert_string_equal(get.value, "{\"x\":1}");
    assert_int_equal(stamp_order(&get.stamp, &set.stamp), 0);
    assert_false(harness_get(harness, store_net(harness->store), "a").found);
    struct answer deleted = harness_delete(harness, local, "a");
    assert_int_equal(deleted.error, 0);
    assert_true(stamp_order(&deleted.stamp, &set.stamp) > 0);
    assert_false(harness_get(harness, local, "a").found);
    assert_int_equal(harness_delete(harness, local, "a").error, 0);
}

static void test_survives_reopening(void **state)
{
    struct harness *harness = *state;
    struct answer before = harness_set(harness, store_net(harness->store), "a", "1");
    harness_close(harness);
    /* A clean end leaves the one file that a backup needs. */
    char log[160];
    snprintf(log, sizeof(log), "%s-wal", harness->path);
    assert_int_equal(access(log, F_OK), -1);
    assert_int_equal(harness_open(harness), 0);
    struct answer get = harness_get(harness, store_net(harness->store), "a");
    assert_true(get.found);
    assert_int_equal(stamp_order(&get.stamp, &before.stamp), 0);
    struct answer after = harness_set(harness, store_net(harness->store), "b", "1");
    assert_true(stamp_order(&after.stamp, &before.stamp) > 0);
}

static void test_versionstamp_text(void **state)
{
    (void)state;
    struct kv_versionstamp stamp;
    char text[KV_VERSIONSTAMP_HEX + 1];
    assert_int_equal(kv_versionstamp_from_hex("000000000000000100ff", &stamp), 0);
    kv_versionstamp_to_hex(&stamp, text);
    assert_string_equal(text, "000000000000000100ff");
    assert_int_equal(kv_versionstamp_from_hex("000000000000000100f", &stamp), AMID_E_INVALID);
    assert_int_equal(kv_versionstamp_from_hex("000000000000000100fg", &stamp), AMID_E_INVALID);
    assert_int_equal(kv_versionstamp_from_hex("", &stamp), AMID_E_INVALID);
}

static struct answer checked_set(struct harness *harness, const char *name, const char *value,
                                 const struct kv_versionstamp *stamp)
{
    struct kv_key key = key_of(name);
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_check(atomic, &key, stamp), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, value, strlen(value), 0), 0);
    return harness_commit(harness, store_local(harness->store), atomic);
}

static void test_checks(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct answer first = checked_set(harness, "a", "1", NULL);
    assert_int_equal(first.error, 0);
    assert_int_equal(checked_set(harness, "a", "2", NULL).error, AMID_E_CONFLICT);
    assert_string_equal(harness_get(harness, local, "a").value, "1");
    struct answer second = checked_set(harness, "a", "2", &first.stamp);
    assert_int_equal(second.error, 0);
    assert_int_equal(checked_set(harness, "a", "3", &first.stamp).error, AMID_E_CONFLICT);
    assert_int_equal(checked_set(harness, "never", "3", &first.stamp).error, AMID_E_CONFLICT);
    assert_string_equal(harness_get(harness, local, "a").value, "2");
}

/* Sixty-four at once on one key: whoever holds the stamp wins, and exactly one does. */
static void test_many_at_once(void **state)
{
    struct harness *harness = *state;
    enum { COUNT = 64 };
    struct answer answers[COUNT];
    struct kv *local = store_local(harness->store);
    struct kv_key shared = key_of("shared");
    size_t won = 0;
    memset(answers, 0, sizeof(answers));
    for (int i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof(name), "own-%d", i);
        struct kv_key own = key_of(name);
        struct kv_atomic *atomic = kv_atomic_new();
        kv_atomic_check(atomic, &shared, NULL);
        kv_atomic_set(atomic, &shared, "1", 1, 0);
        kv_atomic_set(atomic, &own, "1", 1, 0);
        assert_int_equal(kv_commit(local, atomic, answer_commit, &answers[i]), 0);
    }
    for (int i = 0; i < COUNT; i++) {
        char name[16];
        harness_wait(harness, &answers[i].done);
        snprintf(name, sizeof(name), "own-%d", i);
        bool ok = answers[i].error == 0;
        won += ok;
        assert_true(ok || answers[i].error == AMID_E_CONFLICT);
        assert_int_equal(harness_get(harness, local, name).found, ok);
    }
    assert_int_equal(won, 1);
}

/* Counters in two keys that only ever change together: no interleaving is seen. */
static void test_several_keys_are_serialised(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key a = key_of("a");
    struct kv_key b = key_of("b");
    struct answer start_a = harness_set(harness, local, "a", "0");
    struct answer start_b = harness_set(harness, local, "b", "0");
    struct answer answers[8];
    size_t won = 0;
    memset(answers, 0, sizeof(answers));
    for (int i = 0; i < 8; i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        kv_atomic_check(atomic, &a, &start_a.stamp);
        kv_atomic_check(atomic, &b, &start_b.stamp);
        char value[16];
        snprintf(value, sizeof(value), "%d", i + 1);
        kv_atomic_set(atomic, i % 2 == 0 ? &a : &b, value, 1, 0);
        assert_int_equal(kv_commit(local, atomic, answer_commit, &answers[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        harness_wait(harness, &answers[i].done);
        won += answers[i].error == 0;
    }
    assert_int_equal(won, 1);
}

static void test_mutations_collapse(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key key = key_of("a");
    struct kv_atomic *atomic = kv_atomic_new();
    for (int i = 0; i < 3 * KV_ATOMIC_MAX_OPS; i++)
        assert_int_equal(kv_atomic_set(atomic, &key, i % 2 ? "1" : "2", 1, 0), 0);
    assert_int_equal(kv_atomic_delete(atomic, &key), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, "\"last\"", 6, 0), 0);
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    assert_string_equal(harness_get(harness, local, "a").value, "\"last\"");
    atomic = kv_atomic_new();
    kv_atomic_set(atomic, &key, "1", 1, 0);
    kv_atomic_delete(atomic, &key);
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    assert_false(harness_get(harness, local, "a").found);
}

static void test_limits(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key key = key_of("a");
    struct kv_key none = {.len = 0};
    struct answer answer = {0};
    struct kv_range range;
    char *big = malloc(KV_VALUE_MAX_BYTES + 2);
    memset(big, '1', KV_VALUE_MAX_BYTES + 1);
    big[KV_VALUE_MAX_BYTES + 1] = '\0';

    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set(atomic, &key, big, KV_VALUE_MAX_BYTES, 0), 0);
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set(atomic, &key, big, KV_VALUE_MAX_BYTES + 1, 0), AMID_E_TOO_LARGE);
    /* A refusal the caller did not look at still stops the commit. */
    assert_int_equal(harness_commit(harness, local, atomic).error, AMID_E_TOO_LARGE);

    atomic = kv_atomic_new();
    int error = 0;
    for (int i = 0; error == 0; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        struct kv_key many = key_of(name);
        error = kv_atomic_set(atomic, &many, big, KV_VALUE_MAX_BYTES, 0);
        assert_in_range(i, 0, KV_ATOMIC_MAX_BYTES / KV_VALUE_MAX_BYTES);
    }
    assert_int_equal(error, AMID_E_TOO_LARGE);
    kv_atomic_free(atomic);

    atomic = kv_atomic_new();
    for (int i = 0; i <= KV_ATOMIC_MAX_OPS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        struct kv_key many = key_of(name);
        error = kv_atomic_delete(atomic, &many);
        assert_int_equal(error, i < KV_ATOMIC_MAX_OPS ? 0 : AMID_E_TOO_LARGE);
    }
    for (int i = 0; i <= KV_ATOMIC_MAX_CHECKS; i++)
        error = kv_atomic_check(atomic, &key, NULL);
    assert_int_equal(error, AMID_E_TOO_LARGE);
    kv_atomic_free(atomic);
    kv_atomic_free(NULL);

    atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, -1), AMID_E_INVALID);
    assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, KV_EXPIRE_MAX_MS + 1), AMID_E_INVALID);
    assert_int_equal(kv_atomic_set(atomic, &none, "1", 1, 0), AMID_E_INVALID);
    assert_int_equal(kv_atomic_check(atomic, &none, NULL), AMID_E_INVALID);
    kv_atomic_free(atomic);
    assert_int_equal(kv_get(local, &none, answer_get, &answer), AMID_E_INVALID);
    kv_range_of_prefix(&range, &key);
    range.limit = 0;
    assert_int_equal(kv_list(local, &range, NULL, NULL), AMID_E_INVALID);
    range.limit = KV_LIST_MAX + 1;
    assert_int_equal(kv_list(local, &range, NULL, NULL), AMID_E_INVALID);
    free(big);
}

/* More than the queue holds: the surplus is refused, what was accepted is written. */
static void test_queue_is_bounded(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    enum { TRIES = 6000 };
    struct answer *answers = calloc(TRIES, sizeof(*answers));
    struct kv_key key = key_of("a");
    size_t refused = 0;
    for (int i = 0; i < TRIES; i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        kv_atomic_set(atomic, &key, "1", 1, 0);
        answers[i].error = kv_commit(local, atomic, answer_commit, &answers[i]);
        refused += answers[i].error == AMID_E_BUSY;
    }
    assert_true(refused > 0);
    for (int i = 0; i < TRIES; i++) {
        if (answers[i].error == AMID_E_BUSY)
            continue;
        harness_wait(harness, &answers[i].done);
        assert_int_equal(answers[i].error, 0);
    }
    assert_int_equal(harness_set(harness, local, "b", "1").error, 0);
    free(answers);
}

/* One transaction over both spaces, and none over two stores. */
static void test_two_spaces(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv *net = store_net(harness->store);
    struct kv_key a = key_of("a");
    harness_set(harness, local, "a", "1");
    struct kv_atomic *atomic = kv_atomic_new();
    kv_atomic_target(atomic, net);
    kv_atomic_check(atomic, &a, NULL);
    kv_atomic_set(atomic, &a, "2", 1, 0);
    kv_atomic_target(atomic, local);
    kv_atomic_delete(atomic, &a);
    assert_int_equal(harness_commit(harness, net, atomic).error, 0);
    assert_false(harness_get(harness, local, "a").found);
    assert_string_equal(harness_get(harness, net, "a").value, "2");

    struct harness other;
    harness_make(&other);
    assert_int_equal(harness_open(&other), 0);
    atomic = kv_atomic_new();
    kv_atomic_target(atomic, store_local(other.store));
    kv_atomic_set(atomic, &a, "2", 1, 0);
    assert_int_equal(harness_commit(harness, net, atomic).error, AMID_E_UNSUPPORTED);
    harness_drop(&other);
}

/* Whatever was asked before the end is answered: commits with their result, reads with CLOSED. */
static void test_close_answers(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key key = key_of("a");
    struct answer set = {0};
    struct answer get = {0};
    struct kv_atomic *atomic = kv_atomic_new();
    kv_atomic_set(atomic, &key, "1", 1, 0);
    assert_int_equal(kv_commit(local, atomic, answer_commit, &set), 0);
    assert_int_equal(kv_get(local, &key, answer_get, &get), 0);
    harness_close(harness);
    assert_true(set.done);
    assert_int_equal(set.error, 0);
    assert_false(get.done);
    harness_wait(harness, &get.done);
    assert_int_equal(get.error, AMID_E_CLOSED);
    assert_int_equal(harness_open(harness), 0);
    assert_true(harness_get(harness, store_local(harness->store), "a").found);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_set_get_delete),     T(test_survives_reopening),
        T(test_versionstamp_text),  T(test_checks),
        T(test_many_at_once),       T(test_several_keys_are_serialised),
        T(test_mutations_collapse), T(test_limits),
        T(test_queue_is_bounded),   T(test_two_spaces),
        T(test_close_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
