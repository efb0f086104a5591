#ifndef AMID_KV_INTERNAL_H
#define AMID_KV_INTERNAL_H

#include <sys/queue.h>

#include "common/chain.h"
#include "supervisor/kv/kv.h"
#include "supervisor/kv/kv_lease.h"

/* What the backends of kv.h share; nobody outside this folder includes it. */

struct kv_check {
    struct kv *kv; /* NULL = the space committed to */
    bool absent;
    bool is_fence; /* fails with AMID_E_LEASE_LOST */
    struct kv_versionstamp stamp;
    uint8_t *key; /* owned */
    size_t key_len;
};

enum kv_mutation_kind { KV_MUTATION_SET, KV_MUTATION_DELETE, KV_MUTATION_NUMBER };

struct kv_mutation {
    enum kv_mutation_kind kind;
    enum kv_number number; /* of a KV_MUTATION_NUMBER */
    double operand;
    struct kv *kv; /* NULL = the space committed to */
    uint8_t *key;  /* owned; the value lies behind it in the same block */
    size_t key_len;
    char *value; /* NULL = delete; of a number the record for a key that does not exist, until the
                    writer has computed what is stored */
    size_t value_len;
    char *computed; /* owned: what value then points to */
    int64_t expire_in_ms;
    int64_t lease_id; /* 0 = none */
    bool superseded;  /* a later one of this key counts; set by the writer */
    bool changed;     /* set by the writer: there is something to tell the watchers */
};

/* A row of the audit table on its way; the writer fills in what it does not know before. */
struct kv_note {
    struct kv_note *next;
    struct chain_row row;
    char text[];
};

struct kv_trim {
    bool is_wanted;
    uint64_t keep;
    int64_t before_ms;
};

struct kv_atomic {
    struct kv *target;
    struct kv_check *checks;
    size_t check_count;
    struct kv_mutation *mutations;
    size_t mutation_count;
    struct kv_note *notes; /* owned, in order */
    struct kv_trim trim;
    size_t bytes; /* of keys and values, after collapsing */
    int error;    /* the first refusal */
};

struct kv_backend {
    int (*get)(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg);
    int (*get_many)(struct kv *kv, const struct kv_key *keys, size_t count, kv_get_many_fn fn,
                    void *arg);
    int (*list)(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg);
    /* Owns atomic only if it returns 0. Every kv in it is filled and has this backend. */
    int (*commit)(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg);
    /* kv_lease.h; NULL where there is no server. */
    int (*lease_new)(struct kv *kv, int64_t ttl_ms, int64_t renew_ms, kv_lease_fn fn, void *arg,
                     struct kv_lease **ret_lease);
    void (*lease_free)(struct kv_lease *lease);
    int (*lease_end)(struct kv *kv, int64_t id, void (*fn)(void *arg, int error), void *arg);
};

/* What of a lease every backend has; its own struct begins with this one. */
struct kv_lease {
    struct kv *kv;
    int64_t id; /* 0 = not held */
    int64_t ttl_ms;
    int64_t confirmed_ms;
};

struct kv_reach {
    void (*fn)(void *arg, bool is_reachable);
    void *arg;
};

TAILQ_HEAD(kv_watches, kv_watch);

#define KV_WATCH_SEED_BYTES 16 /* crypto_shorthash_KEYBYTES */

/* Watches by the hash of their whole prefix: a change looks up the prefixes of its key, however
 * many others are watched. The seed is secret, so that nobody can choose keys that collide. */
struct kv_watch_index {
    struct kv_watches *buckets; /* a power of two of them, or none while there are no watches */
    size_t bucket_count;
    size_t count;
    struct kv_watches dead; /* freed while events are being told */
    uint8_t seed[KV_WATCH_SEED_BYTES];
};

struct kv {
    const struct kv_backend *backend;
    void *store; /* two spaces with the same store can be changed in one transaction */
    int space;
    struct kv_watch_index watches;
    uint64_t event_number;
    bool publishing;
    bool is_unreachable;
    struct kv_reach reach[KV_REACH_MAX];
    size_t reach_count;
};

void kv_init(struct kv *kv, const struct kv_backend *backend, void *store, int space);
/* Frees the watches that are left. */
void kv_release(struct kv *kv);
void kv_publish(struct kv *kv, const struct kv_entry *entry);
/* Tells every watch that it may have missed something. */
void kv_publish_gap(struct kv *kv);
void kv_set_reachable(struct kv *kv, bool is_reachable);
/* Computes what a number's mutation stores, from the key's value before it (NULL = no such key).
 * AMID_E_INVALID if that has no number in `raw` or the result is not finite. */
int kv_number_compute(struct kv_mutation *mutation, const char *before, size_t before_len,
                      int64_t now_ms);
/* Adds a deletion known to have happened (expiry). */
int kv_atomic_add_deleted(struct kv_atomic *atomic, struct kv *kv, const uint8_t *key, size_t len);

#endif
