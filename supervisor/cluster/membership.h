#ifndef AMID_CLUSTER_MEMBERSHIP_H
#define AMID_CLUSTER_MEMBERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/cluster/deadline.h"
#include "supervisor/cluster/member.h"
#include "supervisor/config.h"
#include "supervisor/kv/kv_lease.h"
#include "supervisor/loop/timer.h"

/*
 * This node's place among the others: its one lease, its record under it, and who else is there.
 * Of a space without a server (one node alone) there is no lease, this node is the only one, and
 * everything below answers so.
 */
#define MEMBERSHIP_NODES_MAX    1024
#define MEMBERSHIP_WATCHERS_MAX 4
#define MEMBERSHIP_WHY_BYTES    256

struct membership;

enum membership_event {
    MEMBERSHIP_JOINED,    /* this node's record stands, under a lease */
    MEMBERSHIP_RENEWED,   /* the lease */
    MEMBERSHIP_LOST,      /* the lease */
    MEMBERSHIP_DISPLACED, /* another amid has this node's id */
    MEMBERSHIP_CHANGED    /* the list of nodes */
};

struct membership_needs {
    struct kv *net, *local;
    struct timers *timers;
    const struct config *config;
    const char *version;
    const char *address; /* what others are told; borrowed */
    /* Workers running here, and how many may. */
    void (*load)(void *arg, uint32_t *ret_running, uint32_t *ret_limit);
    /* Before this node ever was a member: another amid has its id, and lives. Called once. */
    void (*refused)(void *arg, const char *why);
    void *arg;
};

struct node_view {
    struct member member; /* as it last said */
    bool is_up;
    int64_t down_since_ms; /* wall clock: when we saw it go */
};

int membership_open(const struct membership_needs *needs, struct membership **ret_membership);
/* Ends the lease, as far as the server can be reached. */
void membership_close(struct membership *membership);
/* Before a shutdown, when nothing leads any more: ends the lease, so that the others need not wait
 * for it. done is called once, not later than MEMBERSHIP_LEAVE_MS. */
#define MEMBERSHIP_LEAVE_MS 2000
void membership_leave(struct membership *membership, void (*done)(void *arg), void *arg);
/* AMID_E_LIMIT beyond MEMBERSHIP_WATCHERS_MAX. Called from the loop. */
int membership_watch(struct membership *membership,
                     void (*fn)(void *arg, enum membership_event event), void *arg);
/* Whoever watches with this arg does not any more. */
void membership_unwatch(struct membership *membership, const void *arg);

/* There is a server, with which other nodes may be. */
bool membership_is_clustered(const struct membership *membership);
/* Workers of the network may start here: this node is a member or, cut off, was one. why gets a
 * sentence for false. */
bool membership_may_run(const struct membership *membership, char why[MEMBERSHIP_WHY_BYTES]);
/* NULL unless the record stands under it now. */
const struct kv_lease *membership_lease(const struct membership *membership);
/* What an earlier moment's lease allows is over the moment a later one says so. */
struct deadline membership_deadline(const struct membership *membership);
/* Of the state folder; "" until it is known. */
const char *membership_instance(const struct membership *membership);

/* Everything up to this change of a leader or exclusive worker is carried out here (RULES 6);
 * told to the others. Never goes back. */
void membership_settle(struct membership *membership, const struct kv_versionstamp *stamp);
/* A live node that has not settled the change yet, or NULL. */
const char *membership_unsettled(const struct membership *membership,
                                 const struct kv_versionstamp *stamp);

/* Those that are there and those that were, since this amid started; in no order. Itself included.
 */
void membership_each(struct membership *membership,
                     void (*fn)(void *arg, const struct node_view *node), void *arg);
/* NULL = never seen. */
const struct node_view *membership_find(const struct membership *membership, const char *nid);

#endif
