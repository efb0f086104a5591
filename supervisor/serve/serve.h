#ifndef AMID_SERVE_H
#define AMID_SERVE_H

#include <event2/event.h>
#include <stdint.h>

#include "supervisor/config.h"
#include "supervisor/loop/defer.h"
#include "supervisor/loop/timer.h"

/*
 * The ports on which workers serve HTTP. A port belongs to a worker, not to one of its processes:
 * when a process ends and another is to follow (a reload, an error), the port stays open and
 * requests wait, for a while. Knows of a worker only its sid.
 */
struct serve;

/* Open ports of one worker at most. */
#define SERVE_PORTS_MAX 8

struct serve_needs {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    const struct config *config; /* borrowed; times are read when they are needed */
};

int serve_open(const struct serve_needs *needs, struct serve **ret_serve);
/* The worker is not to run here any more: its ports are given back and what waits gets 503. */
void serve_forget(struct serve *serve, const char *sid);
/* Closes every port and connection. */
void serve_close(struct serve *serve);

#endif
