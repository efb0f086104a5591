#ifndef AMID_TEST_FETCH_HARNESS_H
#define AMID_TEST_FETCH_HARNESS_H

#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "supervisor/fetch/transfer.h"

/* A server whose paths say how it misbehaves, and clients of fetch, in one loop. */
#define TURNS_MAX 200000 /* of the loop before a test gives up */

struct bench {
    struct event_base *base;
    struct timers *timers;
    struct evconnlistener *listener;
    struct evconnlistener *listener6;
    struct fetch *fetch;
    struct fetch_client *client;
    uint16_t port;
    char folder[32];     /* of the state */
    char permitted[512]; /* what the clients may fetch */
    unsigned connections, requests;
    char last_request[8192];
    struct bufferevent *endless; /* a connection that is kept full */
};

/* One transfer and what came of it. */
struct job {
    struct bench *bench;
    struct transfer *transfer;
    unsigned news;
};

int bench_setup(void **state);
int bench_teardown(void **state);
/* New settings; only this host list may have private addresses. */
void bench_apply(struct bench *bench, const char *allow_private);
void bench_start_with(struct fetch_client *client, struct bench *bench, struct request request,
                      struct job *job);
/* A GET of the bench's own client. */
void bench_start(struct bench *bench, struct job *job, const char *host, const char *path);
/* Until there is a head or a failure. */
void bench_run(struct job *job);
/* Reads to the end or an error, which it returns. */
int bench_read(struct job *job, size_t *ret_len);
/* What becomes of a GET: 0 and the whole body read, or the error. */
int bench_get(struct bench *bench, const char *host, const char *path, char *ret_fault);
void bench_news(void *arg);
bool bench_may(void *arg, const char *host, uint16_t port);

#endif
