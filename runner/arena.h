#ifndef AMID_RUNNER_ARENA_H
#define AMID_RUNNER_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where the blocks of the warm heap lie. A child shares the zygote's pages until it writes to one,
 * and running any script writes to blocks all over the heap: reference counts. So the blocks that
 * scripts write to are put together, apart from the many that they only read. And in both parts
 * those that every wake-up of a sleeping script touches are put together: a node of thousands of
 * idle workers finds its caches cold at each, so a wake-up costs by the page. Which ones they are
 * is learnt by a rehearsal (runner/rehearsal.h): booting the same bytecode asks for the same blocks
 * in the same order, so a block is known by its number in that order. If that ever failed to hold,
 * workers would need more memory and nothing else.
 */
enum arena_mode {
    ARENA_SPREAD, /* each block has pages of its own: the rehearsal */
    ARENA_PACKED  /* a region for each heat */
};

/* What scripts do with a block: any of these bits. */
enum arena_heat {
    ARENA_WRITTEN = 1,   /* a script writes to it */
    ARENA_WAKE = 2,      /* the wake-up of a sleeping script touches it */
    ARENA_HEAT_COUNT = 4 /* combinations */
};

#define ARENA_BINS    64
#define ARENA_REGIONS ARENA_HEAT_COUNT

struct arena_region {
    uint8_t *begin, *next, *end;
    uint8_t *pristine;      /* ARENA_PACKED, sealed: the same pages as they were, to read only */
    int fd;                 /* ARENA_PACKED, not sealed: what the pages belong to; else -1 */
    void *bins[ARENA_BINS]; /* freed blocks by size, one list each */
};

struct arena {
    enum arena_mode mode;
    bool sealed;
    uint32_t count;                             /* blocks handed out so far */
    struct arena_region regions[ARENA_REGIONS]; /* ARENA_SPREAD: the first only */
    const uint8_t *heat;                        /* borrowed: per number, bits of enum arena_heat */
    uint32_t heat_count;
    uint32_t *page_block; /* ARENA_SPREAD: the number of the block that lies on a page */
};

/* 0, or -1 when the address space cannot be had. */
int arena_open_spread(struct arena *arena);
int arena_open_packed(struct arena *arena, const uint8_t *heat, uint32_t heat_count);
void arena_close(struct arena *arena);
/* From now on nothing is handed out and what is freed is not used again; a page that is written to
 * becomes the writing process's own. 0 or -1. */
int arena_seal(struct arena *arena);
/* In a child, after something wrote to many blocks and undid it (a collection marks each object and
 * then unmarks it): pages that are as they were at the seal are shared again. */
void arena_restore(struct arena *arena);

/* NULL when there is no room or the arena is sealed. Aligned to 8 bytes. */
void *arena_alloc(struct arena *arena, size_t size);
void arena_free(struct arena *arena, void *block);
bool arena_owns(const struct arena *arena, const void *block);
size_t arena_block_size(const void *block);
/* Address space in use, for limits. */
size_t arena_held_bytes(const struct arena *arena);

#endif
