#ifndef AMID_REGISTRY_H
#define AMID_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/kv/kv.h"
#include "supervisor/loop/timer.h"
#include "supervisor/registry/worker.h"

/*
 * Desired state: every worker record of both spaces, kept in memory and fed by a KV watch. Writes
 * go to the KV and come back through the watch; a writer is answered after that, so he reads his
 * own write. Keys: ["ami","worker",sid] the record; ["ami","source",sid,n] the owner's text in
 * pieces, same atomic operation.
 *
 * Where the spaces lie in two stores (a cluster), net may be away at the start or later: what is
 * known of it stays readable, marked stale. A worker found in both spaces then is one whose move
 * was cut short: the network's record counts and the local one is removed, which completes the move
 * to the network and undoes the one from it; neither had been acknowledged.
 */
struct registry;

struct registry_entry {
    const struct worker *worker;
    struct kv_versionstamp versionstamp;
    const char
        *json; /* the whole entry {key, value, versionstamp} as the API answers it, rendered once */
    size_t json_len;
};

enum registry_event {
    REGISTRY_PUT,
    REGISTRY_DELETED,
    REGISTRY_COMPLETE /* net was away when the registry became ready and is known now; no entry */
};
/* old is NULL for a new worker; on REGISTRY_DELETED entry is what it was and old its worker. Called
 * from the loop, after the change, once the registry is complete. Entries and workers are valid
 * until the callback returns or, elsewhere, the current loop turn ends. */
typedef void (*registry_watch_fn)(void *arg, enum registry_event event,
                                  const struct registry_entry *entry, const struct worker *old);
/* entry: the registry's state after the write (NULL on error or after a delete). */
typedef void (*registry_done_fn)(void *arg, int error, const struct registry_entry *entry);
typedef void (*registry_source_fn)(void *arg, int error, const char *source, size_t len);

/* Loads everything; ready is called once, when all that can be reached is known (error != 0: the KV
 * could not be read). */
int registry_open(struct kv *local, struct kv *net, struct timers *timers,
                  void (*ready)(void *arg, int error), void *arg, struct registry **ret_registry);
/* Before the store is closed. Callers whose writes are under way are not called any more. */
void registry_close(struct registry *registry);
#define REGISTRY_WORKERS_MAX 100000
/* At most REGISTRY_WATCHERS_MAX of them. */
#define REGISTRY_WATCHERS_MAX 8
int registry_watch(struct registry *registry, registry_watch_fn fn, void *arg);

/* False until net has been read once. */
bool registry_is_complete(const struct registry *registry);
/* What is known of net may be behind: its server is away or is being read. */
bool registry_is_stale(const struct registry *registry);

const struct registry_entry *registry_find(const struct registry *registry, const char *sid);
size_t registry_count(const struct registry *registry);
/* Entries in order of sid; index < registry_count. */
const struct registry_entry *registry_at(const struct registry *registry, size_t index);

/* note: text of the audit row to be written in the same commit (audit.h), NULL = none; copied.
 * worker is consumed. source NULL = keep. expected NULL = the record must not exist (create) or,
 * for registry_put, no lock: the record read last must still be there (AMID_E_CONFLICT otherwise: a
 * caller whose client sent no lock reads registry_find again and repeats his change while there is
 * a record). A worker whose scope differs from the record's moves. On an error returned at once
 * (AMID_E_TOO_LARGE: the record passes 64 KiB; AMID_E_NOT_FOUND: nothing to delete …) fn is not
 * called. */
int registry_create(struct registry *registry, struct worker *worker, const char *source,
                    size_t source_len, const char *note, registry_done_fn fn, void *arg);
int registry_put(struct registry *registry, struct worker *worker,
                 const struct kv_versionstamp *expected, const char *source, size_t source_len,
                 const char *note, registry_done_fn fn, void *arg);
int registry_delete(struct registry *registry, const char *sid,
                    const struct kv_versionstamp *expected, const char *note, registry_done_fn fn,
                    void *arg);
/* The owner's text; falls back to the minified script if there is none. */
int registry_source(struct registry *registry, const char *sid, registry_source_fn fn, void *arg);

#endif
