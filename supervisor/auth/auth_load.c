#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/auth/auth_internal.h"
#include "supervisor/kv/kv_scan.h"

#define REASON_BYTES 256

/* Reads the owner token's entry, then the others, then makes the first owner token if need be. */
struct auth_load {
    struct auth *auth;    /* NULL = cancelled */
    struct kv_scan *scan; /* of the credentials, while it is under way */
    int error;            /* of one of them */
    bool is_first_start;  /* there is no owner token, and none was revoked */
    size_t unreadable;
    bool was_made;
    char reason[REASON_BYTES];
};

static void finish(struct auth_load *load, int error)
{
    struct auth *auth = load->auth;

    if (auth) {
        auth->load = NULL;
        if (load->unreadable > 0)
            log_error(&(struct log_about){.event = "credentials-unreadable"},
                      "%zu stored sessions or tokens cannot be read; they are refused",
                      load->unreadable);
        if (error && load->reason[0] == '\0')
            snprintf(load->reason, sizeof load->reason,
                     "the sessions and tokens cannot be read: %s", error_text(error));
        auth->ready(auth->ready_arg, error, error ? load->reason : NULL);
    }
    free(load);
}

static int take(struct auth *auth, const struct credential *credential)
{
    int error;

    if (credential_is_expired(credential, clock_real_ms()))
        return 0;
    error = auth_reserve(auth);
    if (!error)
        auth_push(auth, credential);
    return error;
}

static void owner_made(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct auth_load *load = arg;

    (void)stamp;
    if (!error && load->auth && load->was_made)
        log_info(&(struct log_about){.event = "owner-token-created"},
                 "owner token written to %s/owner.token", load->auth->state_folder);
    finish(load, error);
}

/* The file's token, or a new one whose file is there before its hash is stored: what is stored can
 * always be found by its owner. */
static int first_secret(struct auth_load *load, struct credential *owner, char *secret)
{
    const char *folder = load->auth->state_folder;
    int error = owner_token_read(folder, secret, load->reason, sizeof load->reason);

    if (!error)
        return credential_of_secret(owner, secret, CREDENTIAL_SECRET_HEX) ? 0 : AMID_E_INTERNAL;
    if (error == AMID_E_CORRUPT) {
        size_t len = strlen(load->reason);
        snprintf(load->reason + len, sizeof load->reason - len,
                 "; delete it and a new one is made at the next start");
    }
    if (error != AMID_E_NOT_FOUND || load->reason[0] != '\0')
        return error;
    load->was_made = true;
    credential_make(owner, secret);
    return owner_token_write(folder, secret, load->reason, sizeof load->reason);
}

static int make_owner(struct auth_load *load)
{
    struct credential owner = {.kind = PRINCIPAL_OWNER_TOKEN, .role = ROLE_OWNER};
    char secret[CREDENTIAL_SECRET_HEX + 1];
    struct kv_atomic *atomic;
    struct buffer value;
    struct kv_key key;
    int error = first_secret(load, &owner, secret);

    sodium_memzero(secret, sizeof secret);
    if (error)
        return error;
    owner.created_ms = owner.seen_ms = clock_real_ms();
    error = take(load->auth, &owner);
    if (error)
        return error;
    atomic = kv_atomic_new();
    buffer_init(&value, CREDENTIAL_VALUE_BYTES);
    error = atomic ? credential_to_value(&owner, &value) : AMID_E_NOMEM;
    if (!error)
        error = auth_key(&owner, &key);
    if (!error)
        error = kv_atomic_set(atomic, &key, value.data, value.len, 0);
    if (error)
        kv_atomic_free(atomic);
    else
        error = kv_commit(load->auth->needs.local, atomic, owner_made, load);
    buffer_free(&value);
    return error;
}

static bool is_in_force(const struct auth *auth, const char *secret)
{
    const struct credential *owner = auth_owner(auth);
    struct credential in_file;

    return owner && credential_of_secret(&in_file, secret, CREDENTIAL_SECRET_HEX) &&
           sodium_memcmp(in_file.hash, owner->hash, sizeof in_file.hash) == 0;
}

