#ifndef AMID_LIFECYCLE_LEDGER_H
#define AMID_LIFECYCLE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/lifecycle/instance.h"

/*
 * What is written down about workers under ["ami", …]: that they have completed or failed, and
 * their totals. Outcomes are written at once, totals now and then; what cannot be written is tried
 * again.
 */
struct ledger;

#define LEDGER_FLUSH_MS 60000
#define LEDGER_RETRY_MS 5000

struct ledger_needs {
    struct kv *local, *net;
    struct timers *timers;
    /* Walks through all instances. */
    void (*each)(void *arg, void (*fn)(void *fn_arg, struct instance *instance), void *fn_arg);
    struct instance *(*find)(void *arg, const char *sid);
    /* What all nodes are to know of it is written. */
    void (*told)(void *arg, struct instance *instance);
    void *arg;
};

int ledger_open(const struct ledger_needs *needs, struct ledger **ret_ledger);
/* Writes under way finish by themselves. */
void ledger_close(struct ledger *ledger);
/* Reads everything into the instances that each knows and that are not recalled; loaded is called
 * once, later. with_net: what is in net too; in a store of its own it is tried until it is read. */
int ledger_load(struct ledger *ledger, bool with_net, void (*loaded)(void *arg, int error),
                void *arg);
/* What another node wrote about one of them. */
void ledger_learn(struct instance *instance, const struct kv_entry *entry);
void ledger_outcome(struct ledger *ledger, struct instance *instance);
/* Totals that have changed, and outcomes that are still unwritten. */
void ledger_flush(struct ledger *ledger);
/* Calls done, later, once nothing is being written. */
void ledger_settle(struct ledger *ledger, void (*done)(void *arg), void *arg);
/* A deleted worker's entries. */
void ledger_forget(struct ledger *ledger, const char *sid);

#endif
