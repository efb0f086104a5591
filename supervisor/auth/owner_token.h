#ifndef AMID_AUTH_OWNER_TOKEN_H
#define AMID_AUTH_OWNER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/* The session of the first start: 256 random bits in hex, written to <state>/owner.token (0600)
 * once and kept. Only a hash stays in memory; comparison takes the same time whatever is sent. */
struct owner_token;

int owner_token_open(const char *state_folder, struct owner_token **ret_token, char *reason,
                     size_t reason_size);
void owner_token_free(struct owner_token *token);
bool owner_token_matches(const struct owner_token *token, const char *session, size_t len);

#endif
