#ifndef AMID_BROKER_SERVE_H
#define AMID_BROKER_SERVE_H

#include "supervisor/broker/host_call.h"
#include "supervisor/serve/port.h"

/*
 * Deno.serve's half in the broker: a server is a resource over a port (serve/port.h), requests are
 * pulled in batches and answered in batches.
 */
#define SERVE_BATCH_MAX        32           /* requests in one answer to SERVE_NEXT */
#define SERVE_BATCH_JSON_BYTES (256 * 1024) /* and no further one once its JSON is this long */
#define SERVE_CHUNK_BYTES      (64 * 1024)  /* of a request's body in one answer */
/* An answer of which more is unsent lets its writer wait. */
#define SERVE_UNSENT_BYTES (128 * 1024)

/* How a request's body comes; part of the contract with the prelude. */
enum body_kind { BODY_NONE, BODY_HERE, BODY_TO_READ };

struct server {
    struct resource resource;
    struct serve_port *port;
    struct host_call *next;            /* the waiting SERVE_NEXT */
    bool is_finishing;                 /* takes no more: the next process of its worker will */
    uint32_t aborted[SERVE_TAKEN_MAX]; /* taken requests whose client has gone, to be told */
    size_t aborted_count;
};

extern const struct resource_kind server_kind;

/* broker_serve_next.c: answers the waiting SERVE_NEXT if there is anything to say. */
void server_answer_next(struct server *server);
/* broker_serve_answer.c */
/* args.answers, if there are any; false if one is none. */
bool server_take_answers(struct server *server, const cJSON *args, const uint8_t *data, size_t len);
void server_respond(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len);
void server_write(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len);
/* Goes on with a SERVE_WRITE that waited for room. */
void server_written(struct serve_request *request);

#endif
