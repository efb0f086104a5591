#ifndef AMID_KV_ETCD_SPACE_H
#define AMID_KV_ETCD_SPACE_H

#include <event2/event.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/etcd/etcd.h"
#include "supervisor/kv/kv.h"
#include "supervisor/loop/timer.h"

/*
 * A key-value space that etcd holds for all nodes of a network, under amid/<network>/. Keys are
 * kv_key's encoding, values the JSON text, versionstamps the epoch and the revision of the change.
 * One stream of changes per node feeds every watch; a commit is acknowledged when the stream has
 * told it, or ETCD_ACK_MS later. Commits of this node that touch the same key are applied in the
 * order in which they were asked for.
 *
 * While no server answers, calls return AMID_E_UNAVAILABLE at once, until one does again. What was
 * asked for before the first answer waits for it, and is refused if it does not come.
 */
#define ETCD_NETWORK_MAX_BYTES 64
#define ETCD_ACK_MS            2000
#define ETCD_OPS_MAX           4096 /* commits, and what waits for the first answer */
#define ETCD_OPS_MAX_BYTES     (64u * 1024 * 1024)
#define ETCD_NUMBER_TRIES      32   /* of a sum, min or max against other nodes; then AMID_E_BUSY */
#define ETCD_PROBE_UP_MS       5000 /* so that silence is noticed, of a server or of the stream */
#define ETCD_PROBE_DOWN_MS     1000
#define ETCD_EXPIRY_PARTS                                                                          \
    32 /* an entry with expireIn goes at most this part of it later, and 3 s */

struct etcd_space;

struct etcd_space_settings { /* copied */
    const char *network;
    struct etcd_settings etcd;
};

/* AMID_E_INVALID (endpoints), AMID_E_NOMEM, or AMID_E_UNSUPPORTED of a build without etcd, with the
 * reason in full. That etcd cannot be reached is no reason. */
int etcd_space_open(struct event_base *base, struct timers *timers,
                    const struct etcd_space_settings *settings, struct etcd_space **ret_space,
                    char *reason, size_t reason_size);
/* Ends leases that were freed a moment ago, for ETCD_CLOSE_MS at most; what else is under way is
 * answered with AMID_E_CLOSED. NULL is fine. */
#define ETCD_CLOSE_MS 1000
void etcd_space_close(struct etcd_space *space);
struct kv *etcd_space_kv(struct etcd_space *space);

#endif
