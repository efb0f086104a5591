#ifndef AMID_KV_STORE_H
#define AMID_KV_STORE_H

#include <event2/event.h>
#include <stddef.h>

#include "common/chain.h"
#include "supervisor/kv/kv.h"
#include "supervisor/loop/defer.h"
#include "supervisor/loop/timer.h"

/*
 * The SQLite file of a node, <state>/amid.db, with both spaces: one writer thread that commits in
 * groups (one fsync for all that is waiting), reads on the loop's own connection. Locked against a
 * second amid.
 */
struct store;

/*
 * Opens or creates. On failure returns a code (AMID_E_BUSY: another amid holds it; AMID_E_CORRUPT;
 * AMID_E_UNSUPPORTED: written by a newer amid …) with a sentence for the operator in reason, and
 * leaves the file untouched.
 */
int store_open(const char *state_folder, struct event_base *base, struct defer *defer,
               struct timers *timers, struct store **ret_store, char *reason, size_t reason_size);
/* Waits for the writer to finish what was accepted and answers it; further writes are refused. To
 * be called while those who wait for answers still exist, then let the loop turn once for reads. */
void store_drain(struct store *store);
/* Drains if that was not done, checkpoints and closes. */
void store_close(struct store *store);

/* The audit table (kv_atomic_note). */
#define STORE_ROWS_MAX 500

struct store_rows {
    struct chain_end trimmed; /* where the chain begins */
    struct chain_end head;    /* where it ends */
    const struct chain_row *rows;
    size_t count;
};

/* rows is NULL on an error. Texts are valid until the callback returns. */
typedef void (*store_rows_fn)(void *arg, int error, const struct store_rows *rows);
/* The first limit (1..STORE_ROWS_MAX) rows whose seq is greater than after; answered in a later
 * turn, or AMID_E_BUSY. */
int store_rows(struct store *store, uint64_t after, size_t limit, store_rows_fn fn, void *arg);
/* fn is told every row that is durable, in order, before the commit is acknowledged; NULL = none.
 */
void store_on_row(struct store *store, void (*fn)(void *arg, const struct chain_row *row),
                  void *arg);

struct kv *store_local(struct store *store);
struct kv *store_net(struct store *store);

#endif
