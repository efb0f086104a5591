#ifndef AMID_KV_WRITER_H
#define AMID_KV_WRITER_H

#include <sqlite3.h>

#include "supervisor/kv/kv_internal.h"

/*
 * The one thread that writes: takes everything that waits, commits it as one group (one fsync) and
 * puts the operations on the done list in commit order. Everything else is the loop's.
 */
#define WRITER_QUEUE_MAX       4096 /* operations submitted and not yet taken back */
#define WRITER_QUEUE_MAX_BYTES (64 * 1024 * 1024)
#define WRITER_GROUP_MAX       512
#define WRITER_EXPIRE_MAX      100 /* entries removed by one expiry operation */
#define WRITER_RETRY_MS        1000

struct write_op {
    struct write_op *next;
    struct kv_atomic *atomic; /* for an expiry: filled by the writer with what it removed */
    size_t bytes;             /* counted against WRITER_QUEUE_MAX_BYTES; set by writer_submit */
    bool is_expiry;
    bool is_late;   /* the writer's own: tells watchers of a group whose callers got an error */
    int64_t now_ms; /* wall clock of the call: expireIn counts from it, checks see by it */
    kv_commit_fn fn;
    void *arg;
    int error;
    struct kv_versionstamp stamp;
    int64_t next_expiry_ms; /* of an expiry: the earliest deadline left, 0 = none */
};

struct writer;

/* spaces: by number, for the events of an expiry. done_fd: an eventfd, written after each group. */
int writer_start(const char *path, struct kv *const spaces[2], int done_fd,
                 struct writer **ret_writer);
/* Takes op, or returns AMID_E_BUSY. */
int writer_submit(struct writer *writer, struct write_op *op);
/* What was written since the last call, in commit order; the caller frees with write_op_free. */
struct write_op *writer_take_done(struct writer *writer);
/* Writes what waits, then ends the thread and closes the connection (which checkpoints if it is the
 * last). Afterwards only writer_take_done and writer_free. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer);
void write_op_free(struct write_op *op);

#endif
