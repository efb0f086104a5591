#ifndef AMID_KV_ETCD_SPACE_INTERNAL_H
#define AMID_KV_ETCD_SPACE_INTERNAL_H

#include <cjson/cJSON.h>
#include <sys/queue.h>

#include "common/buffer.h"
#include "supervisor/etcd/answer.h"
#include "supervisor/etcd/etcd.h"
#include "supervisor/kv/etcd_space.h"
#include "supervisor/kv/kv_internal.h"

/* What the files of the etcd backend share. */

#define ETCD_PREFIX_MAX_BYTES (sizeof("amid//") + ETCD_NETWORK_MAX_BYTES)
#define ETCD_RAW_KEY_MAX      (ETCD_PREFIX_MAX_BYTES + KV_KEY_MAX_BYTES)

enum etcd_link { ETCD_LINK_STARTING, ETCD_LINK_UP, ETCD_LINK_DOWN };

/* What was asked of the space and is not answered. */
struct etcd_op {
    TAILQ_ENTRY(etcd_op) link;
    struct etcd_space *space;
    size_t bytes;
    int (*run)(struct etcd_op *op);                /* 0: it will answer and free */
    void (*refuse)(struct etcd_op *op, int error); /* answers and frees */
};

struct etcd_entry {
    struct kv_entry entry;
    int64_t revision;
    uint8_t *raw_key; /* owned, as value */
    uint8_t *value;
};

/* A lease that entries with about the same deadline hang on (etcd_expiry.c). */
struct etcd_expiry {
    TAILQ_ENTRY(etcd_expiry) link;
    struct etcd_space *space;
    int64_t deadline_ms; /* clock_boot_ms */
    int64_t id;          /* 0 while it is asked for */
    int error;
    bool is_listed;
    size_t users;
};

TAILQ_HEAD(etcd_ops, etcd_op);
struct etcd_commit; /* etcd_commit.c */
TAILQ_HEAD(etcd_commits, etcd_commit);

struct etcd_watcher {           /* etcd_watch.c */
    struct etcd_stream *stream; /* NULL while there is none */
    struct timer timer;         /* until it must have begun, or is tried again */
    bool is_begun;
    bool is_started;       /* seen counts */
    bool is_gap;           /* what was missed is gone: it goes on from the next probe */
    int64_t seen;          /* everything up to this revision has been told */
    int64_t seen_at_probe; /* when the probe under way was sent */
    int64_t partial;       /* of this revision … */
    size_t told;           /* … so many changes */
    size_t skip;           /* those that a new stream tells once more */
    int64_t silent_at;     /* what the stream had told when a probe found more; 0 = it had not */
    int64_t delay_ms;      /* before it is tried again */
};

struct etcd_space {
    struct kv kv;
    struct event_base *base;
    struct timers *timers;
    struct etcd *etcd;
    size_t prefix_len;
    uint8_t prefix[ETCD_PREFIX_MAX_BYTES];
    uint16_t epoch;
    enum etcd_link state;
    struct timer probe;
    bool is_probing;
    bool is_making;           /* what is probed is whether the epoch could be written */
    struct etcd_ops starting; /* wait for the first answer */
    size_t ops;
    size_t op_bytes;
    struct etcd_watcher watcher;
    struct etcd_commits ordered; /* until etcd has answered; in the order asked for */
    size_t begun;                /* of them, that are being worked on */
    struct etcd_commits unheard; /* until the stream has told them; by revision */
    struct timer ack;            /* of the first of them */
    TAILQ_HEAD(, etcd_expiry) expiries;
    TAILQ_HEAD(, etcd_lease) leases;
    size_t ending; /* leases that etcd has not yet been seen to end */
    bool foreign_told;
    bool is_closing;
};

/* etcd_space.c */
/* 0: it runs, now or later. Otherwise it is still the caller's. */
int etcd_space_submit(struct etcd_space *space, struct etcd_op *op);
/* What an answer of etcd's says about the server, and what is told to whoever asked. */
int etcd_space_error(struct etcd_space *space, int error);
/* Now, if none is under way. */
void etcd_space_probe(struct etcd_space *space);
/* amid/<network>/, cut to ETCD_NETWORK_MAX_BYTES, which the settings allow. */
void etcd_prefix(const char *network, struct etcd_space *space);
void etcd_space_foreign(struct etcd_space *space);

