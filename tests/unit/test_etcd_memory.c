/* Memory that is refused once, each time at another place, on the whole way from a store that is
 * opened to a node that leads: nothing is lost, freed twice or waited for in vain, and what can be
 * tried again is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/id.h"
#include "etcd_fixture.h"
#include "fault_alloc.h"
#include "supervisor/cluster/election.h"
#include "supervisor/kv/store.h"

#define TIMEOUT_MS 20000
#define PATIENCE_S 600
#define TTL_S      3600
#define PLACES_MAX 5000 /* more than there are */

static struct etcd_fixture fixture;
static struct store *store;

/* --- the way --- */

struct way {
    struct etcd_space *space;
    struct kv *kv;
    struct kv_watch *watch;
    struct membership *membership;
    struct elections *elections;
    struct election election;
    struct config config;
    size_t under_way;
    size_t written; /* acknowledged */
    size_t changes; /* heard */
};

static struct way way;

static void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    clock_advance_ms(500);
    timers_advance(fixture.harness.timers);
}

/* Until then time goes a thousand times as fast, once memory was refused. */
static void wait_until(bool (*is_so)(void))
{
    int64_t until_ms = clock_boot_ms() + (int64_t)PATIENCE_S * 1000;
    const struct timeval every = {.tv_usec = 500};
    struct event *ticks = event_new(fixture.harness.base, -1, EV_PERSIST, tick, NULL);

    assert_int_equal(event_add(ticks, &every), 0);
    while (!is_so() && clock_boot_ms() < until_ms)
        event_base_loop(fixture.harness.base, EVLOOP_ONCE);
    event_free(ticks);
    assert_true(is_so());
}

static bool is_reachable(void)
{
    return kv_is_reachable(way.kv);
}

static bool is_all_answered(void)
{
    return way.under_way == 0;
}

static bool is_all_heard(void)
{
    return way.changes >= way.written;
}

static bool is_held(void)
{
    return election_is_held(&way.election);
}

static bool is_given_up(void)
{
    return !way.election.is_held && way.election.writing == NULL;
}

static void committed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    (void)arg;
    assert_true(error == 0 || error == AMID_E_NOMEM || error == AMID_E_UNAVAILABLE ||
                error == AMID_E_UNCERTAIN);
    assert_int_equal(stamp != NULL, error == 0);
    way.under_way--;
    way.written += error == 0;
}

static void commit(struct kv_atomic *atomic, int error)
{
    if (atomic != NULL && error == 0)
        error = kv_commit(way.kv, atomic, committed, NULL);
    else
        kv_atomic_free(atomic);
    if (atomic != NULL && error == 0)
        way.under_way++;
}

static void heard(void *arg, const struct kv_entry *entry)
{
    (void)arg;
    way.changes += entry != NULL;
}

static void got(void *arg, int error, const struct kv_entry *entry)
{
    (void)arg;
    (void)error;
    (void)entry;
    way.under_way--;
}

static void listed(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    (void)arg;
    (void)error;
    (void)entries;
    (void)count;
    (void)more;
    way.under_way--;
}

static void use_the_store(void)
{
    struct kv_key key = key_of("k"), sum = key_of("sum"), prefix;
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_range range;

    assert_int_equal(kv_key_of(&prefix, "t", NULL), 0);
    way.watch = kv_watch_new(way.kv, &prefix, heard, NULL);
    commit(atomic, atomic == NULL ? 0 : kv_atomic_set(atomic, &key, "1", 1, 5000));
    atomic = kv_atomic_new();
    commit(atomic,
           atomic == NULL ? 0 : kv_atomic_number(atomic, &sum, KV_SUM, 1, "{\"raw\":0}", 9));
    way.under_way += kv_get(way.kv, &key, got, NULL) == 0;
    kv_range_of_prefix(&range, &prefix);
    way.under_way += kv_list(way.kv, &range, listed, NULL) == 0;
    wait_until(is_all_answered);
    if (way.watch != NULL)
        wait_until(is_all_heard);
}

static void load(void *arg, uint32_t *ret_running, uint32_t *ret_limit)
{
    (void)arg;
    *ret_running = 0;
    *ret_limit = 1;
}

static void node_refused(void *arg, const char *why)
{
    (void)arg;
    fail_msg("%s", why);
}

static void nothing(void *arg)
{
    (void)arg;
}

/* 0, or AMID_E_NOMEM of what could not even begin. */
static int lead(void)
{
    static char nid[] = "s-0001";
    const struct election_handler handler = {nothing, nothing, NULL};
    const struct membership_needs needs = {.net = way.kv,
                                           .local = store_local(store),
                                           .timers = fixture.harness.timers,
                                           .config = &way.config,
                                           .version = "1",
                                           .address = "",
                                           .load = load,
                                           .refused = node_refused};
    char sid[ID_UUID_LEN + 1];

    way.config.node_nid = nid;
    way.config.leader_ttl_s = TTL_S;
    int error = membership_open(&needs, &way.membership);
    if (error != 0)
        return error;
    const struct elections_needs more = {way.kv, fixture.harness.timers, way.membership, nid};
    error = elections_open(&more, &way.elections);
    if (error != 0)
        return error;
    id_uuid(sid);
    election_init(&way.election, sid, fixture.harness.timers, &handler);
    election_stand(&way.election, way.elections, 1);
    wait_until(is_held);
    election_withdraw(&way.election);
    wait_until(is_given_up);
    election_detach(&way.election);
    return 0;
}

static void go_the_way(void)
{
    struct harness *loop = &fixture.harness;

    memset(&way, 0, sizeof(way));
    int error = etcd_space_open(loop->base, loop->timers, &fixture.settings, &way.space,
                                loop->reason, sizeof(loop->reason));
    if (error == 0) {
        way.kv = etcd_space_kv(way.space);
        wait_until(is_reachable);
        use_the_store();
        error = lead();
        elections_close(way.elections);
        membership_close(way.membership);
        kv_watch_free(way.watch);
        etcd_space_close(way.space);
    }
    assert_true(error == 0 || error == AMID_E_NOMEM);
}

static void memory_is_refused_once_at_each_place(void **state)
{
    unsigned places = 0;
    bool has_come = true;
    (void)state;
    go_the_way(); /* what is made once in a process, or a network, is not of interest */
    while (has_come && places < PLACES_MAX) {
        fault_alloc_at(++places);
        go_the_way();
        has_come = fault_alloc_came();
        fault_alloc_at(0);
    }
    assert_true(places < PLACES_MAX);
}

static int group_open(void **state)
{
    struct harness *loop = &fixture.harness;
    (void)state;
    etcd_fixture_start(&fixture);
    fixture.settings.etcd.timeout_ms = TIMEOUT_MS;
    return store_open(loop->folder, loop->base, loop->defer, loop->timers, &store, loop->reason,
                      sizeof(loop->reason));
}

static int group_close(void **state)
{
    (void)state;
    store_close(store);
    etcd_fixture_stop(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_refused_once_at_each_place),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
