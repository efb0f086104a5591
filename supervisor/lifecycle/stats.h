#ifndef AMID_LIFECYCLE_STATS_H
#define AMID_LIFECYCLE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "supervisor/lifecycle/policy.h"
#include "supervisor/lifecycle/status.h"

/*
 * Totals of one worker on this node. Executions and ticks come from status pages, as differences
 * that only grow; errors from frames and deaths. Kept in the local space, so they outlive amid.
 */
#define STATS_ERROR_TEXT_MAX_BYTES 512

struct stats {
    uint64_t executions, ticks;
    uint64_t errors, network_errors, critical_errors, skipped_errors;
    uint64_t frames_refused; /* processes killed for what they said */
    uint64_t instances;      /* processes started, ever: numbers the instances */
    int64_t last_run_ms;     /* wall clock, 0 = never */
    uint64_t heap_bytes;     /* of the process now running */
    /* What the page of the process now running had shown when last looked at. */
    uint64_t seen_iterations, seen_ticks;
    char *last_error; /* owned; NULL = none */
    enum policy_class last_class;
    bool is_changed; /* since last written down */
};

void stats_free(struct stats *stats);
/* A process with a fresh page. */
void stats_process_begins(struct stats *stats);
void stats_sample(struct stats *stats, const struct status_reading *reading);
void stats_error(struct stats *stats, enum policy_class class_of_error, const char *text);
/* Its process was killed for what it said. */
void stats_refused(struct stats *stats);
/* Its process ended in the middle of an iteration, which nobody has counted. */
void stats_cut_off(struct stats *stats);
void stats_to_json(const struct stats *stats, struct buffer *out);
/* Reads what an earlier amid wrote. Nonsense leaves stats untouched: AMID_E_INVALID. */
int stats_from_json(struct stats *stats, const char *text, size_t len);

#endif
