/* What a network does to a node's connections with etcd, by a relay between them: streams of
 * changes that live in silence or break in the middle of a change, commits that the stream does not
 * confirm, numbers that another node changes in between. Time is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "etcd_fixture.h"
#include "etcd_relay.h"
#include "supervisor/kv/etcd_space_internal.h"

#define BEGIN_MS        5000  /* that a stream has to begin, as in etcd_watch.c */
#define AGAIN_MS        2000  /* at most, before it is tried again */
#define NUMBER_PAUSE_MS 256   /* at most, before a number is tried again */
#define TIMEOUT_MS      20000 /* real; nothing here ends by it */
#define WATCH           "/v3/watch"
#define TXN             "/v3/kv/txn"

static struct etcd_fixture fixture;
static struct etcd_relay relay;
static size_t reach_changes;

static void jump(int64_t ms)
{
    clock_advance_ms(ms);
    timers_advance(fixture.harness.timers);
}

static void turn(void)
{
    event_base_loop(fixture.harness.base, EVLOOP_ONCE);
}

/* A probe falls due, and is answered. */
static void probe(void)
{
    jump(ETCD_PROBE_UP_MS);
    while (fixture.space->is_probing)
        turn();
}

static void wait_watches(size_t count)
{
    while (relay.watches < count)
        turn();
    assert_int_equal(relay.watches, count);
}

/* The stream is seen to have broken, and is asked for again. */
static void wait_for_next_stream(void)
{
    while (fixture.space->watcher.stream != NULL)
        turn();
    jump(AGAIN_MS);
}

static struct kv_atomic *setting(const char *name, const char *value)
{
    struct kv_key key = key_of(name);
    struct kv_atomic *atomic = kv_atomic_new();

    assert_int_equal(kv_atomic_set(atomic, &key, value, strlen(value), 0), 0);
    return atomic;
}

struct hearing {
    struct kv_watch *watch;
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
    if (value != hearing->last + 1 ||
        memcmp(&entry->versionstamp, &hearing->stamp, sizeof(hearing->stamp)) <= 0)
        hearing->repeated = true;
    hearing->changes++;
    hearing->last = value;
    hearing->stamp = entry->versionstamp;
}

/* The key's first change is made and heard. */
static void hear_first(struct hearing *hearing, const char *name)
{
    struct kv_key key = key_of(name);

    *hearing = (struct hearing){0};
    hearing->watch = kv_watch_key(fixture.kv, &key, hear, hearing);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, name, "1").error, 0);
    assert_int_equal(hearing->changes, 1);
}

/* All changes up to the last came, once and in order, and reachability was never in question. */
static void check_heard(struct hearing *hearing, int64_t last)
{
    assert_int_equal(hearing->last, last);
    assert_int_equal(hearing->changes, last);
    assert_int_equal(hearing->gaps, 0);
    assert_false(hearing->repeated);
    assert_int_equal(reach_changes, 0);
    kv_watch_free(hearing->watch);
}

/* --- streams --- */

static void put_outside(struct etcd_space *other, const char *name, const char *value)
{
    struct answer answer =
        harness_commit(&fixture.harness, etcd_space_kv(other), setting(name, value));
    assert_int_equal(answer.error, 0);
}

static struct etcd_space *other_open(void)
{
    struct harness *harness = &fixture.harness;
    struct etcd_space_settings settings = fixture.settings;
    struct etcd_space *other;

    settings.etcd.endpoints = fixture.url; /* not through the relay */
    assert_int_equal(etcd_space_open(harness->base, harness->timers, &settings, &other,
                                     harness->reason, sizeof(harness->reason)),
                     0);
    while (!kv_is_reachable(etcd_space_kv(other)))
        turn();
    return other;
}

