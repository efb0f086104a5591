#ifndef AMID_LIFECYCLE_CGROUP_H
#define AMID_LIFECYCLE_CGROUP_H

#include <sys/types.h>

#include "supervisor/registry/worker.h"

/*
 * CPU weights by priority (cgroup v2), where amid has a cgroup of its own with the cpu controller,
 * as under its unit (Delegate=yes): amid itself moves to the child `supervisor`, since a cgroup
 * that divides CPU time among its children must hold no process; runners go to `critical`, `high`,
 * `normal` or `low`. Weights count between these groups, nice values inside one.
 */
struct cgroup {
    int groups[WORKER_PRIORITY_MAX]; /* cgroup.procs of each, for writing */
};

#define CGROUP_REASON_MAX_BYTES 160

/* The cpu.weight of each group (1 to 10000, the kernel's own default is 100), and amid's. */
#define CGROUP_WEIGHT_SUPERVISOR 800
#define CGROUP_WEIGHTS                                                                             \
    {                                                                                              \
        [WORKER_CRITICAL] = 800, [WORKER_HIGH] = 400, [WORKER_NORMAL] = 100, [WORKER_LOW] = 25     \
    }

/* The folder of this process's cgroup. AMID_E_UNSUPPORTED with a reason if there is none of its
 * own: no cgroup v2, the root, or one that holds other processes too. The caller closes it. */
int cgroup_find(int *ret_folder, char reason[CGROUP_REASON_MAX_BYTES]);
/* Moves this process and makes the groups. AMID_E_UNSUPPORTED with a reason if the controller is
 * not there or the kernel refuses something; until the first step that changes anything, nothing
 * has changed. controller: "cpu". */
int cgroup_divide(int folder, const char *controller, struct cgroup *ret_cgroup,
                  char reason[CGROUP_REASON_MAX_BYTES]);
/* Both for "cpu", and one log line about what came of it. Without weights every group is -1 and
 * placing does nothing. */
void cgroup_open(struct cgroup *ret_cgroup);
void cgroup_close(struct cgroup *cgroup);
/* 0 or an error of ours; the process stays where it was then. */
int cgroup_place(const struct cgroup *cgroup, enum worker_priority priority, pid_t pid);

#endif
