#ifndef AMID_KV_H
#define AMID_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/kv_key.h"

/*
 * One key-value space (local or net), Deno-KV-like. Results arrive through the callback in a later
 * loop turn, never from inside the call. Pointers handed to a callback are valid until it returns.
 * Order of delivery after a commit: watchers first, then the committer (RULES: durable before
 * acknowledged, and every client reads its own writes). Limits: RULES 28 and ARCHITECTURE 4.
 */
#define KV_VALUE_MAX_BYTES    65536
#define KV_ATOMIC_MAX_OPS     100
#define KV_ATOMIC_MAX_CHECKS  100
#define KV_ATOMIC_MAX_BYTES   (1024 * 1024)
#define KV_ATOMIC_MAX_NOTES   4
#define KV_NOTE_MAX_BYTES     8192
#define KV_TRIM_MAX           500
#define KV_GET_MANY_MAX       10 /* as Deno's getMany and watch */
#define KV_LIST_MAX           500
#define KV_LIST_MAX_BYTES     (4 * 1024 * 1024)      /* a page ends early, with more = true */
#define KV_EXPIRE_MAX_MS      INT64_C(3155760000000) /* a hundred years */
#define KV_VERSIONSTAMP_BYTES 10 /* 20 hex digits; the top 2 bytes are the epoch */
#define KV_VERSIONSTAMP_HEX   20

struct kv;
struct kv_atomic;
struct kv_watch;
struct kv_lease; /* kv_lease.h */

struct kv_versionstamp {
    uint8_t bytes[KV_VERSIONSTAMP_BYTES];
};

struct kv_entry {
    const uint8_t *key; /* encoded, see common/kv_key.h */
    size_t key_len;
    const char *value; /* JSON text, NUL-terminated; NULL in a watch event = the key is gone */
    size_t value_len;
    struct kv_versionstamp versionstamp;
};

enum kv_number { KV_SUM, KV_MIN, KV_MAX, KV_NUMBER_MAX };

struct kv_range {
    struct kv_key start; /* inclusive */
    struct kv_key end;   /* exclusive */
    size_t limit;        /* 1..KV_LIST_MAX */
    bool reverse;
};

/* entry is NULL when the key does not exist. */
typedef void (*kv_get_fn)(void *arg, int error, const struct kv_entry *entry);
/* In the order asked for; the value of an entry that does not exist is NULL. */
typedef void (*kv_get_many_fn)(void *arg, int error, const struct kv_entry *entries, size_t count);
/* more: the limit was reached before the range's end. */
typedef void (*kv_list_fn)(void *arg, int error, const struct kv_entry *entries, size_t count,
                           bool more);
/* error: 0, AMID_E_LEASE_LOST when a fence failed (told before a failed check), AMID_E_CONFLICT
 * when a check failed, AMID_E_INVALID when a sum, min or max met what is no number,
 * AMID_E_DISK_FULL, AMID_E_IO …, of a space with a server also AMID_E_UNAVAILABLE (nothing was
 * written) and AMID_E_UNCERTAIN (no answer came: it may have been); stamp is NULL unless 0. */
typedef void (*kv_commit_fn)(void *arg, int error, const struct kv_versionstamp *stamp);
/* Called once per changed key, in commit order. entry NULL, of a space with a server only: changes
 * may have been missed that cannot be told any more (its history was compacted), so that whoever
 * keeps a copy lists again and compares versionstamps. */
typedef void (*kv_watch_fn)(void *arg, const struct kv_entry *entry);

int kv_get(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg);
/* All keys as of one moment, 1..KV_GET_MANY_MAX of them. */
int kv_get_many(struct kv *kv, const struct kv_key *keys, size_t count, kv_get_many_fn fn,
                void *arg);
int kv_list(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg);
/* Every key that goes on after the prefix (as Deno: not the key that is the prefix itself),
 * forward, KV_LIST_MAX a page. */
void kv_range_of_prefix(struct kv_range *range, const struct kv_key *prefix);

