/* Two nodes, real etcd, and a relay that loses what the first of them asks of it or is answered:
 * writes about the seat and the node's place whose end nobody tells it. It finds out, leads once,
 * and keeps nobody waiting until a lease ends. Time is the test's. */
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
#include "etcd_relay.h"
#include "supervisor/cluster/election.h"
#include "supervisor/kv/store.h"

#define TIMEOUT_MS 20000 /* real; nothing here ends by it */
#define TTL_S      3600
#define PATIENCE_S 600 /* of the test's time: far less than a lease */
#define NODES      2
#define TXN        "/v3/kv/txn"

static struct etcd_fixture fixture;
static struct etcd_relay relay;

struct node {
    const char *nid;
    char text[16];
    struct config config;
    struct harness home; /* its folder alone */
    struct store *store;
    struct etcd_space *space;
    struct membership *membership;
    struct elections *elections;
    struct election election;
    size_t joined, lost, displaced, refused, kills;
    bool lags; /* what it believes is known to be old */
};

static struct node nodes[NODES];
static struct node *const first = &nodes[0]; /* behind the relay */
static struct node *const second = &nodes[1];
static char sid[ID_UUID_LEN + 1];

#define TAKING    "\"lease\":"
#define GIVING_UP "request_delete_range"

static void lose_about_seat(const char *text, enum relay_fate fate)
{
    etcd_relay_lose(&relay, TXN, text, fate);
    assert_int_equal(seat_key(&relay.loss.key, sid), 0);
}

static void lose_about_record(enum relay_fate fate)
{
    etcd_relay_lose(&relay, TXN, TAKING, fate);
    assert_int_equal(kv_key_of(&relay.loss.key, "ami", "node", first->nid, NULL), 0);
}

/* --- time --- */

static bool must_act; /* the first, at any moment */
static void turn(void)
{
    event_base_loop(fixture.harness.base, EVLOOP_ONCE);
    assert_true(!must_act || election_may_act(&first->election));
    assert_false(!first->lags && election_is_held(&first->election) &&
                 election_is_held(&second->election));
}

static void jump(int64_t ms)
{
    clock_advance_ms(ms);
    timers_advance(fixture.harness.timers);
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    jump(100);
}

/* Until then time goes ten times as fast. */
static void wait_until(bool (*is_so)(void))
{
    const struct timeval every = {.tv_usec = 10000};
    int64_t until_ms = clock_boot_ms() + (int64_t)PATIENCE_S * 1000;
    struct event *ticks = event_new(fixture.harness.base, -1, EV_PERSIST, tick, NULL);

    assert_int_equal(event_add(ticks, &every), 0);
    while (!is_so() && clock_boot_ms() < until_ms)
        turn();
    event_free(ticks);
    assert_true(is_so());
}

static bool is_lost(void)
{
    return relay.lost > 0;
}

/* Under load the node may be through before the answer is there to be lost. */
static void expect_lost(void)
{
    wait_until(is_lost);
    assert_int_equal(relay.lost, 1);
}

/* --- the nodes --- */

static void load(void *arg, uint32_t *ret_running, uint32_t *ret_limit)
{
    (void)arg;
    *ret_running = 0;
    *ret_limit = 1;
}

static void refused(void *arg, const char *why)
{
    struct node *node = arg;
    (void)why;
    node->refused++;
}

static void changed(void *arg)
{
    (void)arg;
}

static void killed(void *arg)
{
    struct node *node = arg;
    node->kills++;
}

static void on_member(void *arg, enum membership_event event)
{
    struct node *node = arg;

    node->joined += event == MEMBERSHIP_JOINED;
    node->lost += event == MEMBERSHIP_LOST;
    node->displaced += event == MEMBERSHIP_DISPLACED;
}

static void membership_start(struct node *node)
{
    const struct membership_needs needs = {.net = etcd_space_kv(node->space),
                                           .local = store_local(node->store),
                                           .timers = fixture.harness.timers,
                                           .config = &node->config,
                                           .version = "1",
                                           .address = "127.0.0.1:1",
                                           .load = load,
                                           .refused = refused,
                                           .arg = node};

    assert_int_equal(membership_open(&needs, &node->membership), 0);
    assert_int_equal(membership_watch(node->membership, on_member, node), 0);
}

