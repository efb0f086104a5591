#include "supervisor/kv/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/id.h"
#include "supervisor/kv/migrate_internal.h"
#include "supervisor/kv/store_file.h"

#define SPACE_NET   1
#define ID_FILE     "cluster-migration"
#define MARK_FORMAT "moving %s %u" /* the value of the epoch's key meanwhile: id, epoch before */
#define MARK_BYTES  (sizeof(MARK_FORMAT) + ID_UUID_LEN + 8)

int migrate_fail(struct migrate *migrate, int error, const char *why)
{
    if (migrate->reason[0] == '\0')
        snprintf(migrate->reason, migrate->reason_size, "%s%s%s", why, why[0] == '\0' ? "" : ": ",
                 error_text(error));
    return error;
}

/* Durable before etcd hears of it: a move whose id was lost could never be ended. */
static int id_write(const char *id, int fd, int folder)
{
    bool is_written =
        pwrite(fd, id, ID_UUID_LEN, 0) == ID_UUID_LEN && fsync(fd) == 0 && fsync(folder) == 0;

    return is_written ? 0 : error_from_errno(errno);
}

/* Whose move it is: this state folder's. */
static int id_read(struct migrate *migrate, const char *folder)
{
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = folder_fd < 0
                 ? -1
                 : openat(folder_fd, ID_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = fd < 0 ? error_from_errno(errno) : 0;
    ssize_t len = error == 0 ? read(fd, migrate->id, ID_UUID_LEN) : 0;

    migrate->id[ID_UUID_LEN] = '\0';
    if (len < 0)
        error = error_from_errno(errno);
    if (error == 0 && (len != ID_UUID_LEN || !id_is_uuid(migrate->id))) {
        id_uuid(migrate->id);
        error = id_write(migrate->id, fd, folder_fd);
    }
    if (fd >= 0)
        close(fd);
    if (folder_fd >= 0)
        close(folder_fd);
    return error == 0 ? 0 : migrate_fail(migrate, error, "the file " ID_FILE);
}

static int store_open_file(struct migrate *migrate, const char *folder)
{
    char path[PATH_MAX];
    int error = store_file_lock(folder, &migrate->lock_fd, migrate->reason, migrate->reason_size);

    snprintf(path, sizeof(path), "%s/" STORE_FILE_NAME, folder);
    if (error == 0 && access(path, F_OK) != 0)
        return migrate_fail(migrate, AMID_E_NOT_FOUND, path);
    if (error == 0)
        error = store_file_prepare(path, migrate->reason, migrate->reason_size);
    if (error == 0)
        error = store_file_connect(path, STORE_READ, &migrate->db);
    return error == 0 ? 0 : migrate_fail(migrate, error, path);
}

static int store_epoch(struct migrate *migrate, uint16_t *ret_epoch)
{
    sqlite3_stmt *stmt = NULL;
    int error = AMID_E_CORRUPT;

    if (sqlite3_prepare_v2(migrate->db, "SELECT epoch FROM stamp", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        *ret_epoch = (uint16_t)sqlite3_column_int(stmt, 0);
        error = 0;
    }
    sqlite3_finalize(stmt);
    return error == 0 ? 0 : migrate_fail(migrate, error, "the epoch of the database");
}

int migrate_entries(struct migrate *migrate, sqlite3_stmt **ret_stmt)
{
    static const char sql[] =
        "SELECT key, value, coalesce(expires_ms, 0) FROM entry WHERE space = ?1 ORDER BY key";

    if (sqlite3_prepare_v2(migrate->db, sql, -1, ret_stmt, NULL) != SQLITE_OK)
        return migrate_fail(migrate, AMID_E_IO, "the database");
    sqlite3_bind_int(*ret_stmt, 1, SPACE_NET);
    return 0;
}

/* 1 and the next entry that has not expired, 0 at the end, or an error. */
int migrate_row_next(struct migrate *migrate, sqlite3_stmt *stmt, struct migrate_row *ret_row)
{
    int result;

    while ((result = sqlite3_step(stmt)) == SQLITE_ROW) {
        ret_row->key = sqlite3_column_blob(stmt, 0);
        ret_row->key_len = (size_t)sqlite3_column_bytes(stmt, 0);
        ret_row->value = (const char *)sqlite3_column_text(stmt, 1);
        ret_row->value_len = (size_t)sqlite3_column_bytes(stmt, 1);
        ret_row->expires_ms = sqlite3_column_int64(stmt, 2);
        bool is_sound = ret_row->key != NULL && ret_row->value != NULL &&
                        ret_row->key_len <= KV_KEY_MAX_BYTES &&
                        ret_row->value_len <= KV_VALUE_MAX_BYTES;
        if (!is_sound)
            return migrate_fail(migrate, AMID_E_CORRUPT, "an entry of the database");
        if (ret_row->expires_ms == 0 || ret_row->expires_ms > clock_real_ms())
            return 1;
    }
    return result == SQLITE_DONE ? 0 : migrate_fail(migrate, AMID_E_IO, "the database");
}

/* Takes the target, or finds it taken by this very node. *ret_is_over: an earlier run was through.
 */
static int target_take(struct migrate *migrate, uint16_t *ret_epoch, bool *ret_is_over)
{
    char mark[MARK_BYTES];
    char own[MARK_BYTES];
    int64_t revision;
    uint64_t entries;
    unsigned long epoch = 0;
    int error = migrate_epoch_read(migrate, mark, sizeof(mark), &revision, ret_is_over);

    if (error != 0 || *ret_is_over)
        return error;
    snprintf(own, sizeof(own), "moving %s ", migrate->id);
    if (strncmp(mark, own, strlen(own)) == 0) {
        *ret_epoch = (uint16_t)strtoul(mark + strlen(own), NULL, 10);
        return migrate_mark_set(migrate, mark);
    }
    if (strncmp(mark, "moving ", 7) == 0)
        return migrate_fail(migrate, AMID_E_EXISTS, "another node is moving its data into etcd");
    error = migrate_count(migrate, &entries);
    if (error == 0 && entries > 0)
        return migrate_fail(migrate, AMID_E_EXISTS, "etcd holds entries of this network already");
    if (error != 0)
        return error;
    epoch = strtoul(mark, NULL, 10);
    if (epoch >= UINT16_MAX)
        return migrate_fail(migrate, AMID_E_LIMIT, "there is no higher epoch");
    *ret_epoch = (uint16_t)epoch;
    snprintf(mark, sizeof(mark), MARK_FORMAT, migrate->id, (unsigned)epoch);
    return migrate_mark_write(migrate, mark, revision);
}

static int move(struct migrate *migrate, struct migrate_report *report)
{
    uint16_t in_file = 0, in_etcd = 0;
    bool is_over = false;
    int error = store_epoch(migrate, &in_file);

    if (error == 0)
        error = target_take(migrate, &in_etcd, &is_over);
    report->was_done = is_over;
    if (error != 0 || is_over)
        return error;
    uint16_t epoch = in_file > in_etcd ? in_file : in_etcd;
    if (epoch == UINT16_MAX)
        return migrate_fail(migrate, AMID_E_LIMIT, "there is no higher epoch");
    error = migrate_copy(migrate, &report->moved);
    if (error == 0)
        error = migrate_verify(migrate, &report->verified);
    if (error == 0)
        error = migrate_finish(migrate, (uint16_t)(epoch + 1));
    report->epoch = (uint16_t)(epoch + 1);
    return error;
}

int migrate_run(const struct migrate_settings *settings, struct migrate_report *ret_report,
                char *reason, size_t reason_size)
{
    struct migrate migrate = {
        .settings = settings, .lock_fd = -1, .reason = reason, .reason_size = reason_size};

    *ret_report = (struct migrate_report){0};
    reason[0] = '\0';
    int error = store_open_file(&migrate, settings->state_folder);
    if (error == 0)
        error = id_read(&migrate, settings->state_folder);
    if (error == 0)
        error = migrate_target_open(&migrate);
    if (error == 0)
        error = move(&migrate, ret_report);
    migrate_target_close(&migrate);
    sqlite3_close(migrate.db);
    if (migrate.lock_fd >= 0)
        close(migrate.lock_fd);
    return error;
}
