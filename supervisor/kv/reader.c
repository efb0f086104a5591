#include "supervisor/kv/reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/store_file.h"

#define LIST_SQL(order)                                                                            \
    "SELECT value, stamp, key FROM entry WHERE space = ?1 AND key >= ?2 AND key < ?4"              \
    " AND (expires_ms IS NULL OR expires_ms > ?3) ORDER BY key " order

enum statement {
    STATEMENT_GET,
    STATEMENT_LIST,
    STATEMENT_LIST_BACK,
    STATEMENT_NEXT,
    STATEMENT_ENDS,
    STATEMENT_ROWS,
    STATEMENT_BEGIN,
    STATEMENT_END,
    STATEMENT_MAX
};

static const char *const statement_sql[STATEMENT_MAX] = {
    [STATEMENT_GET] = "SELECT value, stamp FROM entry WHERE space = ?1 AND key = ?2"
                      " AND (expires_ms IS NULL OR expires_ms > ?3)",
    [STATEMENT_LIST] = LIST_SQL("ASC"),
    [STATEMENT_LIST_BACK] = LIST_SQL("DESC"),
    [STATEMENT_NEXT] = "SELECT expires_ms FROM entry WHERE expires_ms IS NOT NULL"
                       " ORDER BY expires_ms LIMIT 1",
    [STATEMENT_ENDS] = "SELECT trimmed_seq, trimmed_hash, head_seq, head_hash FROM audit_end"
                       " WHERE id = 0",
    [STATEMENT_ROWS] = "SELECT seq, hash, real_ms, stamp, text FROM audit WHERE seq > ?1"
                       " ORDER BY seq LIMIT ?2",
    [STATEMENT_BEGIN] = "BEGIN",
    [STATEMENT_END] = "COMMIT",
};

struct reader {
    char path[PATH_MAX];
    sqlite3 *db; /* NULL after an error */
    sqlite3_stmt *statements[STATEMENT_MAX];
    struct kv_entry entries[KV_LIST_MAX];
    struct chain_row rows[STORE_ROWS_MAX];
};

static void connection_close(struct reader *reader)
{
    for (size_t i = 0; i < STATEMENT_MAX; i++) {
        sqlite3_finalize(reader->statements[i]);
        reader->statements[i] = NULL;
    }
    sqlite3_close(reader->db);
    reader->db = NULL;
}

static int connection_open(struct reader *reader)
{
    if (reader->db != NULL)
        return 0;
    int error = store_file_connect(reader->path, STORE_READ, &reader->db);
    for (size_t i = 0; i < STATEMENT_MAX && error == 0; i++) {
        int result = sqlite3_prepare_v3(reader->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                        &reader->statements[i], NULL);
        if (result != SQLITE_OK)
            error = store_file_error(reader->db, result);
    }
    if (error != 0)
        connection_close(reader);
    return error;
}

int reader_open(const char *path, struct reader **ret_reader)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return AMID_E_NOMEM;
    snprintf(reader->path, sizeof(reader->path), "%s", path);
    int error = connection_open(reader);
    if (error != 0) {
        free(reader);
        return error;
    }
    *ret_reader = reader;
    return 0;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    connection_close(reader);
    free(reader);
}

/* Columns 0 and 1; the pointers live until the statement moves on. */
static int row_read(struct reader *reader, sqlite3_stmt *stmt, struct kv_entry *entry)
{
    entry->value = (const char *)sqlite3_column_text(stmt, 0);
    entry->value_len = (size_t)sqlite3_column_bytes(stmt, 0);
    const void *stamp = sqlite3_column_blob(stmt, 1);
    if (entry->value == NULL || sqlite3_column_bytes(stmt, 1) != KV_VERSIONSTAMP_BYTES) {
        int result = sqlite3_errcode(reader->db);
        return result == SQLITE_NOMEM ? AMID_E_NOMEM : AMID_E_CORRUPT;
    }
    memcpy(entry->versionstamp.bytes, stamp, KV_VERSIONSTAMP_BYTES);
    return 0;
}

static sqlite3_stmt *read_begin(struct reader *reader, enum statement which, int space,
                                const uint8_t *key, size_t key_len)
{
    static const uint8_t nothing[1];
    sqlite3_stmt *stmt = reader->statements[which];
    sqlite3_bind_int(stmt, 1, space);
    sqlite3_bind_blob(stmt, 2, key_len > 0 ? key : nothing, (int)key_len, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, clock_real_ms());
    return stmt;
}

static void read_end(struct reader *reader, sqlite3_stmt *stmt, int error)
{
    sqlite3_reset(stmt);
    if (error != 0)
        connection_close(reader);
}

