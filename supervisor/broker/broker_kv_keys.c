#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"
#include "supervisor/broker/reserved.h"
#include "supervisor/broker/resource.h"

/*
 * Calls about several keys of one space at once. Arguments: {space: 0 local, 1 net}; data: the
 * keys, each as `bytes`. An entry of an answer is null for a key that does not exist, or
 * [versionstamp, value].
 */
#define WATCHES_MAX      64 /* of a worker; each has a dirty mark, not a queue */
#define ENTRY_MORE_BYTES 64 /* around the value of an entry */
#define ENTRIES_MAX_BYTES                                                                          \
    (KV_GET_MANY_MAX * (size_t)(KV_VALUE_MAX_BYTES + ENTRY_MORE_BYTES) + 2 * ENTRY_MORE_BYTES)

struct key_list {
    struct kv *kv;
    bool is_net;
    size_t count;
    struct kv_key keys[KV_GET_MANY_MAX];
};

/* Ends the call and returns false for keys that cannot or may not be read. */
static bool keys_read(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len,
                      struct key_list *ret_list)
{
    struct broker_worker *worker = call->call.worker;
    char text[BROKER_REFUSAL_BYTES];
    struct wire_reader reader;
    int64_t space;

    if (!host_call_int(call, args, "space", 0, 1, 0, &space))
        return false;
    ret_list->is_net = space == 1;
    ret_list->kv = space == 1 ? worker->broker->net : worker->broker->local;
    ret_list->count = 0;
    wire_read(&reader, data, len);
    do {
        struct kv_key *key = &ret_list->keys[ret_list->count++];
        const uint8_t *bytes = wire_get_bytes(&reader, KV_KEY_MAX_BYTES, &key->len);
        const char *refusal;

        if (bytes == NULL || key->len == 0 || !kv_key_is_valid(bytes, key->len)) {
            host_call_fail(call, AMID_E_INVALID, "not a key");
            return false;
        }
        memcpy(key->bytes, bytes, key->len);
        refusal = broker_kv_forbidden(worker, ret_list->is_net, key, false, text);
        if (refusal != NULL) {
            host_call_fail(call, AMID_E_DENIED, refusal);
            return false;
        }
    } while (reader.left > 0 && ret_list->count < KV_GET_MANY_MAX);
    if (reader.left > 0) {
        host_call_failf(call, AMID_E_INVALID, "Too many keys (max %d)", KV_GET_MANY_MAX);
        return false;
    }
    return true;
}

static void put_entry(struct buffer *json, const struct kv_entry *entry)
{
    char stamp[KV_VERSIONSTAMP_HEX + 1];

    if (entry->value == NULL) {
        buffer_append_str(json, "null");
        return;
    }
    kv_versionstamp_to_hex(&entry->versionstamp, stamp);
    buffer_printf(json, "[\"%s\",", stamp);
    buffer_append(json, entry->value, entry->value_len);
    buffer_append_char(json, ']');
}

static void answer(struct host_call *call, struct buffer *json)
{
    if (buffer_status(json) != 0)
        host_call_fail(call, buffer_status(json), NULL);
    else
        host_call_done(call, json->data, NULL, 0);
    buffer_free(json);
}

/* --- getMany --- */

static void many_got(void *arg, int error, const struct kv_entry *entries, size_t count)
{
    struct host_call *call = arg;
    struct buffer json;

    if (error != 0) {
        host_call_fail(call, error, NULL);
        return;
    }
    buffer_init(&json, ENTRIES_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        buffer_append_char(&json, i == 0 ? '[' : ',');
        put_entry(&json, &entries[i]);
    }
    buffer_append_char(&json, ']');
    answer(call, &json);
}

static void get_many(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct key_list list;
    int error;

    if (!keys_read(call, args, data, len, &list))
        return;
    error = kv_get_many(list.kv, list.keys, list.count, many_got, call);
    if (error != 0)
        host_call_fail(call, error, NULL);
}

/* --- watch --- */

struct watching;

struct watched {
    struct watching *watching;
    struct kv_watch *watch;
    uint8_t *key; /* owned */
    size_t key_len;
    bool is_known; /* the script has been told: */
    bool exists;
    struct kv_versionstamp stamp;
};

