#include "supervisor/kv/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define MAGIC           "SQLite format 3" /* with its terminator, as in the file */
#define HEADER_BYTES    100
#define BUSY_TIMEOUT_MS 5000
#define JOURNAL_BYTES   "16777216" /* the write-ahead log is cut back to this after a checkpoint */

/* Entry n brings the file from version n to n + 1. Never edited once released. */
static const char *const migrations[STORE_FILE_VERSION] = {
    "CREATE TABLE entry (space INTEGER NOT NULL, key BLOB NOT NULL, value TEXT NOT NULL,"
    " stamp BLOB NOT NULL, expires_ms INTEGER, PRIMARY KEY (space, key)) WITHOUT ROWID;"
    "CREATE INDEX entry_expires ON entry (expires_ms) WHERE expires_ms IS NOT NULL;"
    "CREATE TABLE stamp (id INTEGER PRIMARY KEY CHECK (id = 0), epoch INTEGER NOT NULL,"
    " counter INTEGER NOT NULL);"
    "INSERT INTO stamp VALUES (0, 0, 0);",
    "CREATE TABLE audit (seq INTEGER PRIMARY KEY, real_ms INTEGER NOT NULL, stamp BLOB NOT NULL,"
    " text TEXT NOT NULL, hash BLOB NOT NULL);"
    "CREATE TABLE audit_end (id INTEGER PRIMARY KEY CHECK (id = 0), head_seq INTEGER NOT NULL,"
    " head_hash BLOB NOT NULL, trimmed_seq INTEGER NOT NULL, trimmed_hash BLOB NOT NULL);"
    "INSERT INTO audit_end VALUES (0, 0, zeroblob(32), 0, zeroblob(32));",
};

int store_file_error(sqlite3 *db, int result)
{
    int errnum = db == NULL ? 0 : sqlite3_system_errno(db);
    if (errnum == 0) /* which a failed COMMIT does not set */
        errnum = errno;
    switch (result & 0xff) {
    case SQLITE_FULL:
        return AMID_E_DISK_FULL;
    case SQLITE_NOMEM:
        return AMID_E_NOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return AMID_E_CORRUPT;
    case SQLITE_TOOBIG:
        return AMID_E_TOO_LARGE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return AMID_E_BUSY;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (result == SQLITE_IOERR_NOMEM)
            return AMID_E_NOMEM;
        /* A file size limit is a full disk to whoever asked. */
        return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG ? AMID_E_DISK_FULL
                                                                       : AMID_E_IO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return AMID_E_IO;
    default:
        return AMID_E_INTERNAL;
    }
}

int store_file_lock(const char *folder, int *ret_fd, char *reason, size_t reason_size)
{
    char path[PATH_MAX];
    char owner[32] = "";
    if (snprintf(path, sizeof(path), "%s/%s", folder, STORE_LOCK_NAME) >= (int)sizeof(path)) {
        snprintf(reason, reason_size, "the path of the state folder is too long");
        return AMID_E_INVALID;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        snprintf(reason, reason_size, "cannot open %s: %s", path, strerror(errno));
        return AMID_E_IO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        bool held = errno == EWOULDBLOCK;
        ssize_t len = pread(fd, owner, sizeof(owner) - 1, 0);
        close(fd);
        owner[len > 0 ? strspn(owner, "0123456789") : 0] = '\0';
        if (!held)
            snprintf(reason, reason_size, "cannot lock %s", path);
        else
            snprintf(reason, reason_size, "another amid (process %s) uses the state folder %s",
                     owner[0] != '\0' ? owner : "unknown", folder);
        return held ? AMID_E_BUSY : AMID_E_IO;
    }
    /* Only for the sentence above, so a full disk does not matter here. */
    int len = snprintf(owner, sizeof(owner), "%ld\n", (long)getpid());
    if (pwrite(fd, owner, (size_t)len, 0) != len || ftruncate(fd, len) != 0)
        log_debug(NULL, "%s does not name this process: %s", path, strerror(errno));
    *ret_fd = fd;
    return 0;
}

static int run_sql(sqlite3 *db, const char *sql)
{
    int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : store_file_error(db, result);
}

