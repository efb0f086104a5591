#ifndef AMID_FILES_USAGE_H
#define AMID_FILES_USAGE_H

#include <stdint.h>

/*
 * What a worker's folder holds, against what it may hold. Files and folders count one each; bytes
 * are the files' sizes. It is found out by a scan at the first use after a start of amid and kept
 * from then on; what somebody else puts into the folder counts from the next start.
 */
struct usage {
    uint64_t bytes;
    uint32_t count;
};

struct usage_limits {
    uint64_t bytes;
    uint32_t count;
};

/* Deeper folders than a script could make are not counted, nor ever entered. */
#define USAGE_SCAN_DEPTH_MAX 32

/* 0 and *ret_after, or AMID_E_QUOTA. What makes things smaller is always allowed. */
int usage_change(const struct usage *before, const struct usage_limits *limits, int64_t more_bytes,
                 int32_t more_count, struct usage *ret_after);
/* Counts what is below the folder and removes what amid left behind when it was killed: files that
 * begin with FILE_PATH_OWN_PREFIX. folder_fd stays open. */
int usage_scan(int folder_fd, struct usage *ret_usage);

#endif
