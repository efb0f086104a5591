/*
 * What the KV tells: watchers hear every change once, in commit order and before the one who made
 * it, lists come in order and in bounded pages, and expired entries vanish at once and are told of.
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

struct seen {
    char order[64];
    size_t len;
    size_t count;
    struct kv_versionstamp last;
    struct kv_watch *itself;
    struct kv *kv;
    struct kv_watch *made;
};

static void seen_event(void *arg, const struct kv_entry *entry)
{
    struct seen *seen = arg;
    assert_true(seen->count == 0 || stamp_order(&entry->versionstamp, &seen->last) >= 0);
    seen->last = entry->versionstamp;
    seen->count++;
    if (seen->len + 1 < sizeof(seen->order))
        seen->order[seen->len++] = entry->value == NULL ? '-' : entry->value[0];
}

static void seen_commit(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct seen *seen = arg;
    (void)stamp;
    seen->order[seen->len++] = error == 0 ? '.' : '!';
}

static void test_watch_order(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key prefix;
    struct kv_key a = key_of("a");
    struct kv_key b = key_of("b");
    struct kv_key other;
    struct seen seen = {.count = 0};
    kv_key_of(&prefix, "t", NULL);
    kv_key_of(&other, "ta", "x", NULL);
    struct kv_watch *watch = kv_watch_new(local, &prefix, seen_event, &seen);
    struct kv_atomic *atomic = kv_atomic_new();
    kv_atomic_set(atomic, &a, "1", 1, 0);
    kv_atomic_set(atomic, &b, "2", 1, 0);
    kv_commit(local, atomic, seen_commit, &seen);
    atomic = kv_atomic_new();
    kv_atomic_check(atomic, &a, NULL);
    kv_atomic_set(atomic, &a, "9", 1, 0);
    kv_commit(local, atomic, seen_commit, &seen);
    atomic = kv_atomic_new();
    kv_atomic_delete(atomic, &a);
    kv_atomic_delete(atomic, &prefix); /* not there: no event */
    kv_atomic_set(atomic, &other, "8", 1, 0);
    kv_commit(local, atomic, seen_commit, &seen);
    atomic = kv_atomic_new();
    kv_atomic_set(atomic, &prefix, "3", 1, 0);
    kv_commit(local, atomic, seen_commit, &seen);
    harness_set(harness, store_net(harness->store), "a", "7");
    assert_string_equal(seen.order, "12.!-.3.");
    kv_watch_free(watch);
    kv_watch_free(NULL);
    harness_set(harness, local, "a", "4");
    assert_string_equal(seen.order, "12.!-.3.");
}

static void seen_then_free(void *arg, const struct kv_entry *entry)
{
    struct seen *seen = arg;
    struct kv_key everything = {.len = 0};
    seen_event(arg, entry);
    kv_watch_free(seen->itself);
    if (seen->made == NULL)
        seen->made = kv_watch_new(seen->kv, &everything, seen_event, seen);
}

/* A watcher may end itself and begin another from inside an event, which the new one does not get.
 */
static void test_watch_changes_during_event(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key prefix = {.len = 0};
    struct seen seen = {.kv = local};
    seen.itself = kv_watch_new(local, &prefix, seen_then_free, &seen);
    harness_set(harness, local, "a", "1");
    assert_int_equal(seen.count, 1);
    harness_set(harness, local, "a", "2");
    assert_int_equal(seen.count, 2);
    kv_watch_free(seen.made);
    /* One that is left is freed with the store. */
    assert_non_null(kv_watch_new(local, &prefix, seen_event, &seen));
}

struct counted {
    size_t events;
    struct kv_watch *watch;
};

static void counted_event(void *arg, const struct kv_entry *entry)
{
    struct counted *counted = arg;
    (void)entry;
    counted->events++;
}

