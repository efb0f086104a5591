#ifndef AMID_CLUSTER_ELECTION_H
#define AMID_CLUSTER_ELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/cluster/membership.h"
#include "supervisor/cluster/seat.h"

/*
 * Who leads the leader workers of the network (RULES 20). One `elections` per node keeps a copy of
 * all seats and infos; one `election` per leader worker of this node is its part in that worker's.
 * Whoever takes the empty seat first leads until he gives it up or his lease ends: nobody takes a
 * seat that is taken.
 */
#define ELECTION_JITTER_MS 25   /* a seat is taken and seen to be in two or three */
#define ELECTION_LOOK_MS   1000 /* how late a suspend may be noticed by what waits for nothing */
#define ELECTIONS_MAX      100000

struct elections;
struct election;
struct election_write;

struct election_handler {
    /* Held, lost, somebody else leads, the deadline has passed or moved away again: look again.
     * Never from inside a call of this interface, but for election_lost. */
    void (*changed)(void *arg);
    /* What still runs must not any more. */
    void (*kill)(void *arg);
    void *arg;
};

struct election {
    struct elections *elections; /* NULL = takes no part */
    struct election *next;       /* of the same bucket */
    char sid[ID_UUID_LEN + 1];
    struct election_handler handler;
    struct election_write *writing; /* NULL = none under way */
    struct timer timer;             /* jitter, or the next try */
    uint64_t generation;
    unsigned round;    /* of renewals, in which its info was written */
    bool is_forgotten; /* the owner's: the worker is deleted, and with it what is told of it */
    bool is_wanted;
    bool is_held;                 /* the seat is ours */
    bool is_ending;               /* and being given up */
    struct kv_versionstamp stamp; /* of the seat that is held or being given up */
    struct kv_versionstamp over;  /* of the last that was held and is not any more */
    int64_t lease;                /* under which */
    struct leader_info info;      /* what is told of it */
    enum deadline_phase phase;    /* as the handler knows it */
};

struct elections_needs {
    struct kv *net;
    struct timers *timers;
    struct membership *membership;
    const char *nid; /* borrowed */
};

/* Needs a membership with a server. */
int elections_open(const struct elections_needs *needs, struct elections **ret_elections);
void elections_close(struct elections *elections);
/* The nid of who holds the worker's seat, or NULL. */
const char *elections_leader(const struct elections *elections, const char *sid);
/* The last known, which may be long over; NULL = never was one. */
const struct leader_info *elections_info(const struct elections *elections, const char *sid);

void election_init(struct election *election, const char *sid, struct timers *timers,
                   const struct election_handler *handler);
/* Stands until told otherwise. */
void election_stand(struct election *election, struct elections *elections, uint64_t generation);
/* Gives the seat up, if it is held, and does not stand; only when no process is left. */
void election_withdraw(struct election *election);
/* Forgets callbacks under way. */
void election_detach(struct election *election);
/* The seat is this node's. What may be done with that the deadline says. */
bool election_is_held(const struct election *election);
/* The store says that the seat is another's, or nobody's. */
void election_lost(struct election *election);
/* Held, and effects may start: asks the clock. */
bool election_may_act(const struct election *election);
/* For the time limit of an effect that starts now; 0 if none may. */
int64_t election_effect_ms(const struct election *election);

#endif
