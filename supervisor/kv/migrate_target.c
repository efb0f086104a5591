#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/migrate_internal.h"

#define SMALL_BODY_BYTES 8192
#define SECOND_MS        1000

static const uint8_t epoch_key[] = {0, 'e', 'p', 'o', 'c', 'h'};
static const uint8_t over_key[] = {0, 'm', 'i', 'g', 'r', 'a', 't', 'e', 'd'};

const uint8_t migrate_range_start[1] = {KV_PART_BYTES};
const uint8_t migrate_range_end[1] = {KV_PART_TRUE + 1};

struct asking {
    bool is_done;
    int error;
    cJSON *json; /* owned */
    char fault[256];
};

static void asked(void *arg, int error, const struct etcd_answer *answer)
{
    struct asking *asking = arg;

    asking->is_done = true;
    asking->error = error;
    snprintf(asking->fault, sizeof(asking->fault), "%s", answer->fault);
    if (error == 0) {
        asking->json = cJSON_Duplicate(answer->json, true);
        asking->error = asking->json == NULL ? AMID_E_NOMEM : 0;
    }
}

/* Waits for the answer. Every request of a move may be repeated, so that each is a read to the
 * client. *ret_json is the caller's. */
int migrate_ask(struct migrate *migrate, const char *path, struct buffer *body, cJSON **ret_json)
{
    struct asking asking = {0};
    size_t len;
    int error = buffer_status(body);
    char *text = error == 0 ? buffer_take(body, &len) : NULL;

    buffer_free(body);
    if (error == 0)
        error = etcd_call(migrate->space.etcd, ETCD_READ, path, text, len, asked, &asking);
    while (error == 0 && !asking.is_done) {
        if (event_base_loop(migrate->base, EVLOOP_ONCE) != 0)
            error = AMID_E_INTERNAL;
    }
    if (error == 0)
        error = asking.error;
    if (error != 0)
        return migrate_fail(migrate, error, asking.fault[0] == '\0' ? "etcd" : asking.fault);
    *ret_json = asking.json;
    return 0;
}

int migrate_target_open(struct migrate *migrate)
{
    const struct etcd_space_settings *settings = &migrate->settings->space;

    etcd_prefix(settings->network, &migrate->space);
    migrate->base = event_base_new();
    if (migrate->base != NULL)
        migrate->timers = timers_new(migrate->base);
    if (migrate->timers == NULL)
        return migrate_fail(migrate, AMID_E_NOMEM, "");
    return etcd_open(migrate->base, migrate->timers, &settings->etcd, &migrate->space.etcd,
                     migrate->reason, migrate->reason_size);
}

void migrate_target_close(struct migrate *migrate)
{
    etcd_close(migrate->space.etcd);
    if (migrate->timers != NULL)
        timers_free(migrate->timers);
    if (migrate->base != NULL)
        event_base_free(migrate->base);
}

const cJSON *migrate_kvs(const cJSON *range)
{
    return cJSON_GetObjectItemCaseSensitive(range, "kvs");
}