/* Of ten thousand watched keys a change is told to the one it is about. */
static void test_many_watched_keys(void **state)
{
    enum { COUNT = 10000 };
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct counted *each = calloc(COUNT, sizeof(*each));
    struct counted folder = {0};
    struct kv_key prefix;
    size_t told = 0;
    kv_key_of(&prefix, "t", NULL);
    folder.watch = kv_watch_key(local, &prefix, counted_event, &folder);
    for (int i = 0; i < COUNT; i++) {
        struct kv_key key = key_of("n");
        kv_key_add_number(&key, i);
        each[i].watch = kv_watch_key(local, &key, counted_event, &each[i]);
        assert_non_null(each[i].watch);
    }
    for (int i = 0; i < COUNT; i += 1000) {
        struct kv_atomic *atomic = kv_atomic_new();
        struct kv_key key = key_of("n");
        kv_key_add_number(&key, i);
        kv_atomic_set(atomic, &key, "1", 1, 0);
        kv_key_add_number(&key, 1); /* below it: not watched */
        kv_atomic_set(atomic, &key, "1", 1, 0);
        assert_int_equal(harness_commit(harness, local, atomic).error, 0);
        assert_int_equal(each[i].events, 1);
    }
    for (int i = 0; i < COUNT; i++) {
        told += each[i].events;
        kv_watch_free(each[i].watch);
    }
    assert_int_equal(told, COUNT / 1000);
    assert_int_equal(folder.events, 0);
    kv_watch_free(folder.watch);
    harness_set(harness, local, "n", "1");
    free(each);
}

struct page {
    bool done;
    size_t count;
    bool more;
    char order[600];
};

static void page_read(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct page *page = arg;
    assert_int_equal(error, 0);
    page->done = true;
    page->count = count;
    page->more = more;
    for (size_t i = 0; i < count && i + 1 < sizeof(page->order); i++) {
        assert_int_equal(strlen(entries[i].value), entries[i].value_len);
        assert_true(kv_key_is_valid(entries[i].key, entries[i].key_len));
        page->order[i] = entries[i].value[0];
    }
}

static struct page page_of(struct harness *harness, const struct kv_range *range)
{
    struct page page = {.done = false};
    assert_int_equal(kv_list(store_local(harness->store), range, page_read, &page), 0);
    assert_false(page.done);
    harness_wait(harness, &page.done);
    return page;
}

static void test_list(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key prefix;
    struct kv_range range;
    kv_key_of(&prefix, "t", NULL);
    kv_range_of_prefix(&range, &prefix);
    assert_int_equal(page_of(harness, &range).count, 0);
    struct kv_atomic *atomic = kv_atomic_new();
    kv_atomic_set(atomic, &prefix, "0", 1, 0); /* not under itself */
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    harness_set(harness, local, "c", "3");
    harness_set(harness, local, "a", "1");
    harness_set(harness, local, "b", "2");
    struct page page = page_of(harness, &range);
    assert_string_equal(page.order, "123");
    assert_false(page.more);
    range.limit = 2;
    page = page_of(harness, &range);
    assert_string_equal(page.order, "12");
    assert_true(page.more);
    range.reverse = true;
    page = page_of(harness, &range);
    assert_string_equal(page.order, "32");
    assert_true(page.more);
    range.reverse = false;
    range.limit = 3;
    page = page_of(harness, &range);
    assert_string_equal(page.order, "123");
    assert_false(page.more);
    range.start = key_of("b");
    range.end = key_of("c");
    assert_string_equal(page_of(harness, &range).order, "2");
    /* From the beginning of everything. */
    prefix.len = 0;
    kv_range_of_prefix(&range, &prefix);
    assert_string_equal(page_of(harness, &range).order, "0123");
    range.start.len = 0;
    assert_string_equal(page_of(harness, &range).order, "0123");
    /* Nothing can be under a key of the greatest length. */
    prefix.len = KV_KEY_MAX_BYTES;
    kv_range_of_prefix(&range, &prefix);
    assert_int_equal(page_of(harness, &range).count, 0);
}

