/* Promise: what a secret proves is known to its hash alone, is written before it is told, ends when
 * it expires or is revoked, stays within its bounds, and is the same after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth_harness.h"
#include "common/clock.h"
#include "common/error.h"
#include "fault_vfs.h"
#include "supervisor/auth/auth.h"
#include "supervisor/auth/owner_token.h"
#include "supervisor/auth/rights.h"

static void rights_follow_the_table(void **state)
{
    struct principal developer = {.role = ROLE_DEVELOPER};
    const struct principal viewer = {.role = ROLE_VIEWER};
    (void)state;
    assert_false(rights_allow(&developer, RIGHT_WORKER_CHANGE, NULL));
    assert_false(rights_allow(&developer, RIGHT_WORKER_CHANGE, ""));
    memcpy(developer.wallet, alice, sizeof alice);
    assert_true(rights_allow(&developer, RIGHT_WORKER_CHANGE, alice));
    assert_false(rights_allow(&developer, RIGHT_WORKER_CHANGE, bob));
    assert_false(rights_allow(&developer, RIGHT_WORKER_CHANGE, NULL));
    assert_false(rights_has(&viewer, RIGHT_SCRIPT_READ));
    for (int right = RIGHT_PUBLIC + 1; right < RIGHT_MAX; right++) {
        assert_int_equal(rights_reach(ROLE_NONE, (enum right)right), REACH_NONE);
        assert_int_equal(rights_reach(ROLE_OWNER, (enum right)right), REACH_ALL);
    }
    assert_int_equal(rights_reach(ROLE_MAX, RIGHT_PUBLIC), REACH_NONE);
    assert_int_equal(rights_reach(ROLE_OWNER, RIGHT_MAX), REACH_NONE);
    for (int role = ROLE_NONE + 1; role < ROLE_MAX; role++)
        assert_int_equal(role_of_name(role_name((enum role)role)), role);
    assert_int_equal(role_of_name("none"), ROLE_NONE);
    assert_int_equal(role_of_name(NULL), ROLE_NONE);
}

static void values_are_checked(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"kind\":\"session\"}",
        "{\"kind\":\"local\",\"hash\":\"%s\",\"role\":\"owner\",\"wallet\":\"\",\"name\":\"\","
        "\"created\":1,\"expires\":0,\"seen\":1}",
        "{\"kind\":\"token\",\"hash\":\"%s\",\"role\":\"developer\",\"wallet\":\"\",\"name\":\"\","
        "\"created\":1,\"expires\":0,\"seen\":1}",
        "{\"kind\":\"token\",\"hash\":\"aa\",\"role\":\"viewer\",\"wallet\":\"\",\"name\":\"\","
        "\"created\":1,\"expires\":0,\"seen\":1}",
        "{\"kind\":\"session\",\"hash\":\"%s\",\"role\":\"none\",\"wallet\":\"short\",\"name\":"
        "\"\","
        "\"created\":1,\"expires\":9,\"seen\":1}",
        "{\"kind\":\"owner-token\",\"hash\":\"%s\",\"role\":\"viewer\",\"wallet\":\"\",\"name\":"
        "\"\",\"created\":1,\"expires\":0,\"seen\":1}",
        "{\"kind\":\"token\",\"hash\":\"%s\",\"role\":\"viewer\",\"wallet\":\"\",\"name\":\"\","
        "\"created\":-1,\"expires\":0,\"seen\":1}",
    };
    struct credential credential = {.kind = PRINCIPAL_TOKEN, .role = ROLE_VIEWER}, back;
    char secret[CREDENTIAL_SECRET_HEX + 1], text[512];
    struct buffer value;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *at = strstr(bad[i], "%s");
        snprintf(text, sizeof text, "%.*s%s%s", at ? (int)(at - bad[i]) : (int)strlen(bad[i]),
                 bad[i], at ? hash : "", at ? at + 2 : "");
        assert_int_not_equal(credential_from_value(text, strlen(text), &back), 0);
    }
    strcpy(credential.name, "a \"name\"");
    credential_make(&credential, secret);
    buffer_init(&value, CREDENTIAL_VALUE_BYTES);
    assert_int_equal(credential_to_value(&credential, &value), 0);
    assert_null(strstr(value.data, secret));
    assert_int_equal(credential_from_value(value.data, value.len, &back), 0);
    assert_memory_equal(back.hash, credential.hash, sizeof back.hash);
    assert_string_equal(back.name, credential.name);
    assert_string_equal(back.id, credential.id);
    buffer_free(&value);
}

static void the_owner_token_is_made_once(void **state)
{
    char first[CREDENTIAL_SECRET_HEX + 1], second[CREDENTIAL_SECRET_HEX + 1], path[128];
    struct principal principal;
    struct stat stat_of;
    (void)state;
    owner_secret(first);
    snprintf(path, sizeof path, "%s/owner.token", harness.folder);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(identify(first, &principal), 0);
    assert_int_equal(principal.role, ROLE_OWNER);
    assert_int_equal(principal.kind, PRINCIPAL_OWNER_TOKEN);
    restart();
    owner_secret(second);
    assert_string_equal(first, second);
    assert_int_equal(identify(first, &principal), 0);
    /* Removed: still in force, and no other is made. */
    assert_int_equal(unlink(path), 0);
    restart();
    assert_int_equal(identify(first, &principal), 0);
    assert_int_not_equal(stat(path, &stat_of), 0);
    /* Damaged: still in force. */
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("damaged", file);
    fclose(file);
    restart();
    assert_int_equal(identify(first, &principal), 0);
}