static void node_open(struct node *node, const char *nid, const char *etcd)
{
    struct harness *loop = &fixture.harness;
    struct etcd_space_settings settings = fixture.settings;

    memset(node, 0, sizeof(*node));
    node->nid = nid;
    node->config.node_nid = node->text;
    snprintf(node->text, sizeof(node->text), "%s", nid);
    node->config.leader_ttl_s = TTL_S;
    harness_make(&node->home);
    assert_int_equal(store_open(node->home.folder, loop->base, loop->defer, loop->timers,
                                &node->store, loop->reason, sizeof(loop->reason)),
                     0);
    settings.etcd.endpoints = etcd;
    settings.etcd.timeout_ms = TIMEOUT_MS;
    assert_int_equal(etcd_space_open(loop->base, loop->timers, &settings, &node->space,
                                     loop->reason, sizeof(loop->reason)),
                     0);
    membership_start(node);
}

static void node_elect(struct node *node)
{
    const struct elections_needs needs = {.net = etcd_space_kv(node->space),
                                          .timers = fixture.harness.timers,
                                          .membership = node->membership,
                                          .nid = node->nid};

    assert_int_equal(elections_open(&needs, &node->elections), 0);
}

static void node_close(struct node *node)
{
    elections_close(node->elections);
    membership_close(node->membership);
    etcd_space_close(node->space);
    store_close(node->store);
    node->store = NULL;
    harness_drop(&node->home);
}

static void stand(struct node *node)
{
    election_stand(&node->election, node->elections, 1);
}

static bool both_joined(void)
{
    return membership_lease(first->membership) != NULL &&
           membership_lease(second->membership) != NULL;
}

static bool first_leads(void)
{
    return election_is_held(&first->election);
}

static bool second_leads(void)
{
    return election_is_held(&second->election);
}

static bool says(const struct node *node, const char *nid)
{
    const char *leader = elections_leader(node->elections, sid);

    return nid == NULL ? leader == NULL : leader != NULL && strcmp(leader, nid) == 0;
}

static bool all_say_first(void)
{
    return says(first, first->nid) && says(second, first->nid);
}

static bool all_say_second(void)
{
    return says(first, second->nid) && says(second, second->nid);
}

static bool first_is_done(void)
{
    return !first->election.is_held && first->election.writing == NULL;
}

static bool all_say_nobody(void)
{
    return says(first, NULL) && says(second, NULL) && first_is_done();
}

/* Each case has a worker of its own. */
static int worker_new(void **state)
{
    (void)state;
    wait_until(both_joined);
    id_uuid(sid);
    for (int i = 0; i < NODES; i++) {
        const struct election_handler handler = {changed, killed, &nodes[i]};

        election_init(&nodes[i].election, sid, fixture.harness.timers, &handler);
        nodes[i].joined = nodes[i].lost = nodes[i].displaced = nodes[i].kills = 0;
    }
    relay.lost = 0;
    etcd_relay_lose(&relay, NULL, NULL, RELAY_PASS);
    return 0;
}

static int worker_end(void **state)
{
    (void)state;
    for (int i = 0; i < NODES; i++) {
        assert_int_equal(nodes[i].kills + nodes[i].lost + nodes[i].displaced + nodes[i].refused, 0);
        election_detach(&nodes[i].election);
    }
    return 0;
}

/* The seat is the one that the election holds. */
static void check_seat(const struct node *node)
{
    struct answer answer = {0};
    struct kv_key key;

    assert_int_equal(seat_key(&key, sid), 0);
    assert_int_equal(kv_get(etcd_space_kv(second->space), &key, answer_get, &answer), 0);
    harness_wait(&fixture.harness, &answer.done);
    assert_true(answer.found);
    assert_memory_equal(&answer.stamp, &node->election.stamp, sizeof(answer.stamp));
    assert_true(election_may_act(&node->election));
}

/* --- taking the seat --- */

