#ifndef AMID_API_SECRET_ROUTE_H
#define AMID_API_SECRET_ROUTE_H

#include "supervisor/http/server.h"

/* Secrets of scripts, for amictl secret. arg: struct api. No answer ever holds a value. */
void secret_route_list(void *arg, struct http_request *request);   /* GET /api/secrets */
void secret_route_set(void *arg, struct http_request *request);    /* POST /api/secrets/{name} */
void secret_route_remove(void *arg, struct http_request *request); /* DELETE, the same path */

#endif
