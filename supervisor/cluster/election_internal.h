#ifndef AMID_CLUSTER_ELECTION_INTERNAL_H
#define AMID_CLUSTER_ELECTION_INTERNAL_H

#include "supervisor/cluster/election.h"
#include "supervisor/cluster/mirror.h"

/* Shared by elections.c (the node's copy of all seats, its deadlines) and election.c (this node's
 * part in one of them). */
#define ELECTION_BUCKETS 1024 /* a power of two */

struct seat_item {
    struct mirror_item item;
    struct seat seat;
};

struct info_item {
    struct mirror_item item;
    struct leader_info info;
};

struct elections {
    struct elections_needs needs;
    struct mirror *seats, *infos;
    struct election *buckets[ELECTION_BUCKETS];
    size_t held;
    struct timer look;             /* at the deadlines */
    struct elections_batch *batch; /* infos on their way; NULL = none */
    unsigned round;                /* of renewals */
};

/* elections.c */
void elections_add(struct elections *elections, struct election *election);
void elections_remove(struct elections *elections, struct election *election);
struct election *elections_find(const struct elections *elections, const char *sid);
const struct seat_item *elections_seat(const struct elections *elections, const char *sid);
/* The number of held seats has changed. */
void elections_count(struct elections *elections, bool is_held);

/* election.c */
/* The seat has changed, or the lease: goes on as far as it can. */
void election_go_on(void *arg);
/* The lease is lost, and with it every seat. */
void election_lose(struct election *election);
int election_add_info(struct kv_atomic *atomic, const char *sid, const struct leader_info *info);
void election_tell(struct election *election);

#endif