void reader_get(struct reader *reader, int space, const uint8_t *key, size_t key_len, kv_get_fn fn,
                void *arg)
{
    struct kv_entry entry = {.key = key, .key_len = key_len};
    int error = connection_open(reader);
    if (error != 0) {
        fn(arg, error, NULL);
        return;
    }
    sqlite3_stmt *stmt = read_begin(reader, STATEMENT_GET, space, key, key_len);
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW)
        error = row_read(reader, stmt, &entry);
    else if (result != SQLITE_DONE)
        error = store_file_error(reader->db, result);
    fn(arg, error, result == SQLITE_ROW && error == 0 ? &entry : NULL);
    read_end(reader, stmt, error);
}

/* Copies a row behind the others: offsets instead of pointers until the buffer no longer moves. */
static int row_keep(struct reader *reader, sqlite3_stmt *stmt, struct buffer *arena,
                    struct kv_entry *entry)
{
    int error = row_read(reader, stmt, entry);
    if (error != 0)
        return error;
    const void *key = sqlite3_column_blob(stmt, 2);
    entry->key_len = (size_t)sqlite3_column_bytes(stmt, 2);
    buffer_append(arena, key, entry->key_len);
    buffer_append(arena, entry->value, entry->value_len);
    buffer_append_char(arena, '\0');
    return buffer_status(arena);
}

/* Keeps the value alone: the caller has the key. Found or not, the entry has its place. */
static int value_keep(struct reader *reader, const struct kv_key *key, int space, int64_t now_ms,
                      struct buffer *arena, struct kv_entry *entry)
{
    sqlite3_stmt *stmt = read_begin(reader, STATEMENT_GET, space, key->bytes, key->len);
    int error = 0;
    sqlite3_bind_int64(stmt, 3, now_ms); /* the same for all */
    *entry = (struct kv_entry){.key = key->bytes, .key_len = key->len};
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW) {
        error = row_read(reader, stmt, entry);
        if (error == 0) {
            buffer_append(arena, entry->value, entry->value_len);
            buffer_append_char(arena, '\0');
            error = buffer_status(arena);
        }
    } else if (result != SQLITE_DONE) {
        error = store_file_error(reader->db, result);
    }
    sqlite3_reset(stmt);
    return error;
}

static int transaction(struct reader *reader, enum statement which)
{
    sqlite3_stmt *stmt = reader->statements[which];
    int result = sqlite3_step(stmt);
    int error = result == SQLITE_DONE ? 0 : store_file_error(reader->db, result);
    sqlite3_reset(stmt);
    return error;
}

void reader_get_many(struct reader *reader, int space, const struct kv_key *keys, size_t count,
                     kv_get_many_fn fn, void *arg)
{
    struct kv_entry *entries = reader->entries;
    struct buffer arena;
    int64_t now_ms = clock_real_ms();
    size_t offset = 0;
    int error = connection_open(reader);
    if (error != 0) {
        fn(arg, error, NULL, 0);
        return;
    }
    buffer_init(&arena, KV_GET_MANY_MAX * (KV_VALUE_MAX_BYTES + 1));
    error = transaction(reader, STATEMENT_BEGIN);
    for (size_t i = 0; i < count && error == 0; i++)
        error = value_keep(reader, &keys[i], space, now_ms, &arena, &entries[i]);
    if (error == 0)
        error = transaction(reader, STATEMENT_END);
    if (error != 0)
        connection_close(reader); /* and with it the transaction */
    for (size_t i = 0; i < count && error == 0; i++) {
        if (entries[i].value == NULL)
            continue;
        entries[i].value = arena.data + offset;
        offset += entries[i].value_len + 1;
    }
    fn(arg, error, error == 0 ? entries : NULL, error == 0 ? count : 0);
    buffer_free(&arena);
}

static void entries_point(struct reader *reader, size_t count, const struct buffer *arena)
{
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        struct kv_entry *entry = &reader->entries[i];
        entry->key = (const uint8_t *)arena->data + offset;
        entry->value = arena->data + offset + entry->key_len;
        offset += entry->key_len + entry->value_len + 1;
    }
}

