#ifndef AMID_API_LOGS_H
#define AMID_API_LOGS_H

#include "supervisor/api/call.h"

#define LOGS_LINES_DEFAULT 100
#define LOGS_LINES_MAX     10000
#define LOGS_STREAMS_MAX   128
#define LOGS_STREAMS_EACH  32   /* of one session or token */
#define LOGS_RENEW_MS      5000 /* how often it is asked whether a reader may read still */

/* GET …/logs: a JSON array of the last lines, or with follow=1 a text/event-stream of them and of
 * those to come. */
void logs_answer(struct api *api, struct http_request *request, const char *sid);
/* GET /api/worker/logs/stream?sid=&follow=: the lines as the web client reads them, events of
 * {"type":"connected"|"log"|"complete"|"error",…}. An http_handler_fn; arg: struct api. */
void logs_stream(void *arg, struct http_request *request);
/* Of api->streams_timer: ends the streams of those who may not read them any more. arg: struct api.
 */
void logs_tick(void *arg);
/* Ends every stream. */
void logs_close(struct api *api);

#endif