static void taken_without_an_answer(void **state)
{
    (void)state;
    lose_about_seat(TAKING, RELAY_LOSE);
    stand(first);
    wait_until(first_leads);
    expect_lost();
    assert_int_equal(relay.loss.seen, 1); /* the watch told it, so that it did not ask again */
    check_seat(first);
    stand(second);
    wait_until(all_say_first);
    assert_false(second_leads());
}

static void not_taken_and_no_answer(void **state)
{
    (void)state;
    lose_about_seat(TAKING, RELAY_DENY);
    stand(first);
    wait_until(first_leads);
    assert_int_equal(relay.loss.seen, 2);
    check_seat(first);
}

static void taken_without_an_answer_and_without_a_stream(void **state)
{
    (void)state;
    lose_about_seat(TAKING, RELAY_LOSE);
    etcd_relay_mute(&relay, "/v3/watch");
    stand(first);
    wait_until(first_leads); /* once its stream is replaced */
    expect_lost();
    check_seat(first);
}

static void refused_without_an_answer(void **state)
{
    (void)state;
    etcd_relay_mute(&relay, "/v3/watch"); /* so that the first believes it free */
    stand(second);
    wait_until(second_leads);
    lose_about_seat(TAKING, RELAY_LOSE);
    stand(first);
    wait_until(all_say_second);
    expect_lost();
    assert_false(first_leads());
    check_seat(second);
}

static void taken_without_an_answer_and_not_wanted_any_more(void **state)
{
    (void)state;
    lose_about_seat(TAKING, RELAY_LOSE);
    stand(first);
    while (first->election.writing == NULL)
        turn();
    election_withdraw(&first->election);
    stand(second);
    wait_until(second_leads);
    expect_lost();
    check_seat(second);
    wait_until(first_is_done);
}

/* --- giving it up --- */

static void give_up_unheard(void)
{
    lose_about_seat(GIVING_UP, RELAY_LOSE);
    election_withdraw(&first->election);
    stand(second);
    wait_until(second_leads);
    wait_until(first_is_done);
    expect_lost();
    check_seat(second);
}

static void given_up_without_an_answer(void **state)
{
    (void)state;
    stand(first);
    wait_until(first_leads);
    give_up_unheard();
    assert_int_equal(relay.loss.seen, 1); /* the watch told it */
}

static void given_up_without_an_answer_and_without_a_stream(void **state)
{
    (void)state;
    stand(first);
    wait_until(first_leads);
    etcd_relay_mute(&relay, "/v3/watch");
    give_up_unheard();
    assert_int_equal(relay.loss.seen, 2); /* and the second try takes the seat from nobody */
}

/* What the stream told last is the seat that is over. */
static void refused_by_the_store_without_a_stream(void **state)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    (void)state;
    stand(first);
    wait_until(all_say_first);
    stand(second);
    etcd_relay_mute(&relay, "/v3/watch");
    first->lags = true; /* until something of it is refused */
    assert_int_equal(seat_key(&key, sid), 0);
    assert_int_equal(kv_atomic_delete(atomic, &key), 0);
    harness_commit(&fixture.harness, etcd_space_kv(second->space), atomic);
    wait_until(second_leads);
    election_lost(&first->election);
    first->lags = false;
    wait_until(all_say_second);
    check_seat(second);
}

static void not_given_up_and_no_answer(void **state)
{
    (void)state;
    stand(first);
    wait_until(first_leads);
    lose_about_seat(GIVING_UP, RELAY_DENY);
    election_withdraw(&first->election);
    wait_until(all_say_nobody);
    assert_int_equal(relay.loss.seen, 2);
    stand(second);
    wait_until(second_leads);
}

/* --- the node's place --- */

static void first_begins_anew(void)
{
    election_detach(&first->election);
    elections_close(first->elections);
    membership_close(first->membership);
    membership_start(first);
    node_elect(first);
}

/* The record is what the first believes it is, and the second sees it. */
static bool is_registered(void)
{
    const struct node_view *view = membership_find(second->membership, first->nid);

    return both_joined() && view != NULL && view->is_up &&
           view->member.lease == kv_lease_id(membership_lease(first->membership));
}

