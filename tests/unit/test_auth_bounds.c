/* Promise: sessions and tokens stay within their bounds without keeping out who may do more, a
 * change and its audit row are one commit, and the owner has a token in force whenever amid is
 * killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "auth_harness.h"
#include "common/clock.h"
#include "common/error.h"
#include "fault_vfs.h"
#include "supervisor/auth/auth.h"
#include "supervisor/auth/owner_token.h"

#define BATCH 64 /* sign-ins that share a commit */

static void wallet_of(const char *prefix, int number, char out[PRINCIPAL_WALLET_LEN + 1])
{
    snprintf(out, PRINCIPAL_WALLET_LEN + 1, "%s%0*d", prefix,
             PRINCIPAL_WALLET_LEN - (int)strlen(prefix), number);
}

/* One session for each of so many wallets, in order of age. */
static void sign_in_many(const char *prefix, int count, struct outcome *outcomes)
{
    char wallet[PRINCIPAL_WALLET_LEN + 1];
    for (int i = 0; i < count; i++) {
        wallet_of(prefix, i, wallet);
        assert_int_equal(auth_sign_in(auth, wallet, NULL, NULL, changed, &outcomes[i], NULL), 0);
        clock_advance_ms(1);
        if (i % BATCH == BATCH - 1 || i == count - 1)
            harness_wait(&harness, &outcomes[i].done);
    }
    for (int i = 0; i < count; i++)
        assert_int_equal(outcomes[i].error, 0);
}

/* All at once: those that are being written count as well. */
static void strangers_share_their_places(void **state)
{
    static struct outcome strangers[AUTH_STRANGERS_MAX + 10];
    struct outcome owner = sign_in(alice, NULL), more;
    char wallet[PRINCIPAL_WALLET_LEN + 1];
    size_t known = 0, refused = 0;
    (void)state;
    memset(strangers, 0, sizeof strangers);
    for (int i = 0; i < AUTH_STRANGERS_MAX + 10; i++) {
        wallet_of("gS", i, wallet);
        int error = auth_sign_in(auth, wallet, NULL, NULL, changed, &strangers[i], NULL);
        refused += error == AMID_E_LIMIT;
        assert_true(error == 0 || error == AMID_E_LIMIT);
    }
    assert_int_equal(refused, 10);
    harness_wait(&harness, &strangers[AUTH_STRANGERS_MAX - 1].done);
    clock_advance_ms(1);
    more = sign_in(bob, NULL);
    assert_int_equal(more.error, 0);
    for (int i = 0; i < AUTH_STRANGERS_MAX; i++)
        known += is_known(strangers[i].secret);
    assert_int_equal(known, AUTH_STRANGERS_MAX - 1);
    assert_true(is_known(more.secret));
    assert_true(is_known(owner.secret));
}

/* Nobody is kept out by those who may do less than he. */
static void all_sessions_together_are_bounded(void **state)
{
    static struct outcome developers[CREDENTIAL_MAX_SESSIONS];
    struct outcome owner, token;
    size_t count = 0;
    (void)state;
    memset(developers, 0, sizeof developers);
    sign_in_many(DEVELOPERS, CREDENTIAL_MAX_SESSIONS, developers);
    assert_int_equal(sign_in(bob, NULL).error, AMID_E_LIMIT);
    owner = sign_in(alice, NULL);
    assert_int_equal(owner.error, 0);
    assert_true(is_known(owner.secret));
    assert_false(is_known(developers[0].secret));
    assert_true(is_known(developers[1].secret));
    token = create(ROLE_VIEWER, 0);
    assert_int_equal(token.error, 0);
    struct outcome rotated = {0};
    settle(auth_rotate_owner(auth, NULL, changed, &rotated, NULL), &rotated);
    assert_int_equal(rotated.error, 0);
    while (auth_at(auth, count))
        count++;
    assert_int_equal(count, CREDENTIAL_MAX_SESSIONS + 2);
    restart();
    assert_true(is_known(owner.secret));
    assert_false(is_known(developers[0].secret));
}

