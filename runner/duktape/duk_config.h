/* Duktape's packaged configuration with what amid needs switched on. See docs/architecture.md. */
#ifndef AMID_DUK_CONFIG_H
#define AMID_DUK_CONFIG_H

#include AMID_PACKAGED_DUK_CONFIG

/* The one module through which clock, randomness and the limit of a turn reach the engine. */
#include "runner/input.h"

#define DUK_USE_FASTINT
#define DUK_USE_INTERRUPT_COUNTER
/* The engine expands this where `thr` is the running coroutine, whose call stack the report wants.
 */
#define DUK_USE_EXEC_TIMEOUT_CHECK(udata) input_turn_expired((void *)thr)

/* Reference counts free nearly everything. A collection marks every object and so would make each
 * page that a worker shares with its zygote private to it; the runner collects itself, between
 * turns and once garbage has gathered (runner/engine.c). The engine still does so when an
 * allocation fails. */
#undef DUK_USE_VOLUNTARY_GC

/* The default string hash gives short names neighbouring places in an object's hash table, and a
 * miss then walks the whole neighbourhood: every look-up through the scopes of minified code (the
 * prelude, the compiler). */
#define DUK_USE_STRHASH_DENSE

#undef DUK_USE_DATE_NOW_GETTIMEOFDAY
#undef DUK_USE_DATE_NOW_TIME
#define DUK_USE_DATE_GET_NOW(ctx)        input_date_now_ms((void *)(ctx))
#define DUK_USE_GET_RANDOM_DOUBLE(udata) input_random((udata))

/* Runners live in UTC (RULES 27); without these the engine reads the zone database on every
 * local-time call. */
#undef DUK_USE_DATE_TZO_GMTIME_R
#undef DUK_USE_DATE_TZO_GMTIME_S
#undef DUK_USE_DATE_TZO_GMTIME
#undef DUK_USE_DATE_TZO_WINDOWS
#define DUK_USE_DATE_GET_LOCAL_TZOFFSET(d) 0

#endif
