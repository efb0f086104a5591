#ifndef AMID_CLUSTER_MEMBERSHIP_INTERNAL_H
#define AMID_CLUSTER_MEMBERSHIP_INTERNAL_H

#include "supervisor/cluster/membership.h"
#include "supervisor/cluster/mirror.h"

/* Shared by membership.c (what others ask) and membership_join.c (how the record gets there). */

struct node_item {
    struct mirror_item item;
    struct node_view view;
};

/* A read or write under way; outlives the membership. */
struct join_step {
    struct membership *membership; /* NULL = closed */
};

struct membership {
    struct membership_needs needs;
    struct kv_lease *lease; /* NULL = no server, or not asked for yet */
    bool is_clustered;
    char instance[ID_UUID_LEN + 1];
    int64_t started_ms;
    struct node_view self; /* where there is no server */
    struct mirror *nodes;
    struct {
        void (*fn)(void *arg, enum membership_event event);
        void *arg;
    } watchers[MEMBERSHIP_WATCHERS_MAX];
    size_t watcher_count;

    bool has_joined; /* once, since the start */
    bool is_joined;  /* the record stands under the lease that is held */
    bool is_displaced;
    bool has_been_refused;
    bool is_dirty; /* the record is to be written again */
    struct kv_versionstamp stamp, settled;
    int64_t stamp_lease;    /* under which it was written */
    struct join_step *step; /* NULL = nothing under way */
    struct timer retry;
    struct {
        void (*done)(void *arg); /* NULL = nobody waits */
        void *arg;
        struct timer limit;
    } leave;
    bool is_leaving;
};

/* The server does not know the lease any more, which a renewal would tell only later: asks for
 * another at once. */
void membership_replace_lease(struct membership *membership);
int membership_ask_for_lease(struct membership *membership);
/* 0 while none is held. */
int64_t membership_lease_id(const struct membership *membership);

void membership_tell(struct membership *membership, enum membership_event event);

/* membership_join.c */
/* Reads or makes the instance's id; asks for the lease then. */
void join_begin(void *arg);
/* Something has changed: goes on as far as it can. */
void join_go_on(void *arg);
void join_cancel(struct membership *membership);
int join_key(struct kv_key *key, const char *nid);

#endif
