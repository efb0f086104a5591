/* The contract of kv.h over a real etcd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "etcd_fixture.h"
#include "supervisor/kv/kv_lease.h"

#define TIMEOUT_MS 5000
#define GIVE_UP_MS 30000
#define BEGINNERS  4

static struct etcd_fixture fixture;

static struct harness *loop(void)
{
    return &fixture.harness;
}

static struct answer commit(struct kv_atomic *atomic)
{
    return harness_commit(loop(), fixture.kv, atomic);
}

static bool same(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static bool later(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a, b, sizeof(*a)) > 0;
}

static void what_is_set_is_read(void **state)
{
    (void)state;
    assert_false(harness_get(loop(), fixture.kv, "a").found);
    struct answer set = harness_set(loop(), fixture.kv, "a", "{\"x\":\"\xc3\xa4\"}");
    assert_int_equal(set.error, 0);
    struct answer get = harness_get(loop(), fixture.kv, "a");
    assert_string_equal(get.value, "{\"x\":\"\xc3\xa4\"}");
    assert_true(same(&get.stamp, &set.stamp));
    struct answer again = harness_set(loop(), fixture.kv, "b", "1");
    assert_true(later(&again.stamp, &set.stamp));
    assert_int_equal(harness_delete(loop(), fixture.kv, "a").error, 0);
    assert_false(harness_get(loop(), fixture.kv, "a").found);
    assert_int_equal(harness_delete(loop(), fixture.kv, "a").error, 0); /* is no error */
}

static void checks_and_fences_are_told_apart(void **state)
{
    struct kv_key seat = key_of("seat");
    struct kv_key data = key_of("data");
    (void)state;
    struct answer held = harness_set(loop(), fixture.kv, "seat", "1");
    struct answer old = harness_set(loop(), fixture.kv, "data", "1");
    assert_int_equal(harness_set(loop(), fixture.kv, "data", "2").error, 0);

    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_fence(atomic, &seat, &held.stamp), 0);
    assert_int_equal(kv_atomic_check(atomic, &data, &old.stamp), 0);
    assert_int_equal(kv_atomic_set(atomic, &data, "3", 1, 0), 0);
    assert_int_equal(commit(atomic).error, AMID_E_CONFLICT);

    assert_int_equal(harness_set(loop(), fixture.kv, "seat", "2").error, 0);
    atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_check(atomic, &data, &old.stamp), 0);
    assert_int_equal(kv_atomic_fence(atomic, &seat, &held.stamp), 0);
    assert_int_equal(kv_atomic_set(atomic, &data, "3", 1, 0), 0);
    assert_int_equal(commit(atomic).error, AMID_E_LEASE_LOST);
    assert_string_equal(harness_get(loop(), fixture.kv, "data").value, "2");

    struct kv_key fresh = key_of("fresh");
    for (int i = 0; i < 2; i++) {
        atomic = kv_atomic_new();
        assert_int_equal(kv_atomic_check(atomic, &fresh, NULL), 0);
        assert_int_equal(kv_atomic_set(atomic, &fresh, "1", 1, 0), 0);
        assert_int_equal(commit(atomic).error, i == 0 ? 0 : AMID_E_CONFLICT);
    }
}

static void a_stamp_of_another_epoch_never_holds(void **state)
{
    struct kv_key key = key_of("a");
    (void)state;
    struct answer set = harness_set(loop(), fixture.kv, "a", "1");
    set.stamp.bytes[0]++;
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_check(atomic, &key, &set.stamp), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, "2", 1, 0), 0);
    assert_int_equal(commit(atomic).error, AMID_E_CONFLICT);
}

static void many_changes_are_one(void **state)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    static char value[9000];
    char name[16];
    (void)state;
    memset(value, '1', sizeof(value));
    for (int i = 0; i < KV_ATOMIC_MAX_CHECKS; i++) {
        snprintf(name, sizeof(name), "many%d", i);
        key = key_of(name);
        assert_int_equal(kv_atomic_check(atomic, &key, NULL), 0);
        assert_int_equal(kv_atomic_set(atomic, &key, value, sizeof(value), 0), 0);
    }
    assert_int_equal(commit(atomic).error, 0);
    struct kv_key all = {0};
    assert_int_equal(kv_key_of(&all, "t", NULL), 0);
    assert_true(harness_count(loop(), fixture.kv, &all) >= KV_ATOMIC_MAX_CHECKS);
}

