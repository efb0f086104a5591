#ifndef AMID_KV_INTERNAL_H
#define AMID_KV_INTERNAL_H

#include <sys/queue.h>

#include "supervisor/kv/kv.h"

/* What the backends of kv.h share; nobody outside this folder includes it. */

struct kv_check {
    struct kv *kv; /* NULL = the space committed to */
    bool absent;
    struct kv_versionstamp stamp;
    uint8_t *key; /* owned */
    size_t key_len;
};

struct kv_mutation {
    struct kv *kv; /* NULL = the space committed to */
    uint8_t *key;  /* owned; the value lies behind it in the same block */
    size_t key_len;
    char *value; /* NULL = delete */
    size_t value_len;
    int64_t expire_in_ms;
    bool changed; /* set by the writer: there is something to tell the watchers */
};

struct kv_atomic {
    struct kv *target;
    struct kv_check *checks;
    size_t check_count;
    struct kv_mutation *mutations;
    size_t mutation_count;
    size_t bytes; /* of keys and values, after collapsing */
    int error;    /* the first refusal */
};

struct kv_backend {
    int (*get)(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg);
    int (*list)(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg);
    /* Owns atomic only if it returns 0. Every kv in it is filled and has this backend. */
    int (*commit)(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg);
};

TAILQ_HEAD(kv_watches, kv_watch);

struct kv {
    const struct kv_backend *backend;
    void *store; /* two spaces with the same store can be changed in one transaction */
    int space;
    struct kv_watches watches;
    uint64_t event_number;
    bool publishing;
};

void kv_init(struct kv *kv, const struct kv_backend *backend, void *store, int space);
/* Frees the watches that are left. */
void kv_release(struct kv *kv);
void kv_publish(struct kv *kv, const struct kv_entry *entry);
/* Adds a deletion known to have happened (expiry). */
int kv_atomic_add_deleted(struct kv_atomic *atomic, struct kv *kv, const uint8_t *key, size_t len);

#endif
