#ifndef AMID_AUTH_ROSTER_H
#define AMID_AUTH_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/auth/principal.h"
#include "supervisor/config.h"
#include "supervisor/kv/kv.h"

/*
 * What each wallet may do: the lists of the settings, and developers that an owner has approved
 * since. Who asks to become one is kept under ["ami","access",wallet] of the local space, where no
 * script reaches (RULES 23), read once at the start.
 */
struct roster;
struct roster_change;

#define ROSTER_ENTRIES_MAX 500 /* one page of the store */
/* Requests nobody has decided. More are refused, so that strangers cannot fill the roster. */
#define ROSTER_PENDING_MAX 100
#define ROSTER_PENDING_MS  (INT64_C(30) * 24 * 3600 * 1000) /* then a request is forgotten */

enum roster_state { ROSTER_PENDING, ROSTER_APPROVED, ROSTER_DENIED, ROSTER_STATE_MAX };

struct roster_entry {
    char wallet[PRINCIPAL_WALLET_LEN + 1];
    enum roster_state state;
    int64_t at_ms; /* wall clock: asked, or decided */
};

typedef void (*roster_ready_fn)(void *arg, int error);
/* config is borrowed, and read anew whenever it is asked. ready is called once, from the loop. */
int roster_open(struct kv *local, const struct config *config, roster_ready_fn ready, void *arg,
                struct roster **ret_roster);
/* After the store is drained. Changes under way are not told any more. */
void roster_close(struct roster *roster);

/* arg: struct roster. */
enum role roster_role(void *arg, const char *wallet);
/* NULL if the wallet never asked. */
const struct roster_entry *roster_find(const struct roster *roster, const char *wallet);
/* In no order; NULL behind the last. Valid until the loop turns. */
const struct roster_entry *roster_at(const struct roster *roster, size_t index);

/*
 * Stores what state the wallet is in. atomic: what is to be part of the commit, or NULL; consumed
 * whatever is returned. 0: fn is called once, later, unless the change was abandoned or the roster
 * closed. AMID_E_LIMIT: too many ask. AMID_E_INVALID: no address.
 */
typedef void (*roster_done_fn)(void *arg, int error);
int roster_set(struct roster *roster, const char *wallet, enum roster_state state,
               struct kv_atomic *atomic, roster_done_fn fn, void *arg,
               struct roster_change **ret_change);
/* A wallet asks to become a developer: pending from now on if nothing is known of it and no owner
 * is deciding just now; else it stays as it is, and atomic is committed all the same. atomic is not
 * NULL; otherwise as roster_set. */
int roster_ask(struct roster *roster, const char *wallet, struct kv_atomic *atomic,
               roster_done_fn fn, void *arg, struct roster_change **ret_change);
/* fn is not called any more; what is under way goes on. */
void roster_change_abandon(struct roster_change *change);
const char *roster_state_name(enum roster_state state);

#endif
