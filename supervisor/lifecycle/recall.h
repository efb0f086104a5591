#ifndef AMID_LIFECYCLE_RECALL_H
#define AMID_LIFECYCLE_RECALL_H

#include <stddef.h>

#include "supervisor/kv/kv.h"

/* Reads everything that was written down under ["ami", family] or the like: pages through a prefix,
 * then says that it is done. The last part of each key must be a string (a worker's sid); others
 * are passed over. */
struct recall;
typedef void (*recall_each_fn)(void *arg, const char *sid, const struct kv_entry *entry);
typedef void (*recall_done_fn)(void *arg, int error);

/* 0: done is called exactly once, later, unless cancelled. */
int recall_start(struct kv *kv, const struct kv_key *prefix, recall_each_fn each,
                 recall_done_fn done, void *arg, struct recall **ret_recall);
/* Neither each nor done is called any more. */
void recall_cancel(struct recall *recall);

#endif
