#ifndef AMID_LIFECYCLE_WATCHDOG_H
#define AMID_LIFECYCLE_WATCHDOG_H

#include "supervisor/config.h"
#include "supervisor/lifecycle/runner.h"
#include "supervisor/loop/timer.h"

/*
 * Kills runners whose event loop does not come round (RULES 19). The engine ends a turn that uses
 * up its CPU time by itself; this is for what hangs outside the engine's reach. Only runners that
 * have used CPU time since the last look are asked, and everyone now and then, so that thousands
 * of sleeping workers cost next to nothing.
 */
struct watchdog;

#define WATCHDOG_LOOK_MS     1000
#define WATCHDOG_EVERYONE_MS 30000
/* No runner is killed for waiting before it has been looked at this often. */
#define WATCHDOG_LOOKS_MIN 4
/* CPU time between two looks that makes a runner worth asking. */
#define WATCHDOG_BUSY_CPU_MS 50
/* The engine's own limit is to report first: it knows the script's stack. */
#define WATCHDOG_GRACE_CPU_MS 500

struct watchdog *watchdog_new(struct timers *timers, const struct config *config);
void watchdog_free(struct watchdog *watchdog);
/* From now on, until the runner ends or is removed. */
void watchdog_add(struct watchdog *watchdog, struct runner *runner);
void watchdog_remove(struct watchdog *watchdog, struct runner *runner);
void watchdog_pong(struct runner *runner);

#endif
