#include "runner/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* What making and handling an error takes may go this much over the limit: without it a script that
 * fills its heap to the brim gets an error that says nothing, or none that it can catch. */
#define SMALL_BYTES   512
#define RESERVE_BYTES ((size_t)64 * 1024)

static bool has_room(struct heap *heap, size_t more)
{
    size_t limit_bytes = heap->limit_bytes + (more <= SMALL_BYTES ? RESERVE_BYTES : 0);

    if (heap->limit_bytes == 0)
        return true;
    if (heap->used_bytes <= limit_bytes && more <= limit_bytes - heap->used_bytes)
        return true;
    heap->refusals++;
    return false;
}

static bool is_warm(const struct heap *heap, const void *ptr)
{
    return heap->arena != NULL && arena_owns(heap->arena, ptr);
}

static size_t size_of(const struct heap *heap, void *ptr)
{
    return is_warm(heap, ptr) ? arena_block_size(ptr) : malloc_usable_size(ptr);
}

void *heap_alloc(void *udata, size_t size)
{
    struct heap *heap = udata;
    void *ptr = NULL;

    if (size == 0 || !has_room(heap, size))
        return NULL;
    if (heap->arena != NULL)
        ptr = arena_alloc(heap->arena, size);
    if (ptr == NULL)
        ptr = malloc(size);
    if (ptr == NULL)
        heap->refusals++;
    else
        heap->used_bytes += size_of(heap, ptr);
    return ptr;
}

static void *move(struct heap *heap, void *ptr, size_t before, size_t size)
{
    void *moved = heap_alloc(heap, size);

    if (moved != NULL) {
        memcpy(moved, ptr, before < size ? before : size);
        heap_free(heap, ptr);
    }
    return moved;
}

void *heap_realloc(void *udata, void *ptr, size_t size)
{
    struct heap *heap = udata;
    size_t before;
    void *moved;

    if (ptr == NULL)
        return heap_alloc(udata, size);
    if (size == 0) {
        heap_free(udata, ptr);
        return NULL;
    }
    before = size_of(heap, ptr);
    if (is_warm(heap, ptr))
        return move(heap, ptr, before, size);
    if (size > before && !has_room(heap, size - before))
        return NULL;
    moved = realloc(ptr, size);
    if (moved == NULL)
        heap->refusals++;
    else
        heap->used_bytes += malloc_usable_size(moved) - before;
    return moved;
}

void heap_free(void *udata, void *ptr)
{
    struct heap *heap = udata;

    if (ptr == NULL)
        return;
    heap->used_bytes -= size_of(heap, ptr);
    if (is_warm(heap, ptr))
        arena_free(heap->arena, ptr);
    else
        free(ptr);
}

void heap_give_back(struct heap *heap)
{
    if (heap->arena != NULL)
        arena_restore(heap->arena);
    malloc_trim(0);
}
