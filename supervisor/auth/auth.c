#include "supervisor/auth/auth.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/id.h"
#include "common/log.h"
#include "supervisor/auth/auth_internal.h"

#define CAPACITY_FIRST 16

int auth_open(const struct auth_needs *needs, auth_ready_fn ready, void *arg,
              struct auth **ret_auth)
{
    struct auth *auth;
    int error;

    if (sodium_init() < 0)
        return AMID_E_INTERNAL;
    auth = calloc(1, sizeof *auth);
    if (!auth)
        return AMID_E_NOMEM;
    auth->needs = *needs;
    auth->state_folder = strdup(needs->state_folder);
    auth->ready = ready;
    auth->ready_arg = arg;
    error = auth->state_folder ? auth_load_start(auth) : AMID_E_NOMEM;
    if (error) {
        auth_close(auth);
        return error;
    }
    *ret_auth = auth;
    return 0;
}

void auth_close(struct auth *auth)
{
    if (!auth)
        return;
    auth_load_cancel(auth);
    for (struct auth_change *change = auth->changes; change; change = change->next)
        change->auth = NULL;
    if (auth->list)
        sodium_memzero(auth->list, auth->capacity * sizeof *auth->list);
    free(auth->list);
    free(auth->state_folder);
    free(auth);
}

void auth_set_limits(struct auth *auth, int64_t session_ms, uint32_t sessions_per_wallet)
{
    auth->needs.session_ms = session_ms;
    auth->needs.sessions_per_wallet = sessions_per_wallet;
}

int auth_key(const struct credential *credential, struct kv_key *ret_key)
{
    char hash[2 * CREDENTIAL_HASH_BYTES + 1];

    if (credential->kind == PRINCIPAL_OWNER_TOKEN)
        return kv_key_of(ret_key, "ami", "owner-token", NULL);
    id_hex(credential->hash, sizeof credential->hash, hash);
    return kv_key_of(ret_key, "ami", "credential", hash, NULL);
}

int auth_reserve(struct auth *auth)
{
    size_t wanted = auth->count + auth_adding(auth, PRINCIPAL_NONE) + 1;
    size_t capacity = auth->capacity > 0 ? auth->capacity : CAPACITY_FIRST;
    struct credential *list;

    if (wanted <= auth->capacity)
        return 0;
    if (wanted > AUTH_TABLE_MAX)
        return AMID_E_LIMIT;
    while (capacity < wanted)
        capacity *= 2;
    list = realloc(auth->list, capacity * sizeof *list);
    if (!list)
        return AMID_E_NOMEM;
    auth->list = list;
    auth->capacity = capacity;
    return 0;
}

void auth_push(struct auth *auth, const struct credential *credential)
{
    auth->list[auth->count++] = *credential;
}

void auth_remove(struct auth *auth, const struct credential *credential)
{
    size_t index = (size_t)(credential - auth->list);

    auth->list[index] = auth->list[--auth->count];
}

struct credential *auth_owner(const struct auth *auth)
{
    for (size_t i = 0; i < auth->count; i++) {
        if (auth->list[i].kind == PRINCIPAL_OWNER_TOKEN)
            return &auth->list[i];
    }
    return NULL;
}

static void fill_principal(const struct auth *auth, const struct credential *known,
                           struct principal *out)
{
    out->kind = known->kind;
    out->role = known->role;
    memcpy(out->id, known->id, sizeof out->id);
    memcpy(out->wallet, known->wallet, sizeof out->wallet);
    if (known->kind != PRINCIPAL_SESSION)
        return;
    out->role = ROLE_NONE;
    if (auth->needs.role_of)
        out->role = auth->needs.role_of(auth->needs.role_arg, known->wallet);
}

int auth_renew(const struct auth *auth, struct principal *principal)
{
    int64_t now_ms = clock_real_ms();

    if (principal->kind == PRINCIPAL_LOCAL || principal->kind == PRINCIPAL_NONE)
        return 0;
    for (size_t i = 0; i < auth->count; i++) {
        const struct credential *credential = &auth->list[i];

        if (credential->kind == principal->kind && strcmp(credential->id, principal->id) == 0 &&
            credential_is_good(credential, now_ms)) {
            fill_principal(auth, credential, principal);
            return 0;
        }
    }
    return AMID_E_UNAUTHORIZED;
}

const struct credential *auth_at(const struct auth *auth, size_t index)
{
    int64_t now_ms = clock_real_ms();

    for (size_t i = 0; i < auth->count; i++) {
        const struct credential *credential = &auth->list[i];

        if (!credential_is_good(credential, now_ms))
            continue;
        if (index-- == 0)
            return credential;
    }
    return NULL;
}

static void slid(void *arg, int error, const struct kv_versionstamp *stamp)
{
    (void)arg;
    (void)stamp;
    if (error)
        log_warn(&(struct log_about){.event = "session-not-stored"},
                 "the use of a session could not be stored: %s", error_text(error));
}

/* Written seldom: until then a restart forgets at most AUTH_SLIDE_MS of use. */
static void slide(struct auth *auth, struct credential *session, int64_t now_ms)
{
    struct kv_atomic *atomic;
    struct buffer value;
    struct kv_key key;
    int error;

    session->seen_ms = now_ms;
    session->expires_ms = now_ms + auth->needs.session_ms;
    if (now_ms - session->written_ms < AUTH_SLIDE_MS && now_ms >= session->written_ms)
        return;
    session->written_ms = now_ms;
    buffer_init(&value, CREDENTIAL_VALUE_BYTES);
    atomic = kv_atomic_new();
    error = atomic ? credential_to_value(session, &value) : AMID_E_NOMEM;
    if (!error)
        error = auth_key(session, &key);
    if (!error)
        error = kv_atomic_set(atomic, &key, value.data, value.len, auth->needs.session_ms);
    if (error)
        kv_atomic_free(atomic);
    else
        error = kv_commit(auth->needs.local, atomic, slid, NULL);
    buffer_free(&value);
    if (error)
        slid(NULL, error, NULL);
}

/* Looks at all of them, so that the time tells nothing of what is stored. */
static struct credential *find(struct auth *auth, const unsigned char *hash)
{
    struct credential *found = NULL;

    for (size_t i = 0; i < auth->count; i++) {
        if (sodium_memcmp(auth->list[i].hash, hash, CREDENTIAL_HASH_BYTES) == 0)
            found = &auth->list[i];
    }
    return found;
}

int auth_identify(struct auth *auth, const char *text, size_t len, struct principal *ret_principal)
{
    struct credential sent;
    struct principal principal = {0};
    int64_t now_ms = clock_real_ms();
    struct credential *known;

    if (!credential_of_secret(&sent, text, len))
        return AMID_E_UNAUTHORIZED;
    known = find(auth, sent.hash);
    if (!known || !credential_is_good(known, now_ms))
        return AMID_E_UNAUTHORIZED;
    fill_principal(auth, known, &principal);
    if (known->kind == PRINCIPAL_SESSION)
        slide(auth, known, now_ms);
    else
        known->seen_ms = now_ms;
    *ret_principal = principal;
    return 0;
}
