#ifndef AMID_API_AUDIT_VIEW_H
#define AMID_API_AUDIT_VIEW_H

#include "supervisor/http/server.h"

/* GET /api/audit?after=SEQ&limit=N: rows of the audit table in order, with both ends of its chain,
 * for amictl audit, which filters and verifies. arg: struct api. */
void audit_view(void *arg, struct http_request *request);

#endif
