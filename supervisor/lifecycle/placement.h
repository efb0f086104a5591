#ifndef AMID_LIFECYCLE_PLACEMENT_H
#define AMID_LIFECYCLE_PLACEMENT_H

#include <stddef.h>

#include "supervisor/registry/worker.h"

/* Where a worker belongs, as seen from one node (RULES 5). Pure. */
enum placement {
    PLACEMENT_INACTIVE, /* its owner does not want it to run */
    PLACEMENT_HERE,
    PLACEMENT_LEADER,   /* here, as soon as this node holds the worker's lease */
    PLACEMENT_ELSEWHERE /* another node's, reason says whose */
};

/* reason gets a sentence for INACTIVE and ELSEWHERE, else "". */
enum placement placement_of(const struct worker *worker, const char *nid, char *reason,
                            size_t reason_size);

#endif
