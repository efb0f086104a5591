#include "runner/arena.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES         4096u
#define BIN_STEP_BYTES     16u
#define SPREAD_REGION_PAGE 32768u /* 128 MiB of address space, of which a third is touched */
#define HOT_REGION_BYTES   (16u * 1024 * 1024)
#define COLD_REGION_BYTES  (64u * 1024 * 1024)

/* Stands before every block. */
struct block_head {
    size_t size; /* of the block, without this */
};

static int region_open(struct arena_region *region, size_t bytes, int fd)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
    void *begin = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

    if (begin == MAP_FAILED)
        return -1;
    *region = (struct arena_region){.begin = begin, .next = begin, .fd = fd};
    region->end = region->begin + bytes;
    return 0;
}

static int region_open_file(struct arena_region *region, size_t bytes)
{
    int fd = memfd_create("warm-heap", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0 && region_open(region, bytes, fd) == 0)
        return 0;
    if (fd >= 0)
        close(fd);
    return -1;
}

int arena_open_spread(struct arena *arena)
{
    *arena = (struct arena){.mode = ARENA_SPREAD};
    arena->page_block = calloc(SPREAD_REGION_PAGE, sizeof(*arena->page_block));
    if (arena->page_block == NULL)
        return -1;
    return region_open(&arena->regions[0], (size_t)SPREAD_REGION_PAGE * PAGE_BYTES, -1);
}

int arena_open_packed(struct arena *arena, const uint8_t *heat, uint32_t heat_count)
{
    int rc = 0;

    *arena = (struct arena){.mode = ARENA_PACKED, .heat = heat, .heat_count = heat_count};
    for (int i = 0; i < ARENA_REGIONS && rc == 0; i++)
        rc = region_open_file(&arena->regions[i], i == 0 ? COLD_REGION_BYTES : HOT_REGION_BYTES);
    return rc;
}

static size_t region_bytes(const struct arena_region *region)
{
    return (size_t)(region->end - region->begin);
}

void arena_close(struct arena *arena)
{
    for (int i = 0; i < ARENA_REGIONS; i++) {
        struct arena_region *region = &arena->regions[i];

        if (region->begin == NULL)
            continue;
        munmap(region->begin, region_bytes(region));
        if (region->pristine != NULL)
            munmap(region->pristine, region_bytes(region));
        if (region->fd >= 0)
            close(region->fd);
    }
    free(arena->page_block);
    *arena = (struct arena){.mode = ARENA_PACKED, .sealed = true};
}

static uint8_t *page_up(uint8_t *at)
{
    return at + (-(uintptr_t)at & (PAGE_BYTES - 1));
}

static void region_trim(struct arena_region *region)
{
    uint8_t *end = page_up(region->next);

    if (end < region->end)
        munmap(end, (size_t)(region->end - end));
    region->end = end;
}

/* The pages stay where they are; only what a write to them does changes. */
static int region_seal(struct arena_region *region)
{
    size_t bytes;
    void *pristine;

    region_trim(region);
    bytes = region_bytes(region);
    if (region->fd < 0)
        return 0;
    if (bytes == 0) {
        close(region->fd);
        region->fd = -1;
        return 0;
    }
    if (ftruncate(region->fd, (off_t)bytes) != 0 ||
        mmap(region->begin, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, region->fd,
             0) == MAP_FAILED ||
        fcntl(region->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) != 0)
        return -1;
    pristine = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, region->fd, 0);
    if (pristine == MAP_FAILED)
        return -1;
    region->pristine = pristine;
    close(region->fd);
    region->fd = -1;
    return 0;
}

int arena_seal(struct arena *arena)
{
    int rc = 0;

    arena->sealed = true;
    for (int i = 0; i < ARENA_REGIONS && rc == 0; i++) {
        if (arena->regions[i].begin != NULL)
            rc = region_seal(&arena->regions[i]);
    }
    return rc;
}

static bool is_pristine(const struct arena_region *region, size_t at)
{
    return memcmp(region->begin + at, region->pristine + at, PAGE_BYTES) == 0;
}

static void region_restore(const struct arena_region *region)
{
    size_t bytes = region_bytes(region);

    for (size_t at = 0; at < bytes;) {
        size_t begin = at;

        while (at < bytes && is_pristine(region, at))
            at += PAGE_BYTES;
        if (at > begin)
            madvise(region->begin + begin, at - begin, MADV_DONTNEED);
        else
            at += PAGE_BYTES;
    }
}

void arena_restore(struct arena *arena)
{
    for (int i = 0; i < ARENA_REGIONS; i++) {
        if (arena->regions[i].pristine != NULL)
            region_restore(&arena->regions[i]);
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
    unsigned heat = number < arena->heat_count ? arena->heat[number] % ARENA_HEAT_COUNT : 0;
    struct arena_region *region = &arena->regions[heat];
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
    for (int i = 0; i < ARENA_REGIONS; i++) {
        if (is_within(&arena->regions[i], block))
            return true;
    }
    return false;
}

size_t arena_block_size(const void *block)
{
    return ((const struct block_head *)block - 1)->size;
}

void arena_free(struct arena *arena, void *block)
{
    struct arena_region *region = arena->regions;
    size_t whole = arena_block_size(block) + sizeof(struct block_head);
    size_t bin = arena->mode == ARENA_SPREAD ? 0 : bin_of(whole);

    /* Behind the seal a list of free blocks would only make more pages private. */
    if (arena->sealed || bin >= ARENA_BINS || (arena->mode == ARENA_SPREAD && whole > PAGE_BYTES))
        return;
    while (!is_within(region, block))
        region++;
    *(void **)block = region->bins[bin];
    region->bins[bin] = block;
}

size_t arena_held_bytes(const struct arena *arena)
{
    size_t bytes = 0;

    for (int i = 0; i < ARENA_REGIONS; i++)
        bytes += region_bytes(&arena->regions[i]);
    return bytes;
}
