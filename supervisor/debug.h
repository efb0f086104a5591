#ifndef AMID_DEBUG_H
#define AMID_DEBUG_H

#ifdef AMID_TEST_HOOKS

#include <event2/event.h>

#include "supervisor/loop/timer.h"

/*
 * Test builds only: <state>/debug.sock, one JSON object a line. Each line in is answered by one
 * with "ok" (true, or false with "error"):
 *   {"ping":n}           nothing else
 *   {"freeze":true}      stops the clock; false lets it go on from where it stood
 *   {"advance":ms}       moves the clock from deadline to deadline and fires what becomes due, one
 *                        loop turn each, so that what one timer starts happens in its time too;
 *                        answered when done
 *   {"step_real":ms}     sets CLOCK_REALTIME alone, forward or back
 *   {"suspend":ms}       as after a suspend of that length: CLOCK_MONOTONIC alone stood still
 *   {"since":n}          sends the remembered events with "n" above this again
 * Every trace_event goes to every client as it happens: {"event":"state","n":7,"at":ms,…}, at is
 * the virtual monotonic clock. AMID_TEST_FREEZE=1 starts with the clock stopped.
 */
#define DEBUG_EVENTS_KEPT 10000

struct debug_socket;

int debug_open(struct event_base *base, struct timers *timers, const char *state_folder,
               struct debug_socket **ret_debug);
/* Accepts NULL. */
void debug_close(struct debug_socket *debug);

#endif

#endif