static void a_silent_stream_is_replaced(void **state)
{
    struct etcd_space *other = other_open();
    struct hearing hearing;
    size_t watches;
    (void)state;
    hear_first(&hearing, "silent");
    watches = relay.watches;
    etcd_relay_mute(&relay, WATCH);
    put_outside(other, "silent", "2");
    put_outside(other, "silent", "3");
    /* Whoever asks is answered: only the stream is silent. */
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "silent").value, "3");
    assert_int_equal(hearing.changes, 1);
    probe();
    assert_int_equal(relay.watches, watches); /* what it shows may be on its way */
    probe();
    while (hearing.last < 3)
        turn();
    assert_int_equal(relay.watches, watches + 1);
    put_outside(other, "silent", "4");
    while (hearing.last < 4)
        turn();
    check_heard(&hearing, 4);
    etcd_space_close(other);
}

static size_t mutes_left;

static enum relay_fate mute_watches(void *arg, const char *path, const char *body)
{
    (void)arg;
    (void)body;
    if (strcmp(path, WATCH) != 0 || mutes_left == 0)
        return RELAY_PASS;
    mutes_left--;
    return RELAY_MUTE;
}

static void a_stream_that_does_not_begin_is_replaced(void **state)
{
    struct etcd_space *other = other_open();
    struct hearing hearing;
    size_t watches;
    (void)state;
    hear_first(&hearing, "begin");
    watches = relay.watches;
    relay.judge = mute_watches;
    mutes_left = 2;
    etcd_relay_cut(&relay, WATCH);
    put_outside(other, "begin", "2");
    wait_for_next_stream();
    for (size_t silent = 1; silent <= 2; silent++) {
        wait_watches(watches + silent);
        jump(BEGIN_MS);
        jump(AGAIN_MS);
    }
    while (hearing.last < 2)
        turn();
    assert_int_equal(mutes_left, 0);
    assert_int_equal(relay.watches, watches + 3);
    relay.judge = NULL;
    check_heard(&hearing, 2);
    etcd_space_close(other);
}

/* One revision in several messages: the lease's end deletes what it would take more than one to
 * tell (etcd cuts at 0.5 MiB and --max-request-bytes). */
#define LEASED     420
#define LEASED_KEY 1800

struct leased {
    struct kv_lease *lease;
    bool granted;
    size_t set;
    size_t gone;
    uint8_t times[LEASED];
};

static void on_lease(void *arg, enum kv_lease_event event)
{
    struct leased *leased = arg;
    leased->granted = leased->granted || event == KV_LEASE_GRANTED;
}

static void on_leased(void *arg, const struct kv_entry *entry)
{
    struct leased *leased = arg;
    assert_non_null(entry);
    if (entry->value != NULL)
        return;
    long number = strtol((const char *)entry->key + entry->key_len - 6, NULL, 10);
    assert_in_range(number, 0, LEASED - 1);
    leased->times[number]++;
    leased->gone++;
}

static void on_set(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct leased *leased = arg;
    assert_int_equal(error, 0);
    assert_non_null(stamp);
    leased->set++;
}

static void a_stream_cut_within_one_change_goes_on_there(void **state)
{
    static struct leased leased;
    static char name[LEASED_KEY + 1];
    struct kv_key prefix, key;
    (void)state;
    memset(&leased, 0, sizeof(leased));
    assert_int_equal(kv_key_of(&prefix, "t", NULL), 0);
    struct kv_watch *watch = kv_watch_new(fixture.kv, &prefix, on_leased, &leased);
    assert_int_equal(kv_lease_new(fixture.kv, 3600000, 1800000, on_lease, &leased, &leased.lease),
                     0);
    harness_wait(&fixture.harness, &leased.granted);
    memset(name, 'x', LEASED_KEY);
    for (int i = 0; i < LEASED; i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        snprintf(name + LEASED_KEY - 5, 6, "%05d", i);
        key = key_of(name);
        assert_int_equal(kv_atomic_set_leased(atomic, &key, "1", 1, leased.lease), 0);
        assert_int_equal(kv_commit(fixture.kv, atomic, on_set, &leased), 0);
    }
    while (leased.set < LEASED)
        turn();
    size_t watches = relay.watches;
    relay.cuts_pieces = true;
    kv_lease_free(leased.lease);
    while (!relay.has_cut_such)
        turn();
    wait_for_next_stream();
    assert_in_range(leased.gone, 1, LEASED - 1);
    while (leased.gone < LEASED)
        turn();
    assert_int_equal(relay.watches, watches + 1);
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "after", "1").error, 0);
    for (int i = 0; i < LEASED; i++)
        assert_int_equal(leased.times[i], 1);
    assert_int_equal(leased.gone, LEASED);
    kv_watch_free(watch);
}