static void nothing_near_is_accepted(void **state)
{
    char secret[CREDENTIAL_SECRET_HEX + 2];
    struct principal principal;
    (void)state;
    owner_secret(secret);
    assert_int_equal(auth_identify(auth, secret, 63, &principal), AMID_E_UNAUTHORIZED);
    assert_int_equal(auth_identify(auth, secret, 0, &principal), AMID_E_UNAUTHORIZED);
    assert_int_equal(auth_identify(auth, secret, 65, &principal), AMID_E_UNAUTHORIZED);
    secret[63] = secret[63] == '0' ? '1' : '0';
    assert_false(is_known(secret));
    assert_false(is_known(hash));
}

static void a_damaged_file_stops_the_first_start(void **state)
{
    char path[128];
    FILE *file;
    (void)state;
    auth_close(auth);
    auth = NULL;
    harness_close(&harness);
    harness_drop(&harness);
    harness_make(&harness);
    assert_int_equal(harness_open(&harness), 0);
    snprintf(path, sizeof path, "%s/owner.token", harness.folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("damaged", file);
    fclose(file);
    assert_int_equal(open_again(), AMID_E_CORRUPT);
}

static void the_owner_token_can_be_rotated_and_revoked(void **state)
{
    char first[CREDENTIAL_SECRET_HEX + 1], file[CREDENTIAL_SECRET_HEX + 1], reason[256];
    struct outcome outcome = {0}, gone = {0}, again = {0};
    (void)state;
    owner_secret(first);
    settle(auth_rotate_owner(auth, NULL, changed, &outcome, NULL), &outcome);
    assert_int_equal(outcome.error, 0);
    owner_secret(file);
    assert_string_equal(file, outcome.secret);
    assert_false(is_known(first));
    assert_true(is_known(outcome.secret));
    restart();
    assert_false(is_known(first));
    assert_true(is_known(outcome.secret));
    settle(auth_revoke_owner(auth, NULL, changed, &gone, NULL), &gone);
    assert_int_equal(gone.error, 0);
    assert_false(is_known(outcome.secret));
    assert_int_equal(owner_token_read(harness.folder, file, reason, sizeof reason),
                     AMID_E_NOT_FOUND);
    restart();
    assert_false(is_known(outcome.secret));
    assert_int_equal(owner_token_read(harness.folder, file, reason, sizeof reason),
                     AMID_E_NOT_FOUND);
    settle(auth_rotate_owner(auth, NULL, changed, &again, NULL), &again);
    assert_true(is_known(again.secret));
}

static void a_session_is_what_its_wallet_is_today(void **state)
{
    struct outcome outcome = sign_in(alice, NULL);
    struct principal principal;
    (void)state;
    assert_int_equal(outcome.error, 0);
    assert_int_equal(identify(outcome.secret, &principal), 0);
    assert_int_equal(principal.role, ROLE_OWNER);
    assert_string_equal(principal.wallet, alice);
    assert_string_equal(principal.id, outcome.credential.id);
    wallet_role = ROLE_VIEWER;
    assert_int_equal(identify(outcome.secret, &principal), 0);
    assert_int_equal(principal.role, ROLE_VIEWER);
    wallet_role = ROLE_NONE;
    assert_int_equal(identify(outcome.secret, &principal), 0);
    assert_int_equal(principal.role, ROLE_NONE);
}

static void a_replay_is_refused_also_after_a_restart(void **state)
{
    (void)state;
    assert_int_equal(sign_in(alice, hash).error, 0);
    assert_int_equal(sign_in(alice, hash).error, AMID_E_CONFLICT);
    assert_int_equal(sign_in(bob, hash).error, AMID_E_CONFLICT);
    restart();
    assert_int_equal(sign_in(alice, hash).error, AMID_E_CONFLICT);
    assert_int_equal(sign_in(alice, NULL).error, 0);
}

static void the_oldest_session_of_a_wallet_goes(void **state)
{
    struct outcome sessions[PER_WALLET + 1], other = sign_in(bob, NULL);
    (void)state;
    for (int i = 0; i <= PER_WALLET; i++) {
        sessions[i] = sign_in(alice, NULL);
        assert_int_equal(sessions[i].error, 0);
        clock_advance_ms(10);
    }
    assert_false(is_known(sessions[0].secret));
    for (int i = 1; i <= PER_WALLET; i++)
        assert_true(is_known(sessions[i].secret));
    restart();
    assert_false(is_known(sessions[0].secret));
    assert_true(is_known(sessions[1].secret));
    assert_true(is_known(other.secret));
}

static void a_session_slides_and_ends(void **state)
{
    struct outcome outcome = sign_in(alice, NULL), idle = sign_in(alice, NULL);
    (void)state;
    for (int i = 0; i < 4; i++) {
        clock_advance_ms(SESSION_MS / 2);
        assert_true(is_known(outcome.secret));
    }
    assert_false(is_known(idle.secret));
    /* What was stored of its use is enough to go on after a restart. */
    store_drain(harness.store);
    restart();
    clock_advance_ms(SESSION_MS / 2);
    assert_true(is_known(outcome.secret));
    clock_advance_ms(SESSION_MS + 1);
    assert_false(is_known(outcome.secret));
    restart();
    assert_false(is_known(outcome.secret));
}

static void tokens_expire_and_are_revoked(void **state)
{
    struct outcome brief = create(ROLE_OPERATOR, 1000), lasting = create(ROLE_VIEWER, 0);
    (void)state;
    assert_int_equal(brief.error, 0);
    assert_true(is_known(brief.secret));
    clock_advance_ms(1001);
    assert_false(is_known(brief.secret));
    restart();
    assert_false(is_known(brief.secret));
    assert_true(is_known(lasting.secret));
    assert_int_equal(end_one(PRINCIPAL_SESSION, lasting.credential.id).error, AMID_E_NOT_FOUND);
    assert_int_equal(end_one(PRINCIPAL_TOKEN, "0123456789abcdef").error, AMID_E_NOT_FOUND);
    assert_int_equal(end_one(PRINCIPAL_TOKEN, lasting.credential.id).error, 0);
    assert_false(is_known(lasting.secret));
    assert_int_equal(end_one(PRINCIPAL_TOKEN, lasting.credential.id).error, AMID_E_NOT_FOUND);
    restart();
    assert_false(is_known(lasting.secret));
}

static void a_wish_without_sense_is_refused(void **state)
{
    (void)state;
    assert_int_equal(create(ROLE_NONE, 0).error, AMID_E_INVALID);
    assert_int_equal(create(ROLE_MAX, 0).error, AMID_E_INVALID);
    assert_int_equal(create(ROLE_DEVELOPER, 0).error, AMID_E_INVALID);
    assert_int_equal(create(ROLE_VIEWER, -1).error, AMID_E_INVALID);
    assert_int_equal(sign_in("short", NULL).error, AMID_E_INVALID);
}

static void tokens_are_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < CREDENTIAL_MAX_TOKENS; i++)
        assert_int_equal(create(ROLE_VIEWER, 0).error, 0);
    assert_int_equal(create(ROLE_VIEWER, 0).error, AMID_E_LIMIT);
    size_t count = 0;
    while (auth_at(auth, count))
        count++;
    assert_int_equal(count, CREDENTIAL_MAX_TOKENS + 1);
}

static void a_commit_that_fails_changes_nothing(void **state)
{
    struct outcome session = sign_in(alice, NULL), failed;
    (void)state;
    atomic_store(&fault_plan.writes, FAULT_FOREVER);
    failed = create(ROLE_OWNER, 0);
    assert_int_not_equal(failed.error, 0);
    assert_string_equal(failed.secret, "");
    assert_int_not_equal(end_one(PRINCIPAL_SESSION, session.credential.id).error, 0);
    fault_plan_clear();
    assert_true(is_known(session.secret));
    assert_non_null(auth_at(auth, 1));
    assert_null(auth_at(auth, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_follow_the_table),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test_setup_teardown(the_owner_token_is_made_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_near_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_file_stops_the_first_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_owner_token_can_be_rotated_and_revoked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_session_is_what_its_wallet_is_today, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_replay_is_refused_also_after_a_restart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_oldest_session_of_a_wallet_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_slides_and_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_expire_and_are_revoked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wish_without_sense_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_commit_that_fails_changes_nothing, set_up, tear_down),
    };
    fault_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
