#ifndef AMID_API_ACCESS_H
#define AMID_API_ACCESS_H

#include "supervisor/api/call.h"

/* Wallets that asked to become developers, for owners: GET /api/access lists them, POST
 * /api/access/{wallet}/approve and …/deny decide, also about a wallet that never asked. All are
 * http_handler_fn; arg: struct api. */
void access_list(void *arg, struct http_request *request);
void access_decide(void *arg, struct http_request *request);

#endif