struct several {
    bool done;
    size_t count;
    bool found[KV_GET_MANY_MAX];
};

static void take_several(void *arg, int error, const struct kv_entry *entries, size_t count)
{
    struct several *several = arg;
    assert_int_equal(error, 0);
    several->done = true;
    several->count = count;
    for (size_t i = 0; i < count; i++) {
        several->found[i] = entries[i].value != NULL;
        assert_int_not_equal(entries[i].key_len, 0);
    }
}

static void several_are_read_at_once(void **state)
{
    struct kv_key keys[] = {key_of("b"), key_of("nothing"), key_of("fresh")};
    struct several several = {0};
    (void)state;
    assert_int_equal(kv_get_many(fixture.kv, keys, 3, take_several, &several), 0);
    harness_wait(loop(), &several.done);
    assert_int_equal(several.count, 3);
    assert_true(several.found[0] && !several.found[1] && several.found[2]);
}

struct page {
    bool done;
    size_t count;
    size_t bytes;
    bool more;
    struct kv_key first;
    struct kv_key last;
};

static void take_page(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct page *page = arg;
    assert_int_equal(error, 0);
    page->done = true;
    page->count = count;
    page->more = more;
    page->bytes = 0;
    for (size_t i = 0; i < count; i++)
        page->bytes += entries[i].value_len;
    if (count == 0)
        return;
    page->first.len = entries[0].key_len;
    memcpy(page->first.bytes, entries[0].key, page->first.len);
    page->last.len = entries[count - 1].key_len;
    memcpy(page->last.bytes, entries[count - 1].key, page->last.len);
}

static struct page list(const struct kv_range *range)
{
    struct page page = {0};
    assert_int_equal(kv_list(fixture.kv, range, take_page, &page), 0);
    harness_wait(loop(), &page.done);
    return page;
}

static void pages_have_bounds(void **state)
{
    static char value[KV_VALUE_MAX_BYTES];
    struct kv_range range;
    struct kv_key prefix;
    (void)state;
    memset(value, '7', sizeof(value));
    assert_int_equal(kv_key_of(&prefix, "big", NULL), 0);
    for (int i = 0; i < 150; i++) {
        struct kv_key key = prefix;
        struct kv_atomic *atomic = kv_atomic_new();
        assert_int_equal(kv_key_add_number(&key, i), 0);
        assert_int_equal(kv_atomic_set(atomic, &key, value, sizeof(value), 0), 0);
        assert_int_equal(commit(atomic).error, 0);
    }
    kv_range_of_prefix(&range, &prefix);
    struct page page = list(&range); /* 10 MB as JSON, so that it is read in pieces */
    assert_true(page.more);
    assert_in_range(page.bytes, KV_LIST_MAX_BYTES - KV_VALUE_MAX_BYTES * 2,
                    KV_LIST_MAX_BYTES + KV_VALUE_MAX_BYTES);
    size_t seen = page.count;
    while (page.more) {
        range.start = page.last;
        range.start.bytes[range.start.len++] = 0;
        page = list(&range);
        seen += page.count;
    }
    assert_int_equal(seen, 150);
    kv_range_of_prefix(&range, &prefix);
    range.reverse = true;
    range.limit = 3;
    page = list(&range);
    assert_true(page.more && page.count == 3);
    struct kv_key last = prefix;
    assert_int_equal(kv_key_add_number(&last, 149), 0);
    assert_int_equal(page.first.len, last.len);
    assert_memory_equal(page.first.bytes, last.bytes, last.len);
    range.start = range.end;
    assert_int_equal(list(&range).count, 0);
}

struct hearing {
    size_t changes;
    size_t gaps;
    char last[32];
};

static void hear(void *arg, const struct kv_entry *entry)
{
    struct hearing *hearing = arg;
    if (entry == NULL) {
        hearing->gaps++;
        return;
    }
    hearing->changes++;
    snprintf(hearing->last, sizeof(hearing->last), "%s",
             entry->value == NULL ? "(gone)" : entry->value);
}

