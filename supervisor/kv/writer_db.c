#include "supervisor/kv/writer_db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/kv/store_file.h"
#include "supervisor/kv/writer_db_internal.h"

static const char *const statement_sql[STATEMENT_MAX] = {
#define X(name, sql) sql,
    STATEMENTS(X)
#undef X
};

int writer_db_open(const char *path, struct writer_db **ret_db)
{
    struct writer_db *db = calloc(1, sizeof(*db));
    if (db == NULL)
        return AMID_E_NOMEM;
    int error = store_file_connect(path, STORE_WRITE, &db->db);
    for (size_t i = 0; i < STATEMENT_MAX && error == 0; i++) {
        int result = sqlite3_prepare_v3(db->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                        &db->statements[i], NULL);
        if (result != SQLITE_OK)
            error = store_file_error(db->db, result);
    }
    if (error != 0) {
        writer_db_close(db);
        return error;
    }
    *ret_db = db;
    return 0;
}

void writer_db_close(struct writer_db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < STATEMENT_MAX; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->db);
    free(db);
}

int writer_db_finish(struct writer_db *db, sqlite3_stmt *stmt)
{
    int result = sqlite3_step(stmt);
    int error =
        result == SQLITE_DONE || result == SQLITE_ROW ? 0 : store_file_error(db->db, result);
    sqlite3_reset(stmt);
    return error;
}

int writer_db_begin(struct writer_db *db)
{
    return writer_db_finish(db, db->statements[STATEMENT_BEGIN]);
}

int writer_db_commit(struct writer_db *db)
{
    return writer_db_finish(db, db->statements[STATEMENT_COMMIT]);
}

void writer_db_rollback(struct writer_db *db)
{
    /* After some errors SQLite has rolled back by itself already. */
    if (sqlite3_get_autocommit(db->db) == 0)
        (void)writer_db_finish(db, db->statements[STATEMENT_ROLLBACK]);
}

int writer_db_checkpoint(struct writer_db *db)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_CHECKPOINT];
    int result = sqlite3_step(stmt);
    int error = result == SQLITE_ROW ? 0 : store_file_error(db->db, result);
    if (error == 0 && sqlite3_column_int(stmt, 0) != 0)
        error = AMID_E_BUSY;
    sqlite3_reset(stmt);
    return error;
}

static void bind_key(sqlite3_stmt *stmt, const struct kv *kv, const uint8_t *key, size_t len)
{
    sqlite3_bind_int(stmt, 1, kv->space);
    sqlite3_bind_blob(stmt, 2, key, (int)len, SQLITE_STATIC);
}

int writer_db_check(struct writer_db *db, const struct kv_check *check, int64_t now_ms)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_CHECK];
    int error = 0;
    bind_key(stmt, check->kv, check->key, check->key_len);
    sqlite3_bind_int64(stmt, 3, now_ms);
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW) {
        const void *stamp = sqlite3_column_blob(stmt, 0);
        if (check->absent || sqlite3_column_bytes(stmt, 0) != KV_VERSIONSTAMP_BYTES ||
            memcmp(stamp, check->stamp.bytes, KV_VERSIONSTAMP_BYTES) != 0)
            error = AMID_E_CONFLICT;
    } else if (result == SQLITE_DONE) {
        error = check->absent ? 0 : AMID_E_CONFLICT;
    } else {
        error = store_file_error(db->db, result);
    }
    sqlite3_reset(stmt);
    return error == AMID_E_CONFLICT && check->is_fence ? AMID_E_LEASE_LOST : error;
}

int writer_db_number(struct writer_db *db, struct kv_mutation *mutation, int64_t now_ms)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_VALUE];
    int error;
    bind_key(stmt, mutation->kv, mutation->key, mutation->key_len);
    sqlite3_bind_int64(stmt, 3, now_ms);
    int result = sqlite3_step(stmt);
    if (result == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        error = text == NULL ? AMID_E_NOMEM
                             : kv_number_compute(mutation, text,
                                                 (size_t)sqlite3_column_bytes(stmt, 0), now_ms);
    } else if (result == SQLITE_DONE) {
        error = kv_number_compute(mutation, NULL, 0, now_ms);
    } else {
        error = store_file_error(db->db, result);
    }
    sqlite3_reset(stmt);
    return error;
}

int writer_db_apply(struct writer_db *db, struct kv_mutation *mutation,
                    const struct kv_versionstamp *stamp, int64_t now_ms)
{
    bool is_set = mutation->value != NULL;
    sqlite3_stmt *stmt = db->statements[is_set ? STATEMENT_SET : STATEMENT_DELETE];
    bind_key(stmt, mutation->kv, mutation->key, mutation->key_len);
    if (is_set) {
        sqlite3_bind_text(stmt, 3, mutation->value, (int)mutation->value_len, SQLITE_STATIC);
        sqlite3_bind_blob(stmt, 4, stamp->bytes, KV_VERSIONSTAMP_BYTES, SQLITE_STATIC);
        if (mutation->expire_in_ms > 0)
            sqlite3_bind_int64(stmt, 5, now_ms + mutation->expire_in_ms);
        else
            sqlite3_bind_null(stmt, 5);
    }
    int error = writer_db_finish(db, stmt);
    if (error == 0)
        mutation->changed = sqlite3_changes(db->db) > 0;
    return error;
}

int writer_db_due(struct writer_db *db, int64_t now_ms, struct kv *const spaces[2],
                  struct kv_atomic *atomic)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_DUE];
    int error = 0;
    int result;
    sqlite3_bind_int64(stmt, 1, now_ms);
    sqlite3_bind_int(stmt, 2, WRITER_EXPIRE_MAX);
    while (error == 0 && (result = sqlite3_step(stmt)) != SQLITE_DONE) {
        if (result == SQLITE_ROW)
            error = kv_atomic_add_deleted(atomic, spaces[sqlite3_column_int(stmt, 0) != 0],
                                          sqlite3_column_blob(stmt, 1),
                                          (size_t)sqlite3_column_bytes(stmt, 1));
        else
            error = store_file_error(db->db, result);
    }
    sqlite3_reset(stmt);
    return error;
}

int writer_db_next_expiry(struct writer_db *db, int64_t *ret_ms)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_NEXT];
    int result = sqlite3_step(stmt);
    int error =
        result == SQLITE_ROW || result == SQLITE_DONE ? 0 : store_file_error(db->db, result);
    if (error == 0)
        *ret_ms = result == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    return error;
}

int writer_db_counter_read(struct writer_db *db, uint16_t *ret_epoch, uint64_t *ret_counter)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_COUNTER_READ];
    int result = sqlite3_step(stmt);
    int error = result == SQLITE_DONE ? AMID_E_CORRUPT : 0;
    if (result == SQLITE_ROW) {
        *ret_epoch = (uint16_t)sqlite3_column_int(stmt, 0);
        *ret_counter = (uint64_t)sqlite3_column_int64(stmt, 1);
    } else if (error == 0) {
        error = store_file_error(db->db, result);
    }
    sqlite3_reset(stmt);
    return error;
}

int writer_db_counter_store(struct writer_db *db, uint64_t counter)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_COUNTER_STORE];
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)counter);
    return writer_db_finish(db, stmt);
}
