#ifndef AMID_AUTH_CREDENTIAL_H
#define AMID_AUTH_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "supervisor/auth/principal.h"

/*
 * What a secret of 256 random bits (64 hex digits) proves: the owner token, an API token, or the
 * session of a wallet. The secret itself is told once and never kept; what is stored is its
 * BLAKE2b-256.
 */
#define CREDENTIAL_SECRET_HEX   64
#define CREDENTIAL_HASH_BYTES   32
#define CREDENTIAL_NAME_BYTES   64   /* of a token's name */
#define CREDENTIAL_MAX_SESSIONS 1024 /* of all wallets; each is compared at every request */
#define CREDENTIAL_MAX_TOKENS   128
#define CREDENTIAL_VALUE_BYTES  1024 /* of a rendered value */

struct credential {
    enum principal_kind kind; /* OWNER_TOKEN, TOKEN or SESSION */
    enum role role;           /* of tokens; a session's is what its wallet is today */
    const void *leaving;      /* the change that writes its end; NULL = none */
    bool makes_room;          /* leaving, but it proves what it did until that is written */
    unsigned char hash[CREDENTIAL_HASH_BYTES];
    char id[PRINCIPAL_ID_LEN + 1]; /* the first digits of the hash */
    char wallet[PRINCIPAL_WALLET_LEN + 1];
    char name[CREDENTIAL_NAME_BYTES + 1];
    int64_t created_ms; /* clock_real_ms, as the others */
    int64_t expires_ms; /* 0 = never */
    int64_t seen_ms;    /* last use, as far as it is known */
    int64_t written_ms; /* seen_ms of the stored value */
};

/* Fills secret (CREDENTIAL_SECRET_HEX + 1, wiped by the caller), hash and id. */
void credential_make(struct credential *credential, char *secret);
/* Fills hash and id from a secret; false: text is none. */
bool credential_of_secret(struct credential *credential, const char *text, size_t len);

/* The stored value. */
int credential_to_value(const struct credential *credential, struct buffer *out);
/* AMID_E_INVALID for what is no such value. */
int credential_from_value(const char *value, size_t len, struct credential *ret_credential);

/* A name without control characters, at most CREDENTIAL_NAME_BYTES. */
bool credential_name_is_valid(const char *name);
/* It proves something: it is neither expired nor being revoked. */
bool credential_is_good(const struct credential *credential, int64_t now_ms);
bool credential_is_expired(const struct credential *credential, int64_t now_ms);

#endif
