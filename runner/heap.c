#include "runner/heap.h"

#include <malloc.h>
#include <stdlib.h>

static bool has_room(struct heap *heap, size_t more)
{
    if (heap->limit_bytes == 0)
        return true;
    if (heap->used_bytes <= heap->limit_bytes && more <= heap->limit_bytes - heap->used_bytes)
        return true;
    heap->refusals++;
    return false;
}

void *heap_alloc(void *udata, size_t size)
{
    struct heap *heap = udata;
    void *ptr;

    if (size == 0 || !has_room(heap, size))
        return NULL;
    ptr = malloc(size);
    if (ptr == NULL)
        heap->refusals++;
    else
        heap->used_bytes += malloc_usable_size(ptr);
    return ptr;
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
    before = malloc_usable_size(ptr);
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
    heap->used_bytes -= malloc_usable_size(ptr);
    free(ptr);
}
