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
    bool is_closed;              /* freed at the end of the turn */
    struct elections *elections; /* NULL, like the next, unless there are other nodes */
    struct mirror *states;       /* what completed anywhere */
    struct kv_versionstamp seen; /* the last change of a leader or exclusive worker */
    size_t unsettled;            /* instances whose process is of before such a change */
    bool is_looking;             /* those in the cluster's way will be looked at, */
    bool must_look_at_all;       /* or all of the network's */
    bool is_poked;               /* refused workers will be looked at */
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

/* fleet_cluster.c: what other nodes have to do with it. */
int fleet_cluster_open(struct fleet *fleet);
void fleet_cluster_close(struct fleet *fleet);
void fleet_cluster_start(struct fleet *fleet);
/* Of a worker that is elected; NULL for all others. */
struct elections *fleet_elections(const struct fleet *fleet, const struct instance *instance);
/* It has to wait, reason says for what. */
bool fleet_cluster_forbids(const struct fleet *fleet, struct instance *instance,
                           const struct registry_entry *entry, char *reason, size_t reason_size);
void fleet_cluster_leader_reason(const struct fleet *fleet, struct instance *instance, char *reason,
                                 size_t reason_size);
/* Adds to the reason of placement what is known of that node. */
void fleet_cluster_elsewhere_reason(const struct fleet *fleet, struct instance *instance,
                                    const struct worker *worker, char *reason, size_t reason_size);
/* The record has changed, and what follows has been set going. */
void fleet_cluster_follow(struct fleet *fleet, struct instance *instance,
                          const struct registry_entry *entry);
/* Nothing of before the change is left of it. */
void fleet_cluster_settled(struct fleet *fleet, struct instance *instance);
/* What it led by may be of another kind now. */
void fleet_cluster_rested(struct fleet *fleet, struct instance *instance);
/* In a later turn: those that wait for other nodes. */
void fleet_cluster_look(struct fleet *fleet);

/* fleet_wish.c: compares what is to be with what is and fires what follows. is_renewed: it is to
 * run as something else than before. */
void fleet_reconsider(struct fleet *fleet, struct instance *instance, bool is_renewed);
/* In a later turn: those that were refused for lack of room. */
void fleet_poke_refused(struct fleet *fleet);

#endif
