#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/auth/auth_internal.h"
#include "supervisor/auth/replay.h"

#define VALUE_REVOKED "{\"revoked\":true}"
#define REASON_BYTES  256

/* Those whose end this change has written are gone, or prove something again. */
static void settle_leaving(struct auth *auth, const struct auth_change *change, bool is_written)
{
    for (size_t i = auth->count; i > 0; i--) {
        struct credential *credential = &auth->list[i - 1];

        if (credential->leaving != change)
            continue;
        credential->leaving = NULL;
        credential->makes_room = false;
        if (is_written)
            auth_remove(auth, credential);
    }
}

static void replace_owner(struct auth *auth, struct auth_change *change)
{
    struct credential *owner = auth_owner(auth);
    char reason[REASON_BYTES] = "";
    int error;

    if (owner)
        auth_remove(auth, owner);
    if (change->kind == CHANGE_OWNER_SET) {
        auth_push(auth, &change->credential);
        error = owner_token_take_next(auth->state_folder, reason, sizeof reason);
    } else {
        error = owner_token_remove(auth->state_folder, reason, sizeof reason);
    }
    if (error)
        log_error(&(struct log_about){.event = "owner-token-file"}, "%s", reason);
}

static void apply(struct auth *auth, struct auth_change *change)
{
    if (change->kind == CHANGE_ADD)
        auth_push(auth, &change->credential);
    else if (change->kind != CHANGE_REMOVE)
        replace_owner(auth, change);
}

static void change_free(struct auth_change *change)
{
    if (change->previous)
        change->previous->next = change->next;
    else if (change->auth)
        change->auth->changes = change->next;
    if (change->next)
        change->next->previous = change->previous;
    sodium_memzero(change->secret, sizeof change->secret);
    free(change);
}

static bool takes_place(const struct auth_change *change)
{
    return change->kind == CHANGE_ADD || change->kind == CHANGE_OWNER_SET;
}

size_t auth_adding(const struct auth *auth, enum principal_kind kind)
{
    size_t count = 0;

    for (const struct auth_change *change = auth->changes; change; change = change->next)
        count += change->is_committing && takes_place(change) &&
                 (kind == PRINCIPAL_NONE || kind == change->credential.kind);
    return count;
}

static bool is_owner_changing(const struct auth *auth)
{
    for (const struct auth_change *change = auth->changes; change; change = change->next) {
        if (change->credential.kind == PRINCIPAL_OWNER_TOKEN)
            return true;
    }
    return false;
}

static void committed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct auth_change *change = arg;
    struct auth *auth = change->auth;
    const char *secret = takes_place(change) && !error ? change->secret : NULL;

    (void)stamp;
    if (auth) {
        change->is_committing = false;
        settle_leaving(auth, change, !error);
        if (!error)
            apply(auth, change);
        if (change->fn)
            change->fn(change->arg, error, error ? NULL : &change->credential, secret);
    }
    change_free(change);
}

static int change_new(struct auth *auth, enum auth_change_kind kind, struct kv_atomic **ret_atomic,
                      struct auth_change **ret_change)
{
    struct auth_change *change = calloc(1, sizeof *change);
    struct kv_atomic *atomic = kv_atomic_new();

    if (!change || !atomic) {
        free(change);
        kv_atomic_free(atomic);
        return AMID_E_NOMEM;
    }
    change->auth = auth;
    change->kind = kind;
    change->next = auth->changes;
    if (change->next)
        change->next->previous = change;
    auth->changes = change;
    *ret_atomic = atomic;
    *ret_change = change;
    return 0;
}

/* Consumes change and atomic; error: of what was built so far. */
static int change_commit(struct auth_change *change, struct kv_atomic *atomic, int error,
                         const struct auth_note *note, struct auth_change **ret_change)
{
    struct auth *auth = change->auth;

    if (!error && note)
        error = note->fn(note->arg, &change->credential, change->ended, atomic);
    if (error)
        kv_atomic_free(atomic);
    else
        error = kv_commit(auth->needs.local, atomic, committed, change);
    if (error) {
        settle_leaving(auth, change, false);
        change_free(change);
        return error;
    }
    change->is_committing = true;
    if (ret_change)
        *ret_change = change;
    return 0;
}

void auth_change_abandon(struct auth_change *change)
{
    change->fn = NULL;
}

static int write_value(struct kv_atomic *atomic, const struct credential *credential)
{
    int64_t expire_in_ms = 0;
    struct buffer value;
    struct kv_key key;
    int error = auth_key(credential, &key);

    if (error)
        return error;
    if (credential->expires_ms > 0)
        expire_in_ms = credential->expires_ms - clock_real_ms();
    if (expire_in_ms < 0 || expire_in_ms > KV_EXPIRE_MAX_MS)
        return AMID_E_INVALID;
    buffer_init(&value, CREDENTIAL_VALUE_BYTES);
    error = credential_to_value(credential, &value);
    if (!error)
        error = kv_atomic_set(atomic, &key, value.data, value.len, expire_in_ms);
    buffer_free(&value);
    return error;
}