/* A copied transaction must not cost its owner a session, not even for a moment. */
static void a_replay_ends_no_session(void **state)
{
    struct outcome sessions[PER_WALLET], replay = {0};
    (void)state;
    for (int i = 0; i < PER_WALLET; i++) {
        sessions[i] = sign_in(alice, i == 0 ? hash : NULL);
        clock_advance_ms(10);
    }
    assert_int_equal(auth_sign_in(auth, alice, hash, NULL, changed, &replay, NULL), 0);
    assert_true(is_known(sessions[0].secret));
    harness_wait(&harness, &replay.done);
    assert_int_equal(replay.error, AMID_E_CONFLICT);
    for (int i = 0; i < PER_WALLET; i++)
        assert_true(is_known(sessions[i].secret));
}

/* The one that would make room is revoked meanwhile: that counts at once. */
static void a_session_that_makes_room_can_be_revoked(void **state)
{
    struct outcome sessions[PER_WALLET], next = {0}, gone = {0};
    (void)state;
    for (int i = 0; i < PER_WALLET; i++) {
        sessions[i] = sign_in(alice, NULL);
        clock_advance_ms(10);
    }
    assert_int_equal(auth_sign_in(auth, alice, NULL, NULL, changed, &next, NULL), 0);
    assert_int_equal(
        auth_revoke(auth, PRINCIPAL_SESSION, sessions[0].credential.id, NULL, changed, &gone, NULL),
        0);
    assert_false(is_known(sessions[0].secret));
    harness_wait(&harness, &gone.done);
    assert_int_equal(gone.error, 0);
    assert_true(is_known(next.secret));
    assert_false(is_known(sessions[0].secret));
    assert_true(is_known(sessions[1].secret));
}

static void who_was_found_earlier_is_looked_at_again(void **state)
{
    struct outcome session = sign_in(alice, NULL);
    struct principal principal = {.kind = PRINCIPAL_LOCAL, .role = ROLE_OWNER};
    (void)state;
    assert_int_equal(auth_renew(auth, &principal), 0);
    assert_int_equal(principal.role, ROLE_OWNER);
    assert_int_equal(identify(session.secret, &principal), 0);
    wallet_role = ROLE_VIEWER;
    assert_int_equal(auth_renew(auth, &principal), 0);
    assert_int_equal(principal.role, ROLE_VIEWER);
    assert_int_equal(end_one(PRINCIPAL_SESSION, session.credential.id).error, 0);
    assert_int_equal(auth_renew(auth, &principal), AMID_E_UNAUTHORIZED);
}

struct rows {
    bool done;
    size_t count;
    char text[KV_NOTE_MAX_BYTES];
};

static void rows_read(void *arg, int error, const struct store_rows *found)
{
    struct rows *rows = arg;
    assert_int_equal(error, 0);
    rows->count = found->count;
    if (found->count > 0)
        snprintf(rows->text, sizeof rows->text, "%s", found->rows[found->count - 1].text);
    rows->done = true;
}

static int add_row(void *arg, const struct credential *credential, const char *ended,
                   struct kv_atomic *atomic)
{
    char text[CREDENTIAL_VALUE_BYTES];
    int len =
        snprintf(text, sizeof text, "{\"id\":\"%s\",\"ended\":\"%s\"}", credential->id, ended);
    return arg ? *(int *)arg : kv_atomic_note(atomic, text, (size_t)len);
}

