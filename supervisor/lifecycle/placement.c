#include "supervisor/lifecycle/placement.h"

#include <stdio.h>
#include <string.h>

enum placement placement_of(const struct worker *worker, const char *nid, char *reason,
                            size_t reason_size)
{
    reason[0] = '\0';
    if (!worker->active) {
        snprintf(reason, reason_size, "not active");
        return PLACEMENT_INACTIVE;
    }
    if (worker->execution == WORKER_LEADER)
        return PLACEMENT_LEADER;
    if (worker->execution != WORKER_EXCLUSIVE)
        return PLACEMENT_HERE;
    if (worker->assigned_node == NULL) {
        snprintf(reason, reason_size, "exclusive, but assigned to no node");
        return PLACEMENT_ELSEWHERE;
    }
    if (strcmp(worker->assigned_node, nid) == 0)
        return PLACEMENT_HERE;
    snprintf(reason, reason_size, "assigned to node %s", worker->assigned_node);
    return PLACEMENT_ELSEWHERE;
}