/* Killed between storing a new token's hash and putting its file in place, or before both. */
static void finish_rotation(const struct auth *auth)
{
    char secret[CREDENTIAL_SECRET_HEX + 1], reason[REASON_BYTES] = "";
    int error = owner_token_read_next(auth->state_folder, secret, reason, sizeof reason);
    bool is_taken = !error && is_in_force(auth, secret);

    if (error == AMID_E_NOT_FOUND)
        return;
    sodium_memzero(secret, sizeof secret);
    error = is_taken ? owner_token_take_next(auth->state_folder, reason, sizeof reason)
                     : owner_token_remove_next(auth->state_folder, reason, sizeof reason);
    if (error)
        log_error(&(struct log_about){.event = "owner-token-file"}, "%s", reason);
    else if (is_taken)
        log_info(&(struct log_about){.event = "owner-token-file"},
                 "owner.token holds the token that was made when amid was killed");
}

/* The file is only where its owner reads it; that it says something else is worth a line. */
static void compare_file(const struct auth *auth)
{
    char secret[CREDENTIAL_SECRET_HEX + 1], reason[REASON_BYTES] = "";
    int error = owner_token_read(auth->state_folder, secret, reason, sizeof reason);
    bool is_same = !error && is_in_force(auth, secret);

    sodium_memzero(secret, sizeof secret);
    if (is_same || (error == AMID_E_NOT_FOUND && !auth_owner(auth)))
        return;
    log_warn(&(struct log_about){.event = "owner-token-file"},
             error == AMID_E_NOT_FOUND
                 ? "owner.token is gone, the token itself is still in force; amictl token "
                   "rotate-owner makes another"
                 : "owner.token does not hold the token in force and is ignored; amictl token "
                   "rotate-owner makes another");
}

static void all_read(struct auth_load *load)
{
    int error;

    if (!load->is_first_start) {
        finish_rotation(load->auth);
        compare_file(load->auth);
        finish(load, 0);
        return;
    }
    error = make_owner(load);
    if (error)
        finish(load, error);
}

static void credential_read(void *arg, const struct kv_entry *entry)
{
    struct auth_load *load = arg;
    struct credential credential;

    if (load->error)
        return;
    if (credential_from_value(entry->value, entry->value_len, &credential) != 0 ||
        credential.kind == PRINCIPAL_OWNER_TOKEN)
        load->unreadable++;
    else
        load->error = take(load->auth, &credential);
}

static void credentials_read(void *arg, int error)
{
    struct auth_load *load = arg;

    load->scan = NULL;
    if (!error)
        error = load->error;
    if (error)
        finish(load, error);
    else
        all_read(load);
}

static void owner_read(void *arg, int error, const struct kv_entry *entry)
{
    struct auth_load *load = arg;
    struct credential owner;
    struct kv_key prefix;

    if (!load->auth || error) {
        finish(load, error);
        return;
    }
    load->is_first_start = entry == NULL;
    /* Anything but a token means that it was revoked. */
    if (entry && credential_from_value(entry->value, entry->value_len, &owner) == 0 &&
        owner.kind == PRINCIPAL_OWNER_TOKEN)
        error = take(load->auth, &owner);
    if (!error)
        error = kv_key_of(&prefix, "ami", "credential", NULL);
    if (!error)
        error = kv_scan_start(load->auth->needs.local, &prefix, credential_read, credentials_read,
                              load, &load->scan);
    if (error)
        finish(load, error);
}

int auth_load_start(struct auth *auth)
{
    struct auth_load *load = calloc(1, sizeof *load);
    struct credential owner = {.kind = PRINCIPAL_OWNER_TOKEN};
    struct kv_key key;
    int error;

    if (!load)
        return AMID_E_NOMEM;
    load->auth = auth;
    error = auth_key(&owner, &key);
    if (!error)
        error = kv_get(auth->needs.local, &key, owner_read, load);
    if (error) {
        free(load);
        return error;
    }
    auth->load = load;
    return 0;
}

void auth_load_cancel(struct auth *auth)
{
    struct auth_load *load = auth->load;

    auth->load = NULL;
    if (load && load->scan) {
        kv_scan_cancel(load->scan);
        free(load);
    } else if (load) {
        load->auth = NULL;
    }
}
