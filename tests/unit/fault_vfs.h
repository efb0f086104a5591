#ifndef AMID_TESTS_FAULT_VFS_H
#define AMID_TESTS_FAULT_VFS_H

#include <stdatomic.h>

/* SQLite's own file layer, except that what the counters name fails with EIO that many times
 * (FAULT_FOREVER: until set to 0). What a failed sync was asked for has been written. */
#define FAULT_FOREVER 1000000

struct fault_plan {
    atomic_int opens; /* of the main file */
    atomic_int reads; /* of any file */
    atomic_int writes;
    atomic_int syncs;
};

extern struct fault_plan fault_plan;

/* Becomes SQLite's default for every connection opened from now on. */
void fault_vfs_install(void);
void fault_plan_clear(void);

#endif
