#ifndef AMID_RUNNER_WARM_UP_H
#define AMID_RUNNER_WARM_UP_H

#include "runner/engine.h"

/* For a clone that waits for its script: takes the ways that every load takes, with texts of our
 * own, so that the pages are its own by the time that somebody waits. Leaves nothing behind in the
 * heap. One turn; what may end a turn may end this one. */
void warm_up(struct engine *engine);

#endif
