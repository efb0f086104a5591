#include "auth_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/clock.h"
#include "fault_vfs.h"
#include "supervisor/auth/owner_token.h"

const char alice[35] = "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const char bob[35] = "gBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const char hash[65] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

struct harness harness;
struct auth *auth;
enum role wallet_role;

static enum role role_of(void *arg, const char *wallet)
{
    (void)arg;
    if (strncmp(wallet, DEVELOPERS, sizeof DEVELOPERS - 1) == 0)
        return ROLE_DEVELOPER;
    return strcmp(wallet, alice) == 0 ? wallet_role : ROLE_NONE;
}

static void opened(void *arg, int error, const char *reason)
{
    struct outcome *outcome = arg;
    assert_true((error == 0) == (reason == NULL));
    outcome->error = error;
    outcome->done = true;
}

void changed(void *arg, int error, const struct credential *credential, const char *secret)
{
    struct outcome *outcome = arg;
    outcome->error = error;
    if (credential)
        outcome->credential = *credential;
    if (secret)
        memcpy(outcome->secret, secret, sizeof outcome->secret);
    outcome->done = true;
}

int open_again(void)
{
    const struct auth_needs needs = {.local = store_local(harness.store),
                                     .state_folder = harness.folder,
                                     .session_ms = SESSION_MS,
                                     .sessions_per_wallet = PER_WALLET,
                                     .role_of = role_of};
    struct outcome outcome = {0};
    assert_int_equal(auth_open(&needs, opened, &outcome, &auth), 0);
    harness_wait(&harness, &outcome.done);
    return outcome.error;
}

void restart(void)
{
    auth_close(auth);
    auth = NULL;
    harness_close(&harness);
    assert_int_equal(harness_open(&harness), 0);
    assert_int_equal(open_again(), 0);
}

int set_up(void **state)
{
    (void)state;
    fault_plan_clear();
    wallet_role = ROLE_OWNER;
    harness_make(&harness);
    return harness_open(&harness) == 0 && open_again() == 0 ? 0 : -1;
}

int tear_down(void **state)
{
    (void)state;
    fault_plan_clear();
    if (harness.store)
        store_drain(harness.store);
    auth_close(auth);
    auth = NULL;
    harness_drop(&harness);
    return 0;
}

int identify(const char *secret, struct principal *ret_principal)
{
    return auth_identify(auth, secret, strlen(secret), ret_principal);
}

bool is_known(const char *secret)
{
    struct principal principal;
    return identify(secret, &principal) == 0;
}

struct outcome settle(int error, struct outcome *outcome)
{
    if (error)
        outcome->error = error;
    else
        harness_wait(&harness, &outcome->done);
    return *outcome;
}

struct outcome sign_in(const char *wallet, const char *replay)
{
    struct outcome outcome = {0};
    return settle(auth_sign_in(auth, wallet, replay, NULL, changed, &outcome, NULL), &outcome);
}

struct outcome create(enum role role, int64_t lives_ms)
{
    struct outcome outcome = {0};
    struct credential wish = {.role = role};
    wish.expires_ms = lives_ms ? clock_real_ms() + lives_ms : 0;
    return settle(auth_create_token(auth, &wish, NULL, changed, &outcome, NULL), &outcome);
}

struct outcome end_one(enum principal_kind kind, const char *id)
{
    struct outcome outcome = {0};
    return settle(auth_revoke(auth, kind, id, NULL, changed, &outcome, NULL), &outcome);
}

void owner_secret(char *out)
{
    char reason[256];
    assert_int_equal(owner_token_read(harness.folder, out, reason, sizeof reason), 0);
}
