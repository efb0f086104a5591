#ifndef AMID_API_CREDENTIALS_H
#define AMID_API_CREDENTIALS_H

#include "supervisor/api/call.h"

/* Routes over sessions and tokens, for owners only. All are http_handler_fn; arg: struct api. A
 * secret is in the answer that made it and nowhere else. */
void credentials_sessions(void *arg, struct http_request *request); /* GET /api/sessions */
void credentials_revoke_session(void *arg, struct http_request *request);
void credentials_tokens(void *arg, struct http_request *request); /* GET /api/tokens */
void credentials_create(void *arg, struct http_request *request); /* POST /api/tokens */
void credentials_revoke_token(void *arg, struct http_request *request);
void credentials_rotate_owner(void *arg, struct http_request *request); /* POST /api/owner-token */
void credentials_revoke_owner(void *arg, struct http_request *request); /* DELETE */

/* Of POST /api/tokens, in milliseconds: ten years. */
#define TOKEN_EXPIRES_MAX_MS (INT64_C(3650) * 24 * 3600 * 1000)

#endif
