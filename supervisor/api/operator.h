#ifndef AMID_API_OPERATOR_H
#define AMID_API_OPERATOR_H

#include "supervisor/api/call.h"

/* Routes for curl and amictl under /api, and health. All are http_handler_fn; arg: struct api. */
void operator_list(void *arg, struct http_request *request); /* GET /api/workers */
void operator_get(void *arg, struct http_request *request);  /* GET /api/workers/{sid}[/logs] */
void operator_post(void *arg, struct http_request *request); /* POST …/start|stop|restart */
void operator_delete(void *arg, struct http_request *request);
void operator_stats(void *arg, struct http_request *request);  /* GET /api/stats: the node */
void operator_health(void *arg, struct http_request *request); /* GET /healthz */
void operator_ready(void *arg, struct http_request *request);  /* GET /readyz */

#endif
