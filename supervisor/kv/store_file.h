#ifndef AMID_KV_STORE_FILE_H
#define AMID_KV_STORE_FILE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* The database file: lock, check before anything is changed, creation, migration, connections. */
#define STORE_FILE_NAME      "amid.db"
#define STORE_LOCK_NAME      "amid.lock"
#define STORE_APPLICATION_ID 0x616d6964 /* "amid" */
#define STORE_FILE_VERSION   2

/* Takes <folder>/amid.lock; the lock lasts until *ret_fd is closed. AMID_E_BUSY: another process
 * has it. */
int store_file_lock(const char *folder, int *ret_fd, char *reason, size_t reason_size);
/* Creates the file if there is none; otherwise reads all of it and refuses, without having written
 * to it, what is damaged, foreign or newer. Migrates an older version. */
int store_file_prepare(const char *path, char *reason, size_t reason_size);

enum store_access { STORE_READ, STORE_WRITE };
int store_file_connect(const char *path, enum store_access access, sqlite3 **ret_db);
/* What went wrong last on a connection, as one of our errors; result is what SQLite returned. */
int store_file_error(sqlite3 *db, int result);

#endif
