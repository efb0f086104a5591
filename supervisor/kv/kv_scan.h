#ifndef AMID_KV_SCAN_H
#define AMID_KV_SCAN_H

#include "supervisor/kv/kv.h"

/*
 * Reads everything under a prefix, page by page. What changes meanwhile is shown as it was or as it
 * is: whoever keeps a copy has a watch that was there before.
 */
struct kv_scan;
/* In order of keys; the entry is valid until it returns. May cancel the scan. */
typedef void (*kv_scan_each_fn)(void *arg, const struct kv_entry *entry);
/* The scan is gone. error: as of kv_list. */
typedef void (*kv_scan_done_fn)(void *arg, int error);

/* 0: done will be called exactly once, in a later turn, unless the scan is cancelled. */
int kv_scan_start(struct kv *kv, const struct kv_key *prefix, kv_scan_each_fn each,
                  kv_scan_done_fn done, void *arg, struct kv_scan **ret_scan);
/* Neither each nor done is called any more. NULL is fine. */
void kv_scan_cancel(struct kv_scan *scan);

#endif