/*
 * A resource. Whatever happens to its keys leaves one mark; who asks for the next state then gets
 * what is there at that moment, so nothing is queued, the last state is never missed, and since
 * states are read and not kept, none is older than the one before.
 */
struct watching {
    struct resource resource;
    struct kv *kv;
    bool is_net;
    bool is_raw;     /* the script wants to hear of changes that changed nothing, too */
    bool is_dirty;   /* something has happened since the last read */
    bool is_reading; /* a read is under way, which then has the last reference */
    bool is_closed;
    struct host_call *waiting; /* NULL = nobody asks */
    size_t count;
    struct watched keys[KV_GET_MANY_MAX];
};

static void watching_free(struct watching *watching)
{
    for (size_t i = 0; i < watching->count; i++) {
        kv_watch_free(watching->keys[i].watch);
        free(watching->keys[i].key);
    }
    free(watching);
}

static bool watching_is_allowed(const struct resource *resource)
{
    const struct watching *watching = (const struct watching *)resource;

    for (size_t i = 0; i < watching->count; i++) {
        if (!permission_kv(resource->worker, watching->is_net, watching->keys[i].key,
                           watching->keys[i].key_len))
            return false;
    }
    return true;
}

static void watching_end_call(struct watching *watching, int error, const char *message)
{
    struct host_call *call = watching->waiting;

    watching->waiting = NULL;
    host_call_fail(call, error, message);
}

static void watching_close(struct resource *resource)
{
    struct watching *watching = (struct watching *)resource;

    if (watching->waiting != NULL && !watching_is_allowed(resource))
        watching_end_call(watching, AMID_E_DENIED,
                          "this worker may no longer read what it watches");
    else if (watching->waiting != NULL)
        watching_end_call(watching, AMID_E_BAD_RESOURCE, "the watch is closed");
    watching->is_closed = true;
    if (!watching->is_reading)
        watching_free(watching);
}

static const struct resource_kind watch_kind = {
    .name = "watch", .close = watching_close, .is_allowed = watching_is_allowed};

static bool watched_differs(const struct watched *watched, const struct kv_entry *entry)
{
    bool exists = entry->value != NULL;

    if (!watched->is_known || watched->exists != exists)
        return true;
    return exists && memcmp(watched->stamp.bytes, entry->versionstamp.bytes,
                            sizeof(watched->stamp.bytes)) != 0;
}

/* {rid, changes: [[which key, entry], …]}, and what it says is known from now on. */
static size_t put_changes(struct watching *watching, const struct kv_entry *entries,
                          struct buffer *json)
{
    size_t changes = 0;

    buffer_printf(json, "{\"rid\":%u,\"changes\":[", watching->resource.rid);
    for (size_t i = 0; i < watching->count; i++) {
        struct watched *watched = &watching->keys[i];

        if (!watched_differs(watched, &entries[i]))
            continue;
        buffer_printf(json, "%s[%zu,", changes++ == 0 ? "" : ",", i);
        put_entry(json, &entries[i]);
        buffer_append_char(json, ']');
        watched->is_known = true;
        watched->exists = entries[i].value != NULL;
        watched->stamp = entries[i].versionstamp;
    }
    buffer_append_str(json, "]}");
    return changes;
}

static void watching_forget(struct watching *watching)
{
    watching->is_dirty = true;
    for (size_t i = 0; i < watching->count; i++)
        watching->keys[i].is_known = false;
}

static void watching_read(struct watching *watching);

/* False if there is nothing new to say. */
static bool watching_answer(struct watching *watching, const struct kv_entry *entries)
{
    struct host_call *call = watching->waiting;
    struct buffer json;

    buffer_init(&json, ENTRIES_MAX_BYTES);
    if (put_changes(watching, entries, &json) == 0 && !watching->is_raw) {
        buffer_free(&json);
        return false;
    }
    watching->waiting = NULL;
    if (buffer_status(&json) != 0)
        watching_forget(watching); /* what could not be said */
    answer(call, &json);
    return true;
}

static void states_read(void *arg, int error, const struct kv_entry *entries, size_t count)
{
    struct watching *watching = arg;

    (void)count;
    watching->is_reading = false;
    if (watching->is_closed) {
        watching_free(watching);
    } else if (watching->waiting == NULL) {
        watching->is_dirty = true; /* let go of meanwhile */
    } else if (error != 0) {
        watching->is_dirty = true;
        watching_end_call(watching, error, NULL);
    } else if (!watching_answer(watching, entries) && watching->is_dirty) {
        watching_read(watching);
    }
}

