/*
 * The database file and the disk under it: what is damaged, foreign, newer or in use is refused in
 * one clear sentence and not a byte of it changes; a full disk and a failed write, sync or
 * reopening give an error to those who asked, leave what was acknowledged as it was, and end when
 * the disk works again; what a failed sync left behind is told to watchers if it turns out to be
 * there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "fault_vfs.h"
#include "kv_harness.h"
#include "supervisor/kv/store_file.h"

static int setup(void **state)
{
    struct harness *harness = calloc(1, sizeof(*harness));
    fault_plan_clear();
    harness_make(harness);
    *state = harness;
    return 0;
}

static int teardown(void **state)
{
    fault_plan_clear();
    harness_drop(*state);
    free(*state);
    return 0;
}

struct image {
    char *bytes;
    size_t len;
};

static struct image image_of(const char *path)
{
    struct image image = {.len = 0};
    struct stat info;
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return image;
    assert_int_equal(fstat(fd, &info), 0);
    image.len = (size_t)info.st_size;
    image.bytes = malloc(image.len + 1);
    assert_int_equal(read(fd, image.bytes, image.len), image.len);
    close(fd);
    return image;
}

static void image_write(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void side_path(const struct harness *harness, const char *suffix, char *out, size_t size)
{
    snprintf(out, size, "%s%s", harness->path, suffix);
}

/* Refused with this code and word, and both files as they were. */
static void refused(struct harness *harness, int error, const char *word)
{
    char log[160];
    side_path(harness, "-wal", log, sizeof(log));
    struct image before = image_of(harness->path);
    struct image log_before = image_of(log);
    assert_int_equal(harness_open(harness), error);
    if (strstr(harness->reason, word) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", harness->reason, word);
    struct image after = image_of(harness->path);
    struct image log_after = image_of(log);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.bytes, after.bytes, before.len);
    assert_int_equal(log_before.len, log_after.len);
    if (log_before.len > 0)
        assert_memory_equal(log_before.bytes, log_after.bytes, log_before.len);
    free(before.bytes);
    free(log_before.bytes);
    free(after.bytes);
    free(log_after.bytes);
}

static void fill(struct harness *harness)
{
    assert_int_equal(harness_open(harness), 0);
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        assert_int_equal(
            harness_set(harness, store_local(harness->store), name, "\"some value\"").error, 0);
    }
}

