#ifndef AMID_AUTH_AUTH_H
#define AMID_AUTH_AUTH_H

#include <stddef.h>

#include "supervisor/auth/principal.h"

/* Sessions and tokens of this node. */
struct auth;

/*
 * Who holds this secret (a session, an API token, the owner token). Takes the same time whatever is
 * sent. 0, or AMID_E_UNAUTHORIZED for what is unknown, expired or revoked. A session's expiry
 * slides.
 */
int auth_identify(struct auth *auth, const char *text, size_t len, struct principal *ret_principal);

#endif
