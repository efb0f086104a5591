#include "supervisor/cluster/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/log.h"
#include "supervisor/kv/kv_scan.h"

#define BUCKETS 1024 /* a power of two */

struct mirror {
    struct mirror_needs needs;
    struct kv_watch *watch;
    struct kv_scan *scan; /* NULL = none under way */
    struct timer retry;
    struct mirror_item *buckets[BUCKETS];
    size_t count;
    unsigned round;
    bool is_complete;
    bool has_complained;
};

static size_t bucket_of(const char *name)
{
    return id_hash(name) & (BUCKETS - 1);
}

struct mirror_item *mirror_find(const struct mirror *mirror, const char *name)
{
    struct mirror_item *item = mirror->buckets[bucket_of(name)];

    while (item != NULL && strcmp(item->name, name) != 0)
        item = item->next;
    return item;
}

static struct mirror_item *item_new(struct mirror *mirror, const char *name)
{
    const struct log_about about = {.event = "cluster"};
    struct mirror_item **bucket = &mirror->buckets[bucket_of(name)];
    struct mirror_item *item = NULL;

    if (mirror->count < mirror->needs.items_max)
        item = calloc(1, mirror->needs.item_bytes);
    if (item == NULL && mirror->count < mirror->needs.items_max) {
        timer_start(&mirror->retry, MIRROR_RETRY_MS); /* no memory: listed again */
        return NULL;
    }
    if (item == NULL) {
        if (!mirror->has_complained)
            log_error(&about, "More than %zu keys under %s.%s: the others are not seen",
                      mirror->needs.items_max, mirror->needs.first, mirror->needs.second);
        mirror->has_complained = true;
        return NULL;
    }
    memcpy(item->name, name, strlen(name) + 1);
    item->is_gone = true;
    item->next = *bucket;
    *bucket = item;
    mirror->count++;
    return item;
}

static void item_drop(struct mirror *mirror, struct mirror_item *item)
{
    struct mirror_item **at = &mirror->buckets[bucket_of(item->name)];

    while (*at != item)
        at = &(*at)->next;
    *at = item->next;
    mirror->count--;
    free(item);
}

void mirror_each(struct mirror *mirror, void (*fn)(void *arg, struct mirror_item *item), void *arg)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct mirror_item *next;

        for (struct mirror_item *item = mirror->buckets[i]; item != NULL; item = next) {
            next = item->next;
            fn(arg, item);
        }
    }
}

/* The last part, if the key is prefix and one string more. */
static bool name_of(const struct kv_entry *entry, char *ret_name)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part = {.type = KV_PART_FALSE};
    size_t pos = 0;

    for (int i = 0; i < 3; i++) {
        if (kv_key_next(entry->key, entry->key_len, &pos, &part, scratch) != 1)
            return false;
    }
    if (pos != entry->key_len || part.type != KV_PART_STRING || part.len > MIRROR_NAME_MAX ||
        memchr(part.bytes, 0, part.len) != NULL)
        return false;
    memcpy(ret_name, part.bytes, part.len);
    ret_name[part.len] = '\0';
    return true;
}

static bool is_newer(const struct kv_versionstamp *stamp, const struct mirror_item *item)
{
    return memcmp(stamp->bytes, item->stamp.bytes, sizeof(stamp->bytes)) > 0;
}

static void put(void *arg, const struct kv_entry *entry)
{
    struct mirror *mirror = arg;
    char name[MIRROR_NAME_MAX + 1];
    struct mirror_item *item;

    if (!name_of(entry, name))
        return;
    item = mirror_find(mirror, name);
    if (item == NULL)
        item = item_new(mirror, name);
    if (item == NULL)
        return;
    item->round = mirror->round;
    if (!is_newer(&entry->versionstamp, item))
        return; /* told already, or gone since */
    item->stamp = entry->versionstamp;
    item->is_gone = false;
    mirror->needs.changed(mirror->needs.arg, item, entry);
}