void reader_list(struct reader *reader, int space, const struct kv_range *range, kv_list_fn fn,
                 void *arg)
{
    struct buffer arena;
    size_t count = 0;
    int result = SQLITE_DONE;
    int error = connection_open(reader);
    if (error != 0) {
        fn(arg, error, NULL, 0, false);
        return;
    }
    buffer_init(&arena, KV_LIST_MAX_BYTES + KV_VALUE_MAX_BYTES + KV_KEY_MAX_BYTES + 1);
    sqlite3_stmt *stmt = read_begin(reader, range->reverse ? STATEMENT_LIST_BACK : STATEMENT_LIST,
                                    space, range->start.bytes, range->start.len);
    sqlite3_bind_blob(stmt, 4, range->end.bytes, (int)range->end.len, SQLITE_STATIC);
    while (error == 0 && (result = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (count == range->limit || arena.len >= KV_LIST_MAX_BYTES)
            break;
        error = row_keep(reader, stmt, &arena, &reader->entries[count]);
        count++;
    }
    if (error == 0 && result != SQLITE_ROW && result != SQLITE_DONE)
        error = store_file_error(reader->db, result);
    read_end(reader, stmt, error);
    if (error == 0)
        entries_point(reader, count, &arena);
    fn(arg, error, error == 0 ? reader->entries : NULL, error == 0 ? count : 0,
       error == 0 && result == SQLITE_ROW);
    buffer_free(&arena);
}

static int end_read(sqlite3_stmt *stmt, int column, struct chain_end *end)
{
    const void *hash = sqlite3_column_blob(stmt, column + 1);
    if (hash == NULL || sqlite3_column_bytes(stmt, column + 1) != CHAIN_HASH_BYTES)
        return AMID_E_CORRUPT;
    end->seq = (uint64_t)sqlite3_column_int64(stmt, column);
    memcpy(end->hash, hash, CHAIN_HASH_BYTES);
    return 0;
}

static int ends_read(struct reader *reader, struct store_rows *rows)
{
    sqlite3_stmt *stmt = reader->statements[STATEMENT_ENDS];
    int result = sqlite3_step(stmt);
    int error = result == SQLITE_ROW || result == SQLITE_DONE
                    ? AMID_E_CORRUPT
                    : store_file_error(reader->db, result);
    if (result == SQLITE_ROW)
        error = end_read(stmt, 0, &rows->trimmed);
    if (error == 0)
        error = end_read(stmt, 2, &rows->head);
    sqlite3_reset(stmt);
    return error;
}

/* What somebody has done to a row by hand is for who verifies to find: a part that cannot be ours
 * is read as zeros or as no text. */
static int note_keep(sqlite3_stmt *stmt, struct buffer *arena, struct chain_row *row)
{
    struct chain_end end;
    const void *stamp = sqlite3_column_blob(stmt, 3);
    const char *text = (const char *)sqlite3_column_text(stmt, 4);
    *row = (struct chain_row){.seq = (uint64_t)sqlite3_column_int64(stmt, 0),
                              .real_ms = sqlite3_column_int64(stmt, 2)};
    size_t bytes = (size_t)sqlite3_column_bytes(stmt, 4);
    if (text != NULL && bytes <= KV_NOTE_MAX_BYTES && strlen(text) == bytes)
        row->text_len = bytes;
    if (end_read(stmt, 0, &end) == 0)
        memcpy(row->hash, end.hash, CHAIN_HASH_BYTES);
    if (stamp != NULL && sqlite3_column_bytes(stmt, 3) == CHAIN_STAMP_BYTES)
        memcpy(row->stamp, stamp, CHAIN_STAMP_BYTES);
    buffer_append(arena, text == NULL ? "" : text, row->text_len);
    buffer_append_char(arena, '\0');
    return buffer_status(arena);
}

static int rows_read(struct reader *reader, uint64_t after, size_t limit, struct buffer *arena,
                     struct store_rows *rows)
{
    sqlite3_stmt *stmt = reader->statements[STATEMENT_ROWS];
    int result = SQLITE_DONE;
    int error = 0;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)after);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)limit);
    while (error == 0 && (result = sqlite3_step(stmt)) == SQLITE_ROW)
        error = note_keep(stmt, arena, &reader->rows[rows->count++]);
    if (error == 0 && result != SQLITE_DONE)
        error = store_file_error(reader->db, result);
    sqlite3_reset(stmt);
    return error;
}

void reader_rows(struct reader *reader, uint64_t after, size_t limit, store_rows_fn fn, void *arg)
{
    struct store_rows rows = {.rows = reader->rows};
    struct buffer arena;
    size_t offset = 0;
    int error = connection_open(reader);
    buffer_init(&arena, STORE_ROWS_MAX * (KV_NOTE_MAX_BYTES + 1));
    if (error == 0)
        error = transaction(reader, STATEMENT_BEGIN);
    if (error == 0)
        error = ends_read(reader, &rows);
    if (error == 0)
        error = rows_read(reader, after, limit, &arena, &rows);
    if (error == 0)
        error = transaction(reader, STATEMENT_END);
    if (error != 0)
        connection_close(reader);
    for (size_t i = 0; i < rows.count && error == 0; i++) {
        reader->rows[i].text = arena.data + offset;
        offset += reader->rows[i].text_len + 1;
    }
    fn(arg, error, error == 0 ? &rows : NULL);
    buffer_free(&arena);
}

int reader_next_expiry(struct reader *reader, int64_t *ret_ms)
{
    int error = connection_open(reader);
    if (error != 0)
        return error;
    sqlite3_stmt *stmt = reader->statements[STATEMENT_NEXT];
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW)
        *ret_ms = sqlite3_column_int64(stmt, 0);
    else if (result == SQLITE_DONE)
        *ret_ms = 0;
    else
        error = store_file_error(reader->db, result);
    read_end(reader, stmt, error);
    return error;
}