/* The first column of the first row of a pragma, as text. */
static int read_pragma(sqlite3 *db, const char *sql, char *out, size_t out_size)
{
    sqlite3_stmt *stmt = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(stmt);
    if (result == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        snprintf(out, out_size, "%s", text == NULL ? "" : text);
    }
    int error = result == SQLITE_ROW ? 0 : store_file_error(db, result);
    sqlite3_finalize(stmt);
    return error;
}

int store_file_connect(const char *path, enum store_access access, sqlite3 **ret_db)
{
    static const char *const setup[] = {
        [STORE_READ] = "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF;",
        [STORE_WRITE] = "PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
                        "PRAGMA cell_size_check=ON; PRAGMA journal_size_limit=" JOURNAL_BYTES ";",
    };
    sqlite3 *db = NULL;
    char mode[16] = "";
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int result = sqlite3_open_v2(path, &db, flags, NULL);
    int error = result == SQLITE_OK ? 0 : store_file_error(db, result);
    if (error == 0) {
        sqlite3_extended_result_codes(db, 1);
        sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
        error = read_pragma(db, "PRAGMA journal_mode=WAL", mode, sizeof(mode));
    }
    if (error == 0 && strcmp(mode, "wal") != 0)
        error = AMID_E_IO;
    if (error == 0)
        error = run_sql(db, setup[access]);
    if (error != 0) {
        sqlite3_close(db);
        return error;
    }
    *ret_db = db;
    return 0;
}

static int migrate(sqlite3 *db, int from)
{
    char sql[128];
    int error = run_sql(db, "BEGIN IMMEDIATE");
    for (int version = from; version < STORE_FILE_VERSION && error == 0; version++)
        error = run_sql(db, migrations[version]);
    /* A new epoch, so that no versionstamp handed out before can come again. */
    if (error == 0 && from > 0)
        error = run_sql(db, "UPDATE stamp SET epoch = epoch + 1");
    snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
             STORE_APPLICATION_ID, STORE_FILE_VERSION);
    if (error == 0)
        error = run_sql(db, sql);
    return error;
}

static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[1] = '\0';
    int fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_from_errno(errno);
    int error = fsync(fd) == 0 ? 0 : error_from_errno(errno);
    close(fd);
    return error;
}

