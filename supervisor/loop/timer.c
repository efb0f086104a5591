#include "supervisor/loop/timer.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/error.h"

#define TIMERS_FIRST 64u
#define TIMERS_MAX   (1u << 20)

struct timers {
    struct event *wake_up;
    int64_t armed_ms; /* deadline that wake_up is set for, -1 = none */
    struct timer **heap;
    size_t count;
    size_t capacity;
    uint64_t next_order;
};

static bool is_earlier(const struct timer *a, const struct timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void heap_put(struct timers *timers, size_t at, struct timer *timer)
{
    timers->heap[at] = timer;
    timer->slot = at + 1;
}

static void sift_up(struct timers *timers, size_t at, struct timer *timer)
{
    while (at > 0 && is_earlier(timer, timers->heap[(at - 1) / 2])) {
        heap_put(timers, at, timers->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(timers, at, timer);
}

static void sift_down(struct timers *timers, size_t at, struct timer *timer)
{
    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= timers->count)
            break;
        if (child + 1 < timers->count && is_earlier(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!is_earlier(timers->heap[child], timer))
            break;
        heap_put(timers, at, timers->heap[child]);
        at = child;
    }
    heap_put(timers, at, timer);
}

static void heap_remove(struct timers *timers, struct timer *timer)
{
    size_t at = timer->slot - 1;
    struct timer *last = timers->heap[--timers->count];

    timer->slot = 0;
    if (last == timer)
        return;
    if (at > 0 && is_earlier(last, timers->heap[(at - 1) / 2]))
        sift_up(timers, at, last);
    else
        sift_down(timers, at, last);
}

/* Sets libevent's timer for the first deadline, if that has become another. */
static void timers_arm(struct timers *timers)
{
    struct timeval delay;
    int64_t delay_ms;

    if (timers->count == 0) {
        if (timers->armed_ms >= 0)
            event_del(timers->wake_up);
        timers->armed_ms = -1;
        return;
    }
    if (timers->armed_ms == timers->heap[0]->due_ms)
        return;
    timers->armed_ms = timers->heap[0]->due_ms;
    delay_ms = timers->armed_ms - clock_mono_ms();
    if (delay_ms < 0)
        delay_ms = 0;
    delay.tv_sec = (time_t)(delay_ms / 1000);
    delay.tv_usec = (suseconds_t)(delay_ms % 1000 * 1000);
    event_add(timers->wake_up, &delay);
}

void timers_advance(struct timers *timers)
{
    int64_t now_ms = clock_mono_ms();
    /* A timer that is set by a callback waits for the next pass, even with a delay of 0. */
    uint64_t first_new = timers->next_order;

    while (timers->count > 0) {
        struct timer *timer = timers->heap[0];

        if (timer->due_ms > now_ms || timer->order >= first_new)
            break;
        heap_remove(timers, timer);
        timer->fire(timer->arg);
    }
    timers->armed_ms = -1;
    timers_arm(timers);
}

static void timers_wake_up(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    timers_advance(arg);
}

int64_t timers_next_ms(const struct timers *timers)
{
    return timers->count > 0 ? timers->heap[0]->due_ms : -1;
}

struct timers *timers_new(struct event_base *base)
{
    struct timers *timers = calloc(1, sizeof(*timers));

    if (timers == NULL)
        return NULL;
    timers->armed_ms = -1;
    timers->wake_up = event_new(base, -1, 0, timers_wake_up, timers);
    if (timers->wake_up == NULL) {
        free(timers);
        return NULL;
    }
    return timers;
}

void timers_free(struct timers *timers)
{
    if (timers == NULL)
        return;
    for (size_t i = 0; i < timers->count; i++)
        timers->heap[i]->slot = 0;
    event_free(timers->wake_up);
    free(timers->heap);
    free(timers);
}

void timer_init(struct timer *timer, struct timers *owner, void (*fire)(void *arg), void *arg)
{
    *timer = (struct timer){.owner = owner, .fire = fire, .arg = arg};
}

static int timers_reserve(struct timers *timers)
{
    size_t capacity = timers->capacity == 0 ? TIMERS_FIRST : timers->capacity * 2;
    struct timer **heap;

    if (timers->count < timers->capacity)
        return 0;
    if (capacity > TIMERS_MAX)
        return AMID_E_NOMEM;
    heap = realloc(timers->heap, capacity * sizeof(struct timer *));
    if (heap == NULL)
        return AMID_E_NOMEM;
    timers->heap = heap;
    timers->capacity = capacity;
    return 0;
}

int timer_start(struct timer *timer, int64_t delay_ms)
{
    struct timers *timers = timer->owner;
    int64_t now_ms = clock_mono_ms();
    int error;

    if (timer->slot != 0)
        heap_remove(timers, timer);
    error = timers_reserve(timers);
    if (error != 0)
        return error;
    if (delay_ms < 0)
        delay_ms = 0;
    timer->due_ms = delay_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + delay_ms;
    timer->order = timers->next_order++;
    timers->count++;
    sift_up(timers, timers->count - 1, timer);
    timers_arm(timers);
    return 0;
}

void timer_stop(struct timer *timer)
{
    if (timer->slot == 0)
        return;
    heap_remove(timer->owner, timer);
    timers_arm(timer->owner);
}

bool timer_is_pending(const struct timer *timer)
{
    return timer->slot != 0;
}
