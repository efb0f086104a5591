#ifndef AMID_RUNNER_REHEARSAL_H
#define AMID_RUNNER_REHEARSAL_H

#include <stdint.h>

#include "runner/blob.h"

/* What scripts do with the blocks of the warm heap; see runner/arena.h. */
struct rehearsal {
    uint8_t *heat; /* per block number, bits of enum arena_heat; owned */
    uint32_t count;
};

/*
 * Boots the prelude in a process of its own with every block on its own page, runs a sample script
 * in a clone of that, and looks which pages became the clone's: they were written to. Then the
 * clone's pages are taken away from it while it sleeps and wakes, and come back by a fault each:
 * those a wake-up touches. 0, or -1 if that was not possible
 * (no /proc, or the sample failed): workers then need more memory.
 */
int rehearsal_run(const struct blob *prelude, struct rehearsal *ret_rehearsal);

#endif