/* Runs SQL on the closed file, as somebody else would. */
static void by_hand(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_private_file(void **state)
{
    struct harness *harness = *state;
    struct stat info;
    assert_int_equal(harness_open(harness), 0);
    assert_int_equal(stat(harness->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void test_second_amid(void **state)
{
    struct harness *harness = *state;
    struct store *second = NULL;
    char reason[256];
    char pid[32];
    assert_int_equal(harness_open(harness), 0);
    snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
    assert_int_equal(store_open(harness->folder, harness->base, harness->defer, harness->timers,
                                &second, reason, sizeof(reason)),
                     AMID_E_BUSY);
    assert_non_null(strstr(reason, pid));
    assert_null(second);
    assert_int_equal(harness_set(harness, store_net(harness->store), "a", "1").error, 0);
    harness_close(harness);
    assert_int_equal(harness_open(harness), 0);
}

static void test_no_folder(void **state)
{
    struct harness *harness = *state;
    struct harness elsewhere = *harness;
    snprintf(elsewhere.folder, sizeof(elsewhere.folder), "/nonexistent-amid");
    assert_int_equal(harness_open(&elsewhere), AMID_E_IO);
    assert_non_null(strstr(elsewhere.reason, "/nonexistent-amid/amid.lock"));
}

static void test_not_a_database(void **state)
{
    struct harness *harness = *state;
    char text[5000];
    memset(text, 'x', sizeof(text));
    image_write(harness->path, text, sizeof(text));
    refused(harness, AMID_E_CORRUPT, "not a readable SQLite database");
    image_write(harness->path, text, 3);
    refused(harness, AMID_E_CORRUPT, "not a readable SQLite database");
    image_write(harness->path, text, 0);
    refused(harness, AMID_E_CORRUPT, "not a readable SQLite database");
}

static void test_foreign(void **state)
{
    struct harness *harness = *state;
    by_hand(harness->path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    refused(harness, AMID_E_CORRUPT, "another program");
}

static void test_newer(void **state)
{
    struct harness *harness = *state;
    fill(harness);
    harness_close(harness);
    by_hand(harness->path, "PRAGMA user_version=7");
    refused(harness, AMID_E_UNSUPPORTED, "format version 7");
    assert_non_null(strstr(harness->reason, "newer amid"));
}

/* The newer version is only in the log, as after a kill. */
static void test_newer_in_log(void **state)
{
    struct harness *harness = *state;
    char log[160];
    sqlite3 *db = NULL;
    fill(harness);
    harness_close(harness);
    assert_int_equal(sqlite3_open(harness->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=7", NULL, NULL, NULL), SQLITE_OK);
    side_path(harness, "-wal", log, sizeof(log));
    struct image main = image_of(harness->path);
    struct image wal = image_of(log);
    sqlite3_close(db);
    assert_true(wal.len > 0);
    image_write(harness->path, main.bytes, main.len);
    image_write(log, wal.bytes, wal.len);
    refused(harness, AMID_E_UNSUPPORTED, "format version 7");
    free(main.bytes);
    free(wal.bytes);
}

static void test_log_without_file(void **state)
{
    struct harness *harness = *state;
    char log[160];
    side_path(harness, "-wal", log, sizeof(log));
    image_write(log, "something", 9);
    assert_int_equal(harness_open(harness), AMID_E_CORRUPT);
    assert_non_null(strstr(harness->reason, "is missing"));
    assert_int_equal(access(harness->path, F_OK), -1);
}

static void test_damaged(void **state)
{
    struct harness *harness = *state;
    fill(harness);
    harness_close(harness);
    struct image sound = image_of(harness->path);
    assert_true(sound.len > 3 * 4096);
    /* Pages overwritten, one after the other. */
    for (size_t page = 1; page * 4096 < sound.len; page++) {
        char *bad = malloc(sound.len);
        memcpy(bad, sound.bytes, sound.len);
        memset(bad + page * 4096, 0x5a, 4096);
        image_write(harness->path, bad, sound.len);
        refused(harness, AMID_E_CORRUPT, "is damaged");
        free(bad);
    }
    /* Cut short. */
    image_write(harness->path, sound.bytes, sound.len - 4096);
    refused(harness, AMID_E_CORRUPT, "is damaged");
    image_write(harness->path, sound.bytes, 50);
    refused(harness, AMID_E_CORRUPT, "not a readable SQLite database");
    image_write(harness->path, sound.bytes, sound.len);
    assert_int_equal(harness_open(harness), 0);
    assert_true(harness_get(harness, store_local(harness->store), "199").found);
    free(sound.bytes);
}

static void test_strange_path(void **state)
{
    struct harness *harness = *state;
    char folder[64];
    memcpy(folder, harness->folder, sizeof(folder));
    snprintf(harness->folder, sizeof(harness->folder), "%.40s/a%%3f?b#c", folder);
    snprintf(harness->path, sizeof(harness->path), "%s/" STORE_FILE_NAME, harness->folder);
    assert_int_equal(mkdir(harness->folder, 0700), 0);
    fill(harness);
    harness_close(harness);
    assert_int_equal(access(harness->path, F_OK), 0);
    assert_int_equal(harness_open(harness), 0);
    assert_true(harness_get(harness, store_local(harness->store), "199").found);
    harness_close(harness);
    char file[160];
    static const char *const names[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        side_path(harness, names[i], file, sizeof(file));
        (void)unlink(file);
    }
    snprintf(file, sizeof(file), "%s/" STORE_LOCK_NAME, harness->folder);
    (void)unlink(file);
    assert_int_equal(rmdir(harness->folder), 0);
    memcpy(harness->folder, folder, sizeof(folder));
}

static void healthy(struct harness *harness, const char *value)
{
    struct kv *local = store_local(harness->store);
    assert_int_equal(harness_set(harness, local, "after", value).error, 0);
    assert_string_equal(harness_get(harness, local, "after").value, value);
}

static void count_event(void *arg, const struct kv_entry *entry)
{
    (void)entry;
    ++*(int *)arg;
}

/* A failed sync: an error, the old state, no event; and the next write is given a new stamp. */
static void test_failed_sync(void **state)
{
    struct harness *harness = *state;
    struct kv_key everything = {.len = 0};
    int events = 0;
    assert_int_equal(harness_open(harness), 0);
    struct kv *local = store_local(harness->store);
    struct answer before = harness_set(harness, local, "a", "1");
    assert_int_equal(before.error, 0);
    struct kv_watch *watch = kv_watch_new(local, &everything, count_event, &events);
    for (int i = 0; i < 5; i++) {
        atomic_store(&fault_plan.syncs, 1);
        assert_int_equal(harness_set(harness, local, "a", "2").error, AMID_E_IO);
        assert_string_equal(harness_get(harness, local, "a").value, "1");
        assert_int_equal(events, 0);
    }
    struct answer after = harness_set(harness, local, "a", "3");
    assert_int_equal(after.error, 0);
    assert_true(memcmp(after.stamp.bytes, before.stamp.bytes, KV_VERSIONSTAMP_BYTES) > 0);
    assert_string_equal(harness_get(harness, local, "a").value, "3");
    assert_int_equal(events, 1);
    kv_watch_free(watch);
}

static void test_failed_write(void **state)
{
    struct harness *harness = *state;
    struct answer answers[20];
    assert_int_equal(harness_open(harness), 0);
    struct kv *local = store_local(harness->store);
    harness_set(harness, local, "0", "1");
    memset(answers, 0, sizeof(answers));
    atomic_store(&fault_plan.writes, FAULT_FOREVER);
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        struct kv_key key = key_of(name);
        struct kv_atomic *atomic = kv_atomic_new();
        kv_atomic_set(atomic, &key, "2", 1, 0);
        assert_int_equal(kv_commit(local, atomic, answer_commit, &answers[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        harness_wait(harness, &answers[i].done);
        assert_int_equal(answers[i].error, AMID_E_IO);
    }
    assert_string_equal(harness_get(harness, local, "0").value, "1");
    assert_false(harness_get(harness, local, "1").found);
    fault_plan_clear();
    healthy(harness, "1");
}

/* The sync fails and the file cannot be opened again: nobody knows what is in it. Then it can, and
 * what the failed group had written is there: its caller got an error, the watchers get the event.
 */
static void test_doubt(void **state)
{
    struct harness *harness = *state;
    struct kv_key everything = {.len = 0};
    int events = 0;
    assert_int_equal(harness_open(harness), 0);
    struct kv *local = store_local(harness->store);
    harness_set(harness, local, "a", "1");
    struct kv_watch *watch = kv_watch_new(local, &everything, count_event, &events);
    atomic_store(&fault_plan.syncs, FAULT_FOREVER);
    atomic_store(&fault_plan.opens, FAULT_FOREVER);
    assert_int_equal(harness_set(harness, local, "a", "2").error, AMID_E_IO);
    assert_int_equal(harness_set(harness, local, "a", "3").error, AMID_E_IO);
    /* The reader's connection goes too, so that the log is read anew. */
    struct kv_key key = key_of("a");
    struct answer get = {0};
    atomic_store(&fault_plan.reads, FAULT_FOREVER);
    struct kv_range range;
    kv_range_of_prefix(&range, &everything);
    for (int i = 0; i < 3 && get.error == 0; i++) {
        memset(&get, 0, sizeof(get));
        assert_int_equal(kv_get(local, &key, answer_get, &get), 0);
        harness_wait(harness, &get.done);
    }
    fault_plan_clear();
    while (events == 0) /* the writer tries once a second by itself */
        assert_int_equal(event_base_loop(harness->base, EVLOOP_ONCE), 0);
    struct answer now = harness_get(harness, local, "a");
    assert_string_equal(now.value, "2");
    assert_int_equal(events, 1);
    kv_watch_free(watch);
    healthy(harness, "1");
    harness_close(harness);
    assert_int_equal(harness_open(harness), 0);
    assert_string_equal(harness_get(harness, store_local(harness->store), "a").value, "2");
}

static void test_failed_read(void **state)
{
    struct harness *harness = *state;
    struct answer get = {0};
    struct kv_key key = key_of("a");
    char value[201];
    assert_int_equal(harness_open(harness), 0);
    struct kv *local = store_local(harness->store);
    memset(value, '1', 200);
    value[200] = '\0';
    harness_set(harness, local, "a", value);
    harness_close(harness);
    assert_int_equal(harness_open(harness), 0);
    local = store_local(harness->store);
    atomic_store(&fault_plan.reads, FAULT_FOREVER);
    assert_int_equal(kv_get(local, &key, answer_get, &get), 0);
    harness_wait(harness, &get.done);
    fault_plan_clear();
    /* Depending on what SQLite had in memory it failed or not; afterwards it works in any case. */
    assert_true(get.error == AMID_E_IO || get.found);
    assert_true(harness_get(harness, local, "a").found);
    healthy(harness, "1");
}

static void full_and_free_again(struct harness *harness, void (*fill_disk)(struct harness *),
                                void (*free_disk)(struct harness *))
{
    char value[200];
    memset(value, '1', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    assert_int_equal(harness_open(harness), 0);
    struct kv *local = store_local(harness->store);
    assert_int_equal(harness_set(harness, local, "kept", "1").error, 0);
    fill_disk(harness);
    int acknowledged = 0;
    int error = 0;
    for (int i = 0; i < 100000 && error == 0; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        error = harness_set(harness, local, name, value).error;
        acknowledged += error == 0;
    }
    assert_int_equal(error, AMID_E_DISK_FULL);
    assert_int_equal(harness_set(harness, local, "kept", value).error, AMID_E_DISK_FULL);
    assert_string_equal(harness_get(harness, local, "kept").value, "1");
    struct kv_key prefix;
    kv_key_of(&prefix, "t", NULL);
    assert_int_equal(harness_count(harness, local, &prefix), acknowledged + 1);
    free_disk(harness);
    healthy(harness, "1");
    harness_close(harness);
    assert_int_equal(harness_open(harness), 0);
    assert_int_equal(harness_count(harness, store_local(harness->store), &prefix),
                     acknowledged + 2);
}

static void filler_put(struct harness *harness)
{
    char path[128];
    char block[4096];
    memset(block, 'x', sizeof(block));
    snprintf(path, sizeof(path), "%s/filler", harness->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0)
        ;
    close(fd);
}

static void filler_drop(struct harness *harness)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/filler", harness->folder);
    assert_int_equal(unlink(path), 0);
}

/* A disk of 4 MiB of our own, where we may mount one. */
static void test_full_disk(void **state)
{
    struct harness *harness = *state;
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("amid-test", harness->folder, "tmpfs", 0, "size=4m") != 0)
        skip();
    full_and_free_again(harness, filler_put, filler_drop);
    harness_close(harness);
    assert_int_equal(umount2(harness->folder, MNT_DETACH), 0);
}

static void size_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void limit_set(struct harness *harness)
{
    (void)harness;
    size_limit(256 * 1024);
}

static void limit_lift(struct harness *harness)
{
    (void)harness;
    size_limit(RLIM_INFINITY);
}

static void test_file_size_limit(void **state)
{
    signal(SIGXFSZ, SIG_IGN);
    full_and_free_again(*state, limit_set, limit_lift);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_private_file),   T(test_second_amid),      T(test_no_folder),
        T(test_not_a_database), T(test_foreign),          T(test_newer),
        T(test_newer_in_log),   T(test_log_without_file), T(test_damaged),
        T(test_strange_path),   T(test_failed_sync),      T(test_failed_write),
        T(test_doubt),          T(test_failed_read),      T(test_file_size_limit),
        T(test_full_disk),
    };
    fault_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