/* etcd_entry.c */
/* Appends "name":"<base64>" of the space's prefix and the key. */
void etcd_body_key(struct buffer *out, const struct etcd_space *space, const char *name,
                   const uint8_t *key, size_t len);
void etcd_body_bytes(struct buffer *out, const char *name, const void *bytes, size_t len);
void etcd_body_int64(struct buffer *out, const char *name, int64_t number);
/* 0, AMID_E_CORRUPT for what amid has not written, AMID_E_PROTOCOL, AMID_E_NOMEM. A deletion has no
 * value. */
int etcd_entry_read(const struct etcd_space *space, const cJSON *kv, bool is_deletion,
                    struct etcd_entry *ret_entry);
void etcd_entry_free(struct etcd_entry *entry);
void etcd_stamp(const struct etcd_space *space, int64_t revision,
                struct kv_versionstamp *ret_stamp);
/* -1, which no key has, for a stamp of another epoch. */
int64_t etcd_stamp_revision(const struct etcd_space *space, const struct kv_versionstamp *stamp);

/* etcd_read.c */
int etcd_space_get(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg);
int etcd_space_get_many(struct kv *kv, const struct kv_key *keys, size_t count, kv_get_many_fn fn,
                        void *arg);
int etcd_space_list(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg);

/* etcd_commit.c */
int etcd_space_commit(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg);
/* etcd_order.c */
/* The stream has told everything up to its seen. */
void etcd_commits_heard(struct etcd_space *space);
void etcd_ack_fire(void *arg);
/* Some lease that entries hang on is there, or is not to be had. */
void etcd_commits_go_on(struct etcd_space *space);
void etcd_commits_close(struct etcd_space *space);

/* etcd_txn.c: the bodies of a commit's requests. */
struct etcd_before { /* of a mutation that is a number: what it is computed from */
    bool is_read;
    int64_t revision; /* 0 = there is no such key */
    struct etcd_entry entry;
};
struct etcd_txn {
    const struct etcd_space *space;
    const struct kv_atomic *atomic;
    struct etcd_expiry *const *expiries; /* by mutation; NULL without */
    const struct etcd_before *befores;   /* by mutation; NULL = there are no numbers */
    bool only_checks;
};
/* The keys that numbers are computed from; nothing of anything else. */
int etcd_txn_read_body(const struct etcd_txn *txn, char **ret_body, size_t *ret_len);
int etcd_txn_body(const struct etcd_txn *txn, char **ret_body, size_t *ret_len);
/* Of an answer whose checks failed. */
int etcd_txn_refusal(const struct etcd_txn *txn, const cJSON *answer);
/* Whether anything was changed, of one that succeeded. *ret_lost_race: a number had changed, so
 * that nothing was. */
int etcd_txn_result(const struct etcd_txn *txn, const cJSON *answer, bool *ret_changed,
                    bool *ret_lost_race);

/* etcd_expiry.c. NULL when out of memory. */
struct etcd_expiry *etcd_expiry_hold(struct etcd_space *space, int64_t expire_in_ms);
void etcd_expiry_leave(struct etcd_expiry *expiry);
/* etcd does not know it any more: nobody else gets it. */
void etcd_expiry_drop(struct etcd_expiry *expiry);
void etcd_expiries_close(struct etcd_space *space);

/* etcd_lease.c */
int etcd_space_lease_new(struct kv *kv, int64_t ttl_ms, int64_t renew_ms, kv_lease_fn fn, void *arg,
                         struct kv_lease **ret_lease);
void etcd_space_lease_free(struct kv_lease *held);
int etcd_space_lease_end(struct kv *kv, int64_t id, void (*fn)(void *arg, int error), void *arg);
/* Leases that are left are gone from here on; etcd ends them by itself. */
void etcd_leases_close(struct etcd_space *space);

/* etcd_watch.c */
void etcd_watcher_init(struct etcd_space *space);
/* What has been told is later than what a read that went through all of etcd found. */
bool etcd_watcher_is_ahead(const struct etcd_space *space, int64_t revision);
/* A read that went through all of etcd found this revision. */
void etcd_watcher_probed(struct etcd_space *space, int64_t revision);
/* The stream has not told what it should have. */
void etcd_watcher_renew(struct etcd_space *space);
void etcd_watcher_close(struct etcd_space *space);

#endif