/* "" if there is no such key. */
static int value_read(struct migrate *migrate, const uint8_t *key, size_t key_len, char *value,
                      size_t size, int64_t *ret_revision)
{
    struct buffer body;
    cJSON *json = NULL;
    uint8_t *bytes;
    size_t len;

    buffer_init(&body, SMALL_BODY_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_key(&body, &migrate->space, "key", key, key_len);
    buffer_append_char(&body, '}');
    int error = migrate_ask(migrate, "/v3/kv/range", &body, &json);
    if (error != 0)
        return error;
    const cJSON *kv = cJSON_GetArrayItem(migrate_kvs(json), 0);
    value[0] = '\0';
    *ret_revision = 0;
    if (kv != NULL)
        error = etcd_member_int64(kv, "mod_revision", ret_revision);
    if (kv != NULL && error == 0)
        error = etcd_member_bytes(kv, "value", size - 1, &bytes, &len);
    if (kv != NULL && error == 0) {
        memcpy(value, bytes, len + 1);
        free(bytes);
    }
    cJSON_Delete(json);
    return error == 0 ? 0 : migrate_fail(migrate, error, "what etcd holds of the network");
}

int migrate_epoch_read(struct migrate *migrate, char *value, size_t size, int64_t *ret_revision,
                       bool *ret_is_over)
{
    char over[MIGRATE_VALUE_BYTES];
    int64_t revision;
    int error = value_read(migrate, epoch_key, sizeof(epoch_key), value, size, ret_revision);

    if (error == 0)
        error = value_read(migrate, over_key, sizeof(over_key), over, sizeof(over), &revision);
    if (error == 0)
        *ret_is_over = strcmp(over, migrate->id) == 0;
    return error;
}

static void append_range(struct buffer *body, const struct migrate *migrate)
{
    etcd_body_key(body, &migrate->space, "key", migrate_range_start, 1);
    buffer_append_char(body, ',');
    etcd_body_key(body, &migrate->space, "range_end", migrate_range_end, 1);
}

int migrate_count(struct migrate *migrate, uint64_t *ret_count)
{
    struct buffer body;
    cJSON *json = NULL;
    int64_t count = 0;

    buffer_init(&body, SMALL_BODY_BYTES);
    buffer_append_char(&body, '{');
    append_range(&body, migrate);
    buffer_append_str(&body, ",\"count_only\":true}");
    int error = migrate_ask(migrate, "/v3/kv/range", &body, &json);
    if (error != 0)
        return error;
    error = etcd_member_int64(json, "count", &count);
    cJSON_Delete(json);
    *ret_count = (uint64_t)count;
    return error;
}

static void append_put(struct buffer *body, const struct migrate *migrate, const uint8_t *key,
                       size_t key_len, const char *value, size_t value_len, int64_t lease)
{
    buffer_append_str(body, "{\"request_put\":{");
    etcd_body_key(body, &migrate->space, "key", key, key_len);
    buffer_append_char(body, ',');
    etcd_body_bytes(body, "value", value, value_len);
    if (lease != 0) {
        buffer_append_char(body, ',');
        etcd_body_int64(body, "lease", lease);
    }
    buffer_append_str(body, "}}");
}

/* A transaction that holds only while the move is ours. */
static void txn_begin(struct buffer *body, const struct migrate *migrate)
{
    buffer_init(body, ETCD_BODY_MAX_BYTES);
    buffer_append_str(body, "{\"compare\":[{\"target\":\"VALUE\",\"result\":\"EQUAL\",");
    etcd_body_key(body, &migrate->space, "key", epoch_key, sizeof(epoch_key));
    buffer_append_char(body, ',');
    etcd_body_bytes(body, "value", migrate->mark, strlen(migrate->mark));
    buffer_append_str(body, "}],\"success\":[");
}

static int txn_end(struct migrate *migrate, struct buffer *body)
{
    cJSON *json = NULL;

    buffer_append_str(body, "]}");
    int error = migrate_ask(migrate, "/v3/kv/txn", body, &json);
    if (error != 0)
        return error;
    bool has_succeeded = etcd_member_bool(json, "succeeded");
    cJSON_Delete(json);
    return has_succeeded
               ? 0
               : migrate_fail(migrate, AMID_E_EXISTS, "somebody else changes the network in etcd");
}

int migrate_mark_set(struct migrate *migrate, const char *mark)
{
    snprintf(migrate->mark, sizeof(migrate->mark), "%s", mark);
    return 0;
}

int migrate_mark_write(struct migrate *migrate, const char *mark, int64_t revision)
{
    char found[MIGRATE_VALUE_BYTES];
    struct buffer body;
    cJSON *json = NULL;
    int64_t now;

    migrate_mark_set(migrate, mark);
    buffer_init(&body, SMALL_BODY_BYTES);
    buffer_append_str(&body, "{\"compare\":[{\"target\":\"MOD\",\"result\":\"EQUAL\",");
    etcd_body_key(&body, &migrate->space, "key", epoch_key, sizeof(epoch_key));
    buffer_append_char(&body, ',');
    etcd_body_int64(&body, "mod_revision", revision);
    buffer_append_str(&body, "}],\"success\":[");
    append_put(&body, migrate, epoch_key, sizeof(epoch_key), mark, strlen(mark), 0);
    buffer_append_str(&body, "]}");
    int error = migrate_ask(migrate, "/v3/kv/txn", &body, &json);
    if (error != 0)
        return error;
    cJSON_Delete(json);
    /* It may have been sent twice, and the second have found the first. */
    error = value_read(migrate, epoch_key, sizeof(epoch_key), found, sizeof(found), &now);
    if (error == 0 && strcmp(found, mark) != 0)
        error = migrate_fail(migrate, AMID_E_EXISTS, "somebody else changes the network in etcd");
    return error;
}

static int lease_get(struct migrate *migrate, int64_t expires_ms, int64_t *ret_id)
{
    int64_t deadline_s = (expires_ms + SECOND_MS - 1) / SECOND_MS;
    int64_t now_ms = clock_real_ms();
    struct buffer body;
    cJSON *json = NULL;

    for (size_t i = 0; i < MIGRATE_LEASES; i++) {
        if (migrate->leases[i].id != 0 && migrate->leases[i].deadline_s == deadline_s) {
            *ret_id = migrate->leases[i].id;
            return 0;
        }
    }
    buffer_init(&body, SMALL_BODY_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_int64(&body, "TTL", (deadline_s * SECOND_MS - now_ms + SECOND_MS) / SECOND_MS);
    buffer_append_char(&body, '}');
    int error = migrate_ask(migrate, "/v3/lease/grant", &body, &json);
    if (error != 0)
        return error;
    error = etcd_member_int64(json, "ID", ret_id);
    cJSON_Delete(json);
    if (error != 0 || *ret_id == 0)
        return migrate_fail(migrate, AMID_E_PROTOCOL, "a lease of etcd's");
    migrate->leases[migrate->lease_at].deadline_s = deadline_s;
    migrate->leases[migrate->lease_at].id = *ret_id;
    migrate->lease_at = (migrate->lease_at + 1) % MIGRATE_LEASES;
    return 0;
}

/* One transaction. *ret_is_last: nothing is left, and a step more would begin anew. */
static int batch_move(struct migrate *migrate, sqlite3_stmt *stmt, size_t *ret_count,
                      bool *ret_is_last)
{
    struct buffer body;
    struct migrate_row row;
    size_t bytes = 0;
    size_t count = 0;
    int more = 1;
    int error = 0;

    txn_begin(&body, migrate);
    while (error == 0 && count < MIGRATE_BATCH_ENTRIES && bytes < MIGRATE_BATCH_BYTES &&
           (more = migrate_row_next(migrate, stmt, &row)) == 1) {
        int64_t lease = 0;
        if (row.expires_ms != 0)
            error = lease_get(migrate, row.expires_ms, &lease);
        if (count > 0)
            buffer_append_char(&body, ',');
        append_put(&body, migrate, row.key, row.key_len, row.value, row.value_len, lease);
        bytes += row.key_len + row.value_len;
        count++;
    }
    if (error == 0 && more < 0)
        error = more;
    *ret_count = count;
    *ret_is_last = more == 0;
    if (error != 0 || count == 0) {
        buffer_free(&body);
        return error;
    }
    return txn_end(migrate, &body);
}

int migrate_copy(struct migrate *migrate, uint64_t *ret_moved)
{
    sqlite3_stmt *stmt = NULL;
    size_t count = 0;
    bool is_last = false;
    int error = migrate_entries(migrate, &stmt);

    while (error == 0 && !is_last) {
        error = batch_move(migrate, stmt, &count, &is_last);
        if (error == 0 && count > 0) {
            *ret_moved += count;
            migrate->settings->progress(migrate->settings->arg, *ret_moved);
        }
    }
    sqlite3_finalize(stmt);
    return error;
}

int migrate_finish(struct migrate *migrate, uint16_t epoch)
{
    char text[8];
    char found[MIGRATE_VALUE_BYTES];
    struct buffer body;
    int64_t revision;
    bool is_over = false;

    snprintf(text, sizeof(text), "%u", (unsigned)epoch);
    txn_begin(&body, migrate);
    append_put(&body, migrate, epoch_key, sizeof(epoch_key), text, strlen(text), 0);
    buffer_append_char(&body, ',');
    append_put(&body, migrate, over_key, sizeof(over_key), migrate->id, ID_UUID_LEN, 0);
    if (txn_end(migrate, &body) == 0)
        return 0;
    /* Sent twice, the second finds what the first has done. */
    int error = migrate_epoch_read(migrate, found, sizeof(found), &revision, &is_over);
    return error == 0 && is_over ? 0 : AMID_E_UNAVAILABLE;
}
