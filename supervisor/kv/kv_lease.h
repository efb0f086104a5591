#ifndef AMID_KV_LEASE_H
#define AMID_KV_LEASE_H

#include <stdint.h>

#include "supervisor/kv/kv.h"

/*
 * A lease of the server behind a space: what is written under it (kv_atomic_set_leased) is gone
 * when it ends, however this node ends. Renewed by itself, on failure again every
 * KV_LEASE_RETRY_MS; lost, a new one is asked for until it is freed. Times are CLOCK_BOOTTIME
 * (RULES 20, 27).
 */
#define KV_LEASE_RETRY_MS 2000

enum kv_lease_event {
    KV_LEASE_GRANTED, /* nothing is under it yet */
    KV_LEASE_RENEWED,
    KV_LEASE_LOST /* the server does not know it any more, or its time passed without an answer */
};

/* Called in a later turn. */
typedef void (*kv_lease_fn)(void *arg, enum kv_lease_event event);

/* AMID_E_UNSUPPORTED of a space without a server. */
int kv_lease_new(struct kv *kv, int64_t ttl_ms, int64_t renew_ms, kv_lease_fn fn, void *arg,
                 struct kv_lease **ret_lease);
/* Ends it on the server at once, as far as that can be reached; fn is not called any more. */
void kv_lease_free(struct kv_lease *lease);
/* The server's number, 0 while none is held. */
int64_t kv_lease_id(const struct kv_lease *lease);
/* The moment before the last confirmed grant or renewal was sent; 0 while none is held. */
int64_t kv_lease_confirmed_ms(const struct kv_lease *lease);
/* What the server granted, at least what was asked for. */
int64_t kv_lease_ttl_ms(const struct kv_lease *lease);
/* Ends a lease that an earlier process of this node left behind, and all that is under it. error:
 * 0, also if there is none; AMID_E_UNAVAILABLE … */
int kv_lease_end(struct kv *kv, int64_t id, void (*fn)(void *arg, int error), void *arg);

#endif
