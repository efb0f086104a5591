#ifndef AMID_KV_MIGRATE_INTERNAL_H
#define AMID_KV_MIGRATE_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "common/id.h"
#include "supervisor/kv/etcd_space_internal.h"
#include "supervisor/kv/migrate.h"

/* What the files of a move share. */

#define MIGRATE_LEASES      128 /* of entries with expireIn; more are asked for again */
#define MIGRATE_VALUE_BYTES 128 /* of a value that is not an entry's */

struct migrate {
    const struct migrate_settings *settings;
    sqlite3 *db;
    int lock_fd;
    char id[ID_UUID_LEN + 1];
    struct event_base *base;
    struct timers *timers;
    struct etcd_space space; /* the prefix and the client of it, nothing else */
    char mark[MIGRATE_VALUE_BYTES];
    struct {
        int64_t deadline_s;
        int64_t id;
    } leases[MIGRATE_LEASES];
    size_t lease_at;
    char *reason;
    size_t reason_size;
};

/* migrate.c. The first reason is kept; returns error. */
int migrate_fail(struct migrate *migrate, int error, const char *why);
/* The entries of the file, in the order of keys, for migrate_row_next. */
int migrate_entries(struct migrate *migrate, sqlite3_stmt **ret_stmt);
struct migrate_row {
    const uint8_t *key; /* the file's, until the next step */
    size_t key_len;
    const char *value;
    size_t value_len;
    int64_t expires_ms; /* 0 = never */
};

/* 1 and the next entry that has not expired, 0 at the end, or an error. */
int migrate_row_next(struct migrate *migrate, sqlite3_stmt *stmt, struct migrate_row *ret_row);

/* migrate_target.c */
extern const uint8_t migrate_range_start[1]; /* of every key that is an entry's */
extern const uint8_t migrate_range_end[1];
/* Waits for the answer. Every request of a move may be repeated. *ret_json is the caller's. */
int migrate_ask(struct migrate *migrate, const char *path, struct buffer *body, cJSON **ret_json);
const cJSON *migrate_kvs(const cJSON *range);
int migrate_target_open(struct migrate *migrate);
void migrate_target_close(struct migrate *migrate);
/* The value of the epoch's key ("" = none) and its revision, and whether this node's move is over.
 */
int migrate_epoch_read(struct migrate *migrate, char *value, size_t size, int64_t *ret_revision,
                       bool *ret_is_over);
int migrate_count(struct migrate *migrate, uint64_t *ret_count);
/* Writes it if the epoch's key is still at the revision, and from then on holds everything to it.
 */
int migrate_mark_write(struct migrate *migrate, const char *mark, int64_t revision);
int migrate_mark_set(struct migrate *migrate, const char *mark);
int migrate_copy(struct migrate *migrate, uint64_t *ret_moved);
int migrate_finish(struct migrate *migrate, uint16_t epoch);

/* migrate_verify.c */
int migrate_verify(struct migrate *migrate, uint64_t *ret_verified);

#endif
