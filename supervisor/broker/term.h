#ifndef AMID_BROKER_TERM_H
#define AMID_BROKER_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/broker/broker.h"

/*
 * What a leader of the network may still do (RULES 20, 28). Everybody else may at any time, and
 * reading is nothing that another leader could mind.
 */

/* The call would be felt outside the process. */
bool term_concerns(enum proto_message type);
/* No effect may start any more: asks the clock, so that after a pause this comes before whatever
 * waited. Then the worker's lease_lost is called, and the caller refuses with AMID_E_LEASE_LOST. */
bool term_is_over(struct broker_worker *worker);
/* The store says so. */
void term_end(struct broker_worker *worker);
/* What a time limit becomes, so that the effect ends before another node can lead; 0 = none. */
uint32_t term_cut_ms(const struct broker_worker *worker, uint32_t limit_ms);
/* Of a write to net: it is committed only while the seat is the worker's. */
int term_fence(const struct broker_worker *worker, struct kv_atomic *atomic);

#endif
