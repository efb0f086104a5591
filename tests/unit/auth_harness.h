#ifndef AMID_TESTS_AUTH_HARNESS_H
#define AMID_TESTS_AUTH_HARNESS_H

#include "kv_harness.h"
#include "supervisor/auth/auth.h"

/* Sessions and tokens on a real store, for the tests of auth.h. */
#define PER_WALLET 3
#define SESSION_MS 3600000
#define DEVELOPERS "gD" /* how their wallets begin; alice has wallet_role, all others have none */

struct outcome {
    bool done;
    int error;
    struct credential credential;
    char secret[CREDENTIAL_SECRET_HEX + 1];
};

extern const char alice[35];
extern const char bob[35];
extern const char hash[65]; /* of a transaction */
extern struct harness harness;
extern struct auth *auth;
extern enum role wallet_role;

/* set_up and tear_down are for cmocka; the others wait for their outcome. */
void changed(void *arg, int error, const struct credential *credential, const char *secret);
int open_again(void);
void restart(void);
int set_up(void **state);
int tear_down(void **state);
int identify(const char *secret, struct principal *ret_principal);
bool is_known(const char *secret);
struct outcome settle(int error, struct outcome *outcome);
struct outcome sign_in(const char *wallet, const char *replay);
struct outcome create(enum role role, int64_t lives_ms);
struct outcome end_one(enum principal_kind kind, const char *id);
void owner_secret(char *out);

#endif
