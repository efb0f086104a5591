#include "runner/arena.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES         4096u
#define BIN_STEP_BYTES     16u
#define SPREAD_REGION_PAGE 32768u /* 128 MiB of address space, of which a third is touched */
#define HOT_REGION_BYTES   (16u * 1024 * 1024)
#define COLD_REGION_BYTES  (64u * 1024 * 1024)

enum { REGION_COLD, REGION_HOT };

/* Stands before every block. */
struct block_head {
    size_t size; /* of the block, without this */
};

static int region_open(struct arena_region *region, size_t bytes)
{
    void *begin = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (begin == MAP_FAILED)
        return -1;
    *region = (struct arena_region){.begin = begin, .next = begin};
    region->end = region->begin + bytes;
    return 0;
}

int arena_open_spread(struct arena *arena)
{
    *arena = (struct arena){.mode = ARENA_SPREAD};
    arena->page_block = calloc(SPREAD_REGION_PAGE, sizeof(*arena->page_block));
    if (arena->page_block == NULL)
        return -1;
    return region_open(&arena->regions[0], (size_t)SPREAD_REGION_PAGE * PAGE_BYTES);
}

int arena_open_packed(struct arena *arena, const uint8_t *hot, uint32_t hot_count)
{
    *arena = (struct arena){.mode = ARENA_PACKED, .hot = hot, .hot_count = hot_count};
    if (region_open(&arena->regions[REGION_COLD], COLD_REGION_BYTES) != 0)
        return -1;
    return region_open(&arena->regions[REGION_HOT], HOT_REGION_BYTES);
}

void arena_close(struct arena *arena)
{
    for (int i = 0; i < ARENA_REGIONS; i++) {
        struct arena_region *region = &arena->regions[i];

        if (region->begin != NULL)
            munmap(region->begin, (size_t)(region->end - region->begin));
    }
    free(arena->page_block);
    *arena = (struct arena){.mode = ARENA_PACKED, .sealed = true};
}

static uint8_t *page_up(uint8_t *at)
{
    return (uint8_t *)(((uintptr_t)at + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1));
}

void arena_seal(struct arena *arena)
{
    arena->sealed = true;
    for (int i = 0; i < ARENA_REGIONS; i++) {
        struct arena_region *region = &arena->regions[i];
        uint8_t *end = page_up(region->next);

        if (end < region->end)
            munmap(end, (size_t)(region->end - end));
        region->end = end;
    }
}

static size_t round_up(size_t size)
{
    return (size + sizeof(struct block_head) + BIN_STEP_BYTES - 1) & ~(size_t)(BIN_STEP_BYTES - 1);
}

static size_t bin_of(size_t whole)
{
    return whole / BIN_STEP_BYTES;
}

static void *carve(struct arena_region *region, size_t whole, size_t step)
{
    struct block_head *head = (struct block_head *)(void *)region->next;

    if (step > (size_t)(region->end - region->next))
        return NULL;
    region->next += step;
    head->size = whole - sizeof(*head);
    return head + 1;
}

static void *alloc_spread(struct arena *arena, size_t whole, uint32_t number)
{
    struct arena_region *region = &arena->regions[0];
    size_t pages = (whole + PAGE_BYTES - 1) / PAGE_BYTES;
    uint8_t *block = NULL;
    size_t first;

    if (pages == 1 && region->bins[0] != NULL) {
        block = region->bins[0];
        region->bins[0] = *(void **)region->bins[0];
        ((struct block_head *)(void *)block - 1)->size = whole - sizeof(struct block_head);
    } else {
        block = carve(region, whole, pages * PAGE_BYTES);
    }
    if (block == NULL)
        return NULL;
    first = (size_t)(block - region->begin) / PAGE_BYTES;
    for (size_t i = 0; i < pages; i++)
        arena->page_block[first + i] = number;
    return block;
}

static void *alloc_packed(struct arena *arena, size_t whole, uint32_t number)
{
    bool is_hot = number < arena->hot_count && arena->hot[number] != 0;
    struct arena_region *region = &arena->regions[is_hot ? REGION_HOT : REGION_COLD];
    size_t bin = bin_of(whole);

    if (bin < ARENA_BINS && region->bins[bin] != NULL) {
        void *block = region->bins[bin];

        region->bins[bin] = *(void **)block;
        return block;
    }
    return carve(region, whole, whole);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t whole = round_up(size);

    if (arena->sealed || whole < size)
        return NULL;
    return arena->mode == ARENA_SPREAD ? alloc_spread(arena, whole, arena->count++)
                                       : alloc_packed(arena, whole, arena->count++);
}

static bool is_within(const struct arena_region *region, const uint8_t *block)
{
    return block >= region->begin && block < region->end;
}

bool arena_owns(const struct arena *arena, const void *block)
{
    return is_within(&arena->regions[0], block) || is_within(&arena->regions[1], block);
}

size_t arena_block_size(const void *block)
{
    return ((const struct block_head *)block - 1)->size;
}

void arena_free(struct arena *arena, void *block)
{
    struct arena_region *region = &arena->regions[is_within(&arena->regions[0], block) ? 0 : 1];
    size_t whole = arena_block_size(block) + sizeof(struct block_head);
    size_t bin = arena->mode == ARENA_SPREAD ? 0 : bin_of(whole);

    /* Behind the seal a list of free blocks would only make more pages private. */
    if (arena->sealed || bin >= ARENA_BINS || (arena->mode == ARENA_SPREAD && whole > PAGE_BYTES))
        return;
    *(void **)block = region->bins[bin];
    region->bins[bin] = block;
}

size_t arena_held_bytes(const struct arena *arena)
{
    size_t bytes = 0;

    for (int i = 0; i < ARENA_REGIONS; i++)
        bytes += (size_t)(arena->regions[i].end - arena->regions[i].begin);
    return bytes;
}
