/* Holds: timers fire in the order of their deadlines, then in the order they were set, never from
 * inside the call that set them and never early; deferred calls run in order and cannot starve the
 * loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "supervisor/loop/defer.h"
#include "supervisor/loop/timer.h"

static char fired[4096];

static void note(void *arg)
{
    strncat(fired, arg, sizeof(fired) - strlen(fired) - 1);
}

struct loop {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
};

static int loop_open(void **state)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    loop->base = event_base_new();
    loop->timers = timers_new(loop->base);
    loop->defer = defer_new(loop->base);
    fired[0] = '\0';
    *state = loop;
#ifdef AMID_TEST_HOOKS
    clock_freeze(1);
#endif
    return 0;
}

static int loop_close(void **state)
{
    struct loop *loop = *state;

    timers_free(loop->timers);
    defer_free(loop->defer);
    event_base_free(loop->base);
    free(loop);
    return 0;
}

static void due_timers_fire_from_the_loop_in_order(void **state)
{
    struct loop *loop = *state;
    struct timer a, b, c;

    timer_init(&a, loop->timers, note, "a");
    timer_init(&b, loop->timers, note, "b");
    timer_init(&c, loop->timers, note, "c");
    assert_int_equal(timers_next_ms(loop->timers), -1);
    timer_start(&a, 0);
    timer_start(&b, -5);
    timer_start(&c, 0);
    timer_stop(&b);
    timer_stop(&b);
    assert_true(timer_is_pending(&a));
    assert_false(timer_is_pending(&b));
    assert_string_equal(fired, "");
    event_base_loop(loop->base, EVLOOP_ONCE);
    assert_string_equal(fired, "ac");
    assert_false(timer_is_pending(&a));
}

static void freeing_forgets_pending_timers(void **state)
{
    struct loop *loop = *state;
    struct timer timer;

    timer_init(&timer, loop->timers, note, "x");
    timer_start(&timer, INT64_MAX);
    timers_free(loop->timers);
    loop->timers = NULL;
    assert_false(timer_is_pending(&timer));
    timer_stop(&timer);
}

#ifdef AMID_TEST_HOOKS
static void advance(struct loop *loop, int64_t ms)
{
    clock_advance_ms(ms);
    timers_advance(loop->timers);
}

static void deadlines_decide(void **state)
{
    struct loop *loop = *state;
    struct timer timers[5];
    const int64_t delays[5] = {500, 100, 100, 300, 0};
    char *names[5] = {"a", "b", "c", "d", "e"};

    for (int i = 0; i < 5; i++) {
        timer_init(&timers[i], loop->timers, note, names[i]);
        timer_start(&timers[i], delays[i]);
    }
    advance(loop, 99);
    assert_string_equal(fired, "e");
    advance(loop, 1);
    assert_string_equal(fired, "ebc");
    timer_start(&timers[0], 150); /* a restart replaces the deadline */
    advance(loop, 199);
    assert_string_equal(fired, "ebca");
    assert_int_equal(timers_next_ms(loop->timers), clock_mono_ms() + 1);
    advance(loop, 3600000);
    assert_string_equal(fired, "ebcad");
    assert_int_equal(timers_next_ms(loop->timers), -1);
}

struct repeated {
    struct timer timer;
    struct timer *other;
    int count;
    int64_t delay_ms;
};

static void repeat(void *arg)
{
    struct repeated *repeated = arg;

    repeated->count++;
    timer_start(&repeated->timer, repeated->delay_ms);
    if (repeated->other != NULL)
        timer_stop(repeated->other);
}

static void a_timer_set_by_a_callback_waits_for_the_next_pass(void **state)
{
    struct loop *loop = *state;
    struct repeated repeated = {.delay_ms = 0};

    timer_init(&repeated.timer, loop->timers, repeat, &repeated);
    timer_start(&repeated.timer, 0);
    for (int pass = 1; pass <= 3; pass++) {
        advance(loop, 1000000);
        assert_int_equal(repeated.count, pass);
    }
    event_base_loop(loop->base, EVLOOP_ONCE);
    assert_int_equal(repeated.count, 4);
    timer_stop(&repeated.timer);
}

