#ifndef AMID_LIFECYCLE_LEASE_H
#define AMID_LIFECYCLE_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/id.h"
#include "supervisor/kv/kv.h"
#include "supervisor/loop/timer.h"

/*
 * Leadership of one worker on a single node: nobody competes, but the record
 * ["leader","info",sid] advances like a real one, so that scripts and clients see the same
 * (RULES 8, 20). Times are wall clock, for display; expiry moves only with a confirmed write.
 */
#define LEASE_TTL_MS   60000
#define LEASE_RENEW_MS 30000
#define LEASE_RETRY_MS 2000

struct lease_write;

struct lease {
    char sid[ID_UUID_LEN + 1];
    const char *nid; /* borrowed for the lease's life */
    struct kv *kv;   /* the space it is in; NULL = never taken */
    struct timer renew;
    struct lease_write *writing;
    bool is_wanted;
    bool is_held;
    struct kv_versionstamp token; /* of the record as it was written when the lease was won */
    int64_t elected_ms, renewed_ms, expires_ms; /* 0 = never */
    void (*held)(void *arg);
    void *arg;
};

/* held is called, in a later turn, each time the lease has been won. */
void lease_init(struct lease *lease, const char *sid, const char *nid, struct timers *timers,
                void (*held)(void *arg), void *arg);
/* Stands for the lease until released; tries again by itself when the record cannot be written. */
void lease_take(struct lease *lease, struct kv *kv);
/* Gives it up at once and writes that down; what was known stays visible as expired. */
void lease_release(struct lease *lease);
/* Forgets callbacks under way; the record stays as it is. */
void lease_detach(struct lease *lease);
/* What an earlier amid left behind. Nonsense is ignored. */
void lease_recall(struct lease *lease, const char *value, size_t len);
int lease_key(struct kv_key *key, const char *sid);

#endif
