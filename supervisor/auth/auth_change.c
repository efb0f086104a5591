#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/auth/auth_internal.h"
#include "supervisor/auth/sign_in.h"

#define VALUE_REVOKED "{\"revoked\":true}"
/* A wallet has more only if the setting was lowered; what is left goes the next time. */
#define EVICT_MAX 32

/* Those whose end this change has written are gone, or prove something again. */
static void settle_leaving(struct auth *auth, const struct auth_change *change, bool is_written)
{
    for (size_t i = auth->count; i > 0; i--) {
        struct credential *credential = &auth->list[i - 1];

        if (credential->leaving != change)
            continue;
        credential->leaving = NULL;
        if (is_written)
            auth_remove(auth, credential);
    }
}

static void replace_owner(struct auth *auth, struct auth_change *change)
{
    struct credential *owner = auth_owner(auth);
    char reason[256] = "";
    int error;

    if (owner)
        auth_remove(auth, owner);
    if (change->kind == CHANGE_OWNER_SET) {
        auth_push(auth, &change->credential);
        error = owner_token_write(auth->state_folder, change->secret, reason, sizeof reason);
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

static void committed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct auth_change *change = arg;
    struct auth *auth = change->auth;
    const char *secret = takes_place(change) && !error ? change->secret : NULL;

    (void)stamp;
    if (auth) {
        auth->adding -= takes_place(change);
        settle_leaving(auth, change, !error);
        if (!error)
            apply(auth, change);
        if (change->fn)
            change->fn(change->arg, error, error ? NULL : &change->credential, secret);
    }
    change_free(change);
}

static int change_new(struct auth *auth, enum auth_change_kind kind, struct kv_atomic **atomic,
                      struct auth_change **ret_change)
{
    struct auth_change *change = calloc(1, sizeof *change);

    if (!*atomic)
        *atomic = kv_atomic_new();
    if (!change || !*atomic) {
        free(change);
        kv_atomic_free(*atomic);
        return AMID_E_NOMEM;
    }
    change->auth = auth;
    change->kind = kind;
    change->next = auth->changes;
    if (change->next)
        change->next->previous = change;
    auth->changes = change;
    *ret_change = change;
    return 0;
}

/* Consumes change and atomic; error: of what was built so far. */
static int change_commit(struct auth_change *change, struct kv_atomic *atomic, int error,
                         auth_done_fn fn, void *arg, struct auth_change **ret_change)
{
    struct auth *auth = change->auth;

    change->fn = fn;
    change->arg = arg;
    if (error)
        kv_atomic_free(atomic);
    else
        error = kv_commit(auth->needs.local, atomic, committed, change);
    if (error) {
        settle_leaving(auth, change, false);
        change_free(change);
        return error;
    }
    auth->adding += takes_place(change);
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

static int write_end(struct kv_atomic *atomic, struct credential *credential,
                     const struct auth_change *change)
{
    struct kv_key key;
    int error = auth_key(credential, &key);

    if (!error)
        error = kv_atomic_delete(atomic, &key);
    if (!error)
        credential->leaving = change;
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

static size_t count_kind(const struct auth *auth, enum principal_kind kind, const char *wallet,
                         struct credential **ret_oldest)
{
    size_t count = 0;

    for (size_t i = 0; i < auth->count; i++) {
        struct credential *credential = &auth->list[i];

        if (credential->kind != kind || credential->leaving ||
            (wallet && strcmp(credential->wallet, wallet) != 0))
            continue;
        count++;
        if (ret_oldest && (!*ret_oldest || credential->seen_ms < (*ret_oldest)->seen_ms))
            *ret_oldest = credential;
    }
    return count;
}

static int evict(struct auth *auth, const struct auth_change *change, struct kv_atomic *atomic)
{
    const char *wallet = change->credential.wallet;
    int error = 0;

    for (int i = 0; i < EVICT_MAX && !error; i++) {
        struct credential *oldest = NULL;

        if (count_kind(auth, PRINCIPAL_SESSION, wallet, &oldest) < auth->needs.sessions_per_wallet)
            break;
        if (!oldest)
            break;
        error = write_end(atomic, oldest, change);
    }
    return error;
}

static int refuse_replay(struct kv_atomic *atomic, const char *hash)
{
    static const char value[] = "true";
    struct kv_key key;
    int error = kv_key_of(&key, "ami", "replay", hash, NULL);

    if (!error)
        error = kv_atomic_check(atomic, &key, NULL);
    if (!error)
        error = kv_atomic_set(atomic, &key, value, sizeof value - 1, SIGN_IN_REMEMBER_MS);
    return error;
}

/* Is there a place for one more of a kind? */
static int check_bound(struct auth *auth, enum principal_kind kind, size_t most)
{
    drop_expired(auth);
    if (count_kind(auth, kind, NULL, NULL) + auth->adding >= most)
        return AMID_E_LIMIT;
    return auth_reserve(auth);
}

static void begin_life(struct credential *credential, char *secret)
{
    credential_make(credential, secret);
    credential->created_ms = credential->seen_ms = credential->written_ms = clock_real_ms();
}

int auth_sign_in(struct auth *auth, const char *wallet, const char *hash, struct kv_atomic *atomic,
                 auth_done_fn fn, void *arg, struct auth_change **ret_change)
{
    struct auth_change *change;
    int error;

    if (strlen(wallet) != PRINCIPAL_WALLET_LEN) {
        kv_atomic_free(atomic);
        return AMID_E_INVALID;
    }
    error = change_new(auth, CHANGE_ADD, &atomic, &change);
    if (error)
        return error;
    change->credential.kind = PRINCIPAL_SESSION;
    memcpy(change->credential.wallet, wallet, PRINCIPAL_WALLET_LEN + 1);
    begin_life(&change->credential, change->secret);
    change->credential.expires_ms = change->credential.created_ms + auth->needs.session_ms;
    if (hash)
        error = refuse_replay(atomic, hash);
    if (!error)
        error = evict(auth, change, atomic);
    if (!error)
        error = check_bound(auth, PRINCIPAL_SESSION, CREDENTIAL_MAX_SESSIONS);
    if (!error)
        error = write_value(atomic, &change->credential);
    return change_commit(change, atomic, error, fn, arg, ret_change);
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

int auth_create_token(struct auth *auth, const struct credential *wish, struct kv_atomic *atomic,
                      auth_done_fn fn, void *arg, struct auth_change **ret_change)
{
    struct auth_change *change;
    int error;

    if (!is_wish(wish)) {
        kv_atomic_free(atomic);
        return AMID_E_INVALID;
    }
    error = change_new(auth, CHANGE_ADD, &atomic, &change);
    if (error)
        return error;
    change->credential = *wish;
    change->credential.kind = PRINCIPAL_TOKEN;
    change->credential.leaving = NULL;
    begin_life(&change->credential, change->secret);
    error = check_bound(auth, PRINCIPAL_TOKEN, CREDENTIAL_MAX_TOKENS);
    if (!error)
        error = write_value(atomic, &change->credential);
    return change_commit(change, atomic, error, fn, arg, ret_change);
}

int auth_revoke(struct auth *auth, enum principal_kind kind, const char *id,
                struct kv_atomic *atomic, auth_done_fn fn, void *arg,
                struct auth_change **ret_change)
{
    struct credential *found = NULL;
    struct auth_change *change;
    int error;

    for (size_t i = 0; i < auth->count; i++) {
        if (auth->list[i].kind == kind && !auth->list[i].leaving &&
            strcmp(auth->list[i].id, id) == 0)
            found = &auth->list[i];
    }
    if (!found || kind == PRINCIPAL_OWNER_TOKEN) {
        kv_atomic_free(atomic);
        return AMID_E_NOT_FOUND;
    }
    error = change_new(auth, CHANGE_REMOVE, &atomic, &change);
    if (error)
        return error;
    change->credential = *found;
    error = write_end(atomic, found, change);
    return change_commit(change, atomic, error, fn, arg, ret_change);
}

int auth_rotate_owner(struct auth *auth, struct kv_atomic *atomic, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change)
{
    struct auth_change *change;
    int error = change_new(auth, CHANGE_OWNER_SET, &atomic, &change);

    if (error)
        return error;
    change->credential.kind = PRINCIPAL_OWNER_TOKEN;
    change->credential.role = ROLE_OWNER;
    begin_life(&change->credential, change->secret);
    error = auth_reserve(auth);
    if (!error)
        error = write_value(atomic, &change->credential);
    return change_commit(change, atomic, error, fn, arg, ret_change);
}

int auth_revoke_owner(struct auth *auth, struct kv_atomic *atomic, auth_done_fn fn, void *arg,
                      struct auth_change **ret_change)
{
    struct auth_change *change;
    struct kv_key key;
    int error = change_new(auth, CHANGE_OWNER_REVOKE, &atomic, &change);

    if (error)
        return error;
    change->credential.kind = PRINCIPAL_OWNER_TOKEN;
    error = auth_key(&change->credential, &key);
    if (!error)
        error = kv_atomic_set(atomic, &key, VALUE_REVOKED, sizeof VALUE_REVOKED - 1, 0);
    return change_commit(change, atomic, error, fn, arg, ret_change);
}