static void registered_without_an_answer(void **state)
{
    (void)state;
    lose_about_record(RELAY_LOSE);
    first_begins_anew();
    wait_until(is_registered);
    expect_lost();
    assert_int_equal(first->joined, 1);
}

static void not_registered_and_no_answer(void **state)
{
    (void)state;
    lose_about_record(RELAY_DENY);
    first_begins_anew();
    wait_until(is_registered);
    assert_int_equal(relay.loss.seen, 2);
    assert_int_equal(first->joined, 1);
}

static void granted_without_an_answer(void **state)
{
    (void)state;
    etcd_relay_lose(&relay, "/v3/lease/grant", "", RELAY_LOSE);
    first_begins_anew();
    wait_until(is_registered);
    expect_lost();
}

static struct kv_versionstamp settled;
static size_t writes;

static bool is_settled(void)
{
    const struct node_view *view = membership_find(second->membership, first->nid);

    return is_registered() && relay.loss.seen == writes &&
           memcmp(&view->member.settled, &settled, sizeof(settled)) == 0;
}

static void the_record_changes_without_an_answer(void **state)
{
    (void)state;
    stand(first);
    wait_until(first_leads);
    must_act = true; /* and leads all the time */
    settled.bytes[sizeof(settled.bytes) - 1]++;
    lose_about_record(RELAY_LOSE);
    writes = 3; /* the one without an answer, one that it refutes, and one over what is there */
    membership_settle(first->membership, &settled);
    wait_until(is_settled);
    settled.bytes[sizeof(settled.bytes) - 1]++;
    lose_about_record(RELAY_DENY);
    writes = 2;
    membership_settle(first->membership, &settled);
    wait_until(is_settled);
    check_seat(first);
    must_act = false;
}

static int64_t confirmed_ms;
static bool is_renewed(void)
{
    return kv_lease_confirmed_ms(membership_lease(first->membership)) > confirmed_ms;
}

static void renewed_without_an_answer(void **state)
{
    (void)state;
    stand(first);
    wait_until(first_leads);
    must_act = true;
    confirmed_ms = kv_lease_confirmed_ms(membership_lease(first->membership));
    etcd_relay_lose(&relay, "/v3/lease/keepalive", "", RELAY_LOSE);
    jump(TTL_S * 1000 / 2);
    wait_until(is_renewed);
    expect_lost();
    check_seat(first);
    must_act = false;
}

static bool has_left;
static void left(void *arg)
{
    (void)arg;
    has_left = true;
}

static bool is_gone(void)
{
    return has_left && !membership_find(second->membership, first->nid)->is_up;
}

static void left_without_an_answer(void **state)
{
    (void)state;
    etcd_relay_lose(&relay, "/v3/lease/revoke", "", RELAY_LOSE);
    membership_leave(first->membership, left, NULL);
    wait_until(is_gone);
    expect_lost();
    first_begins_anew();
}

static int group_open(void **state)
{
    (void)state;
    etcd_fixture_start(&fixture);
    etcd_relay_start(&relay, fixture.harness.base, fixture.url);
    node_open(first, "s-0001", relay.url);
    node_open(second, "s-0002", fixture.url);
    for (int i = 0; i < NODES; i++)
        node_elect(&nodes[i]);
    return 0;
}

static int group_close(void **state)
{
    (void)state;
    for (int i = 0; i < NODES; i++)
        node_close(&nodes[i]);
    etcd_relay_stop(&relay);
    etcd_fixture_stop(&fixture);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, worker_new, worker_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(taken_without_an_answer),
        CASE(not_taken_and_no_answer),
        CASE(taken_without_an_answer_and_without_a_stream),
        CASE(refused_without_an_answer),
        CASE(taken_without_an_answer_and_not_wanted_any_more),
        CASE(given_up_without_an_answer),
        CASE(given_up_without_an_answer_and_without_a_stream),
        CASE(refused_by_the_store_without_a_stream),
        CASE(not_given_up_and_no_answer),
        CASE(registered_without_an_answer),
        CASE(not_registered_and_no_answer),
        CASE(granted_without_an_answer),
        CASE(the_record_changes_without_an_answer),
        CASE(renewed_without_an_answer),
        CASE(left_without_an_answer),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
