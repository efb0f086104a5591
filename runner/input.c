#include "runner/input.h"

#include <sys/random.h>
#include <time.h>

/* How old a reading of the CPU clock may be that a turn begins with; so much longer a turn may take
 * than its limit. */
#define CPU_FRESH_NS 20000000u

static uint64_t turn_deadline_ns;
static uint64_t turn_wall_ns; /* before this moment the deadline cannot have passed */
static uint64_t cpu_read_ns, cpu_read_wall_ns;
static int turn_expired;
static void (*expiry_fn)(void *thread);
static uint64_t clock_reads;

static double clock_ms(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    clock_reads++;
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static uint64_t clock_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/*
 * Reading the CPU clock is a system call, and most turns are shorter than one is worth. The process
 * has one thread, so it has used no more CPU time than wall time has passed: from a recent reading
 * follows what it can have used by now, and a turn cannot be over its limit before that much wall
 * time is over.
 */
static uint64_t cpu_ns(void)
{
    cpu_read_wall_ns = clock_ns(CLOCK_MONOTONIC);
    cpu_read_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    return cpu_read_ns;
}

double input_date_now_ms(void *udata)
{
    (void)udata;
    return clock_ms(CLOCK_REALTIME);
}

double input_mono_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int input_random_bytes(uint8_t *bytes, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = getrandom(bytes + done, len - done, 0);

        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

double input_random(void *udata)
{
    uint64_t bits = 0;

    (void)udata;
    if (input_random_bytes((uint8_t *)&bits, sizeof(bits)) != 0)
        return 0.0;
    return (double)(bits >> 11) * 0x1.0p-53;
}

void input_turn_begin(uint32_t cpu_ms)
{
    uint64_t limit_ns = (uint64_t)cpu_ms * 1000000u;
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    turn_expired = 0;
    turn_deadline_ns = 0;
    if (cpu_ms == 0)
        return;
    if (cpu_read_ns == 0 || now_ns - cpu_read_wall_ns > CPU_FRESH_NS)
        (void)cpu_ns();
    turn_deadline_ns = cpu_read_ns + (now_ns - cpu_read_wall_ns) + limit_ns;
    turn_wall_ns = now_ns + limit_ns;
}

void input_turn_end(void)
{
    turn_expired = 0;
    turn_deadline_ns = 0;
}

void input_on_expiry(void (*fn)(void *thread))
{
    expiry_fn = fn;
}

void input_turn_abort(void)
{
    turn_expired = 1;
}

uint64_t input_clock_reads(void)
{
    return clock_reads;
}

int input_turn_expired(void *thread)
{
    if (turn_expired || turn_deadline_ns == 0 || clock_ns(CLOCK_MONOTONIC) < turn_wall_ns ||
        cpu_ns() < turn_deadline_ns)
        return turn_expired;
    turn_expired = 1;
    if (thread != NULL && expiry_fn != NULL)
        expiry_fn(thread);
    return 1;
}
