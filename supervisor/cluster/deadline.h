#ifndef AMID_CLUSTER_DEADLINE_H
#define AMID_CLUSTER_DEADLINE_H

#include <stdint.h>

/*
 * How long a node may act as a leader on the strength of its last confirmed renewal (RULES 20).
 * Pure; times are CLOCK_BOOTTIME in milliseconds, so that a suspended machine finds its time over
 * when it wakes up.
 */
struct deadline {
    int64_t confirmed_ms; /* just before the last confirmed renewal was sent; 0 = no lease */
    int64_t ttl_ms;
    int64_t margin_ms; /* 1..ttl_ms */
};

enum deadline_phase {
    DEADLINE_FREE, /* effects may start */
    DEADLINE_STOP, /* from confirmed + ttl - margin: no effect starts, the stop has begun */
    DEADLINE_KILL  /* from confirmed + ttl - margin * 2/3: whatever still runs is killed */
};

/* Without a lease: DEADLINE_KILL. */
enum deadline_phase deadline_phase(const struct deadline *deadline, int64_t now_ms);
/* Until the next phase begins, at least 1; 0 in DEADLINE_KILL. */
int64_t deadline_next_ms(const struct deadline *deadline, int64_t now_ms);
/* For the time limit of an effect that starts now: until DEADLINE_KILL, which is before the lease
 * can end; 0 if none may start. */
int64_t deadline_effect_ms(const struct deadline *deadline, int64_t now_ms);

#endif