static void item_gone(struct mirror *mirror, struct mirror_item *item, const struct kv_entry *entry)
{
    bool was_there = !item->is_gone;

    if (is_newer(&entry->versionstamp, item))
        item->stamp = entry->versionstamp;
    item->is_gone = true;
    if (was_there)
        mirror->needs.changed(mirror->needs.arg, item, entry);
    if (!item->is_kept && mirror->scan == NULL)
        item_drop(mirror, item);
}

static void gone(struct mirror *mirror, const struct kv_entry *entry)
{
    char name[MIRROR_NAME_MAX + 1];
    struct mirror_item *item;

    if (!name_of(entry, name))
        return;
    item = mirror_find(mirror, name);
    if (item == NULL && mirror->scan != NULL)
        item = item_new(mirror, name); /* lest the list brings it back */
    if (item != NULL)
        item_gone(mirror, item, entry);
}

static void relist(void *arg);

static void watched(void *arg, const struct kv_entry *entry)
{
    struct mirror *mirror = arg;

    if (entry == NULL)
        relist(mirror);
    else if (entry->value != NULL)
        put(mirror, entry);
    else
        gone(mirror, entry);
}

static void sweep_item(void *arg, struct mirror_item *item)
{
    struct mirror *mirror = arg;
    const struct kv_entry entry = {.versionstamp = item->stamp};

    if (item->round != mirror->round || item->is_gone)
        item_gone(mirror, item, &entry);
}

static void listed(void *arg, int error)
{
    struct mirror *mirror = arg;

    mirror->scan = NULL;
    if (error != 0) {
        timer_start(&mirror->retry, MIRROR_RETRY_MS);
        return;
    }
    mirror_each(mirror, sweep_item, mirror);
    mirror->is_complete = true;
    if (mirror->needs.complete != NULL)
        mirror->needs.complete(mirror->needs.arg);
}

/* A list under way is let go of: the new one sees all that it would have. */
static void relist(void *arg)
{
    struct mirror *mirror = arg;
    struct kv_key prefix;

    mirror->is_complete = false;
    kv_scan_cancel(mirror->scan);
    mirror->scan = NULL;
    int error = kv_key_of(&prefix, mirror->needs.first, mirror->needs.second, NULL);
    if (error == 0)
        error = kv_scan_start(mirror->needs.kv, &prefix, put, listed, mirror, &mirror->scan);
    if (error != 0) {
        timer_start(&mirror->retry, MIRROR_RETRY_MS);
        return;
    }
    timer_stop(&mirror->retry);
    mirror->round++;
}

int mirror_open(const struct mirror_needs *needs, struct mirror **ret_mirror)
{
    struct mirror *mirror = calloc(1, sizeof(*mirror));
    struct kv_key prefix;
    int error;

    if (mirror == NULL)
        return AMID_E_NOMEM;
    mirror->needs = *needs;
    timer_init(&mirror->retry, needs->timers, relist, mirror);
    error = kv_key_of(&prefix, needs->first, needs->second, NULL);
    if (error == 0) {
        mirror->watch = kv_watch_new(needs->kv, &prefix, watched, mirror);
        error = mirror->watch == NULL ? AMID_E_NOMEM : 0;
    }
    if (error != 0) {
        free(mirror);
        return error;
    }
    relist(mirror);
    *ret_mirror = mirror;
    return 0;
}

void mirror_close(struct mirror *mirror)
{
    if (mirror == NULL)
        return;
    timer_stop(&mirror->retry);
    kv_watch_free(mirror->watch);
    kv_scan_cancel(mirror->scan);
    for (size_t i = 0; i < BUCKETS; i++) {
        while (mirror->buckets[i] != NULL) {
            struct mirror_item *item = mirror->buckets[i];

            mirror->buckets[i] = item->next;
            free(item);
        }
    }
    free(mirror);
}

bool mirror_is_complete(const struct mirror *mirror)
{
    return mirror->is_complete;
}
