#include "supervisor/lifecycle/gate.h"

/* Admissions per loop turn, so that a long line does not hold up the loop. */
#define GATE_ADMITS_PER_TURN 16

void gate_init(struct gate *gate, struct defer *defer, size_t parallel)
{
    *gate = (struct gate){.defer = defer, .parallel = parallel, .is_open = true};
}

void gate_lead_to(struct gate *gate, struct gate *next, size_t next_waiting_max)
{
    gate->next = next;
    gate->next_waiting_max = next_waiting_max;
    next->previous = gate;
}

static void unlink_ticket(struct gate *gate, struct gate_ticket *ticket)
{
    if (ticket->previous != NULL)
        ticket->previous->next = ticket->next;
    else
        gate->first[ticket->priority] = ticket->next;
    if (ticket->next != NULL)
        ticket->next->previous = ticket->previous;
    else
        gate->last[ticket->priority] = ticket->previous;
    ticket->previous = ticket->next = NULL;
    gate->waiting--;
}

static struct gate_ticket *first_in_line(const struct gate *gate)
{
    for (int priority = 0; priority < WORKER_PRIORITY_MAX; priority++) {
        if (gate->first[priority] != NULL)
            return gate->first[priority];
    }
    return NULL;
}

static bool has_room(const struct gate *gate)
{
    return gate->is_open && gate->waiting > 0 && gate->inside < gate->parallel &&
           (gate->next == NULL || gate->next->waiting < gate->next_waiting_max);
}

static void gate_poke(struct gate *gate);

static void gate_admit(void *arg)
{
    struct gate *gate = arg;

    gate->is_poked = false;
    for (int i = 0; i < GATE_ADMITS_PER_TURN && has_room(gate); i++) {
        struct gate_ticket *ticket = first_in_line(gate);

        unlink_ticket(gate, ticket);
        ticket->place = GATE_INSIDE;
        gate->inside++;
        ticket->admit(ticket->arg);
    }
    gate_poke(gate);
    if (gate->previous != NULL)
        gate_poke(gate->previous);
}

static void gate_poke(struct gate *gate)
{
    if (!gate->is_poked && has_room(gate))
        gate->is_poked = defer_call(gate->defer, gate_admit, gate) == 0;
}

void gate_set_open(struct gate *gate, bool is_open)
{
    gate->is_open = is_open;
    gate_poke(gate);
}

void gate_enter(struct gate *gate, struct gate_ticket *ticket, enum worker_priority priority)
{
    if (ticket->place != GATE_AWAY)
        return;
    ticket->place = GATE_WAITING;
    ticket->priority = priority;
    ticket->next = NULL;
    ticket->previous = gate->last[priority];
    if (ticket->previous != NULL)
        ticket->previous->next = ticket;
    else
        gate->first[priority] = ticket;
    gate->last[priority] = ticket;
    gate->waiting++;
    gate_poke(gate);
}

void gate_leave(struct gate *gate, struct gate_ticket *ticket)
{
    if (ticket->place == GATE_WAITING)
        unlink_ticket(gate, ticket);
    else if (ticket->place == GATE_INSIDE)
        gate->inside--;
    ticket->place = GATE_AWAY;
    gate_poke(gate);
    if (gate->previous != NULL)
        gate_poke(gate->previous);
}
