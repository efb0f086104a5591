#ifndef AMID_KV_WRITER_DB_INTERNAL_H
#define AMID_KV_WRITER_DB_INTERNAL_H

#include <sqlite3.h>

/* The statements of the writer's connection, for the files that make up writer_db. */
#define STATEMENTS(X)                                                                              \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(CHECKPOINT, "PRAGMA wal_checkpoint(TRUNCATE)")                                               \
    X(CHECK, "SELECT stamp FROM entry WHERE space = ?1 AND key = ?2"                               \
             " AND (expires_ms IS NULL OR expires_ms > ?3)")                                       \
    X(VALUE, "SELECT value FROM entry WHERE space = ?1 AND key = ?2"                               \
             " AND (expires_ms IS NULL OR expires_ms > ?3)")                                       \
    X(SET, "INSERT INTO entry (space, key, value, stamp, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)"  \
           " ON CONFLICT (space, key) DO UPDATE SET value = ?3, stamp = ?4, expires_ms = ?5")      \
    X(DELETE, "DELETE FROM entry WHERE space = ?1 AND key = ?2")                                   \
    X(DUE, "SELECT space, key FROM entry WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2")     \
    X(NEXT, "SELECT expires_ms FROM entry WHERE expires_ms IS NOT NULL ORDER BY expires_ms"        \
            " LIMIT 1")                                                                            \
    X(COUNTER_READ, "SELECT epoch, counter FROM stamp WHERE id = 0")                               \
    X(COUNTER_STORE, "UPDATE stamp SET counter = ?1 WHERE id = 0")                                 \
    X(HEAD, "SELECT head_seq, head_hash FROM audit_end WHERE id = 0")                              \
    X(HEAD_STORE, "UPDATE audit_end SET head_seq = ?1, head_hash = ?2 WHERE id = 0")               \
    X(NOTE, "INSERT INTO audit (seq, real_ms, stamp, text, hash) VALUES (?1, ?2, ?3, ?4, ?5)")     \
    X(TRIM_TO, "SELECT seq, hash FROM audit WHERE seq <= (SELECT trimmed_seq + ?1 FROM audit_end)" \
               " AND (seq <= (SELECT head_seq - ?2 FROM audit_end) OR real_ms < ?3)"               \
               " ORDER BY seq DESC LIMIT 1")                                                       \
    X(TRIM, "DELETE FROM audit WHERE seq <= ?1")                                                   \
    X(TRIM_STORE, "UPDATE audit_end SET trimmed_seq = ?1, trimmed_hash = ?2 WHERE id = 0")

enum statement {
#define X(name, sql) STATEMENT_##name,
    STATEMENTS(X)
#undef X
        STATEMENT_MAX
};

struct writer_db {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_MAX];
};

/* Runs a statement that is bound and gives no row of interest. */
int writer_db_finish(struct writer_db *db, sqlite3_stmt *stmt);

#endif
