#include "supervisor/loop/defer.h"

#include <stdbool.h>
#include <stdlib.h>

#include "common/error.h"

struct deferred {
    struct deferred *next;
    void (*fn)(void *arg);
    void *arg;
};

#define DEFER_LAST_ROUNDS 64 /* of defer_free: calls that keep queueing calls end here */

struct defer {
    struct event *turn_end;
    bool is_running;
    struct deferred *first;
    struct deferred **last;
};

/* Runs what was queued when it began. What those calls queue waits for another turn by way of a
 * timeout of 0: libevent would run an event activated again in the same turn, and a call that
 * queues itself would keep the loop from its sockets. */
static void defer_run(struct defer *defer)
{
    struct deferred *call = defer->first;

    defer->first = NULL;
    defer->last = &defer->first;
    defer->is_running = true;
    while (call != NULL) {
        struct deferred *next = call->next;

        call->fn(call->arg);
        free(call);
        call = next;
    }
    defer->is_running = false;
    if (defer->first != NULL)
        event_add(defer->turn_end, &(struct timeval){0, 0});
}

static void defer_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    defer_run(arg);
}

struct defer *defer_new(struct event_base *base)
{
    struct defer *defer = calloc(1, sizeof(*defer));

    if (defer == NULL)
        return NULL;
    defer->last = &defer->first;
    defer->turn_end = event_new(base, -1, 0, defer_event, defer);
    if (defer->turn_end == NULL) {
        free(defer);
        return NULL;
    }
    return defer;
}

void defer_free(struct defer *defer)
{
    struct deferred *call;

    if (defer == NULL)
        return;
    for (int round = 0; defer->first != NULL && round < DEFER_LAST_ROUNDS; round++)
        defer_run(defer);
    call = defer->first;
    while (call != NULL) {
        struct deferred *next = call->next;

        free(call);
        call = next;
    }
    event_free(defer->turn_end);
    free(defer);
}

int defer_call(struct defer *defer, void (*fn)(void *arg), void *arg)
{
    struct deferred *call = malloc(sizeof(*call));

    if (call == NULL)
        return AMID_E_NOMEM;
    *call = (struct deferred){.fn = fn, .arg = arg};
    if (defer->first == NULL && !defer->is_running)
        event_active(defer->turn_end, EV_TIMEOUT, 1);
    *defer->last = call;
    defer->last = &call->next;
    return 0;
}
