#include "supervisor/registry/registry.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "supervisor/registry/registry_internal.h"

#define FIRST_CAPACITY  64
#define ENTRY_MAX_BYTES (2 * KV_VALUE_MAX_BYTES) /* a record and what the API puts around it */

static void record_free(struct registry_record *record)
{
    if (record == NULL)
        return;
    worker_free(record->worker);
    free(record->json);
    free(record);
}

static void item_free(struct registry_item *item)
{
    for (int scope = 0; scope < WORKER_SCOPE_MAX; scope++)
        record_free(item->records[scope]);
    free(item);
}

struct registry_record *registry_item_record(const struct registry_item *item)
{
    struct registry_record *record = item->records[WORKER_NETWORK];
    return record != NULL ? record : item->records[WORKER_LOCAL];
}

static void warn(const char *sid, const char *text, const char *detail)
{
    struct log_about about = {.event = "registry", .sid = sid};
    log_warn(&about, "%s: %s", text, detail);
}

/* Renders the entry; owns worker only if it succeeds. */
static int record_new(struct worker *worker, const struct kv_versionstamp *stamp,
                      struct registry_record **ret_record)
{
    struct registry_record *record = calloc(1, sizeof(*record));
    struct buffer json;
    char hex[KV_VERSIONSTAMP_HEX + 1];
    if (record == NULL)
        return AMID_E_NOMEM;
    kv_versionstamp_to_hex(stamp, hex);
    buffer_init(&json, ENTRY_MAX_BYTES);
    buffer_printf(&json, "{\"key\":[\"ami\",\"worker\",\"%s\"],\"value\":", worker->sid);
    (void)worker_to_value(worker, &json);
    buffer_printf(&json, ",\"versionstamp\":\"%s\"}", hex);
    int error = buffer_status(&json);
    if (error != 0) {
        buffer_free(&json);
        free(record);
        return error;
    }
    record->json = buffer_take(&json, &record->entry.json_len);
    record->worker = worker;
    record->entry.json = record->json;
    record->entry.worker = worker;
    record->entry.versionstamp = *stamp;
    *ret_record = record;
    return 0;
}

