#ifndef AMID_DEBUG_H
#define AMID_DEBUG_H

#ifdef AMID_TEST_HOOKS

#include <event2/event.h>

#include "supervisor/loop/timer.h"

/*
 * Test builds only: <state>/debug.sock, one JSON object a line. In: {"advance":ms},
 * {"freeze":true}, {"ping":n}. Out: {"ok":…} for each, and every lifecycle event as it happens:
 * {"event":"state","sid":…,"from":…,"to":…,"reason":…,"delayMs":…,"instance":…,"pid":…} and others
 * named by debug_event.
 */
struct debug_socket;

int debug_open(struct event_base *base, struct timers *timers, const char *state_folder,
               struct debug_socket **ret_debug);
void debug_close(struct debug_socket *debug);

#endif

#endif
