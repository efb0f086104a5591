/*
 * The promise: the arena gives every block room of its own, packs those that are written to apart
 * from the others, and after the seal a process's writes are its own while untouched pages can be
 * shared again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/arena.h"
#include "runner/heap.h"

#define PAGE_BYTES 4096
#define BLOCKS     300

static void test_spread(void **state)
{
    struct arena arena;
    uint8_t *first, *second, *big, *again;

    (void)state;
    assert_int_equal(arena_open_spread(&arena), 0);
    first = arena_alloc(&arena, 24);
    second = arena_alloc(&arena, 24);
    big = arena_alloc(&arena, 3 * PAGE_BYTES);
    assert_int_equal((uintptr_t)first % 8, 0);
    assert_true(second - first >= PAGE_BYTES);
    assert_true(arena_owns(&arena, big));
    assert_int_equal(arena.count, 3);
    assert_int_equal(arena.page_block[(second - arena.regions[0].begin) / PAGE_BYTES], 1);
    assert_int_equal(arena.page_block[(big - arena.regions[0].begin) / PAGE_BYTES + 3], 2);
    arena_free(&arena, second);
    again = arena_alloc(&arena, 100);
    assert_ptr_equal(again, second);
    assert_true(arena_block_size(again) >= 100);
    assert_int_equal(arena.page_block[(again - arena.regions[0].begin) / PAGE_BYTES], 3);
    arena_close(&arena);
}

static void test_packed(void **state)
{
    uint8_t heat[BLOCKS];
    uint8_t *blocks[BLOCKS];
    struct arena arena;

    (void)state;
    for (int i = 0; i < BLOCKS; i++)
        heat[i] = i % 10 == 0 ? ARENA_WRITTEN : i % 10 == 1 ? ARENA_WAKE : 0;
    assert_int_equal(arena_open_packed(&arena, heat, BLOCKS), 0);
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = arena_alloc(&arena, 50);
        assert_non_null(blocks[i]);
        memset(blocks[i], i, 50);
    }
    /* Of every ten two are in regions of their own, side by side. */
    assert_true(blocks[10] - blocks[0] < 100);
    assert_true(blocks[290] - blocks[0] < 30 * 100);
    assert_true(blocks[291] - blocks[1] < 30 * 100);
    assert_true(blocks[299] - blocks[2] < 240 * 100);
    for (int i = 0; i < BLOCKS; i++) {
        for (int at = 0; at < 50; at++)
            assert_int_equal(blocks[i][at], (uint8_t)i);
    }
    arena_free(&arena, blocks[7]);
    assert_ptr_equal(arena_alloc(&arena, 50), blocks[7]);
    arena_close(&arena);
}

static void test_seal(void **state)
{
    struct arena arena;
    uint8_t *block;
    size_t held;
    int status = 0;
    pid_t pid;

    (void)state;
    assert_int_equal(arena_open_packed(&arena, NULL, 0), 0);
    block = arena_alloc(&arena, 10 * PAGE_BYTES);
    memset(block, 'a', 10 * PAGE_BYTES);
    held = arena_held_bytes(&arena);
    assert_int_equal(arena_seal(&arena), 0);
    assert_true(arena_held_bytes(&arena) < held);
    assert_true(arena_owns(&arena, block));
    assert_null(arena_alloc(&arena, 8));
    for (size_t at = 0; at < 10 * PAGE_BYTES; at++)
        assert_int_equal(block[at], 'a');
    pid = fork();
    if (pid == 0) {
        bool ok;

        /* The first page is changed for good, the fifth is changed and changed back. */
        block[0] = 'b';
        block[5 * PAGE_BYTES] = 'b';
        block[5 * PAGE_BYTES] = 'a';
        arena_restore(&arena);
        ok = block[0] == 'b' && block[1] == 'a' && block[5 * PAGE_BYTES] == 'a';
        _exit(ok ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(block[0], 'a');
    arena_free(&arena, block);
    arena_close(&arena);
}

static void test_heap_in_arena(void **state)
{
    struct arena arena;
    struct heap heap = {.arena = &arena};
    uint8_t *warm, *moved, *fresh;

    (void)state;
    assert_int_equal(arena_open_packed(&arena, NULL, 0), 0);
    warm = heap_alloc(&heap, 100);
    assert_true(arena_owns(&arena, warm));
    memcpy(warm, "content", 8);
    assert_int_equal(arena_seal(&arena), 0);
    fresh = heap_alloc(&heap, 100);
    assert_false(arena_owns(&arena, fresh));
    moved = heap_realloc(&heap, warm, 5000);
    assert_false(arena_owns(&arena, moved));
    assert_string_equal((char *)moved, "content");
    heap_free(&heap, moved);
    heap_free(&heap, fresh);
    assert_int_equal(heap.used_bytes, 0);
    heap_give_back(&heap);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_heap_in_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
