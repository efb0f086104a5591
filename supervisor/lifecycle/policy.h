#ifndef AMID_LIFECYCLE_POLICY_H
#define AMID_LIFECYCLE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/registry/worker.h"

/*
 * When a worker that fails is tried again, made to pause, or given up (RULES 13-17, 21). Pure: no
 * clock is read, nothing is allocated; the caller hands in the time and the chance.
 */
enum policy_class { POLICY_CLASS_NETWORK, POLICY_CLASS_CRITICAL, POLICY_CLASS_SKIP };

struct policy_error {
    const char *name;
    const char *const *ancestors; /* names of the classes it inherits from; may be NULL */
    size_t ancestor_count;
    const char *message;
};

enum policy_class policy_classify(const struct policy_error *error);
const char *policy_class_name(enum policy_class class_of_error);

struct policy_rules {
    enum worker_priority priority;
    bool network_stops; /* whether network errors alone can end a worker */
};

/* Consecutive errors since the last success, each class counted apart. Zero it, run_since_ms to
 * -1, with policy_reset. */
struct policy_state {
    uint32_t critical;
    uint32_t network;
    uint32_t any;
    int64_t run_since_ms; /* when the iteration under way began, -1 = none */
};

enum policy_event {
    POLICY_STARTED,   /* an iteration begins */
    POLICY_SUCCEEDED, /* it ended well */
    POLICY_NETWORK_ERROR,
    POLICY_CRITICAL_ERROR, /* also a crash, a kill, the watchdog, heap exhaustion */
    POLICY_SKIPPED_ERROR,
    POLICY_EVENT_MAX
};

enum policy_verdict {
    POLICY_CARRY_ON,
    POLICY_RETRY,
    POLICY_PAUSE,
    POLICY_STOP_CRITICAL, /* as many critical errors in a row as the priority allows */
    POLICY_STOP_ANY       /* 50 errors in a row of any class */
};

struct policy_decision {
    enum policy_verdict verdict;
    int64_t delay_ms; /* of RETRY and PAUSE */
};

#define POLICY_STOP_AFTER_ANY   50
#define POLICY_PAUSE_EVERY      20
#define POLICY_PAUSE_MS         (5 * 60 * 1000)
#define POLICY_QUIET_MS         (60 * 1000)
#define POLICY_JITTER_PART      0.1
#define POLICY_CRITICAL_MAX_MS  10000
#define POLICY_NETWORK_FIRST_MS 5000
#define POLICY_NETWORK_MAX_MS   60000

void policy_reset(struct policy_state *state);
/* chance is in [0, 1): how much of the jitter is taken off. */
struct policy_decision policy_decide(struct policy_state *state, enum policy_event event,
                                     const struct policy_rules *rules, int64_t now_ms,
                                     double chance);
uint32_t policy_critical_limit(enum worker_priority priority);
/* Between iterations (RULES 21). */
uint32_t policy_delay_ms(enum worker_priority priority);
int policy_nice(enum worker_priority priority);

#endif