static void begin_life(struct credential *credential, char *secret)
{
    credential_make(credential, secret);
    credential->created_ms = credential->seen_ms = credential->written_ms = clock_real_ms();
}

int auth_sign_in(struct auth *auth, const char *wallet, const char *hash,
                 const struct auth_note *note, auth_done_fn fn, void *arg,
                 struct auth_change **ret_change)
{
    struct auth_change *change;
    struct kv_atomic *atomic;
    int error;

    if (strlen(wallet) != PRINCIPAL_WALLET_LEN)
        return AMID_E_INVALID;
    error = change_new(auth, CHANGE_ADD, &atomic, &change);
    if (error)
        return error;
    change->fn = fn;
    change->arg = arg;
    change->credential.kind = PRINCIPAL_SESSION;
    memcpy(change->credential.wallet, wallet, PRINCIPAL_WALLET_LEN + 1);
    begin_life(&change->credential, change->secret);
    change->credential.expires_ms = change->credential.created_ms + auth->needs.session_ms;
    if (hash)
        error = replay_refuse(atomic, hash);
    if (!error)
        error = auth_make_room(auth, change, atomic);
    if (!error)
        error = write_value(atomic, &change->credential);
    return change_commit(change, atomic, error, note, ret_change);
}

static bool is_wish(const struct credential *wish)
{
    size_t len = strlen(wish->wallet);

    if (wish->role <= ROLE_NONE || wish->role >= ROLE_MAX || !credential_name_is_valid(wish->name))
        return false;
    if (wish->role == ROLE_DEVELOPER && len == 0)
        return false;
    if (wish->expires_ms != 0 && wish->expires_ms <= clock_real_ms())
        return false;
    return len == 0 || len == PRINCIPAL_WALLET_LEN;
}

int auth_create_token(struct auth *auth, const struct credential *wish,
                      const struct auth_note *note, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change)
{
    struct auth_change *change;
    struct kv_atomic *atomic;
    int error = is_wish(wish) ? auth_check_tokens(auth) : AMID_E_INVALID;

    if (!error)
        error = change_new(auth, CHANGE_ADD, &atomic, &change);
    if (error)
        return error;
    change->fn = fn;
    change->arg = arg;
    change->credential = *wish;
    change->credential.kind = PRINCIPAL_TOKEN;
    change->credential.leaving = NULL;
    begin_life(&change->credential, change->secret);
    error = write_value(atomic, &change->credential);
    return change_commit(change, atomic, error, note, ret_change);
}

int auth_revoke(struct auth *auth, enum principal_kind kind, const char *id,
                const struct auth_note *note, auth_done_fn fn, void *arg,
                struct auth_change **ret_change)
{
    struct credential *found = NULL;
    struct auth_change *change;
    struct kv_atomic *atomic;
    int error;

    for (size_t i = 0; i < auth->count; i++) {
        if (auth->list[i].kind == kind && strcmp(auth->list[i].id, id) == 0 &&
            (!auth->list[i].leaving || auth->list[i].makes_room))
            found = &auth->list[i];
    }
    if (!found || kind == PRINCIPAL_OWNER_TOKEN)
        return AMID_E_NOT_FOUND;
    error = change_new(auth, CHANGE_REMOVE, &atomic, &change);
    if (error)
        return error;
    change->fn = fn;
    change->arg = arg;
    change->credential = *found;
    error = auth_write_end(atomic, found, change);
    return change_commit(change, atomic, error, note, ret_change);
}

int auth_rotate_owner(struct auth *auth, const struct auth_note *note, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change)
{
    struct auth_change *change;
    struct kv_atomic *atomic;
    char reason[REASON_BYTES] = "";
    int error = is_owner_changing(auth) ? AMID_E_CONFLICT : auth_reserve(auth);

    if (!error)
        error = change_new(auth, CHANGE_OWNER_SET, &atomic, &change);
    if (error)
        return error;
    change->fn = fn;
    change->arg = arg;
    change->credential.kind = PRINCIPAL_OWNER_TOKEN;
    change->credential.role = ROLE_OWNER;
    begin_life(&change->credential, change->secret);
    error = owner_token_write_next(auth->state_folder, change->secret, reason, sizeof reason);
    if (error)
        log_error(&(struct log_about){.event = "owner-token-file"}, "%s", reason);
    else
        error = write_value(atomic, &change->credential);
    return change_commit(change, atomic, error, note, ret_change);
}

int auth_revoke_owner(struct auth *auth, const struct auth_note *note, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change)
{
    struct auth_change *change;
    struct kv_atomic *atomic;
    struct kv_key key;
    int error = is_owner_changing(auth) ? AMID_E_CONFLICT : 0;

    if (!error)
        error = change_new(auth, CHANGE_OWNER_REVOKE, &atomic, &change);
    if (error)
        return error;
    change->fn = fn;
    change->arg = arg;
    change->credential.kind = PRINCIPAL_OWNER_TOKEN;
    change->credential.role = ROLE_OWNER;
    error = auth_key(&change->credential, &key);
    if (!error)
        error = kv_atomic_set(atomic, &key, VALUE_REVOKED, sizeof VALUE_REVOKED - 1, 0);
    return change_commit(change, atomic, error, note, ret_change);
}
