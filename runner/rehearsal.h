#ifndef AMID_RUNNER_REHEARSAL_H
#define AMID_RUNNER_REHEARSAL_H

#include <stdint.h>

#include "runner/blob.h"

/* Which blocks of the warm heap a script writes to; see runner/arena.h. */
struct rehearsal {
    uint8_t *hot; /* per block number; owned */
    uint32_t count;
};

/*
 * Boots the prelude in a process of its own with every block on its own page, runs a sample script
 * in a clone of that, and looks which pages became the clone's. 0, or -1 if that was not possible
 * (no /proc, or the sample failed): workers then need more memory.
 */
int rehearsal_run(const struct blob *prelude, struct rehearsal *ret_rehearsal);

#endif
