#include <stdlib.h>
#include <string.h>

#include "supervisor/kv/kv_internal.h"

struct kv_watch {
    TAILQ_ENTRY(kv_watch) link;
    struct kv *kv;
    kv_watch_fn fn;
    void *arg;
    uint64_t since; /* the event during which it was made, and which it does not get */
    bool dead;      /* freed while events are being told */
    size_t prefix_len;
    uint8_t prefix[];
};

void kv_init(struct kv *kv, const struct kv_backend *backend, void *store, int space)
{
    memset(kv, 0, sizeof(*kv));
    kv->backend = backend;
    kv->store = store;
    kv->space = space;
    TAILQ_INIT(&kv->watches);
}

static void watch_remove(struct kv_watch *watch)
{
    TAILQ_REMOVE(&watch->kv->watches, watch, link);
    free(watch);
}

void kv_release(struct kv *kv)
{
    struct kv_watch *watch = TAILQ_FIRST(&kv->watches);
    TAILQ_INIT(&kv->watches);
    while (watch != NULL) {
        struct kv_watch *next = TAILQ_NEXT(watch, link);
        free(watch);
        watch = next;
    }
}

struct kv_watch *kv_watch_new(struct kv *kv, const struct kv_key *prefix, kv_watch_fn fn, void *arg)
{
    struct kv_watch *watch = malloc(sizeof(*watch) + prefix->len);
    if (watch == NULL)
        return NULL;
    watch->kv = kv;
    watch->fn = fn;
    watch->arg = arg;
    watch->since = kv->event_number;
    watch->dead = false;
    watch->prefix_len = prefix->len;
    memcpy(watch->prefix, prefix->bytes, prefix->len);
    TAILQ_INSERT_TAIL(&kv->watches, watch, link);
    return watch;
}

void kv_watch_free(struct kv_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->kv->publishing)
        watch->dead = true;
    else
        watch_remove(watch);
}

/* The byte after the prefix must begin a part: 0xff would go on the prefix's last string. */
static bool watch_wants(const struct kv_watch *watch, const struct kv_entry *entry)
{
    size_t len = watch->prefix_len;
    return !watch->dead && entry->key_len >= len && memcmp(entry->key, watch->prefix, len) == 0 &&
           (entry->key_len == len || entry->key[len] <= KV_PART_TRUE);
}

void kv_publish(struct kv *kv, const struct kv_entry *entry)
{
    struct kv_watch *watch;
    struct kv_watch *next;
    kv->event_number++;
    kv->publishing = true;
    TAILQ_FOREACH(watch, &kv->watches, link)
    {
        if (watch->since < kv->event_number && watch_wants(watch, entry))
            watch->fn(watch->arg, entry);
    }
    kv->publishing = false;
    for (watch = TAILQ_FIRST(&kv->watches); watch != NULL; watch = next) {
        next = TAILQ_NEXT(watch, link);
        if (watch->dead)
            watch_remove(watch);
    }
}
