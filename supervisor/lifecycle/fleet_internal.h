#ifndef AMID_LIFECYCLE_FLEET_INTERNAL_H
#define AMID_LIFECYCLE_FLEET_INTERNAL_H

#include "supervisor/lifecycle/fleet.h"
#include "supervisor/lifecycle/instance.h"
#include "supervisor/lifecycle/ledger.h"
#include "supervisor/lifecycle/node_facts.h"

/* Shared by fleet.c (opening, following, stopping), fleet_wish.c (what is to run here) and
 * fleet_view.c (what is shown). */
#define FLEET_BUCKETS 8192 /* a power of two */

struct fleet {
    struct fleet_needs needs;
    struct instance_needs shared;
    struct node_facts *facts;
    struct zygote *compiler_zygote;
    struct ledger *ledger;
    struct instance *buckets[FLEET_BUCKETS];
    size_t count;
    size_t files_allow; /* workers that the file limit allows */
    bool is_loaded;     /* what local workers did before is known */
    bool is_recalling;
    bool recalls_net;
    bool must_recall;              /* once more, when that has ended */
    enum worker_priority starting; /* while the first wishes are made */
    bool is_stopping;
    bool has_stopped;
    bool is_closed; /* freed at the end of the turn */
    bool is_poked;  /* refused workers will be looked at */
    void (*stopped)(void *arg);
    void *stopped_arg;
};

struct instance *fleet_find(const struct fleet *fleet, const char *sid);
/* fn may drop the instance it gets. */
void fleet_each(struct fleet *fleet, void (*fn)(void *arg, struct instance *instance), void *arg);
size_t fleet_limit(const struct fleet *fleet);

/* fleet_recall.c: reads what the workers that are new to this fleet did before, and then considers
 * them. Of those of the network only once the registry knows them all. */
int fleet_recall(struct fleet *fleet);

/* fleet_wish.c: compares what is to be with what is and fires what follows. is_renewed: it is to
 * run as something else than before. */
void fleet_reconsider(struct fleet *fleet, struct instance *instance, bool is_renewed);
/* In a later turn: those that were refused for lack of room. */
void fleet_poke_refused(struct fleet *fleet);

#endif
