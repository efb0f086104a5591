#ifndef AMID_AUTH_OWNER_TOKEN_H
#define AMID_AUTH_OWNER_TOKEN_H

#include <stddef.h>

#include "supervisor/auth/credential.h"

/* <state>/owner.token (0600): where the owner reads his token, 64 hex digits. amid itself compares
 * with the stored hash (auth.h). reason gets a sentence on failure. */

/* Written whole or not at all, and on disk when 0 is returned. Replaces what is there. */
int owner_token_write(const char *state_folder, const char *secret, char *reason,
                      size_t reason_size);
/* ret_secret: CREDENTIAL_SECRET_HEX + 1, wiped by the caller. AMID_E_NOT_FOUND: no such file;
 * AMID_E_CORRUPT: it holds something else. */
int owner_token_read(const char *state_folder, char *ret_secret, char *reason, size_t reason_size);
/* The same for owner.token.next, which holds a token until its hash is stored. */
int owner_token_write_next(const char *state_folder, const char *secret, char *reason,
                           size_t reason_size);
int owner_token_read_next(const char *state_folder, char *ret_secret, char *reason,
                          size_t reason_size);
/* It becomes owner.token. */
int owner_token_take_next(const char *state_folder, char *reason, size_t reason_size);
/* 0 also if there is none. */
int owner_token_remove_next(const char *state_folder, char *reason, size_t reason_size);
/* The same for owner.token. */
int owner_token_remove(const char *state_folder, char *reason, size_t reason_size);

#endif
