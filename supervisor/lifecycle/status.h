#ifndef AMID_LIFECYCLE_STATUS_H
#define AMID_LIFECYCLE_STATUS_H

#include <stdint.h>

/*
 * amid's side of a runner's status page (proto/status_page.h). What a runner writes there is
 * nobody's friend: read field by field, clamped to what could be true, and only ever shown.
 */
struct status {
    const volatile struct status_page *page; /* mapped read-only; NULL = closed */
    int fd;                                  /* to pass on, -1 once passed */
    int64_t opened_mono_ms;
    uint64_t iterations, ticks; /* the highest seen: they only grow */
};

struct status_reading {
    uint64_t iterations;
    uint64_t ticks;
    uint64_t heap_bytes;
    int64_t last_run_ms; /* wall clock, 0 = never */
};

/* No honest runner counts faster. */
#define STATUS_COUNTS_PER_MS 1000

/* Makes the page, sealed against resizing and against further seals. */
int status_open(struct status *status);
void status_close(struct status *status);
/* Closes the descriptor (its copy is on its way to the runner); the mapping stays. */
void status_passed(struct status *status);
/* What is counted from now on is a worker's. */
void status_begin(struct status *status);
/* The number of the system call that the filter refused, as the runner noted it while dying; -1 if
 * it did not. */
int status_syscall(const struct status *status);
void status_read(struct status *status, uint64_t heap_limit_bytes, struct status_reading *ret);

#endif