/* The mark goes when the read is asked for: from a server, an answer may be older than an event
 * that overtook it. */
static void watching_read(struct watching *watching)
{
    struct kv_key keys[KV_GET_MANY_MAX];
    int error;

    for (size_t i = 0; i < watching->count; i++) {
        keys[i].len = watching->keys[i].key_len;
        memcpy(keys[i].bytes, watching->keys[i].key, keys[i].len);
    }
    error = kv_get_many(watching->kv, keys, watching->count, states_read, watching);
    watching->is_reading = error == 0;
    watching->is_dirty = error != 0;
    if (error != 0)
        watching_end_call(watching, error, NULL);
}

static void key_changed(void *arg, const struct kv_entry *entry)
{
    const struct watched *watched = arg;
    struct watching *watching = watched->watching;

    (void)entry;
    watching->is_dirty = true;
    /* Read at the end of the turn, when all that was committed together has been told. */
    if (watching->waiting != NULL && !watching->is_reading)
        watching_read(watching);
}

static void let_go(struct broker_call *call, void *arg)
{
    struct watching *watching = arg;

    (void)call;
    watching_end_call(watching, AMID_E_STOPPED, NULL);
}

static void watching_wait(struct watching *watching, struct host_call *call)
{
    watching->waiting = call;
    host_call_on_cancel(call, let_go, watching);
    if (watching->is_dirty && !watching->is_reading)
        watching_read(watching);
}

static struct watching *watching_new(const struct key_list *list, bool is_raw)
{
    struct watching *watching = calloc(1, sizeof(*watching));

    if (watching == NULL)
        return NULL;
    watching->kv = list->kv;
    watching->is_net = list->is_net;
    watching->is_raw = is_raw;
    watching->is_dirty = true;
    for (size_t i = 0; i < list->count; i++) {
        struct watched *watched = &watching->keys[watching->count++];

        watched->watching = watching;
        watched->key = malloc(list->keys[i].len);
        watched->watch = kv_watch_key(list->kv, &list->keys[i], key_changed, watched);
        if (watched->key == NULL || watched->watch == NULL) {
            watching_free(watching);
            return NULL;
        }
        memcpy(watched->key, list->keys[i].bytes, list->keys[i].len);
        watched->key_len = list->keys[i].len;
    }
    return watching;
}

static size_t watches_open(const struct broker_worker *worker)
{
    size_t count = 0;

    for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
        for (const struct resource *resource = worker->resources.buckets[i]; resource != NULL;
             resource = resource->next)
            count += resource->kind == &watch_kind;
    }
    return count;
}

/* Answers with the rid and the state at the beginning, so that whatever is written afterwards is
 * told. */
static void watch(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct watching *watching;
    struct key_list list;
    bool is_raw;
    int error;

    if (!host_call_flag(call, args, "raw", &is_raw) || !keys_read(call, args, data, len, &list))
        return;
    if (watches_open(call->call.worker) >= WATCHES_MAX) {
        host_call_failf(call, AMID_E_LIMIT, "at most %d watches and subscriptions at a time",
                        WATCHES_MAX);
        return;
    }
    watching = watching_new(&list, is_raw);
    if (watching == NULL) {
        host_call_fail(call, AMID_E_NOMEM, NULL);
        return;
    }
    error = resource_open(call->call.worker, &watching->resource, &watch_kind);
    if (error != 0) {
        watching_free(watching);
        host_call_fail(call, error, NULL);
        return;
    }
    watching_wait(watching, call);
}

static void next(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct resource *resource;

    (void)data;
    (void)len;
    if (!host_call_resource(call, args, &watch_kind, &resource))
        return;
    if (((struct watching *)resource)->waiting != NULL)
        host_call_fail(call, AMID_E_BUSY, "the next state is being waited for already");
    else
        watching_wait((struct watching *)resource, call);
}

const struct broker_op broker_kv_ops[] = {
    {PROTO_KV_GET_MANY, get_many},
    {PROTO_KV_WATCH, watch},
    {PROTO_KV_NEXT, next},
    {0, NULL},
};
