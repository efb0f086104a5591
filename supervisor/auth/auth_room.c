#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/auth/auth_internal.h"

/* A wallet has more only if the setting was lowered; what is left goes the next time. */
#define ENDS_MAX 32

/* Which sessions a bound is about. */
struct kin {
    const char *wallet; /* of this one; NULL = of all that may do no more than most */
    enum role most;
};

int auth_write_end(struct kv_atomic *atomic, struct credential *credential,
                   const struct auth_change *change)
{
    struct kv_key key;
    int error = auth_key(credential, &key);

    if (!error)
        error = kv_atomic_delete(atomic, &key);
    if (!error) {
        credential->leaving = change;
        credential->makes_room = change->kind == CHANGE_ADD;
    }
    return error;
}

/* The store forgets what has expired by itself. */
static void drop_expired(struct auth *auth)
{
    int64_t now_ms = clock_real_ms();

    for (size_t i = auth->count; i > 0; i--) {
        if (!auth->list[i - 1].leaving && credential_is_expired(&auth->list[i - 1], now_ms))
            auth_remove(auth, &auth->list[i - 1]);
    }
}

static bool is_kin(const struct auth *auth, const struct kin *kin, const struct credential *session)
{
    if (session->kind != PRINCIPAL_SESSION)
        return false;
    if (kin->wallet)
        return strcmp(session->wallet, kin->wallet) == 0;
    return !auth->needs.role_of ||
           auth->needs.role_of(auth->needs.role_arg, session->wallet) <= kin->most;
}

/* With those that are being written; the oldest of those that may go. */
static size_t count_kin(struct auth *auth, const struct kin *kin, struct credential **ret_oldest)
{
    size_t count = 0;

    for (const struct auth_change *change = auth->changes; change; change = change->next)
        count += change->is_committing && change->kind == CHANGE_ADD &&
                 is_kin(auth, kin, &change->credential);
    for (size_t i = 0; i < auth->count; i++) {
        struct credential *credential = &auth->list[i];

        if (credential->leaving || !is_kin(auth, kin, credential))
            continue;
        count++;
        if (!*ret_oldest || credential->seen_ms < (*ret_oldest)->seen_ms)
            *ret_oldest = credential;
    }
    return count;
}

static int end_one(struct auth_change *change, struct credential *session, struct kv_atomic *atomic)
{
    char *end = change->ended + change->ended_len;
    size_t room = sizeof change->ended - change->ended_len;
    int len = snprintf(end, room, "%s%s", change->ended_len > 0 ? " " : "", session->id);

    if (len > 0 && (size_t)len < room)
        change->ended_len += (size_t)len;
    else
        *end = '\0'; /* no half of an id */
    return auth_write_end(atomic, session, change);
}

/* Until there is room for one more of the kin. AMID_E_LIMIT: those that are being written take all
 * the places. */
static int end_oldest(struct auth *auth, const struct kin *kin, size_t most,
                      struct auth_change *change, struct kv_atomic *atomic)
{
    int error = 0;

    for (int i = 0; i < ENDS_MAX && !error; i++) {
        struct credential *oldest = NULL;

        if (count_kin(auth, kin, &oldest) < most)
            return 0;
        error = oldest ? end_one(change, oldest, atomic) : AMID_E_LIMIT;
    }
    return error;
}

static size_t count_kind(const struct auth *auth, enum principal_kind kind)
{
    size_t count = auth_adding(auth, kind);

    for (size_t i = 0; i < auth->count; i++)
        count += auth->list[i].kind == kind && !auth->list[i].leaving;
    return count;
}

int auth_make_room(struct auth *auth, struct auth_change *change, struct kv_atomic *atomic)
{
    const char *wallet = change->credential.wallet;
    struct kin own = {.wallet = wallet}, weaker = {.most = ROLE_NONE};
    struct credential *oldest = NULL;
    int error;

    drop_expired(auth);
    error = end_oldest(auth, &own, auth->needs.sessions_per_wallet, change, atomic);
    if (auth->needs.role_of)
        weaker.most = auth->needs.role_of(auth->needs.role_arg, wallet);
    if (!error && auth->needs.role_of && weaker.most == ROLE_NONE)
        error = end_oldest(auth, &weaker, AUTH_STRANGERS_MAX, change, atomic);
    if (!error && count_kind(auth, PRINCIPAL_SESSION) >= CREDENTIAL_MAX_SESSIONS) {
        count_kin(auth, &weaker, &oldest);
        error = oldest ? end_one(change, oldest, atomic) : AMID_E_LIMIT;
    }
    return error ? error : auth_reserve(auth);
}

int auth_check_tokens(struct auth *auth)
{
    drop_expired(auth);
    if (count_kind(auth, PRINCIPAL_TOKEN) >= CREDENTIAL_MAX_TOKENS)
        return AMID_E_LIMIT;
    return auth_reserve(auth);
}
