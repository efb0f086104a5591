#ifndef AMID_AUDIT_LIMIT_H
#define AMID_AUDIT_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/peer.h"

/*
 * How many refusals, and sign-ins of wallets that may do nothing, become rows: so many of one peer
 * (or worker) in a window, the rest is counted and told in one row when the window ends. The slots
 * bound all of them together, so that a flood from many addresses takes a week to push older rows
 * out of the default 200,000: 64 * 6 + 1 rows in ten minutes at most.
 */
#define AUDIT_WINDOW_MS         600000
#define AUDIT_REFUSALS_PER_SLOT 5
#define AUDIT_SLOTS             64

struct audit_slot {
    char who[PEER_CLIENT_BYTES]; /* peer_client of an address, or a worker */
    uint32_t count;              /* refusals in this window */
};

struct audit_limit {
    struct audit_slot slots[AUDIT_SLOTS];
    size_t used;
    uint32_t others; /* refusals that found no slot */
};

/* Whether one more refusal becomes a row; if not it is counted. */
bool audit_limit_admits(struct audit_limit *limit, const char *who);
/* Ends the window: tells what was only counted (who NULL = the others) and forgets. */
void audit_limit_flush(struct audit_limit *limit,
                       void (*each)(void *arg, const char *who, uint32_t suppressed), void *arg);

#endif