/* --- commits --- */

static void a_commit_that_the_stream_does_not_tell_is_acknowledged(void **state)
{
    struct hearing hearing;
    struct answer answers[3] = {0};
    const char *const values[] = {"2", "3", "4"};
    (void)state;
    hear_first(&hearing, "unheard");
    size_t watches = relay.watches;
    relay.judge = mute_watches;
    mutes_left = 2; /* so that the stream that takes its place is silent, too */
    etcd_relay_mute(&relay, WATCH);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            kv_commit(fixture.kv, setting("unheard", values[i]), answer_commit, &answers[i]), 0);
    while (!TAILQ_EMPTY(&fixture.space->ordered))
        turn(); /* until etcd has written them all */
    for (int i = 0; i < 3; i++)
        assert_false(answers[i].done);
    jump(ETCD_ACK_MS);
    for (int i = 0; i < 3; i++) {
        assert_true(answers[i].done);
        assert_int_equal(answers[i].error, 0);
    }
    assert_int_equal(hearing.changes, 1);
    assert_false(fixture.space->watcher.is_begun); /* another stream was asked for with that */
    struct answer get = harness_get(&fixture.harness, fixture.kv, "unheard");
    assert_string_equal(get.value, "4");
    assert_memory_equal(&get.stamp, &answers[2].stamp, sizeof(get.stamp));
    for (size_t silent = 1; silent <= 2; silent++) {
        wait_watches(watches + silent);
        jump(BEGIN_MS);
        jump(AGAIN_MS);
    }
    while (hearing.last < 4)
        turn();
    assert_int_equal(relay.watches, watches + 3);
    assert_memory_equal(&hearing.stamp, &answers[2].stamp, sizeof(get.stamp));
    relay.judge = NULL;
    assert_int_equal(harness_set(&fixture.harness, fixture.kv, "unheard", "5").error, 0);
    check_heard(&hearing, 5);
}

/* --- numbers --- */

static struct kv_atomic *numbers(int value)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key sum = key_of("sum"), least = key_of("least"), most = key_of("most");

    assert_int_equal(kv_atomic_number(atomic, &sum, KV_SUM, value, "{\"raw\":0}", 9), 0);
    assert_int_equal(kv_atomic_number(atomic, &least, KV_MIN, value, "{\"raw\":0}", 9), 0);
    assert_int_equal(kv_atomic_number(atomic, &most, KV_MAX, value, "{\"raw\":0}", 9), 0);
    return atomic;
}

static void two_nodes_lose_no_addition(void **state)
{
    enum { EACH = 40 };
    static struct answer answers[2 * EACH];
    struct etcd_space *other = other_open();
    (void)state;
    memset(answers, 0, sizeof(answers));
    for (int i = 0; i < 2 * EACH; i++)
        assert_int_equal(kv_commit(i % 2 == 0 ? fixture.kv : etcd_space_kv(other), numbers(i + 1),
                                   answer_commit, &answers[i]),
                         0);
    for (int i = 0; i < 2 * EACH; i++) {
        harness_wait(&fixture.harness, &answers[i].done);
        assert_int_equal(answers[i].error, 0);
    }
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "sum").value, "{\"raw\":3240}");
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "least").value, "{\"raw\":1}");
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "most").value, "{\"raw\":80}");
    etcd_space_close(other);
}

