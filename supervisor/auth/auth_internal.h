#ifndef AMID_AUTH_AUTH_INTERNAL_H
#define AMID_AUTH_AUTH_INTERNAL_H

#include <stdbool.h>

#include "supervisor/auth/auth.h"
#include "supervisor/auth/owner_token.h"

/* What the files of auth.h share; nobody outside this folder includes it. */

struct auth_load;

enum auth_change_kind { CHANGE_ADD, CHANGE_REMOVE, CHANGE_OWNER_SET, CHANGE_OWNER_REVOKE };

struct auth_change {
    struct auth_change *previous, *next;
    struct auth *auth; /* NULL: closed meanwhile */
    enum auth_change_kind kind;
    struct credential credential; /* as it will be, or was */
    char secret[CREDENTIAL_SECRET_HEX + 1];
    char ended[AUTH_ENDED_BYTES]; /* see struct auth_note */
    size_t ended_len;
    bool is_committing; /* until then it has no place yet */
    auth_done_fn fn;
    void *arg;
};

struct auth {
    struct auth_needs needs;
    char *state_folder;
    struct credential *list;
    size_t count, capacity;
    struct auth_change *changes; /* whose commits are under way */
    struct auth_load *load;      /* while it is read */
    auth_ready_fn ready;
    void *ready_arg;
};

/* While they are written, those that come stand beside those that make room for them. */
#define AUTH_TABLE_MAX (2 * (CREDENTIAL_MAX_SESSIONS + CREDENTIAL_MAX_TOKENS + 1))

/* auth.c */
/* Room for one more than there are and are being added. */
int auth_reserve(struct auth *auth);
void auth_push(struct auth *auth, const struct credential *credential);
/* The owner token's entry, NULL if it was revoked. */
struct credential *auth_owner(const struct auth *auth);
void auth_remove(struct auth *auth, const struct credential *credential);
int auth_key(const struct credential *credential, struct kv_key *ret_key);

/* auth_change.c */
/* Changes under way that will take a place in list; PRINCIPAL_NONE = of every kind. */
size_t auth_adding(const struct auth *auth, enum principal_kind kind);

/* auth_room.c */
/* Marks the sessions that make room for the one that change adds and adds their end to atomic.
 * AMID_E_LIMIT: there is no room to be had. */
int auth_make_room(struct auth *auth, struct auth_change *change, struct kv_atomic *atomic);
/* A place for one more token? AMID_E_LIMIT. */
int auth_check_tokens(struct auth *auth);
/* Adds the end of one to atomic; change takes it out when that is written. */
int auth_write_end(struct kv_atomic *atomic, struct credential *credential,
                   const struct auth_change *change);

/* auth_load.c */
int auth_load_start(struct auth *auth);
void auth_load_cancel(struct auth *auth);

#endif