/* The index of sid, or where it would be. */
static size_t items_search(const struct registry *registry, const char *sid, bool *ret_found)
{
    size_t low = 0;
    size_t high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(registry->items[middle]->sid, sid);
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

static int items_insert(struct registry *registry, size_t index, const char *sid)
{
    struct registry_item *item;
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
    item = calloc(1, sizeof(*item));
    if (item == NULL)
        return AMID_E_NOMEM;
    memcpy(item->sid, sid, sizeof(item->sid));
    memmove(&registry->items[index + 1], &registry->items[index],
            (registry->count - index) * sizeof(struct registry_item *));
    registry->items[index] = item;
    registry->count++;
    return 0;
}

static void items_remove(struct registry *registry, size_t index)
{
    free(registry->items[index]);
    registry->count--;
    memmove(&registry->items[index], &registry->items[index + 1],
            (registry->count - index) * sizeof(struct registry_item *));
}

static void tell_watchers(struct registry *registry, enum registry_event event,
                          const struct registry_record *record, const struct registry_record *old)
{
    if (!registry->is_ready)
        return;
    for (size_t i = 0; i < registry->watcher_count; i++)
        registry->watchers[i].fn(registry->watchers[i].arg, event, &record->entry,
                                 old == NULL ? NULL : old->worker);
}

static int stamp_order(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* The old space's record of a worker that has moved goes unnoticed; without the other space's
 * record the worker is gone. */
static void record_drop(struct registry_space *space, size_t index)
{
    struct registry *registry = space->registry;
    struct registry_item *item = registry->items[index];
    struct registry_record *old = item->records[space->scope];
    bool counts = old == registry_item_record(item);
    item->records[space->scope] = NULL;
    struct registry_record *left = registry_item_record(item);
    if (left == NULL)
        items_remove(registry, index);
    if (left == NULL)
        tell_watchers(registry, REGISTRY_DELETED, old, old);
    else if (counts)
        tell_watchers(registry, REGISTRY_PUT, left, old);
    record_free(old);
}

static void record_gone(struct registry_space *space, size_t index,
                        const struct kv_versionstamp *stamp)
{
    const struct registry_record *old = space->registry->items[index]->records[space->scope];
    /* A page that is still to come may show it once more. */
    if (space->scan != NULL)
        space->must_reload = true;
    if (old != NULL && stamp_order(stamp, &old->entry.versionstamp) >= 0)
        record_drop(space, index);
}

void registry_sweep(struct registry_space *space)
{
    for (size_t i = space->registry->count; i > 0; i--) {
        const struct registry_record *record = space->registry->items[i - 1]->records[space->scope];
        if (record != NULL && record->round != space->round)
            record_drop(space, i - 1);
    }
}

/* A record that cannot be read changes nothing but the versionstamp, so that its owner can still
 * replace or delete it. */
static struct worker *record_read(struct registry_space *space, const char *sid,
                                  const struct kv_entry *entry, const struct registry_record *held)
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

/* Owns record. */
static void record_set(struct registry_space *space, struct registry_item *item,
                       struct registry_record *record)
{
    struct registry_record *before = registry_item_record(item);
    struct registry_record *old = item->records[space->scope];
    item->records[space->scope] = record;
    if (registry_item_record(item) == record)
        tell_watchers(space->registry, REGISTRY_PUT, record, before);
    record_free(old);
}

static void record_put(struct registry_space *space, const char *sid, size_t index, bool found,
                       const struct kv_entry *entry)
{
    struct registry *registry = space->registry;
    struct registry_record *old = found ? registry->items[index]->records[space->scope] : NULL;
    struct registry_record *record = NULL;
    if (old != NULL && stamp_order(&entry->versionstamp, &old->entry.versionstamp) <= 0) {
        old->round = space->round;
        return;
    }
    struct worker *worker = record_read(space, sid, entry, old);
    if (worker == NULL)
        return;
    int error = record_new(worker, &entry->versionstamp, &record);
    if (error != 0)
        worker_free(worker);
    else if (!found)
        error = items_insert(registry, index, sid);
    if (error != 0) {
        record_free(record);
        warn(sid, "A worker record could not be kept", error_text(error));
        return;
    }
    record->round = space->round;
    record_set(space, registry->items[index], record);
    registry_heal(registry, registry->items[index]);
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

void registry_record_changed(struct registry_space *space, const struct kv_entry *entry)
{
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

int registry_open(struct kv *local, struct kv *net, struct timers *timers,
                  void (*ready)(void *arg, int error), void *arg, struct registry **ret_registry)
{
    struct registry *registry = calloc(1, sizeof(*registry));
    struct kv *const kvs[WORKER_SCOPE_MAX] = {[WORKER_LOCAL] = local, [WORKER_NETWORK] = net};
    int error = 0;
    if (registry == NULL)
        return AMID_E_NOMEM;
    registry->ready = ready;
    registry->ready_arg = arg;
    for (int scope = 0; scope < WORKER_SCOPE_MAX; scope++) {
        struct registry_space *space = &registry->spaces[scope];
        *space = (struct registry_space){
            .registry = registry, .kv = kvs[scope], .scope = (enum worker_scope)scope};
        registry_load_init(space, timers);
    }
    for (int scope = 0; scope < WORKER_SCOPE_MAX && error == 0; scope++)
        error = registry_load_open(&registry->spaces[scope]);
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
        registry_load_close(&registry->spaces[scope]);
    registry->closed = true;
    if (registry->calls_under_way == 0)
        registry_release(registry);
}

bool registry_is_complete(const struct registry *registry)
{
    return registry->spaces[WORKER_NETWORK].is_complete;
}

bool registry_is_stale(const struct registry *registry)
{
    const struct registry_space *net = &registry->spaces[WORKER_NETWORK];
    return !net->is_complete || net->scan != NULL || !kv_is_reachable(net->kv);
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
    return found ? &registry_item_record(registry->items[index])->entry : NULL;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}

const struct registry_entry *registry_at(const struct registry *registry, size_t index)
{
    return &registry_item_record(registry->items[index])->entry;
}
