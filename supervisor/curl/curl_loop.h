#ifndef AMID_CURL_CURL_LOOP_H
#define AMID_CURL_CURL_LOOP_H

#include <event2/event.h>

#include "supervisor/curl/curl_library.h"

/*
 * A multi handle of libcurl whose sockets and timer are libevent's. Embedded in its owner, who
 * creates the multi handle when there is something to ask and may close it whenever no easy handle
 * is left in it.
 */
struct curl_loop {
    struct event_base *base;
    CURLM *multi; /* NULL while closed */
    struct event *timer;
    long connections;                           /* kept for the next request */
    void (*ended)(CURL *curl, CURLcode result); /* from the loop, never from inside a call of curl;
                                                   may close the multi handle */
};

/* 0 or AMID_E_NOMEM. */
int curl_loop_init(struct curl_loop *loop, struct event_base *base, long connections,
                   void (*ended)(CURL *curl, CURLcode result));
void curl_loop_free(struct curl_loop *loop);
/* Opens the multi handle if it is closed. 0 or AMID_E_NOMEM. */
int curl_loop_add(struct curl_loop *loop, CURL *curl);
void curl_loop_remove(struct curl_loop *loop, CURL *curl);
/* Closes the connections that are kept. */
void curl_loop_close(struct curl_loop *loop);

#endif
