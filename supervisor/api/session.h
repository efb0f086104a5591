#ifndef AMID_API_SESSION_H
#define AMID_API_SESSION_H

#include <stdbool.h>

#include "supervisor/auth/principal.h"
#include "supervisor/http/server.h"

struct api;

/* The http_admit_fn of the API: before a body is read, who asks and in what format. arg: struct
 * api. Everything but health needs a session; POST / needs application/json. */
bool session_admit(void *arg, struct http_request *request);
/* Whose session this is; false if nobody's. */
bool session_identify(const struct api *api, const char *session, size_t len,
                      struct principal *ret_who);

#endif
