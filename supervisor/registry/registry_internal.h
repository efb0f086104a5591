#ifndef AMID_REGISTRY_INTERNAL_H
#define AMID_REGISTRY_INTERNAL_H

#include "common/id.h"
#include "supervisor/kv/kv_scan.h"
#include "supervisor/registry/registry.h"

/* Shared by the files of this folder; nobody outside includes it. */

/* A source of WORKER_SOURCE_MAX_BYTES needs five pieces, more when JSON escapes much of it; what
 * would need more than these does not fit an atomic operation either. */
#define REGISTRY_PIECES_MAX 24
#define REGISTRY_RETRY_MS   2000

struct registry_space {
    struct registry *registry;
    struct kv *kv;
    enum worker_scope scope;
    struct kv_watch *watch;
    struct kv_scan *scan; /* NULL = no round is under way */
    struct timer retry;
    uint32_t round;   /* of loading; a record that the last round did not see is gone */
    bool must_reload; /* something happened that the round under way may not show */
    bool is_complete; /* has been read once */
    bool has_ended;   /* the first round, well or not */
    bool has_failed;  /* the last one; told once */
};

/* A record of one space. */
struct registry_record {
    struct registry_entry entry; /* of worker and json */
    struct worker *worker;       /* owned */
    char *json;                  /* owned */
    uint32_t round;
};

struct registry_item {
    char sid[ID_UUID_LEN + 1];
    struct registry_record *records[WORKER_SCOPE_MAX]; /* owned; by scope */
};

struct registry_watcher {
    registry_watch_fn fn;
    void *arg;
};

struct registry {
    struct registry_space spaces[WORKER_SCOPE_MAX]; /* by scope */
    struct registry_item **items;                   /* in order of sid */
    size_t count;
    size_t capacity;
    struct registry_watcher watchers[REGISTRY_WATCHERS_MAX];
    size_t watcher_count;
    void (*ready)(void *arg, int error);
    void *ready_arg;
    bool is_ready;
    size_t moves_under_way; /* between two stores */
    size_t calls_under_way; /* KV calls that will still call back */
    bool closed;            /* freed with the last of them */
};

/* One write of a record or read of a source under way. */
struct registry_task {
    struct registry *registry;
    char sid[ID_UUID_LEN + 1];
    bool is_delete;
    registry_done_fn done;
    registry_source_fn source_done;
    void *arg;
    char *note;            /* text of the audit row that goes with it, or NULL */
    struct worker *worker; /* to be written; owned */
    bool is_create;
    enum worker_scope from;
    struct kv_versionstamp stamp;  /* of the record as it is, if it is no create */
    struct kv_versionstamp moved;  /* of the one it has become, between two stores */
    struct registry_space *behind; /* where it is written, if others write there too; or NULL */
    int error;                     /* what it ends with once the copy has caught up */
};

void registry_call_begin(struct registry *registry);
/* True if the registry is still open; otherwise it may be gone. */
bool registry_call_end(struct registry *registry);

/* The record that counts, NULL if there is none. */
struct registry_record *registry_item_record(const struct registry_item *item);
/* entry is of the space; its value NULL = the record is gone. */
void registry_record_changed(struct registry_space *space, const struct kv_entry *entry);
/* Drops what the space's last round did not see. */
void registry_sweep(struct registry_space *space);

/* registry_load.c */
void registry_load_init(struct registry_space *space, struct timers *timers);
int registry_load_open(struct registry_space *space);
void registry_load_close(struct registry_space *space);
/* Reads the space again. */
void registry_load(struct registry_space *space);
/* Reads the task's record from task->behind, so that whoever is told the end of a write finds what
 * he wrote, or what stood in his way, and ends the task with error. Nonzero: it has not begun. */
int registry_catch_up(struct registry_task *task, int error);

/* registry_write.c */
struct kv *registry_kv(const struct registry *registry, enum worker_scope scope);
int registry_record_key(const char *sid, struct kv_key *ret_key);
int registry_put_record(struct kv_atomic *atomic, const struct kv_key *key,
                        const struct worker *worker);
/* Answers a task, if the registry is still open, and frees it. */
void registry_task_end(struct registry_task *task, int error);
/* Writes the task's audit row, if it has one, and ends it well. */
void registry_note_and_end(struct registry_task *task);

/* registry_move.c: a move between two stores. Ends the task later, unless it returns an error. */
int registry_move(struct registry_task *task, const char *source, size_t source_len);
/* Removes the local record of a worker that is in the network's space too. */
void registry_heal(struct registry *registry, const struct registry_item *item);

/* registry_source.c: the owner's text in pieces. */
int source_key(const char *sid, struct kv_key *ret_key);
/* source NULL: deletes every piece; else sets what is needed and deletes the rest. */
int source_put(struct kv_atomic *atomic, const char *sid, const char *source, size_t len);
/* Joins the pieces; *ret_text (to be freed) is NULL if there are none. */
int source_join(const struct kv_entry *entries, size_t count, char **ret_text, size_t *ret_len);

#endif
