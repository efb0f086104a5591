#ifndef AMID_RUNNER_INPUT_H
#define AMID_RUNNER_INPUT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Every reading of a clock and every random number that a script can see passes this module, so
 * that a later feature can record them and replay a crash (ARCHITECTURE 1, RULES 27).
 */

/* Wall clock in milliseconds since the epoch, with a fraction. udata is ignored. */
double input_date_now_ms(void *udata);

/* Monotonic clock in milliseconds, with a fraction. */
double input_mono_ms(void);

/* Uniform in [0, 1) with 53 bits. udata is ignored. */
double input_random(void *udata);

/* Fills bytes from the kernel's generator. Returns 0, or -1 if the kernel refused. */
int input_random_bytes(uint8_t *bytes, size_t len);

/* Starts the account of a turn: it may use cpu_ms of this process's CPU time; 0 means no limit. */
void input_turn_begin(uint32_t cpu_ms);
void input_turn_end(void);

/* Non-zero once the turn begun last has used its CPU time. Called by the engine every few thousand
 * instructions with the coroutine that runs; fn, if one is set, is called the first time in a turn,
 * while the coroutine's call stack still stands. */
int input_turn_expired(void *thread);
void input_on_expiry(void (*fn)(void *thread));

/* From now on the turn counts as expired, so that the engine undoes all of it: the script asked for
 * its end (Deno.exit). Holds until the next begin or end. */
void input_turn_abort(void);

/* How often the clocks above were read, for Deno.metrics. */
uint64_t input_clock_reads(void);

#endif
