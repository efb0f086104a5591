#include "supervisor/registry/registry.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "supervisor/registry/registry_internal.h"

#define FIRST_CAPACITY  64
#define ENTRY_MAX_BYTES (2 * KV_VALUE_MAX_BYTES) /* a record and what the API puts around it */

static void item_free(struct registry_item *item)
{
    if (item == NULL)
        return;
    worker_free(item->worker);
    free(item->json);
    free(item);
}

static void warn(const char *sid, const char *text, const char *detail)
{
    struct log_about about = {.event = "registry", .sid = sid};
    log_warn(&about, "%s: %s", text, detail);
}

/* Renders the entry; owns worker only if it succeeds. */
static int item_new(struct worker *worker, const struct kv_versionstamp *stamp,
                    struct registry_item **ret_item)
{
    struct registry_item *item = calloc(1, sizeof(*item));
    struct buffer json;
    char hex[KV_VERSIONSTAMP_HEX + 1];
    if (item == NULL)
        return AMID_E_NOMEM;
    kv_versionstamp_to_hex(stamp, hex);
    buffer_init(&json, ENTRY_MAX_BYTES);
    buffer_printf(&json, "{\"key\":[\"ami\",\"worker\",\"%s\"],\"value\":", worker->sid);
    (void)worker_to_value(worker, &json);
    buffer_printf(&json, ",\"versionstamp\":\"%s\"}", hex);
    int error = buffer_status(&json);
    if (error != 0) {
        buffer_free(&json);
        free(item);
        return error;
    }
    item->json = buffer_take(&json, &item->entry.json_len);
    item->worker = worker;
    item->entry.json = item->json;
    item->entry.worker = worker;
    item->entry.versionstamp = *stamp;
    *ret_item = item;
    return 0;
}

/* The index of sid, or where it would be. */
static size_t items_search(const struct registry *registry, const char *sid, bool *ret_found)
{
    size_t low = 0;
    size_t high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(registry->items[middle]->worker->sid, sid);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = false;
    return low;
}

static int items_insert(struct registry *registry, size_t index, struct registry_item *item)
{
    if (registry->count == REGISTRY_WORKERS_MAX)
        return AMID_E_LIMIT;
    if (registry->count == registry->capacity) {
        size_t capacity = registry->capacity == 0 ? FIRST_CAPACITY : registry->capacity * 2;
        void *grown = realloc(registry->items, capacity * sizeof(struct registry_item *));
        if (grown == NULL)
            return AMID_E_NOMEM;
        registry->items = grown;
        registry->capacity = capacity;
    }
    memmove(&registry->items[index + 1], &registry->items[index],
            (registry->count - index) * sizeof(struct registry_item *));
    registry->items[index] = item;
    registry->count++;
    return 0;
}

static void tell_watchers(struct registry *registry, enum registry_event event,
                          const struct registry_item *item, const struct worker *old)
{
    if (registry->spaces_loading > 0)
        return;
    for (size_t i = 0; i < registry->watcher_count; i++)
        registry->watchers[i].fn(registry->watchers[i].arg, event, &item->entry, old);
}

static int stamp_order(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static void record_gone(struct registry_space *space, size_t index,
                        const struct kv_versionstamp *stamp)
{
    struct registry *registry = space->registry;
    struct registry_item *item = registry->items[index];
    /* Of a worker that moved, the old space's record goes after the new one has come. */
    if (item->worker->scope != space->scope || stamp_order(stamp, &item->entry.versionstamp) < 0)
        return;
    registry->count--;
    memmove(&registry->items[index], &registry->items[index + 1],
            (registry->count - index) * sizeof(struct registry_item *));
    tell_watchers(registry, REGISTRY_DELETED, item, item->worker);
    item_free(item);
}

/* A record that cannot be read changes nothing but the versionstamp, so that its owner can still
 * replace or delete it. */
static struct worker *record_read(struct registry_space *space, const char *sid,
                                  const struct kv_entry *entry, const struct registry_item *held)
{
    struct worker *worker = NULL;
    char reason[128] = "";
    int error = worker_from_value(entry->value, entry->value_len, &worker, reason, sizeof(reason));
    if (error == 0 && strcmp(worker->sid, sid) != 0) {
        error = AMID_E_INVALID;
        strcpy(reason, "raw.sid is not the key's");
    }
    if (error == 0) {
        worker->scope = space->scope; /* where it lies is what counts */
        return worker;
    }
    warn(sid, "A worker record was skipped", error == AMID_E_INVALID ? reason : error_text(error));
    worker_free(worker);
    return held == NULL ? NULL : worker_copy(held->worker);
}

static void record_put(struct registry_space *space, const char *sid, size_t index, bool found,
                       const struct kv_entry *entry)
{
    struct registry *registry = space->registry;
    struct registry_item *old = found ? registry->items[index] : NULL;
    struct registry_item *item = NULL;
    if (old != NULL && stamp_order(&entry->versionstamp, &old->entry.versionstamp) <= 0)
        return;
    struct worker *worker = record_read(space, sid, entry, old);
    if (worker == NULL)
        return;
    int error = item_new(worker, &entry->versionstamp, &item);
    if (error != 0) {
        worker_free(worker);
    } else if (old != NULL) {
        registry->items[index] = item;
    } else {
        error = items_insert(registry, index, item);
        if (error != 0)
            item_free(item);
    }
    if (error != 0) {
        warn(sid, "A worker record could not be kept", error_text(error));
        return;
    }
    tell_watchers(registry, REGISTRY_PUT, item, old == NULL ? NULL : old->worker);
    item_free(old);
}

/* False for what lies under the prefix without being a worker's key. */
static bool sid_of_key(const uint8_t *bytes, size_t len, char *ret_sid)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    for (int i = 0; i < 3; i++) {
        if (kv_key_next(bytes, len, &pos, &part, scratch) != 1)
            return false;
    }
    if (part.type != KV_PART_STRING || part.len != ID_UUID_LEN || pos != len)
        return false;
    memcpy(ret_sid, part.bytes, ID_UUID_LEN);
    ret_sid[ID_UUID_LEN] = '\0';
    return id_is_uuid(ret_sid);
}

