#ifndef AMID_LOOP_TIMER_H
#define AMID_LOOP_TIMER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One-shot timers on clock_mono_ms, so that a test build's virtual clock drives every delay of
 * amid: in the loop there is one libevent timer, behind it a heap of ours. timers_advance() fires
 * what a jump of the clock made due.
 */
struct timers;
struct timer {
    struct timers *owner; /* NULL until timer_init */
    int64_t due_ms;
    uint64_t order; /* equal deadlines fire in the order they were set */
    size_t slot;    /* position in the heap + 1; 0 = not pending */
    void (*fire)(void *arg);
    void *arg;
};

struct timers *timers_new(struct event_base *base);
void timers_free(struct timers *timers);
/* Re-reads the clock and fires what is due; called by the debug socket after clock_advance_ms. */
void timers_advance(struct timers *timers);
/* The earliest deadline in clock_mono_ms, or -1 if nothing is pending. */
int64_t timers_next_ms(const struct timers *timers);

void timer_init(struct timer *timer, struct timers *owner, void (*fire)(void *arg), void *arg);
/* (Re)starts; a delay below 0 counts as 0. The callback runs from the loop, never from inside this
 * call. Returns 0 or AMID_E_NOMEM. */
int timer_start(struct timer *timer, int64_t delay_ms);
/* Safe on a timer that is not pending. */
void timer_stop(struct timer *timer);
bool timer_is_pending(const struct timer *timer);

#endif
