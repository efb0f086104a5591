#ifndef AMID_KV_WRITER_DB_H
#define AMID_KV_WRITER_DB_H

#include "supervisor/kv/writer.h"

/* The writer's connection: one prepared statement per thing it does. Used by the writer's thread
 * only. */
struct writer_db;

int writer_db_open(const char *path, struct writer_db **ret_db);
void writer_db_close(struct writer_db *db);

int writer_db_begin(struct writer_db *db);
int writer_db_commit(struct writer_db *db);
void writer_db_rollback(struct writer_db *db);
/* Everything committed is in the main file and synced. */
int writer_db_checkpoint(struct writer_db *db);

/* 0, or AMID_E_CONFLICT. */
int writer_db_check(struct writer_db *db, const struct kv_check *check, int64_t now_ms);
/* kv_number_compute on what the key holds in the file. */
int writer_db_number(struct writer_db *db, struct kv_mutation *mutation, int64_t now_ms);
/* Sets mutation->changed. */
int writer_db_apply(struct writer_db *db, struct kv_mutation *mutation,
                    const struct kv_versionstamp *stamp, int64_t now_ms);
/* Collects what is due (WRITER_EXPIRE_MAX at most) into atomic as deletions. */
int writer_db_due(struct writer_db *db, int64_t now_ms, struct kv *const spaces[2],
                  struct kv_atomic *atomic);
/* The earliest deadline, 0 = none. */
int writer_db_next_expiry(struct writer_db *db, int64_t *ret_ms);

/* writer_rows.c: the audit table. Fills the row and makes it the chain's head. */
int writer_db_note(struct writer_db *db, struct chain_row *row, const struct kv_versionstamp *stamp,
                   int64_t now_ms);
int writer_db_trim(struct writer_db *db, const struct kv_trim *trim);

int writer_db_counter_read(struct writer_db *db, uint16_t *ret_epoch, uint64_t *ret_counter);
int writer_db_counter_store(struct writer_db *db, uint64_t counter);

#endif
