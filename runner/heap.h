#ifndef AMID_RUNNER_HEAP_H
#define AMID_RUNNER_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/arena.h"

/*
 * The account of one script heap: every byte the engine holds, as the allocator rounds it. Over the
 * limit an allocation fails; the engine then collects garbage, tries again, and at last throws an
 * error that a script can catch. There is one per process, inherited from the zygote: what the warm
 * heap holds counts towards the limit.
 */
struct heap {
    size_t used_bytes;
    size_t limit_bytes;  /* 0 = none */
    unsigned refusals;   /* allocations refused since it was last set to 0 */
    struct arena *arena; /* where the warm heap lies; NULL = with everything else */
};

/* The engine's memory functions; udata is the struct heap. */
void *heap_alloc(void *udata, size_t size);
void *heap_realloc(void *udata, void *ptr, size_t size);
void heap_free(void *udata, void *ptr);

/* After a collection: gives free pages back to the kernel and untouched ones back to all. */
void heap_give_back(struct heap *heap);

#endif
