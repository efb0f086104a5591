/* etcd killed, stopped for a while, compacted and put back while a node works with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "common/error.h"
#include "etcd_fixture.h"
#include "supervisor/kv/kv_lease.h"

#define TIMEOUT_MS 1000
#define COMMITS    200
/* amid/testnet/ and the key ["t","seen"], as the gateway wants it. */
#define SEEN_KEY "YW1pZC90ZXN0bmV0LwJ0AAJzZWVuAA=="

static struct etcd_fixture fixture;

struct reach {
    size_t changes;
    bool is_reachable;
};

static struct reach reach;

static void on_reach(void *arg, bool is_reachable)
{
    struct reach *seen = arg;
    seen->changes++;
    seen->is_reachable = is_reachable;
}

static void turn(void)
{
    event_base_loop(fixture.harness.base, EVLOOP_ONCE);
}

static void wait_reach(bool is_reachable)
{
    while (kv_is_reachable(fixture.kv) != is_reachable)
        turn();
    assert_true(reach.is_reachable == is_reachable);
}

struct hearing {
    size_t changes;
    size_t gaps;
    int64_t last; /* the values are numbers that only grow */
    bool repeated;
    struct kv_versionstamp stamp;
};

static void hear(void *arg, const struct kv_entry *entry)
{
    struct hearing *hearing = arg;
    if (entry == NULL) {
        hearing->gaps++;
        return;
    }
    int64_t value = entry->value == NULL ? 0 : strtoll(entry->value, NULL, 10);
    if (value <= hearing->last ||
        memcmp(&entry->versionstamp, &hearing->stamp, sizeof(hearing->stamp)) <= 0)
        hearing->repeated = true;
    hearing->changes++;
    hearing->last = value;
    hearing->stamp = entry->versionstamp;
}

static void put_outside(int number)
{
    static const char *const values[] = {
        "MQ==", "Mg==", "Mw==", "NA==", "NQ==", "Ng==", "Nw==", "OA==", "OQ=="}; /* 1 to 9 */
    char body[128];
    snprintf(body, sizeof(body), "{\"key\":\"" SEEN_KEY "\",\"value\":\"%s\"}", values[number - 1]);
    char *answer = etcd_fixture_ask(&fixture, "/v3/kv/put", body);
    assert_non_null(answer);
    free(answer);
}

static void compact(void)
{
    char body[64];
    char *answer = etcd_fixture_ask(&fixture, "/v3/kv/range", "{\"key\":\"AA==\"}");
    assert_non_null(answer);
    const char *revision = strstr(answer, "\"revision\":\"");
    assert_non_null(revision);
    snprintf(body, sizeof(body), "{\"revision\":\"%lld\",\"physical\":true}",
             strtoll(revision + 12, NULL, 10));
    free(answer);
    answer = etcd_fixture_ask(&fixture, "/v3/kv/compaction", body);
    assert_non_null(answer);
    free(answer);
}

static void restart(void)
{
    etcd_fixture_launch(&fixture);
    etcd_fixture_ready(&fixture);
}

static void what_is_acknowledged_outlives_a_kill(void **state)
{
    static struct answer answers[COMMITS];
    size_t written = 0, uncertain = 0, refused = 0;
    char name[16];
    (void)state;
    memset(answers, 0, sizeof(answers));
    for (int i = 0; i < COMMITS; i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        snprintf(name, sizeof(name), "k%d", i);
        struct kv_key key = key_of(name);
        assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, 0), 0);
        assert_int_equal(kv_commit(fixture.kv, atomic, answer_commit, &answers[i]), 0);
    }
    harness_wait(&fixture.harness, &answers[COMMITS / 8].done);
    etcd_fixture_kill(&fixture);
    for (int i = 0; i < COMMITS; i++) {
        harness_wait(&fixture.harness, &answers[i].done);
        written += answers[i].error == 0;
        uncertain += answers[i].error == AMID_E_UNCERTAIN;
        refused += answers[i].error == AMID_E_UNAVAILABLE;
    }
    assert_int_equal(written + uncertain + refused, COMMITS);
    assert_true(written > 0 && written < COMMITS);
    wait_reach(false);
    struct kv_key key = key_of("k0");
    struct answer get = {0};
    assert_int_equal(kv_get(fixture.kv, &key, answer_get, &get), AMID_E_UNAVAILABLE);
    restart();
    wait_reach(true);
    for (int i = 0; i < COMMITS; i++) {
        snprintf(name, sizeof(name), "k%d", i);
        get = harness_get(&fixture.harness, fixture.kv, name);
        assert_int_equal(get.error, 0);
        assert_true(get.found || answers[i].error != 0);
        assert_false(get.found && answers[i].error == AMID_E_UNAVAILABLE);
    }
}

static void changes_during_an_absence_are_told_once(void **state)
{
    struct kv_key key = key_of("seen");
    struct hearing hearing = {0};
    (void)state;
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "seen", "1").error, 0);
    etcd_fixture_kill(&fixture);
    wait_reach(false);
    restart();
    put_outside(2); /* nothing of ours runs meanwhile */
    put_outside(3);
    while (hearing.last < 3)
        turn();
    wait_reach(true);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "seen", "4").error, 0);
    assert_int_equal(hearing.changes, 4);
    assert_int_equal(hearing.gaps, 0);
    assert_false(hearing.repeated);
    kv_watch_free(watch);
}

