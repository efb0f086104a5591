#include "common/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static int64_t kernel_ms(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#ifdef AMID_TEST_HOOKS
enum { MONO, BOOT, REAL, CLOCK_COUNT };

static const clockid_t clock_ids[CLOCK_COUNT] = {
    [MONO] = CLOCK_MONOTONIC, [BOOT] = CLOCK_BOOTTIME, [REAL] = CLOCK_REALTIME};
/* The KV writer reads the clock from its own thread. */
static _Atomic int64_t ahead_ms[CLOCK_COUNT];
static _Atomic int64_t frozen_at_ms[CLOCK_COUNT];
static _Atomic bool is_frozen;

static int64_t clock_read(int which)
{
    if (atomic_load(&is_frozen))
        return atomic_load(&frozen_at_ms[which]);
    return kernel_ms(clock_ids[which]) + atomic_load(&ahead_ms[which]);
}

static void clock_move(int which, int64_t ms)
{
    atomic_fetch_add(&ahead_ms[which], ms);
    atomic_fetch_add(&frozen_at_ms[which], ms);
}

void clock_advance_ms(int64_t ms)
{
    if (ms <= 0)
        return;
    for (int i = 0; i < CLOCK_COUNT; i++)
        clock_move(i, ms);
}

void clock_step_real_ms(int64_t ms)
{
    clock_move(REAL, ms);
}

void clock_suspend_ms(int64_t ms)
{
    if (ms <= 0)
        return;
    clock_move(BOOT, ms);
    clock_move(REAL, ms);
}

void clock_freeze(int frozen)
{
    if ((frozen != 0) == atomic_load(&is_frozen))
        return;
    for (int i = 0; i < CLOCK_COUNT; i++) {
        if (frozen)
            atomic_store(&frozen_at_ms[i], clock_read(i));
        else
            /* Goes on from where it stood. */
            atomic_store(&ahead_ms[i], atomic_load(&frozen_at_ms[i]) - kernel_ms(clock_ids[i]));
    }
    atomic_store(&is_frozen, frozen != 0);
}

int64_t clock_mono_ms(void)
{
    return clock_read(MONO);
}

int64_t clock_boot_ms(void)
{
    return clock_read(BOOT);
}

int64_t clock_real_ms(void)
{
    return clock_read(REAL);
}
#else
int64_t clock_mono_ms(void)
{
    return kernel_ms(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
    return kernel_ms(CLOCK_BOOTTIME);
}

int64_t clock_real_ms(void)
{
    return kernel_ms(CLOCK_REALTIME);
}
#endif
