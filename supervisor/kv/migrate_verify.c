#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/migrate_internal.h"

#define SMALL_BODY_BYTES 8192
#define PAGE_ENTRIES     48   /* as etcd_read.c's pieces */
#define LATE_MS          4000 /* more than etcd's least time to live: an entry may be gone by then */

/* Entries in etcd, in the order of keys. */
struct cursor {
    cJSON *page; /* owned */
    const cJSON *at;
    struct kv_key from;
    int64_t lease; /* of the entry told last; 0 = none */
    bool is_last;
};

static int page_read(struct migrate *migrate, struct cursor *cursor)
{
    struct buffer body;

    cJSON_Delete(cursor->page);
    cursor->page = NULL;
    buffer_init(&body, SMALL_BODY_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_key(&body, &migrate->space, "key", cursor->from.bytes, cursor->from.len);
    buffer_append_char(&body, ',');
    etcd_body_key(&body, &migrate->space, "range_end", migrate_range_end, 1);
    buffer_append_char(&body, ',');
    etcd_body_int64(&body, "limit", PAGE_ENTRIES);
    buffer_append_char(&body, '}');
    int error = migrate_ask(migrate, "/v3/kv/range", &body, &cursor->page);
    if (error != 0)
        return error;
    cursor->is_last = !etcd_member_bool(cursor->page, "more");
    const cJSON *kvs = migrate_kvs(cursor->page);
    cursor->at = cJSON_IsArray(kvs) ? kvs->child : NULL;
    return 0;
}

/* 1 and the entry, which the caller frees, 0 at the end, or an error. */
static int cursor_next(struct migrate *migrate, struct cursor *cursor, struct etcd_entry *ret_entry)
{
    int error = 0;

    if (cursor->at == NULL && cursor->is_last)
        return 0;
    if (cursor->at == NULL)
        error = page_read(migrate, cursor);
    if (error != 0)
        return error;
    if (cursor->at == NULL)
        return 0;
    error = etcd_entry_read(&migrate->space, cursor->at, false, ret_entry);
    if (error != 0)
        return migrate_fail(migrate, AMID_E_CORRUPT, "an entry in etcd");
    (void)etcd_member_int64(cursor->at, "lease", &cursor->lease);
    cursor->at = cursor->at->next;
    if (ret_entry->entry.key_len < KV_KEY_MAX_BYTES) {
        cursor->from.len = ret_entry->entry.key_len;
        memcpy(cursor->from.bytes, ret_entry->entry.key, cursor->from.len);
        cursor->from.bytes[cursor->from.len++] = 0;
    }
    return 1;
}

static bool is_same(const struct migrate_row *row, const struct kv_entry *entry)
{
    return entry->key != NULL && row->key_len == entry->key_len &&
           memcmp(row->key, entry->key, row->key_len) == 0 && row->value_len == entry->value_len &&
           memcmp(row->value, entry->value, row->value_len) == 0;
}

/* The next entry of etcd's into *entry, unless one is there; NULL for row = its end is expected.
 * Those whose time has come in the file and not yet in etcd are passed over. */
static int entry_hold(struct migrate *migrate, struct cursor *cursor, const struct migrate_row *row,
                      struct etcd_entry *entry)
{
    int more = 1;

    while (more == 1) {
        if (entry->raw_key == NULL)
            more = cursor_next(migrate, cursor, entry);
        if (more != 1 || cursor->lease == 0)
            break;
        if (row != NULL && is_same(row, &entry->entry))
            break;
        etcd_entry_free(entry);
    }
    return more;
}

static int compare(struct migrate *migrate, sqlite3_stmt *stmt, struct cursor *cursor,
                   uint64_t *ret_verified)
{
    struct etcd_entry entry = {0};
    struct migrate_row row;
    int in_file = 0;
    int in_etcd = 0;
    bool differs = false;

    while (!differs && (in_file = migrate_row_next(migrate, stmt, &row)) == 1) {
        in_etcd = entry_hold(migrate, cursor, &row, &entry);
        if (in_etcd < 0)
            break;
        if (in_etcd == 1 && is_same(&row, &entry.entry)) {
            etcd_entry_free(&entry);
            ++*ret_verified;
        } else { /* its time may just have come in etcd */
            differs = row.expires_ms == 0 || row.expires_ms > clock_real_ms() + LATE_MS;
        }
    }
    if (in_file == 0 && in_etcd >= 0) {
        in_etcd = entry_hold(migrate, cursor, NULL, &entry);
        differs = in_etcd == 1;
    }
    etcd_entry_free(&entry);
    if (differs)
        return migrate_fail(migrate, AMID_E_CORRUPT,
                            "what etcd holds is not what the database holds");
    return in_file < 0 ? in_file : in_etcd < 0 ? in_etcd : 0;
}

int migrate_verify(struct migrate *migrate, uint64_t *ret_verified)
{
    struct cursor cursor = {.from = {.len = 1}};
    sqlite3_stmt *stmt = NULL;
    int error = migrate_entries(migrate, &stmt);

    cursor.from.bytes[0] = migrate_range_start[0];
    if (error == 0)
        error = compare(migrate, stmt, &cursor, ret_verified);
    cJSON_Delete(cursor.page);
    sqlite3_finalize(stmt);
    return error;
}
