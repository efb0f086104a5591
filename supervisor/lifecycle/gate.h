#ifndef AMID_LIFECYCLE_GATE_H
#define AMID_LIFECYCLE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/loop/defer.h"
#include "supervisor/registry/worker.h"

/*
 * A line to stand in for something of which only so much may go on at once: by priority, then in
 * order of arrival. Tickets are embedded in who stands in line; admission comes in a later loop
 * turn.
 */
enum gate_place { GATE_AWAY, GATE_WAITING, GATE_INSIDE };

struct gate_ticket {
    enum gate_place place;
    enum worker_priority priority; /* of the list it waits in */
    struct gate_ticket *previous, *next;
    void (*admit)(void *arg);
    void *arg;
};

struct gate {
    struct defer *defer;
    size_t parallel;
    size_t inside;
    size_t waiting;
    bool is_open;
    bool is_poked;
    /* Those inside go on to the next gate: nobody is let in while its line is this long. */
    struct gate *next;
    size_t next_waiting_max;
    struct gate *previous; /* whose next is this one */
    struct gate_ticket *first[WORKER_PRIORITY_MAX], *last[WORKER_PRIORITY_MAX];
};

void gate_init(struct gate *gate, struct defer *defer, size_t parallel);
void gate_lead_to(struct gate *gate, struct gate *next, size_t next_waiting_max);
void gate_set_open(struct gate *gate, bool is_open);
/* Gets in line unless already there or inside. */
void gate_enter(struct gate *gate, struct gate_ticket *ticket, enum worker_priority priority);
/* Out of the line or out of the gate; safe on a ticket that is away. */
void gate_leave(struct gate *gate, struct gate_ticket *ticket);

#endif
