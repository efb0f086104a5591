#ifndef AMID_LIFECYCLE_SPARE_H
#define AMID_LIFECYCLE_SPARE_H

#include "supervisor/config.h"
#include "supervisor/lifecycle/gate.h"
#include "supervisor/lifecycle/runner.h"

/*
 * One process cloned ahead, so that a start need not wait for the clone: confined like every other,
 * its HELLO heard, nothing read of any owner's. It is no worker until spare_take hands it over, and
 * then only that worker's. There is one or none; while there is none, starts clone as ever. It has
 * the limits of all workers and the nice value of the highest priority, from which amid may always
 * go down; every other property of a worker comes with LOAD or is set by whoever takes it.
 */
struct spare;

struct spare_needs {
    struct event_base *base;
    struct defer *defer;
    struct children *children;
    struct zygote *zygote; /* of workers */
    const struct config *config;
    const struct gate *line; /* to the zygote: no spare is made while somebody stands there */
};

/* Rest between a start and the next spare, so that the script that has just begun goes first; more
 * after spares that ended unasked, unless they stood for a while. */
#define SPARE_REST_MS        10
#define SPARE_BACKOFF_MS     100
#define SPARE_BACKOFF_MAX_MS 5000
#define SPARE_STEADY_MS      10000

int spare_open(const struct spare_needs *needs, struct spare **ret_spare);
/* Kills and waits. */
void spare_close(struct spare *spare);
/* A spare is made of the zygote that is there, and goes with it. */
void spare_zygote_is(struct spare *spare, bool is_ready);
/* The node ends: it is killed, and none follows. */
void spare_stop(struct spare *spare);
/* A runner that has confined itself and from now on speaks to the handler, whose confined is not
 * called any more; NULL if there is none or it does not fit. A later one is made in any case. */
struct runner *spare_take(struct spare *spare, const struct runner_plan *plan,
                          const struct runner_handler *handler);

#endif