static void compacted_changes_are_a_gap(void **state)
{
    struct kv_key key = key_of("seen");
    struct hearing hearing = {.last = 4};
    (void)state;
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    etcd_fixture_kill(&fixture);
    wait_reach(false);
    restart();
    put_outside(5);
    put_outside(6);
    compact();
    while (hearing.gaps == 0)
        turn();
    assert_int_equal(hearing.changes, 0);
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "seen").value, "6");
    put_outside(7);
    while (hearing.last < 7)
        turn();
    assert_int_equal(hearing.gaps, 1);
    assert_int_equal(hearing.changes, 1);
    assert_false(hearing.repeated);
    kv_watch_free(watch);
}

/* It answers until every thread has had its turn to stop, which is when waitpid tells. */
static void pause_server(void)
{
    int status;
    assert_int_equal(kill(fixture.pid, SIGSTOP), 0);
    assert_int_equal(waitpid(fixture.pid, &status, WUNTRACED), fixture.pid);
    assert_true(WIFSTOPPED(status));
}

static void a_server_that_hangs_is_given_up(void **state)
{
    struct kv_key key = key_of("seen");
    struct hearing hearing = {.last = 7};
    struct answer write = {0}, read = {0};
    (void)state;
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    pause_server();
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set(atomic, &key, "8", 1, 0), 0);
    assert_int_equal(kv_commit(fixture.kv, atomic, answer_commit, &write), 0);
    assert_int_equal(kv_get(fixture.kv, &key, answer_get, &read), 0);
    harness_wait(&fixture.harness, &write.done);
    harness_wait(&fixture.harness, &read.done);
    assert_int_equal(write.error, AMID_E_UNCERTAIN);
    assert_int_equal(read.error, AMID_E_UNAVAILABLE);
    wait_reach(false);
    assert_int_equal(kill(fixture.pid, SIGCONT), 0);
    wait_reach(true);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "seen", "9").error, 0);
    while (hearing.last < 9)
        turn();
    assert_int_equal(hearing.gaps, 0);
    assert_false(hearing.repeated);
    kv_watch_free(watch);
}

struct holding {
    struct kv_lease *lease;
    bool granted;
    bool lost;
};

static void on_lease(void *arg, enum kv_lease_event event)
{
    struct holding *holding = arg;
    holding->granted = holding->granted || event == KV_LEASE_GRANTED;
    holding->lost = holding->lost || event == KV_LEASE_LOST;
}

static void a_lease_without_an_answer_is_lost_in_time(void **state)
{
    struct holding holding = {0};
    (void)state;
    assert_int_equal(kv_lease_new(fixture.kv, 3000, 300, on_lease, &holding, &holding.lease), 0);
    harness_wait(&fixture.harness, &holding.granted);
    pause_server();
    int64_t confirmed_ms = 0;
    while (!holding.lost) {
        if (kv_lease_id(holding.lease) != 0)
            confirmed_ms = kv_lease_confirmed_ms(holding.lease);
        turn();
    }
    assert_true(clock_boot_ms() - confirmed_ms >= 3000);
    assert_int_equal(kv_lease_id(holding.lease), 0);
    assert_int_equal(kill(fixture.pid, SIGCONT), 0);
    holding.granted = false;
    harness_wait(&fixture.harness, &holding.granted);
    kv_lease_free(holding.lease);
    wait_reach(true);
}

static void another_epoch_is_a_gap_and_newer(void **state)
{
    struct kv_key key = key_of("seen");
    struct hearing hearing = {.last = 9};
    (void)state;
    struct answer before = harness_get(&fixture.harness, fixture.kv, "seen");
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    /* amid/testnet/ NUL epoch = 7 */
    char *answer = etcd_fixture_ask(
        &fixture, "/v3/kv/put", "{\"key\":\"YW1pZC90ZXN0bmV0LwBlcG9jaA==\",\"value\":\"Nw==\"}");
    assert_non_null(answer);
    free(answer);
    while (hearing.gaps == 0)
        turn();
    struct answer after = harness_get(&fixture.harness, fixture.kv, "seen");
    assert_int_equal(after.stamp.bytes[1], 7);
    assert_true(memcmp(&after.stamp, &before.stamp, sizeof(after.stamp)) > 0);
    kv_watch_free(watch);
}

static void foreign_entries_are_left_out(void **state)
{
    struct kv_key key = key_of("seen");
    (void)state;
    /* The value has a NUL in it. */
    char *answer =
        etcd_fixture_ask(&fixture, "/v3/kv/put", "{\"key\":\"" SEEN_KEY "\",\"value\":\"MQAx\"}");
    assert_non_null(answer);
    free(answer);
    struct answer get = {0};
    assert_int_equal(kv_get(fixture.kv, &key, answer_get, &get), 0);
    harness_wait(&fixture.harness, &get.done);
    assert_int_equal(get.error, AMID_E_CORRUPT);
    struct kv_key all;
    assert_int_equal(kv_key_of(&all, "t", NULL), 0);
    assert_true(harness_count(&fixture.harness, fixture.kv, &all) > 0);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "seen", "1").error, 0);
}

static int group_open(void **state)
{
    (void)state;
    etcd_fixture_start(&fixture);
    etcd_fixture_open_only(&fixture, TIMEOUT_MS);
    assert_int_equal(kv_on_reach(fixture.kv, on_reach, &reach), 0);
    wait_reach(true);
    return 0;
}

static int group_close(void **state)
{
    (void)state;
    etcd_fixture_stop(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_acknowledged_outlives_a_kill),
        cmocka_unit_test(changes_during_an_absence_are_told_once),
        cmocka_unit_test(compacted_changes_are_a_gap),
        cmocka_unit_test(a_server_that_hangs_is_given_up),
        cmocka_unit_test(a_lease_without_an_answer_is_lost_in_time),
        cmocka_unit_test(another_epoch_is_a_gap_and_newer),
        cmocka_unit_test(foreign_entries_are_left_out),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