/* Whoever writes the number finds that another has been quicker, as often as there are wins left.
 */
struct rival {
    size_t wins_left;
    size_t wins;
    size_t tries;
};

static enum relay_fate rival(void *arg, const char *path, const char *body)
{
    struct rival *rival = arg;
    struct kv_key key = key_of("raced");
    char raw[32], value[64], put[256];

    if (strcmp(path, TXN) != 0 || !etcd_relay_is_about(body, "testnet", &key) ||
        strstr(body, "request_put") == NULL)
        return RELAY_PASS;
    rival->tries++;
    if (rival->wins_left == 0)
        return RELAY_PASS;
    rival->wins_left--;
    rival->wins++;
    snprintf(raw, sizeof(raw), "{\"raw\":%zu}", rival->wins * 100);
    sodium_bin2base64(value, sizeof(value), (const uint8_t *)raw, strlen(raw),
                      sodium_base64_VARIANT_ORIGINAL);
    /* amid/testnet/ and the key ["t","raced"] */
    snprintf(put, sizeof(put), "{\"key\":\"YW1pZC90ZXN0bmV0LwJ0AAJyYWNlZAA=\",\"value\":\"%s\"}",
             value);
    char *answer = etcd_fixture_ask(&fixture, "/v3/kv/put", put);
    assert_non_null(answer);
    free(answer);
    return RELAY_PASS;
}

static int add_against(struct rival *against)
{
    struct kv_key key = key_of("raced");
    struct kv_atomic *atomic = kv_atomic_new();
    struct answer answer = {0};

    relay.judge = rival;
    relay.arg = against;
    assert_int_equal(kv_atomic_number(atomic, &key, KV_SUM, 1, "{\"raw\":0}", 9), 0);
    assert_int_equal(kv_commit(fixture.kv, atomic, answer_commit, &answer), 0);
    while (!answer.done) {
        jump(NUMBER_PAUSE_MS);
        turn();
    }
    relay.judge = NULL;
    return answer.error;
}

static void a_number_is_tried_again_but_not_for_ever(void **state)
{
    struct rival few = {.wins_left = 3}, always = {.wins_left = SIZE_MAX};
    (void)state;
    assert_int_equal(add_against(&few), 0);
    assert_int_equal(few.tries, 4);
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "raced").value, "{\"raw\":301}");
    assert_int_equal(add_against(&always), AMID_E_BUSY);
    assert_int_equal(always.tries, ETCD_NUMBER_TRIES);
    assert_string_equal(harness_get(&fixture.harness, fixture.kv, "raced").value, "{\"raw\":3200}");
}

static void on_reach(void *arg, bool is_reachable)
{
    (void)arg;
    (void)is_reachable;
    reach_changes++;
}

static int group_open(void **state)
{
    static const char *const more[] = {"--max-request-bytes", "65536", NULL};
    (void)state;
    etcd_fixture_make(&fixture, "http");
    fixture.more = more;
    etcd_fixture_launch(&fixture);
    etcd_fixture_ready(&fixture);
    etcd_relay_start(&relay, fixture.harness.base, fixture.url);
    fixture.settings.etcd.endpoints = relay.url;
    etcd_fixture_open(&fixture, TIMEOUT_MS);
    return kv_on_reach(fixture.kv, on_reach, NULL);
}

static int group_close(void **state)
{
    (void)state;
    etcd_fixture_close(&fixture);
    etcd_relay_stop(&relay);
    etcd_fixture_stop(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_stream_is_replaced),
        cmocka_unit_test(a_stream_that_does_not_begin_is_replaced),
        cmocka_unit_test(a_stream_cut_within_one_change_goes_on_there),
        cmocka_unit_test(a_commit_that_the_stream_does_not_tell_is_acknowledged),
        cmocka_unit_test(two_nodes_lose_no_addition),
        cmocka_unit_test(a_number_is_tried_again_but_not_for_ever),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