static void a_callback_may_stop_a_timer_that_is_due_as_well(void **state)
{
    struct loop *loop = *state;
    struct repeated repeated = {.delay_ms = 10};
    struct timer other;

    timer_init(&repeated.timer, loop->timers, repeat, &repeated);
    timer_init(&other, loop->timers, note, "never");
    repeated.other = &other;
    timer_start(&repeated.timer, 5);
    timer_start(&other, 5);
    advance(loop, 5);
    assert_int_equal(repeated.count, 1);
    assert_string_equal(fired, "");
    timer_stop(&repeated.timer);
}

#define MANY 5000

struct ordered {
    struct timer timer;
    int64_t due_ms;
    int index;
    bool is_stopped;
};

static int64_t last_due_ms;
static int last_index, many_fired;

static void check_order(void *arg)
{
    struct ordered *ordered = arg;

    assert_false(ordered->is_stopped);
    assert_true(ordered->due_ms <= clock_mono_ms());
    assert_true(ordered->due_ms > last_due_ms ||
                (ordered->due_ms == last_due_ms && ordered->index > last_index));
    last_due_ms = ordered->due_ms;
    last_index = ordered->index;
    many_fired++;
}

static void many_timers_keep_their_order(void **state)
{
    struct loop *loop = *state;
    struct ordered *many = calloc(MANY, sizeof(*many));
    uint32_t random = 12345;
    int stopped = 0;

    last_due_ms = -1;
    last_index = -1;
    many_fired = 0;
    for (int i = 0; i < MANY; i++) {
        random = random * 1664525u + 1013904223u;
        many[i].index = i;
        many[i].due_ms = clock_mono_ms() + (random >> 20);
        timer_init(&many[i].timer, loop->timers, check_order, &many[i]);
        timer_start(&many[i].timer, random >> 20);
    }
    for (int i = 0; i < MANY; i += 3) {
        timer_stop(&many[i].timer);
        many[i].is_stopped = true;
        stopped++;
    }
    while (timers_next_ms(loop->timers) >= 0) {
        random = random * 1664525u + 1013904223u;
        advance(loop, random >> 26);
    }
    assert_int_equal(many_fired, MANY - stopped);
    free(many);
}

static void a_huge_jump_fires_each_timer_once(void **state)
{
    struct loop *loop = *state;
    struct repeated repeated = {.delay_ms = 1000};

    timer_init(&repeated.timer, loop->timers, repeat, &repeated);
    timer_start(&repeated.timer, 1000);
    advance(loop, INT64_C(86400000) * 365 * 20);
    assert_int_equal(repeated.count, 1);
    assert_int_equal(timers_next_ms(loop->timers), clock_mono_ms() + 1000);
    timer_stop(&repeated.timer);
}
#endif

static void deferred_calls_run_in_order_later(void **state)
{
    struct loop *loop = *state;

    assert_int_equal(defer_call(loop->defer, note, "a"), 0);
    assert_int_equal(defer_call(loop->defer, note, "b"), 0);
    assert_string_equal(fired, "");
    event_base_loop(loop->base, EVLOOP_ONCE);
    assert_string_equal(fired, "ab");
    event_base_loop(loop->base, EVLOOP_NONBLOCK);
    assert_string_equal(fired, "ab");
}

static int requeued;

static void requeue(void *arg)
{
    requeued++;
    defer_call(arg, requeue, arg);
}

static void a_call_that_queues_itself_leaves_the_loop_its_turn(void **state)
{
    struct loop *loop = *state;

    requeued = 0;
    defer_call(loop->defer, requeue, loop->defer);
    for (int turn = 1; turn <= 5; turn++) {
        event_base_loop(loop->base, EVLOOP_ONCE);
        assert_int_equal(requeued, turn);
    }
    /* Freeing ends even this: see loop_close. */
}

static void freeing_runs_what_is_queued(void **state)
{
    struct loop *loop = *state;

    defer_call(loop->defer, note, "last");
    defer_free(loop->defer);
    loop->defer = NULL;
    assert_string_equal(fired, "last");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, loop_open, loop_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(due_timers_fire_from_the_loop_in_order),
        TEST(freeing_forgets_pending_timers),
#ifdef AMID_TEST_HOOKS
        TEST(deadlines_decide),
        TEST(a_timer_set_by_a_callback_waits_for_the_next_pass),
        TEST(a_callback_may_stop_a_timer_that_is_due_as_well),
        TEST(many_timers_keep_their_order),
        TEST(a_huge_jump_fires_each_timer_once),
#endif
        TEST(deferred_calls_run_in_order_later),
        TEST(a_call_that_queues_itself_leaves_the_loop_its_turn),
        TEST(freeing_runs_what_is_queued),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