static void watchers_hear_before_the_committer(void **state)
{
    struct kv_key key = key_of("heard");
    struct hearing hearing = {0};
    (void)state;
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    for (int i = 0; i < 20; i++) {
        char value[8];
        snprintf(value, sizeof(value), "%d", i);
        assert_int_equal(harness_set(loop(), fixture.kv, "heard", value).error, 0);
        assert_int_equal(hearing.changes, i + 1);
        assert_string_equal(hearing.last, value);
    }
    assert_int_equal(harness_delete(loop(), fixture.kv, "heard").error, 0);
    assert_string_equal(hearing.last, "(gone)");
    assert_int_equal(hearing.gaps, 0);
    kv_watch_free(watch);
}

static void numbers_add_up(void **state)
{
    enum { SUMS = 64 };
    struct kv_key key = key_of("sum");
    struct answer answers[SUMS] = {0};
    (void)state;
    for (int i = 0; i < SUMS; i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        assert_int_equal(kv_atomic_number(atomic, &key, KV_SUM, 1, "{\"raw\":0}", 9), 0);
        assert_int_equal(kv_commit(fixture.kv, atomic, answer_commit, &answers[i]), 0);
    }
    for (int i = 0; i < SUMS; i++) {
        harness_wait(loop(), &answers[i].done);
        assert_int_equal(answers[i].error, 0);
    }
    assert_string_equal(harness_get(loop(), fixture.kv, "sum").value, "{\"raw\":64}");
    assert_int_equal(harness_set(loop(), fixture.kv, "sum", "\"text\"").error, 0);
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_number(atomic, &key, KV_MAX, 1, "{\"raw\":0}", 9), 0);
    assert_int_equal(commit(atomic).error, AMID_E_INVALID);
    atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_check(atomic, &key, NULL), 0);
    assert_int_equal(kv_atomic_number(atomic, &key, KV_MAX, 1, "{\"raw\":0}", 9), 0);
    assert_int_equal(commit(atomic).error, AMID_E_CONFLICT); /* told before it */
}

static void an_entry_goes_at_its_time_and_not_before(void **state)
{
    struct kv_key key = key_of("brief");
    struct hearing hearing = {0};
    (void)state;
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    struct kv_atomic *atomic = kv_atomic_new();
    int64_t asked_ms = clock_mono_ms();
    assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, 1500), 0);
    assert_int_equal(commit(atomic).error, 0);
    while (hearing.changes < 2)
        event_base_loop(loop()->base, EVLOOP_ONCE);
    assert_true(clock_mono_ms() - asked_ms >= 1500);
    assert_string_equal(hearing.last, "(gone)");
    assert_false(harness_get(loop(), fixture.kv, "brief").found);
    kv_watch_free(watch);
}

struct holding {
    struct kv_lease *lease;
    bool granted;
    size_t renewals;
    bool lost;
};

static void on_lease(void *arg, enum kv_lease_event event)
{
    struct holding *holding = arg;
    holding->granted = holding->granted || event == KV_LEASE_GRANTED;
    holding->renewals += event == KV_LEASE_RENEWED;
    holding->lost = holding->lost || event == KV_LEASE_LOST;
}

static void a_key_lives_as_long_as_its_lease(void **state)
{
    struct holding holding = {0};
    struct kv_key key = key_of("leased");
    (void)state;
    int64_t before_ms = clock_boot_ms();
    assert_int_equal(kv_lease_new(fixture.kv, 5000, 200, on_lease, &holding, &holding.lease), 0);
    harness_wait(loop(), &holding.granted);
    assert_true(kv_lease_id(holding.lease) != 0 && kv_lease_ttl_ms(holding.lease) >= 5000);
    assert_true(kv_lease_confirmed_ms(holding.lease) >= before_ms);
    while (holding.renewals < 2)
        event_base_loop(loop()->base, EVLOOP_ONCE);
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set_leased(atomic, &key, "1", 1, holding.lease), 0);
    assert_int_equal(commit(atomic).error, 0);
    assert_true(harness_get(loop(), fixture.kv, "leased").found);
    int64_t id = kv_lease_id(holding.lease);
    struct hearing hearing = {0};
    struct kv_watch *watch = kv_watch_key(fixture.kv, &key, hear, &hearing);
    kv_lease_free(holding.lease);
    while (hearing.changes == 0)
        event_base_loop(loop()->base, EVLOOP_ONCE);
    kv_watch_free(watch);
    assert_false(harness_get(loop(), fixture.kv, "leased").found);
    assert_int_not_equal(id, 0);
}

