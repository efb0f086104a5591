/* Holds: a wallet may do what the settings' lists or an owner's decision say, decisions outlive the
 * process, and strangers who ask can neither fill the roster nor stay in it for ever. */
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
#include "kv_harness.h"
#include "supervisor/auth/roster.h"
#include "wallet/address.h"

struct done {
    bool is_done;
    int error;
};

struct fixture {
    struct harness harness;
    struct config config;
    struct roster *roster;
};

static void on_done(void *arg, int error)
{
    struct done *done = arg;

    done->is_done = true;
    done->error = error;
}

static void make_wallet(unsigned number, char out[ADDRESS_LEN + 1])
{
    uint8_t key[ADDRESS_KEY_BYTES] = {2, (uint8_t)(number >> 8), (uint8_t)number};

    address_of_key(key, out);
}

static void open_roster(struct fixture *fixture)
{
    struct done done = {.is_done = false};

    assert_int_equal(roster_open(store_local(fixture->harness.store), &fixture->config, on_done,
                                 &done, &fixture->roster),
                     0);
    harness_wait(&fixture->harness, &done.is_done);
    assert_int_equal(done.error, 0);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    static char none[] = "";

    fixture->config.auth_owners = none;
    fixture->config.auth_developers = none;
    fixture->config.auth_viewers = none;
    harness_make(&fixture->harness);
    *state = fixture;
    if (harness_open(&fixture->harness) != 0)
        return -1;
    open_roster(fixture);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    roster_close(fixture->roster);
    harness_drop(&fixture->harness);
    free(fixture);
    return 0;
}

static int set(struct fixture *fixture, const char *wallet, enum roster_state state)
{
    struct done done = {.is_done = false};
    int error = roster_set(fixture->roster, wallet, state, NULL, on_done, &done, NULL);

    if (error != 0)
        return error;
    harness_wait(&fixture->harness, &done.is_done);
    return done.error;
}

static void reopen(struct fixture *fixture)
{
    roster_close(fixture->roster);
    harness_close(&fixture->harness);
    assert_int_equal(harness_open(&fixture->harness), 0);
    open_roster(fixture);
}

static void lists_of_the_settings_count_and_the_strongest_wins(void **state)
{
    struct fixture *fixture = *state;
    char wallets[4][ADDRESS_LEN + 1], both[2 * ADDRESS_LEN + 2];

    for (unsigned i = 0; i < 4; i++)
        make_wallet(i, wallets[i]);
    snprintf(both, sizeof(both), "%s,%s", wallets[0], wallets[1]);
    fixture->config.auth_owners = wallets[0];
    fixture->config.auth_developers = both;
    fixture->config.auth_viewers = wallets[2];
    assert_int_equal(roster_role(fixture->roster, wallets[0]), ROLE_OWNER);
    assert_int_equal(roster_role(fixture->roster, wallets[1]), ROLE_DEVELOPER);
    assert_int_equal(roster_role(fixture->roster, wallets[2]), ROLE_VIEWER);
    assert_int_equal(roster_role(fixture->roster, wallets[3]), ROLE_NONE);
    assert_int_equal(roster_role(fixture->roster, ""), ROLE_NONE);
    assert_int_equal(roster_role(fixture->roster, ","), ROLE_NONE);
    wallets[0][ADDRESS_LEN - 1] = '\0';
    assert_int_equal(roster_role(fixture->roster, wallets[0]), ROLE_OWNER); /* the setting's too */
    assert_int_equal(roster_role(fixture->roster, both), ROLE_NONE);
}

static void a_decision_counts_and_outlives_the_process(void **state)
{
    struct fixture *fixture = *state;
    char first[ADDRESS_LEN + 1], second[ADDRESS_LEN + 1];

    make_wallet(1, first);
    make_wallet(2, second);
    assert_int_equal(set(fixture, first, ROSTER_PENDING), 0);
    assert_int_equal(set(fixture, second, ROSTER_PENDING), 0);
    assert_int_equal(roster_role(fixture->roster, first), ROLE_NONE);
    assert_int_equal(set(fixture, first, ROSTER_APPROVED), 0);
    assert_int_equal(set(fixture, second, ROSTER_DENIED), 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(roster_role(fixture->roster, first), ROLE_DEVELOPER);
        assert_int_equal(roster_role(fixture->roster, second), ROLE_NONE);
        assert_int_equal(roster_find(fixture->roster, second)->state, ROSTER_DENIED);
        assert_non_null(roster_at(fixture->roster, 1));
        assert_null(roster_at(fixture->roster, 2));
        reopen(fixture);
    }
    assert_int_equal(set(fixture, first, ROSTER_DENIED), 0);
    assert_int_equal(roster_role(fixture->roster, first), ROLE_NONE);
}

static struct kv_atomic *mark_of(const char *name)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;

    assert_int_equal(kv_key_of(&key, "mark", name, NULL), 0);
    kv_atomic_check(atomic, &key, NULL);
    kv_atomic_set(atomic, &key, "true", 4, 0);
    return atomic;
}

