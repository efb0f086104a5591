#ifndef AMID_API_SESSION_H
#define AMID_API_SESSION_H

#include <stdbool.h>

#include "supervisor/api/call.h"
#include "supervisor/auth/rights.h"
#include "supervisor/http/server.h"
#include "supervisor/registry/registry.h"

/* The http_admit_fn of the API: before a body is read, who asks, whether the route's right is his
 * at all, and in what format he asks. arg: struct api. POST / needs application/json. */
bool session_admit(void *arg, struct http_request *request);
/* Whose session this is; false if nobody's. */
bool session_identify(const struct api *api, const char *session, size_t len,
                      struct principal *ret_who);

/* Who asks, as admit found out; kind PRINCIPAL_NONE where no session was needed or sent. */
const struct principal *session_principal(const struct http_request *request);
/* entry NULL: about no worker, or about any. */
bool session_may(const struct http_request *request, enum right right,
                 const struct registry_entry *entry);
/* Whether he who asked a while ago (before a body came, a script was compiled, others had their
 * turn) may still, about the entry as it is now. 0, AMID_E_UNAUTHORIZED or AMID_E_DENIED. */
int session_renew(const struct api *api, struct http_request *request, enum right right,
                  const struct registry_entry *entry);
/* Answers 401 to who is not known, 403 to who is. */
void session_refuse(struct api *api, struct http_request *request);
/* The same for a call, which it frees. */
void session_refuse_call(struct api_call *call);

#endif
