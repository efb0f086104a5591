#ifndef AMID_API_CALL_H
#define AMID_API_CALL_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "common/buffer.h"
#include "supervisor/api/api.h"
#include "supervisor/auth/rights.h"
#include "supervisor/loop/timer.h"

#define API_ANSWER_MAX_BYTES ((size_t)1 << 30)

#define API_ROUTES_MAX 32

/* The arg of each route. */
struct api_route {
    struct api *api;
    http_handler_fn fn;
    enum right right;
};

struct attempts;
struct turn;
struct log_stream;
struct client_socket;

struct api {
    struct api_needs needs;
    struct api_call *calls;        /* every call that is not answered yet */
    struct turn *turns;            /* see turn.h */
    struct log_stream *streams;    /* see logs.c */
    struct client_socket *sockets; /* see sockets.c */
    size_t socket_count;
    struct timer sockets_timer;
    struct timer streams_timer;
    struct attempts *attempts; /* at signing in */
    bool is_turning;           /* see turn.c */
    bool is_closing;
    struct api_route routes[API_ROUTES_MAX];
    int64_t started_ms; /* monotonic */
};

/*
 * One request on its way through the API. Whoever holds it answers it once, with one of the
 * api_call_* below, which frees it.
 */
struct api_call {
    struct api *api;
    struct http_request *request;
    struct api_call *previous, *next;
    cJSON *json;                /* the whole body, owned; NULL for operator routes */
    const cJSON *body;          /* WebFIX "body", borrowed from json; NULL if there is none */
    const char *internal_error; /* what a 500 says, as documented for the method */
    /* Set while something is under way that calls back. For api_close: frees it, because after that
     * neither the registry nor the compiler call anybody back. */
    void (*abandon)(void *arg);
    void *abandon_arg;
};

/* NULL (and answered) when out of memory. json becomes the call's. */
struct api_call *api_call_new(struct api *api, struct http_request *request, cJSON *json);
/* Answers 503 to everything that is under way. */
void api_calls_close(struct api *api);

/* A call that answers with a JSON array: body begins with its bracket. NULL: answered. */
struct api_call *api_call_new_list(struct api *api, struct http_request *request,
                                   struct buffer *ret_body);

/* For a callee that calls back in any case, and cannot be told that nobody waits any more. */
struct api_wait {
    struct api_call *call; /* NULL: given up meanwhile */
};
/* NULL: answered. */
struct api_wait *api_wait_new(struct api *api, struct http_request *request);
/* Frees it. The call, or NULL if there is nobody to answer any more. */
struct api_call *api_wait_end(struct api_wait *wait);

/* body is taken over and left empty; a failed buffer becomes a 500. */
void api_call_answer(struct api_call *call, int status, struct buffer *body);
/* {"error":"…"} */
void api_call_refuse(struct api_call *call, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* For an enum amid_error: its HTTP status; server faults as {"error":…,"message":…}. */
void api_call_fail(struct api_call *call, int error);
void api_call_add_header(struct api_call *call, const char *name, const char *value);

/* A member of the call's body: its string, or NULL if absent or no string. */
const char *api_call_string(const struct api_call *call, const char *name);
/* {sid} or {channel} of the body as a sid in lower case; out holds ID_UUID_LEN + 1. */
bool api_call_sid(const struct api_call *call, char *out);
/* "ami.worker.<uuid>" → sid in lower case. */
bool api_sid_of_channel(const char *channel, char *out);
bool api_sid_normalize(const char *text, size_t len, char *out);

#endif
