#ifndef AMID_TESTS_HTTP_HARNESS_H
#define AMID_TESTS_HTTP_HARNESS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "supervisor/http/server.h"

/* A real server on a loopback port with a real loop, and blocking-free clients beside it. */
struct http_harness {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    struct http_server *server;
    struct http_request *held; /* by the route /hold: answered by the test */
    int gone;                  /* times the held request's client was reported gone */
    int handled;               /* requests that reached a handler */
};

struct http_client {
    struct http_harness *harness;
    int fd;
    bool closed; /* the server closed */
    size_t len;
    char answer[4 * 1024 * 1024];
};

/* cmocka setup and teardown; *state becomes the harness. Routes: GET,POST /echo (the body), GET
 * /hold, GET /stream, POST /only-post, GET /big (1 MiB), any method /any and /files... */
int http_harness_open(void **state);
int http_harness_close(void **state);
/* Runs the loop until nothing happens any more. */
void http_harness_settle(struct http_harness *harness);
/* Moves the clock of timers. */
void http_harness_advance(struct http_harness *harness, int64_t ms);

struct http_client *http_client_open(struct http_harness *harness);
void http_client_close(struct http_client *client);
/* Sends, settles and collects what came back. */
void http_client_send(struct http_client *client, const char *text);
void http_client_send_bytes(struct http_client *client, const char *bytes, size_t len);
/* Only sends; false when the server takes no more. */
void http_client_end(struct http_client *client); /* half-close */
void http_client_collect(struct http_client *client);
void http_client_forget(struct http_client *client); /* drops what came so far */
/* The status of the n-th answer so far, 0 if there is none; *ret_body its body. */
int http_client_status(const struct http_client *client, size_t n);
size_t http_client_answers(const struct http_client *client);

#endif
