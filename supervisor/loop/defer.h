#ifndef AMID_LOOP_DEFER_H
#define AMID_LOOP_DEFER_H

#include <event2/event.h>

/* Calls to be made at the end of the current loop turn, in order: how results are delivered and
 * objects freed, so that nothing calls back from inside the call that asked, and nothing is freed
 * under a caller's feet. */
struct defer;

struct defer *defer_new(struct event_base *base);
/* Runs what is queued, and what those calls queue for a bounded number of rounds, then frees. */
void defer_free(struct defer *defer);
/* Returns 0 or AMID_E_NOMEM. */
int defer_call(struct defer *defer, void (*fn)(void *arg), void *arg);

#endif