static void a_change_and_its_row_are_one_commit(void **state)
{
    const struct auth_note note = {.fn = add_row};
    struct outcome outcome, sessions[PER_WALLET];
    struct rows rows = {0};
    char expected[128];
    int fault = AMID_E_NOMEM;
    (void)state;
    for (int i = 0; i < PER_WALLET; i++) {
        sessions[i] = sign_in(alice, NULL);
        clock_advance_ms(10);
    }
    outcome = (struct outcome){0};
    settle(auth_sign_in(auth, alice, NULL, &note, changed, &outcome, NULL), &outcome);
    snprintf(expected, sizeof expected, "{\"id\":\"%s\",\"ended\":\"%s\"}", outcome.credential.id,
             sessions[0].credential.id);
    assert_int_equal(store_rows(harness.store, 0, STORE_ROWS_MAX, rows_read, &rows), 0);
    harness_wait(&harness, &rows.done);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.text, expected);
    /* No row, no change; and what would have made room goes on. */
    const struct auth_note broken = {.fn = add_row, .arg = &fault};
    assert_int_equal(auth_sign_in(auth, alice, NULL, &broken, changed, &outcome, NULL), fault);
    assert_int_equal(auth_revoke(auth, PRINCIPAL_SESSION, sessions[1].credential.id, &broken,
                                 changed, &outcome, NULL),
                     fault);
    assert_true(is_known(sessions[1].secret));
}

static void next_secret(char *out)
{
    char reason[256];
    assert_int_equal(owner_token_read_next(harness.folder, out, reason, sizeof reason), 0);
}

static void no_next_is_left(void)
{
    char secret[CREDENTIAL_SECRET_HEX + 1], reason[256];
    assert_int_equal(owner_token_read_next(harness.folder, secret, reason, sizeof reason),
                     AMID_E_NOT_FOUND);
}

/* As when amid is killed: the store has the new hash, and nobody has touched the files since. */
static void a_rotation_cut_short_is_finished_at_the_start(void **state)
{
    char first[CREDENTIAL_SECRET_HEX + 1], next[CREDENTIAL_SECRET_HEX + 1];
    char now[CREDENTIAL_SECRET_HEX + 1];
    (void)state;
    owner_secret(first);
    assert_int_equal(auth_rotate_owner(auth, NULL, NULL, NULL, NULL), 0);
    restart(); /* closes auth before the answer comes */
    owner_secret(now);
    no_next_is_left();
    assert_string_not_equal(now, first);
    assert_true(is_known(now));
    assert_false(is_known(first));
    /* Killed before its hash was stored: the old one stays. */
    credential_make(&(struct credential){.kind = PRINCIPAL_OWNER_TOKEN}, next);
    char reason[256];
    assert_int_equal(owner_token_write_next(harness.folder, next, reason, sizeof reason), 0);
    next_secret(first);
    assert_string_equal(first, next);
    restart();
    no_next_is_left();
    owner_secret(first);
    assert_string_equal(first, now);
    assert_true(is_known(now));
    assert_false(is_known(next));
}

static void a_rotation_that_fails_leaves_the_token(void **state)
{
    struct outcome failed = {0}, second = {0}, third = {0};
    char first[CREDENTIAL_SECRET_HEX + 1], now[CREDENTIAL_SECRET_HEX + 1];
    (void)state;
    owner_secret(first);
    atomic_store(&fault_plan.writes, FAULT_FOREVER);
    settle(auth_rotate_owner(auth, NULL, changed, &failed, NULL), &failed);
    assert_int_not_equal(failed.error, 0);
    fault_plan_clear();
    owner_secret(now);
    assert_string_equal(now, first);
    assert_true(is_known(first));
    restart();
    no_next_is_left();
    assert_true(is_known(first));
    /* One at a time: two would take each other's file. */
    assert_int_equal(auth_rotate_owner(auth, NULL, changed, &second, NULL), 0);
    assert_int_equal(auth_rotate_owner(auth, NULL, changed, &third, NULL), AMID_E_CONFLICT);
    assert_int_equal(auth_revoke_owner(auth, NULL, changed, &third, NULL), AMID_E_CONFLICT);
    harness_wait(&harness, &second.done);
    assert_int_equal(second.error, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_share_their_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_sessions_together_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_replay_ends_no_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_that_makes_room_can_be_revoked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_was_found_earlier_is_looked_at_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_change_and_its_row_are_one_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_cut_short_is_finished_at_the_start, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_that_fails_leaves_the_token, set_up, tear_down),
    };
    fault_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