/* Built beside its place and renamed, so that a file under the real name is always complete. */
static int file_create(const char *path, char *reason, size_t reason_size)
{
    char fresh[PATH_MAX];
    sqlite3 *db = NULL;
    int error = AMID_E_INVALID;
    int fd = -1;
    if (snprintf(fresh, sizeof(fresh), "%s.new", path) < (int)sizeof(fresh)) {
        (void)unlink(fresh);
        fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        error = fd < 0 ? error_from_errno(errno) : 0;
    }
    if (fd >= 0)
        close(fd);
    if (error == 0 && sqlite3_open_v2(fresh, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        error = AMID_E_IO;
    if (error == 0)
        error = run_sql(db, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=FULL");
    if (error == 0)
        error = migrate(db, 0);
    sqlite3_close(db);
    if (error == 0 && rename(fresh, path) != 0)
        error = error_from_errno(errno);
    if (error == 0)
        error = sync_folder_of(path);
    if (error != 0) {
        (void)unlink(fresh);
        snprintf(reason, reason_size, "cannot create %s: %s", path, error_text(error));
    }
    return error;
}

/* "file:" URI of a path; everything that could mean something in a URI is escaped. */
static int uri_of(const char *path, const char *query, char *out, size_t out_size)
{
    size_t used = (size_t)snprintf(out, out_size, "file:");
    for (const char *c = path; *c != '\0'; c++) {
        bool plain = *c != '%' && *c != '?' && *c != '#';
        if (used + 4 >= out_size)
            return AMID_E_INVALID;
        used += (size_t)snprintf(out + used, out_size - used, plain ? "%c" : "%%%02x",
                                 (unsigned char)*c);
    }
    int len = snprintf(out + used, out_size - used, "?%s", query);
    return (size_t)len < out_size - used ? 0 : AMID_E_INVALID;
}

/* For reading only, and without making, cutting or checkpointing a log beside the file. */
static int connect_untouched(const char *path, bool has_log, sqlite3 **ret_db)
{
    char uri[PATH_MAX * 2];
    sqlite3 *db = NULL;
    int error = uri_of(path, has_log ? "mode=ro" : "immutable=1", uri, sizeof(uri));
    if (error != 0)
        return error;
    int result = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    if (result != SQLITE_OK) {
        error = store_file_error(db, result);
        sqlite3_close(db);
        return error;
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    *ret_db = db;
    return 0;
}

struct findings {
    int application_id;
    int version;
    char check[256];
};

static int file_read(sqlite3 *db, struct findings *found)
{
    char text[32] = "";
    int error = read_pragma(db, "PRAGMA application_id", text, sizeof(text));
    found->application_id = (int)strtol(text, NULL, 10);
    if (error == 0)
        error = read_pragma(db, "PRAGMA user_version", text, sizeof(text));
    found->version = (int)strtol(text, NULL, 10);
    /* Another program's file, or a newer one, need not pass our check to be named for what it is.
     */
    if (error == 0 && found->application_id == STORE_APPLICATION_ID &&
        found->version <= STORE_FILE_VERSION)
        error = read_pragma(db, "PRAGMA quick_check(1)", found->check, sizeof(found->check));
    return error;
}

static int file_judge(const char *path, int error, const struct findings *found, char *reason,
                      size_t reason_size)
{
    if (error == AMID_E_CORRUPT ||
        (error == 0 && found->check[0] != '\0' && strcmp(found->check, "ok") != 0)) {
        snprintf(reason, reason_size, "%s is damaged (%s); restore it from a backup", path,
                 found->check[0] != '\0' ? found->check : "not a readable SQLite database");
        return AMID_E_CORRUPT;
    }
    if (error != 0) {
        snprintf(reason, reason_size, "cannot read %s: %s", path, error_text(error));
        return error;
    }
    if (found->application_id != STORE_APPLICATION_ID || found->version < 1) {
        snprintf(reason, reason_size, "%s is a database of another program", path);
        return AMID_E_CORRUPT;
    }
    if (found->version > STORE_FILE_VERSION) {
        snprintf(reason, reason_size,
                 "%s has format version %d and was written by a newer amid; this one knows "
                 "version %d",
                 path, found->version, STORE_FILE_VERSION);
        return AMID_E_UNSUPPORTED;
    }
    return 0;
}

static int file_check(const char *path, bool has_log, int *ret_version, char *reason,
                      size_t reason_size)
{
    struct findings found = {0};
    char header[HEADER_BYTES] = "";
    char index[PATH_MAX];
    struct stat info;
    sqlite3 *db = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? error_from_errno(errno) : 0;
    if (error == 0 && (pread(fd, header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
                       memcmp(header, MAGIC, sizeof(MAGIC)) != 0))
        error = AMID_E_CORRUPT;
    if (fd >= 0)
        close(fd);
    snprintf(index, sizeof(index), "%s-shm", path);
    bool had_index = lstat(index, &info) == 0;
    if (error == 0)
        error = connect_untouched(path, has_log, &db);
    if (error == 0)
        error = file_read(db, &found);
    sqlite3_close(db);
    error = file_judge(path, error, &found, reason, reason_size);
    if (error != 0 && !had_index)
        (void)unlink(index);
    *ret_version = found.version;
    return error;
}

static int file_migrate(const char *path, int version, char *reason, size_t reason_size)
{
    sqlite3 *db = NULL;
    int error = store_file_connect(path, STORE_WRITE, &db);
    if (error == 0)
        error = migrate(db, version);
    sqlite3_close(db);
    if (error != 0)
        snprintf(reason, reason_size, "cannot bring %s from format version %d to %d: %s", path,
                 version, STORE_FILE_VERSION, error_text(error));
    return error;
}

int store_file_prepare(const char *path, char *reason, size_t reason_size)
{
    char log[PATH_MAX];
    struct stat info;
    int version = 0;
    if (snprintf(log, sizeof(log), "%s-wal", path) >= (int)sizeof(log)) {
        snprintf(reason, reason_size, "the path of the state folder is too long");
        return AMID_E_INVALID;
    }
    bool has_log = stat(log, &info) == 0 && info.st_size > 0;
    if (stat(path, &info) != 0 && errno == ENOENT) {
        if (!has_log)
            return file_create(path, reason, reason_size);
        snprintf(reason, reason_size, "%s is missing, but its log %s is there; restore both", path,
                 log);
        return AMID_E_CORRUPT;
    }
    int error = file_check(path, has_log, &version, reason, reason_size);
    if (error == 0 && version < STORE_FILE_VERSION)
        error = file_migrate(path, version, reason, reason_size);
    return error;
}
