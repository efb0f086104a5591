#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/kv/kv_internal.h"

#define BUCKETS_FIRST 16

_Static_assert(KV_WATCH_SEED_BYTES == crypto_shorthash_KEYBYTES, "the seed fits the hash");

struct kv_watch {
    TAILQ_ENTRY(kv_watch) link;      /* in its bucket */
    TAILQ_ENTRY(kv_watch) dead_link; /* freed while events are being told: goes when that is over */
    struct kv *kv;
    kv_watch_fn fn;
    void *arg;
    uint64_t since; /* the event during which it was made, and which it does not get */
    uint64_t hash;  /* of the prefix */
    bool is_exact;  /* only the key that is the prefix */
    bool is_dead;
    size_t prefix_len;
    uint8_t prefix[];
};

void kv_init(struct kv *kv, const struct kv_backend *backend, void *store, int space)
{
    memset(kv, 0, sizeof(*kv));
    kv->backend = backend;
    kv->store = store;
    kv->space = space;
    TAILQ_INIT(&kv->watches.dead);
    randombytes_buf(kv->watches.seed, sizeof(kv->watches.seed));
}

static uint64_t prefix_hash(const struct kv *kv, const uint8_t *prefix, size_t len)
{
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t hash;
    (void)crypto_shorthash(out, prefix, len, kv->watches.seed);
    memcpy(&hash, out, sizeof(hash));
    return hash;
}

static struct kv_watches *bucket_of(const struct kv_watch_index *index, uint64_t hash)
{
    return &index->buckets[hash & (index->bucket_count - 1)];
}

static void watch_unlink(struct kv_watch *watch)
{
    struct kv_watch_index *index = &watch->kv->watches;
    TAILQ_REMOVE(bucket_of(index, watch->hash), watch, link);
    index->count--;
}

void kv_release(struct kv *kv)
{
    struct kv_watch_index *index = &kv->watches;
    for (size_t i = 0; i < index->bucket_count; i++) {
        struct kv_watch *watch = TAILQ_FIRST(&index->buckets[i]);
        while (watch != NULL) {
            struct kv_watch *next = TAILQ_NEXT(watch, link);
            free(watch);
            watch = next;
        }
    }
    index->count = 0;
    free(index->buckets);
    index->buckets = NULL;
    index->bucket_count = 0;
}

/* Not while events are told: that walks through a bucket. Without memory the old ones do. */
static void index_grow(struct kv_watch_index *index)
{
    size_t count = index->bucket_count == 0 ? BUCKETS_FIRST : index->bucket_count * 2;
    struct kv_watches *buckets = malloc(count * sizeof(*buckets));
    if (buckets == NULL)
        return;
    struct kv_watch_index grown = {.buckets = buckets, .bucket_count = count};
    for (size_t i = 0; i < count; i++)
        TAILQ_INIT(&buckets[i]);
    for (size_t i = 0; i < index->bucket_count; i++) {
        struct kv_watch *watch;
        while ((watch = TAILQ_FIRST(&index->buckets[i])) != NULL) {
            TAILQ_REMOVE(&index->buckets[i], watch, link);
            TAILQ_INSERT_TAIL(bucket_of(&grown, watch->hash), watch, link);
        }
    }
    free(index->buckets);
    index->buckets = buckets;
    index->bucket_count = count;
}

static struct kv_watch *watch_add(struct kv *kv, const struct kv_key *prefix, bool is_exact,
                                  kv_watch_fn fn, void *arg)
{
    struct kv_watch_index *index = &kv->watches;
    struct kv_watch *watch = malloc(sizeof(*watch) + prefix->len);
    if (watch == NULL)
        return NULL;
    if (index->count == index->bucket_count && !kv->publishing)
        index_grow(index);
    if (index->bucket_count == 0) {
        free(watch);
        return NULL;
    }
    *watch = (struct kv_watch){.kv = kv,
                               .fn = fn,
                               .arg = arg,
                               .since = kv->event_number,
                               .hash = prefix_hash(kv, prefix->bytes, prefix->len),
                               .is_exact = is_exact,
                               .prefix_len = prefix->len};
    memcpy(watch->prefix, prefix->bytes, prefix->len);
    TAILQ_INSERT_TAIL(bucket_of(index, watch->hash), watch, link);
    index->count++;
    return watch;
}

struct kv_watch *kv_watch_new(struct kv *kv, const struct kv_key *prefix, kv_watch_fn fn, void *arg)
{
    return watch_add(kv, prefix, false, fn, arg);
}

struct kv_watch *kv_watch_key(struct kv *kv, const struct kv_key *key, kv_watch_fn fn, void *arg)
{
    return watch_add(kv, key, true, fn, arg);
}

void kv_watch_free(struct kv_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->kv->publishing) {
        if (!watch->is_dead)
            TAILQ_INSERT_TAIL(&watch->kv->watches.dead, watch, dead_link);
        watch->is_dead = true;
        return;
    }
    watch_unlink(watch);
    free(watch);
}

/* Tells those who watch the first prefix_len bytes of the entry's key, which end with a part. */
static void publish_prefix(struct kv *kv, const struct kv_entry *entry, size_t prefix_len)
{
    uint64_t hash = prefix_hash(kv, entry->key, prefix_len);
    struct kv_watch *watch;
    TAILQ_FOREACH(watch, bucket_of(&kv->watches, hash), link)
    {
        bool wants = watch->hash == hash && watch->prefix_len == prefix_len &&
                     memcmp(watch->prefix, entry->key, prefix_len) == 0 &&
                     (!watch->is_exact || prefix_len == entry->key_len);
        if (wants && !watch->is_dead && watch->since < kv->event_number)
            watch->fn(watch->arg, entry);
    }
}

static void publish_begin(struct kv *kv)
{
    kv->event_number++;
    kv->publishing = true;
}

/* Watches freed while they were told go now. */
static void publish_end(struct kv *kv)
{
    struct kv_watch *watch = TAILQ_FIRST(&kv->watches.dead);
    kv->publishing = false;
    TAILQ_INIT(&kv->watches.dead);
    while (watch != NULL) {
        struct kv_watch *next = TAILQ_NEXT(watch, dead_link);
        watch_unlink(watch);
        free(watch);
        watch = next;
    }
}

void kv_publish(struct kv *kv, const struct kv_entry *entry)
{
    size_t prefix_len = 0;
    publish_begin(kv);
    if (kv->watches.count > 0)
        publish_prefix(kv, entry, 0);
    while (kv->watches.count > 0 && prefix_len < entry->key_len) {
        prefix_len = kv_key_part_end(entry->key, entry->key_len, prefix_len);
        publish_prefix(kv, entry, prefix_len);
    }
    publish_end(kv);
}

void kv_publish_gap(struct kv *kv)
{
    publish_begin(kv);
    for (size_t i = 0; i < kv->watches.bucket_count; i++) {
        struct kv_watch *watch;
        TAILQ_FOREACH(watch, &kv->watches.buckets[i], link)
        {
            if (!watch->is_dead && watch->since < kv->event_number)
                watch->fn(watch->arg, NULL);
        }
    }
    publish_end(kv);
}