static void on_lease_end(void *arg, int error)
{
    struct answer *answer = arg;
    answer->done = true;
    answer->error = error;
}

static void a_lease_ended_by_another_is_lost(void **state)
{
    struct holding holding = {0};
    struct kv_key key = key_of("leased");
    struct answer answer = {0};
    (void)state;
    assert_int_equal(kv_lease_new(fixture.kv, 60000, 300, on_lease, &holding, &holding.lease), 0);
    harness_wait(loop(), &holding.granted);
    int64_t id = kv_lease_id(holding.lease);
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set_leased(atomic, &key, "1", 1, holding.lease), 0);
    assert_int_equal(kv_lease_end(fixture.kv, id, on_lease_end, &answer), 0);
    harness_wait(loop(), &answer.done);
    assert_int_equal(answer.error, 0);
    if (kv_lease_id(holding.lease) == id) /* it has not been noticed yet */
        assert_int_equal(commit(atomic).error, AMID_E_LEASE_LOST);
    else
        kv_atomic_free(atomic);
    harness_wait(loop(), &holding.lost);
    holding.granted = false;
    harness_wait(loop(), &holding.granted); /* a new one was asked for */
    assert_true(kv_lease_id(holding.lease) != id);
    kv_lease_free(holding.lease);
}

static void what_asks_for_a_note_is_refused(void **state)
{
    struct kv_key key = key_of("a");
    struct kv_atomic *atomic = kv_atomic_new();
    (void)state;
    assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, 0), 0);
    assert_int_equal(kv_atomic_note(atomic, "{}", 2), 0);
    assert_int_equal(commit(atomic).error, AMID_E_UNSUPPORTED);
}

/* All find no epoch and write it, and one does. */
static void nodes_that_begin_a_network_at_once_agree(void **state)
{
    struct etcd_space_settings settings = fixture.settings;
    struct etcd_space *spaces[BEGINNERS];
    int64_t give_up_ms = clock_mono_ms() + GIVE_UP_MS;
    (void)state;
    settings.network = "young";
    for (int i = 0; i < BEGINNERS; i++)
        assert_int_equal(etcd_space_open(loop()->base, loop()->timers, &settings, &spaces[i],
                                         loop()->reason, sizeof(loop()->reason)),
                         0);
    for (int i = 0; i < BEGINNERS; i++) {
        while (!kv_is_reachable(etcd_space_kv(spaces[i])) && clock_mono_ms() < give_up_ms)
            event_base_loop(loop()->base, EVLOOP_ONCE);
        assert_true(kv_is_reachable(etcd_space_kv(spaces[i])));
    }
    for (int i = 0; i < BEGINNERS; i++)
        etcd_space_close(spaces[i]);
}

static int group_open(void **state)
{
    (void)state;
    etcd_fixture_start(&fixture);
    etcd_fixture_open(&fixture, TIMEOUT_MS);
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
        cmocka_unit_test(what_is_set_is_read),
        cmocka_unit_test(checks_and_fences_are_told_apart),
        cmocka_unit_test(a_stamp_of_another_epoch_never_holds),
        cmocka_unit_test(many_changes_are_one),
        cmocka_unit_test(several_are_read_at_once),
        cmocka_unit_test(pages_have_bounds),
        cmocka_unit_test(watchers_hear_before_the_committer),
        cmocka_unit_test(numbers_add_up),
        cmocka_unit_test(an_entry_goes_at_its_time_and_not_before),
        cmocka_unit_test(a_key_lives_as_long_as_its_lease),
        cmocka_unit_test(a_lease_ended_by_another_is_lost),
        cmocka_unit_test(what_asks_for_a_note_is_refused),
        cmocka_unit_test(nodes_that_begin_a_network_at_once_agree),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
