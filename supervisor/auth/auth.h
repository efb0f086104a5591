#ifndef AMID_AUTH_AUTH_H
#define AMID_AUTH_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/auth/credential.h"
#include "supervisor/auth/principal.h"
#include "supervisor/kv/kv.h"

/*
 * Sessions and tokens of this node: entries of the local space under ["ami","credential",hash] and
 * ["ami","owner-token"], which no script reaches (RULES 23), read once at the start into a bounded
 * table in memory. Every change is durable before it is told.
 *
 * The owner token is made at the very first start and written to <state>/owner.token, or taken over
 * from there if an older amid has left one. From then on the stored hash counts: a file that is
 * removed or changed neither makes a new token nor brings back a revoked one.
 */
struct auth;
struct auth_change;

#define AUTH_SLIDE_MS (INT64_C(5) * 60 * 1000) /* a session's use is stored so often */
/* Sessions of wallets that may do nothing: they see themselves signed in and can ask for more, but
 * must not take the places of others. */
#define AUTH_STRANGERS_MAX 64

struct auth_needs {
    struct kv *local;
    const char *state_folder; /* copied */
    int64_t session_ms;       /* without use */
    uint32_t sessions_per_wallet;
    /* What a wallet may do today; NULL = nothing. */
    enum role (*role_of)(void *arg, const char *wallet);
    void *role_arg;
};

/* error 0, or why the stored ones could not be read or the first owner token not be made; reason is
 * a sentence then. Called once, from the loop. */
typedef void (*auth_ready_fn)(void *arg, int error, const char *reason);
int auth_open(const struct auth_needs *needs, auth_ready_fn ready, void *arg,
              struct auth **ret_auth);
/* After the store is drained. Changes under way are not told any more. */
void auth_close(struct auth *auth);
void auth_set_limits(struct auth *auth, int64_t session_ms, uint32_t sessions_per_wallet);

/*
 * Who holds this secret (a session, an API token, the owner token). Takes the same time whatever is
 * sent. 0, or AMID_E_UNAUTHORIZED for what is unknown, expired or revoked. A session's expiry
 * slides.
 */
int auth_identify(struct auth *auth, const char *text, size_t len, struct principal *ret_principal);

/*
 * What is to be part of the same commit as a change, an audit row: asked once, before the change is
 * written. credential is as it will be, or was. ended: the public ids of the sessions that make
 * room for it, a space between them; "" = none. An error ends the change.
 */
#define AUTH_ENDED_BYTES 320
struct auth_note {
    int (*fn)(void *arg, const struct credential *credential, const char *ended,
              struct kv_atomic *atomic);
    void *arg;
};

/*
 * Changes. note may be NULL. 0: fn is called once, later, unless auth_change_abandon was called or
 * auth is closed. credential and secret are valid until fn returns; secret is NULL where none was
 * made, both on error. ret_change may be NULL.
 */
typedef void (*auth_done_fn)(void *arg, int error, const struct credential *credential,
                             const char *secret);
/* A session for a wallet. Beyond a bound the session unused longest goes: of the wallet's own, of
 * strangers' for a stranger, and where there are CREDENTIAL_MAX_SESSIONS, of all wallets that may
 * do no more than this one (AMID_E_LIMIT: there is none). hash: of the transaction that proved it,
 * or NULL: AMID_E_CONFLICT if it was used before. */
int auth_sign_in(struct auth *auth, const char *wallet, const char *hash,
                 const struct auth_note *note, auth_done_fn fn, void *arg,
                 struct auth_change **ret_change);
/* wish: role, name, wallet (needed by developers), expires_ms. AMID_E_INVALID, AMID_E_LIMIT. */
int auth_create_token(struct auth *auth, const struct credential *wish,
                      const struct auth_note *note, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change);
/* kind: PRINCIPAL_SESSION or PRINCIPAL_TOKEN. AMID_E_NOT_FOUND. */
int auth_revoke(struct auth *auth, enum principal_kind kind, const char *id,
                const struct auth_note *note, auth_done_fn fn, void *arg,
                struct auth_change **ret_change);
/*
 * A new owner token, also after it was revoked. It lies in <state>/owner.token.next before its hash
 * is stored and becomes owner.token afterwards, at the next start if amid is killed in between: the
 * token in force is always in one of the two. AMID_E_CONFLICT: one is being made or revoked
 * already.
 */
int auth_rotate_owner(struct auth *auth, const struct auth_note *note, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change);
/* From now on there is none, and no file. AMID_E_CONFLICT as above. */
int auth_revoke_owner(struct auth *auth, const struct auth_note *note, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change);
/* fn is not called any more; what is under way goes on. */
void auth_change_abandon(struct auth_change *change);

/* Who a principal found earlier is now: AMID_E_UNAUTHORIZED if what it was found by proves nothing
 * any more. One that was not found here (PRINCIPAL_LOCAL, PRINCIPAL_NONE) stays as it is. */
int auth_renew(const struct auth *auth, struct principal *principal);
/* All that prove something, in no order; NULL behind the last. Valid until the loop turns. */
const struct credential *auth_at(const struct auth *auth, size_t index);

#endif