/* An atomic operation: build, then commit, which consumes it whatever it returns. NULL when out of
 * memory. */
struct kv_atomic *kv_atomic_new(void);
void kv_atomic_free(struct kv_atomic *atomic);
/* The checks and mutations added from now on belong to kv instead of the space committed to. Both
 * must live in one store, else kv_commit returns AMID_E_UNSUPPORTED. */
void kv_atomic_target(struct kv_atomic *atomic, struct kv *kv);
/* What one of the next three refused, kv_commit refuses again. */
/* stamp NULL: the key must not exist. */
int kv_atomic_check(struct kv_atomic *atomic, const struct kv_key *key,
                    const struct kv_versionstamp *stamp);
/* A check of its own kind: key must still have the versionstamp with which a leader's lease was
 * written, else the commit ends with AMID_E_LEASE_LOST (RULES 28). */
int kv_atomic_fence(struct kv_atomic *atomic, const struct kv_key *key,
                    const struct kv_versionstamp *stamp);
/* The value is copied. expire_in_ms 0 = never. Several mutations of one key have the effect of one
 * after the other, and watchers hear of the last only. */
int kv_atomic_set(struct kv_atomic *atomic, const struct kv_key *key, const char *value, size_t len,
                  int64_t expire_in_ms);
/* As kv_atomic_set; the key is gone when the lease ends. AMID_E_LEASE_LOST if it is not held now.
 */
int kv_atomic_set_leased(struct kv_atomic *atomic, const struct kv_key *key, const char *value,
                         size_t len, const struct kv_lease *lease);
int kv_atomic_delete(struct kv_atomic *atomic, const struct kv_key *key);
/* Replaces the number in the member `raw` of the key's value, computed when it is written, and its
 * `timestamp`. Where the key does not exist, record is stored, with operand as `raw`. As with
 * Deno's the entry then never expires. operand must be finite. */
int kv_atomic_number(struct kv_atomic *atomic, const struct kv_key *key, enum kv_number number,
                     double operand, const char *record, size_t len);
/* A row for the chained audit table of the store, written in the same commit: text is a JSON
 * object, copied. */
int kv_atomic_note(struct kv_atomic *atomic, const char *text, size_t len);
/* Takes the oldest rows out of that table, KV_TRIM_MAX at a time at most, those that are more than
 * keep or older than before_ms; the place where the chain then begins is kept. */
void kv_atomic_trim(struct kv_atomic *atomic, uint64_t keep, int64_t before_ms);
/* 0: fn will be called exactly once. Otherwise (AMID_E_BUSY: the writer's queue is full …) it will
 * not be. */
int kv_commit(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg);

/* Watches the key that is the prefix and every key under it, from now on: list and watch, in the
 * same loop turn, miss nothing. A list may already show what an event then tells: whoever needs
 * to know compares versionstamps. */
struct kv_watch *kv_watch_new(struct kv *kv, const struct kv_key *prefix, kv_watch_fn fn,
                              void *arg);
/* Watches this one key and nothing under it. */
struct kv_watch *kv_watch_key(struct kv *kv, const struct kv_key *key, kv_watch_fn fn, void *arg);
void kv_watch_free(struct kv_watch *watch);

/* Whether both lie in one store, so that one atomic operation can change both. */
bool kv_is_joint(const struct kv *a, const struct kv *b);
/* Whether the space's server answers; always true of SQLite. */
bool kv_is_reachable(const struct kv *kv);
/* fn is called, never from inside a call of this interface, each time that has changed.
 * AMID_E_LIMIT beyond KV_REACH_MAX of them; they last as long as the space. */
#define KV_REACH_MAX 8
int kv_on_reach(struct kv *kv, void (*fn)(void *arg, bool is_reachable), void *arg);

void kv_versionstamp_to_hex(const struct kv_versionstamp *stamp,
                            char *out /* KV_VERSIONSTAMP_HEX + 1 */);
int kv_versionstamp_from_hex(const char *text, struct kv_versionstamp *ret_stamp);

#endif
