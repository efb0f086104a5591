#ifndef AMID_COMMON_CLOCK_H
#define AMID_COMMON_CLOCK_H

#include <stdint.h>

/* RULES 27: MONOTONIC for backoff and watchdog, BOOTTIME for leases, REALTIME only for display and
 * expireIn. */
int64_t clock_mono_ms(void);
int64_t clock_boot_ms(void);
int64_t clock_real_ms(void);

#ifdef AMID_TEST_HOOKS
/* Test builds: all three clocks run ahead of the kernel's by the sum of all advances. Never goes
 * back. */
void clock_advance_ms(int64_t ms);
/* Test builds: stops (true) or resumes the clocks; while stopped only clock_advance_ms moves them.
 */
void clock_freeze(int frozen);
/* Test builds: REALTIME alone is set, forward or back. */
void clock_step_real_ms(int64_t ms);
/* Test builds: as after a suspend, MONOTONIC has stood still and the others have not. */
void clock_suspend_ms(int64_t ms);
#endif

#endif