static void test_pages_are_bounded(void **state)
{
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key prefix = {.len = 0};
    struct kv_range range;
    char *big = malloc(KV_VALUE_MAX_BYTES);
    memset(big, '1', KV_VALUE_MAX_BYTES);
    enum { COUNT = 80 };
    for (int i = 0; i < COUNT; i++) {
        struct kv_key key = key_of("n");
        kv_key_add_number(&key, i);
        struct kv_atomic *atomic = kv_atomic_new();
        kv_atomic_set(atomic, &key, big, KV_VALUE_MAX_BYTES, 0);
        assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    }
    kv_range_of_prefix(&range, &prefix);
    struct page page = page_of(harness, &range);
    assert_true(page.more);
    assert_in_range(page.count, 1, COUNT - 1);
    assert_int_equal(harness_count(harness, local, &prefix), COUNT);
    free(big);
}

#ifdef AMID_TEST_HOOKS
static struct answer checked_set(struct harness *harness, const char *name, const char *value,
                                 const struct kv_versionstamp *stamp)
{
    struct kv_key key = key_of(name);
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_check(atomic, &key, stamp), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, value, strlen(value), 0), 0);
    return harness_commit(harness, store_local(harness->store), atomic);
}
#endif

static void test_expiry(void **state)
{
#ifdef AMID_TEST_HOOKS
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key prefix = {.len = 0};
    struct kv_key a = key_of("a");
    struct kv_key b = key_of("b");
    struct seen seen = {.count = 0};
    struct kv_atomic *atomic = kv_atomic_new();
    kv_atomic_set(atomic, &a, "1", 1, 200000);
    kv_atomic_set(atomic, &b, "2", 1, 100000);
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    harness_set(harness, local, "c", "3");
    struct kv_watch *watch = kv_watch_new(local, &prefix, seen_event, &seen);
    assert_true(harness_get(harness, local, "b").found);

    clock_advance_ms(100001);
    assert_false(harness_get(harness, local, "b").found);
    assert_int_equal(harness_count(harness, local, &prefix), 2);
    struct answer again = checked_set(harness, "b", "4", NULL);
    assert_int_equal(again.error, 0); /* expired is absent */
    assert_string_equal(seen.order, "4");
    assert_true(harness_get(harness, local, "a").found);

    /* A deadline that passed while amid was down is noticed when it starts. */
    kv_watch_free(watch);
    harness_close(harness);
    clock_advance_ms(100001);
    assert_int_equal(harness_open(harness), 0);
    local = store_local(harness->store);
    memset(&seen, 0, sizeof(seen));
    watch = kv_watch_new(local, &prefix, seen_event, &seen);
    assert_false(harness_get(harness, local, "a").found);
    timers_advance(harness->timers);
    while (seen.count == 0)
        event_base_loop(harness->base, EVLOOP_ONCE);
    assert_string_equal(seen.order, "-");
    kv_watch_free(watch);
    assert_int_equal(harness_count(harness, local, &prefix), 2);
#else
    (void)state;
    skip();
#endif
}

/* Hundreds that expire together go in several operations, and a value set again without expireIn
 * stays. */
static void test_expiry_in_bulk(void **state)
{
#ifdef AMID_TEST_HOOKS
    struct harness *harness = *state;
    struct kv *local = store_local(harness->store);
    struct kv_key prefix = {.len = 0};
    struct seen seen = {.count = 0};
    enum { COUNT = 350 };
    for (int i = 0; i < COUNT; i++) {
        struct kv_key key = key_of("n");
        kv_key_add_number(&key, i);
        struct kv_atomic *atomic = kv_atomic_new();
        kv_atomic_set(atomic, &key, "1", 1, 50000);
        assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    }
    struct kv_key kept = key_of("n");
    kv_key_add_number(&kept, 7);
    struct kv_atomic *atomic = kv_atomic_new();
    kv_atomic_set(atomic, &kept, "1", 1, 0);
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    struct kv_watch *watch = kv_watch_new(local, &prefix, seen_event, &seen);
    clock_advance_ms(50001);
    timers_advance(harness->timers);
    while (seen.count < COUNT - 1)
        event_base_loop(harness->base, EVLOOP_ONCE);
    kv_watch_free(watch);
    assert_int_equal(harness_count(harness, local, &prefix), 1);
#else
    (void)state;
    skip();
#endif
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_watch_order),    T(test_watch_changes_during_event), T(test_many_watched_keys),
        T(test_list),           T(test_pages_are_bounded),          T(test_expiry),
        T(test_expiry_in_bulk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
