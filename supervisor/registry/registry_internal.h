#ifndef AMID_REGISTRY_INTERNAL_H
#define AMID_REGISTRY_INTERNAL_H

#include "supervisor/registry/registry.h"

/* Shared by the files of this folder; nobody outside includes it. */

/* A source of WORKER_SOURCE_MAX_BYTES needs five pieces, more when JSON escapes much of it; what
 * would need more than these does not fit an atomic operation either. */
#define REGISTRY_PIECES_MAX 24

struct registry_space {
    struct registry *registry;
    struct kv *kv;
    enum worker_scope scope;
    struct kv_watch *watch;
    struct kv_range loading; /* what is still to be read */
};

struct registry_item {
    struct registry_entry entry; /* worker and json are owned */
    char *json;
    struct worker *worker;
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
    size_t spaces_loading;
    size_t calls_under_way; /* KV calls that will still call back */
    bool closed;            /* freed with the last of them */
};

void registry_call_begin(struct registry *registry);
/* True if the registry is still open; otherwise it may be gone. */
bool registry_call_end(struct registry *registry);

/* registry_source.c: the owner's text in pieces. */
int source_key(const char *sid, struct kv_key *ret_key);
/* source NULL: deletes every piece; else sets what is needed and deletes the rest. */
int source_put(struct kv_atomic *atomic, const char *sid, const char *source, size_t len);
/* Joins the pieces; *ret_text (to be freed) is NULL if there are none. */
int source_join(const struct kv_entry *entries, size_t count, char **ret_text, size_t *ret_len);

#endif