/* What is committed with it counts, whatever is known of the wallet. */
static void a_request_changes_no_decision(void **state)
{
    struct fixture *fixture = *state;
    struct done decided = {.is_done = false}, asked[3] = {{.is_done = false}};
    char wallet[ADDRESS_LEN + 1];

    make_wallet(1, wallet);
    assert_int_equal(
        roster_set(fixture->roster, wallet, ROSTER_APPROVED, NULL, on_done, &decided, NULL), 0);
    assert_int_equal(roster_ask(fixture->roster, wallet, mark_of("a"), on_done, &asked[0], NULL),
                     0);
    harness_wait(&fixture->harness, &asked[0].is_done);
    assert_int_equal(asked[0].error, 0);
    assert_true(decided.is_done);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(roster_role(fixture->roster, wallet), ROLE_DEVELOPER);
        reopen(fixture);
    }
    assert_int_equal(roster_ask(fixture->roster, wallet, mark_of("a"), on_done, &asked[1], NULL),
                     0);
    harness_wait(&fixture->harness, &asked[1].is_done);
    assert_int_equal(asked[1].error, AMID_E_CONFLICT);
    make_wallet(2, wallet);
    assert_int_equal(roster_ask(fixture->roster, wallet, mark_of("b"), on_done, &asked[2], NULL),
                     0);
    harness_wait(&fixture->harness, &asked[2].is_done);
    assert_int_equal(roster_find(fixture->roster, wallet)->state, ROSTER_PENDING);
}

static void requests_are_bounded_and_forgotten(void **state)
{
    struct fixture *fixture = *state;
    char wallet[ADDRESS_LEN + 1];

    for (unsigned i = 0; i < ROSTER_PENDING_MAX; i++) {
        make_wallet(i, wallet);
        assert_int_equal(set(fixture, wallet, ROSTER_PENDING), 0);
    }
    make_wallet(1000, wallet);
    assert_int_equal(set(fixture, wallet, ROSTER_PENDING), AMID_E_LIMIT);
    assert_int_equal(set(fixture, wallet, ROSTER_APPROVED), 0);
    make_wallet(3, wallet);
    assert_int_equal(set(fixture, wallet, ROSTER_DENIED), 0); /* makes room */
    make_wallet(1001, wallet);
    assert_int_equal(set(fixture, wallet, ROSTER_PENDING), 0);
    make_wallet(1002, wallet);
    assert_int_equal(set(fixture, wallet, ROSTER_PENDING), AMID_E_LIMIT);
    clock_advance_ms(ROSTER_PENDING_MS + 1000);
    assert_int_equal(set(fixture, wallet, ROSTER_PENDING), 0);
    make_wallet(5, wallet);
    assert_null(roster_find(fixture->roster, wallet));
    make_wallet(1000, wallet);
    assert_int_equal(roster_role(fixture->roster, wallet), ROLE_DEVELOPER);
}

static void the_whole_roster_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    char wallet[ADDRESS_LEN + 1];

    for (unsigned i = 0; i < ROSTER_ENTRIES_MAX; i++) {
        make_wallet(i, wallet);
        assert_int_equal(set(fixture, wallet, ROSTER_DENIED), 0);
    }
    reopen(fixture);
    make_wallet(7, wallet);
    assert_int_equal(set(fixture, wallet, ROSTER_APPROVED), 0);
    make_wallet(1000, wallet);
    assert_int_equal(set(fixture, wallet, ROSTER_APPROVED), AMID_E_LIMIT);
    assert_int_equal(set(fixture, "nobody", ROSTER_APPROVED), AMID_E_INVALID);
}

static void what_cannot_be_read_counts_for_nothing(void **state)
{
    static const char *const values[] = {
        "{}", "[1]", "{\"wallet\":\"x\",\"state\":\"approved\",\"at\":1}",
        "{\"wallet\":\"gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m\",\"state\":\"owner\",\"at\":1}",
        "{\"wallet\":\"gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m\",\"state\":\"approved\",\"at\":-1}"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        struct kv_key key;
        char name[2] = {(char)('a' + i), '\0'};

        assert_int_equal(kv_key_of(&key, "ami", "access", name, NULL), 0);
        kv_atomic_set(atomic, &key, values[i], strlen(values[i]), 0);
        assert_int_equal(
            harness_commit(&fixture->harness, store_local(fixture->harness.store), atomic).error,
            0);
    }
    reopen(fixture);
    assert_null(roster_at(fixture->roster, 0));
    assert_int_equal(roster_role(fixture->roster, "gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m"), ROLE_NONE);
}

static void a_change_may_be_abandoned_or_outlive_the_roster(void **state)
{
    struct fixture *fixture = *state;
    struct done done = {.is_done = false};
    struct roster_change *change;
    char wallet[ADDRESS_LEN + 1];

    make_wallet(1, wallet);
    assert_int_equal(
        roster_set(fixture->roster, wallet, ROSTER_APPROVED, NULL, on_done, &done, &change), 0);
    roster_change_abandon(change);
    assert_int_equal(set(fixture, wallet, ROSTER_APPROVED), 0);
    assert_false(done.is_done);
    make_wallet(2, wallet);
    assert_int_equal(
        roster_set(fixture->roster, wallet, ROSTER_APPROVED, NULL, on_done, &done, &change), 0);
    reopen(fixture);
    assert_false(done.is_done);
    assert_int_equal(roster_role(fixture->roster, wallet), ROLE_DEVELOPER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_of_the_settings_count_and_the_strongest_wins, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_decision_counts_and_outlives_the_process, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_request_changes_no_decision, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_are_bounded_and_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(the_whole_roster_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_counts_for_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_may_be_abandoned_or_outlive_the_roster, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
