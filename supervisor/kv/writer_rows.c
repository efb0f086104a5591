#include <string.h>

#include "common/error.h"
#include "supervisor/kv/store_file.h"
#include "supervisor/kv/writer_db.h"
#include "supervisor/kv/writer_db_internal.h"

/* Columns 0 and 1 as a place in the chain; *ret_found false: there is no row. */
static int end_read(struct writer_db *db, sqlite3_stmt *stmt, struct chain_end *ret_end,
                    bool *ret_found)
{
    int result = sqlite3_step(stmt);
    int error =
        result == SQLITE_ROW || result == SQLITE_DONE ? 0 : store_file_error(db->db, result);
    if (result == SQLITE_ROW) {
        const void *hash = sqlite3_column_blob(stmt, 1);
        ret_end->seq = (uint64_t)sqlite3_column_int64(stmt, 0);
        if (hash != NULL && sqlite3_column_bytes(stmt, 1) == CHAIN_HASH_BYTES)
            memcpy(ret_end->hash, hash, CHAIN_HASH_BYTES);
        else
            error = AMID_E_CORRUPT;
    }
    *ret_found = result == SQLITE_ROW;
    sqlite3_reset(stmt);
    return error;
}

static int end_store(struct writer_db *db, enum statement which, uint64_t seq, const uint8_t *hash)
{
    sqlite3_stmt *stmt = db->statements[which];
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)seq);
    sqlite3_bind_blob(stmt, 2, hash, CHAIN_HASH_BYTES, SQLITE_STATIC);
    return writer_db_finish(db, stmt);
}

/* The head is read anew for every row: a group that was rolled back leaves nothing to undo here. */
int writer_db_note(struct writer_db *db, struct chain_row *row, const struct kv_versionstamp *stamp,
                   int64_t now_ms)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_NOTE];
    struct chain_end head = {0};
    bool found = false;
    int error = end_read(db, db->statements[STATEMENT_HEAD], &head, &found);
    if (error == 0 && !found)
        error = AMID_E_CORRUPT;
    if (error != 0)
        return error;
    row->seq = head.seq + 1;
    row->real_ms = now_ms;
    memcpy(row->stamp, stamp->bytes, CHAIN_STAMP_BYTES);
    chain_hash(&head, row, row->hash);
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)row->seq);
    sqlite3_bind_int64(stmt, 2, row->real_ms);
    sqlite3_bind_blob(stmt, 3, row->stamp, CHAIN_STAMP_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, row->text, (int)row->text_len, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 5, row->hash, CHAIN_HASH_BYTES, SQLITE_STATIC);
    error = writer_db_finish(db, stmt);
    return error != 0 ? error : end_store(db, STATEMENT_HEAD_STORE, row->seq, row->hash);
}

int writer_db_trim(struct writer_db *db, const struct kv_trim *trim)
{
    sqlite3_stmt *stmt = db->statements[STATEMENT_TRIM_TO];
    struct chain_end last = {0};
    bool found = false;
    sqlite3_bind_int64(stmt, 1, KV_TRIM_MAX);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)trim->keep);
    sqlite3_bind_int64(stmt, 3, trim->before_ms);
    int error = end_read(db, stmt, &last, &found);
    if (error != 0 || !found)
        return error;
    stmt = db->statements[STATEMENT_TRIM];
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)last.seq);
    error = writer_db_finish(db, stmt);
    return error != 0 ? error : end_store(db, STATEMENT_TRIM_STORE, last.seq, last.hash);
}
