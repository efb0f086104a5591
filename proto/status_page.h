#ifndef AMID_PROTO_STATUS_PAGE_H
#define AMID_PROTO_STATUS_PAGE_H

#include <stdint.h>

/*
 * One 4 KiB memfd per runner, made by amid, sealed against resizing before it is passed on. The
 * runner writes, amid reads field by field, clamps, and shows; no decision rests on it (RULES 19).
 * Counters are totals of this process.
 */
#define STATUS_PAGE_BYTES 4096
#define STATUS_PAGE_MAGIC 0x616d6964u

struct status_page {
    uint32_t magic;
    uint32_t refused_syscall; /* number + 1, noted by a runner that the filter kills; 0 = none */
    uint64_t iterations;      /* ended, failed ones included */
    uint64_t ticks;           /* returns from Stels.sleep */
    uint64_t heap_bytes;
    uint64_t turns;
    int64_t last_run_ms; /* wall clock at which the latest iteration began */
};

#endif