static void record_changed(void *arg, const struct kv_entry *entry)
{
    struct registry_space *space = arg;
    char sid[ID_UUID_LEN + 1];
    bool found = false;
    if (!sid_of_key(entry->key, entry->key_len, sid)) {
        warn(NULL, "A key beside the worker records was skipped", "its third part is not a UUID");
        return;
    }
    size_t index = items_search(space->registry, sid, &found);
    if (entry->value != NULL)
        record_put(space, sid, index, found, entry);
    else if (found)
        record_gone(space, index, &entry->versionstamp);
}

static void registry_release(struct registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        item_free(registry->items[i]);
    free(registry->items);
    free(registry);
}

void registry_call_begin(struct registry *registry)
{
    registry->calls_under_way++;
}

bool registry_call_end(struct registry *registry)
{
    bool open = !registry->closed;
    registry->calls_under_way--;
    if (!open && registry->calls_under_way == 0)
        registry_release(registry);
    return open;
}

static void page_loaded(void *arg, int error, const struct kv_entry *entries, size_t count,
                        bool more);

static int page_ask(struct registry_space *space)
{
    int error = kv_list(space->kv, &space->loading, page_loaded, space);
    if (error == 0)
        registry_call_begin(space->registry);
    return error;
}

static void page_loaded(void *arg, int error, const struct kv_entry *entries, size_t count,
                        bool more)
{
    struct registry_space *space = arg;
    struct registry *registry = space->registry;
    if (!registry_call_end(registry))
        return;
    for (size_t i = 0; i < count; i++)
        record_changed(space, &entries[i]);
    if (error == 0 && more && count > 0) {
        struct kv_key *start = &space->loading.start;
        start->len = entries[count - 1].key_len;
        memcpy(start->bytes, entries[count - 1].key, start->len);
        start->bytes[start->len++] =
            0; /* the next possible key; a worker's is far from the limit */
        error = page_ask(space);
        if (error == 0)
            return;
    }
    if (registry->spaces_loading == 0)
        return; /* the other space has failed already */
    registry->spaces_loading = error != 0 ? 0 : registry->spaces_loading - 1;
    if (registry->spaces_loading == 0)
        registry->ready(registry->ready_arg, error); /* it may close us: last */
}

int registry_open(struct kv *local, struct kv *net, void (*ready)(void *arg, int error), void *arg,
                  struct registry **ret_registry)
{
    struct registry *registry = calloc(1, sizeof(*registry));
    struct kv *const kvs[WORKER_SCOPE_MAX] = {[WORKER_LOCAL] = local, [WORKER_NETWORK] = net};
    struct kv_key prefix;
    if (registry == NULL)
        return AMID_E_NOMEM;
    registry->ready = ready;
    registry->ready_arg = arg;
    int error = kv_key_of(&prefix, "ami", "worker", NULL);
    for (int scope = 0; scope < WORKER_SCOPE_MAX && error == 0; scope++) {
        struct registry_space *space = &registry->spaces[scope];
        space->registry = registry;
        space->kv = kvs[scope];
        space->scope = (enum worker_scope)scope;
        kv_range_of_prefix(&space->loading, &prefix);
        space->watch = kv_watch_new(space->kv, &prefix, record_changed, space);
        error = space->watch == NULL ? AMID_E_NOMEM : page_ask(space);
        registry->spaces_loading++;
    }
    if (error != 0) {
        registry_close(registry);
        return error;
    }
    *ret_registry = registry;
    return 0;
}

void registry_close(struct registry *registry)
{
    if (registry == NULL)
        return;
    for (int scope = 0; scope < WORKER_SCOPE_MAX; scope++)
        kv_watch_free(registry->spaces[scope].watch);
    registry->closed = true;
    if (registry->calls_under_way == 0)
        registry_release(registry);
}

int registry_watch(struct registry *registry, registry_watch_fn fn, void *arg)
{
    if (registry->watcher_count == REGISTRY_WATCHERS_MAX)
        return AMID_E_LIMIT;
    registry->watchers[registry->watcher_count++] = (struct registry_watcher){.fn = fn, .arg = arg};
    return 0;
}

const struct registry_entry *registry_find(const struct registry *registry, const char *sid)
{
    bool found = false;
    size_t index = items_search(registry, sid, &found);
    return found ? &registry->items[index]->entry : NULL;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}

const struct registry_entry *registry_at(const struct registry *registry, size_t index)
{
    return &registry->items[index]->entry;
}
