#ifndef AMID_RUNNER_REFUSAL_H
#define AMID_RUNNER_REFUSAL_H

#include "proto/status_page.h"

/*
 * When the filter refuses a system call, its number is noted in the status page before the process
 * dies of it: the kernel tells amid only that it was SIGSYS. Must be called before the filter is
 * loaded. Without it, or with status NULL, the process dies all the same.
 */
void refusal_note_in(struct status_page *status);

#endif
