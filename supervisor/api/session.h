#ifndef AMID_API_SESSION_H
#define AMID_API_SESSION_H

#include <stdbool.h>

#include "supervisor/http/server.h"

/* The http_admit_fn of the API: before a body is read, who asks and in what format. arg: struct
 * api. Everything but health needs a session; POST / needs application/json. */
bool session_admit(void *arg, struct http_request *request);

#endif
