#ifndef AMID_KV_ETCD_COMMIT_INTERNAL_H
#define AMID_KV_ETCD_COMMIT_INTERNAL_H

#include "supervisor/kv/etcd_space_internal.h"

/* What the files of the etcd backend's commits share. */

#define ETCD_KEY_SET_WORDS 8 /* 512 bits: what two commits of ten keys share by chance is rare */

/* The keys of a commit, as bits: what two have in common decides whether one waits. */
struct etcd_key_set {
    uint64_t words[ETCD_KEY_SET_WORDS];
};

struct etcd_commit {
    TAILQ_ENTRY(etcd_commit) link; /* in ordered or unheard */
    struct etcd_op op;
    struct kv_atomic *atomic;
    kv_commit_fn fn;
    void *arg;
    struct etcd_key_set touched;
    struct etcd_key_set written;
    bool is_begun;
    bool waits_for_lease;
    bool has_numbers;
    int doom; /* what it ends with if its checks hold; 0 = it is to be written */
    unsigned number_tries;
    unsigned lease_tries;
    struct timer again;
    struct etcd_expiry **expiries; /* owned, by mutation */
    struct etcd_before *befores;   /* owned, by mutation */
    size_t *record_lens;           /* owned: a number's value_len as it was asked for */
    int64_t revision;
    int64_t heard_by_ms; /* clock_mono_ms */
};

/* etcd_commit.c */
/* Answers and frees; it is in no list any more. */
void etcd_commit_tell(struct etcd_commit *commit, int error);
/* Goes on as far as it can. */
int etcd_commit_step(struct etcd_commit *commit);
void etcd_commit_try(void *arg);
/* 0 and whether all leases are there. */
int etcd_commit_expiries(struct etcd_commit *commit, bool *ret_ready);
int etcd_commit_send(struct etcd_commit *commit);
struct etcd_txn etcd_commit_txn(const struct etcd_commit *commit);

/* etcd_number.c */
void etcd_numbers_free(struct etcd_commit *commit);
/* Reads what the numbers are computed from, computes and sends. */
int etcd_numbers_ask(struct etcd_commit *commit);

/* etcd_order.c */
void etcd_order_collect(struct etcd_commit *commit, const struct kv *kv);
/* As etcd_op's run. */
int etcd_order_run(struct etcd_op *op);
/* etcd has said all there is to say. */
void etcd_order_finish(struct etcd_commit *commit, int error);
/* As that, and it is written: answered when the stream has told it. */
void etcd_order_written(struct etcd_commit *commit);

#endif
