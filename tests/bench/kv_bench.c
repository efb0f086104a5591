/*
 * What the durable KV costs on this machine: `kv_bench [FOLDER]` makes a database in a temporary
 * folder under FOLDER (default: the current one), writes, reads and watches through kv.h, measures
 * one SQLite connection with the same settings in the same place beside it, and prints one
 * `name: value unit` line each.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/kv/store.h"
#include "supervisor/kv/store_file.h"

#define SECONDS     3.0
#define LANES_MAX   64
#define KEYS        1000
#define SAMPLES_MAX 100000

struct lane {
    struct bench *bench;
    unsigned number;
    double asked;
};

struct bench {
    struct event_base *base;
    struct kv *kv;
    double until;
    size_t lane_count;
    size_t running;
    size_t done;
    unsigned next;
    double told; /* when the watcher heard of the write under way */
    double event_after[SAMPLES_MAX];
    double answer_after[SAMPLES_MAX];
    size_t samples;
    struct lane lanes[LANES_MAX];
};

static const char value[] = "{\"channel\":\"bench\",\"module\":\"bench\",\"widget\":\"\",\"raw\":"
                            "{\"price\":42000.5},\"timestamp\":1760245826876}";

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "kv_bench: %s\n", what);
    exit(1);
}

static void bench_key(unsigned number, struct kv_key *key)
{
    if (kv_key_of(key, "bench", NULL) != 0 || kv_key_add_number(key, number % KEYS) != 0)
        die("key");
}

static void lane_set(struct lane *lane);

static void lane_set_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct lane *lane = arg;
    struct bench *bench = lane->bench;
    (void)stamp;
    if (error != 0)
        die(error_text(error));
    bench->done++;
    if (bench->lane_count == 1 && bench->told > 0 && bench->samples < SAMPLES_MAX) {
        bench->event_after[bench->samples] = bench->told - lane->asked;
        bench->answer_after[bench->samples++] = now() - bench->told;
    }
    if (now() < bench->until)
        lane_set(lane);
    else if (--bench->running == 0)
        event_base_loopbreak(bench->base);
}

static void lane_set(struct lane *lane)
{
    struct bench *bench = lane->bench;
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    bench_key(bench->next++, &key);
    lane->asked = now();
    if (atomic == NULL || kv_atomic_set(atomic, &key, value, sizeof(value) - 1, 0) != 0 ||
        kv_commit(bench->kv, atomic, lane_set_done, lane) != 0)
        die("kv_commit");
}

static void lane_get(struct lane *lane);

static void lane_get_done(void *arg, int error, const struct kv_entry *entry)
{
    struct lane *lane = arg;
    struct bench *bench = lane->bench;
    if (error != 0 || entry == NULL)
        die("kv_get");
    bench->done++;
    if (now() < bench->until)
        lane_get(lane);
    else if (--bench->running == 0)
        event_base_loopbreak(bench->base);
}

static void lane_get(struct lane *lane)
{
    struct kv_key key;
    bench_key(lane->bench->next++, &key);
    if (kv_get(lane->bench->kv, &key, lane_get_done, lane) != 0)
        die("kv_get");
}

static double run(struct bench *bench, size_t lanes, void (*start)(struct lane *lane))
{
    double begun = now();
    bench->until = begun + SECONDS;
    bench->done = 0;
    bench->lane_count = lanes;
    bench->running = lanes;
    for (size_t i = 0; i < lanes; i++) {
        bench->lanes[i].bench = bench;
        start(&bench->lanes[i]);
    }
    event_base_dispatch(bench->base);
    return (double)bench->done / (now() - begun);
}

static void heard(void *arg, const struct kv_entry *entry)
{
    struct bench *bench = arg;
    (void)entry;
    bench->told = now();
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_us(double *samples, size_t count)
{
    qsort(samples, count, sizeof(*samples), by_size);
    return count == 0 ? 0 : samples[count / 2] * 1e6;
}

/* The least a durable write costs here: one connection, one statement, one transaction each. */
static double bare_sqlite(const char *folder)
{
    char path[512];
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    size_t done = 0;
    snprintf(path, sizeof(path), "%s/bare.db", folder);
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "CREATE TABLE t (key INTEGER PRIMARY KEY, value TEXT)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "REPLACE INTO t VALUES (?1, ?2)", -1, &stmt, NULL) != SQLITE_OK)
        die("bare SQLite");
    double begun = now();
    while (now() < begun + SECONDS) {
        sqlite3_bind_int(stmt, 1, (int)(done++ % KEYS));
        sqlite3_bind_text(stmt, 2, value, sizeof(value) - 1, SQLITE_STATIC);
        if (sqlite3_step(stmt) != SQLITE_DONE)
            die("bare SQLite");
        sqlite3_reset(stmt);
    }
    double rate = (double)done / (now() - begun);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return rate;
}

static void remove_all(const char *folder)
{
    static const char *const names[] = {"amid.db", "amid.db-wal", "amid.db-shm", "amid.lock",
                                        "bare.db", "bare.db-wal", "bare.db-shm"};
    char path[512];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct kv_key everything = {.len = 0};
    struct store *store = NULL;
    char folder[256];
    char reason[512];
    snprintf(folder, sizeof(folder), "%s/kv-bench-XXXXXX", argc > 1 ? argv[1] : ".");
    if (mkdtemp(folder) == NULL)
        die("cannot make a folder");
    bench.base = event_base_new();
    struct defer *defer = defer_new(bench.base);
    struct timers *timers = timers_new(bench.base);
    if (store_open(folder, bench.base, defer, timers, &store, reason, sizeof(reason)) != 0)
        die(reason);
    bench.kv = store_local(store);

    double bare = bare_sqlite(folder);
    double one = run(&bench, 1, lane_set);
    double many = run(&bench, LANES_MAX, lane_set);
    double reads = run(&bench, LANES_MAX, lane_get);
    struct kv_watch *watch = kv_watch_new(bench.kv, &everything, heard, &bench);
    (void)run(&bench, 1, lane_set);
    kv_watch_free(watch);

    printf("bare SQLite, synchronous FULL: %.0f set/s\n", bare);
    printf("kv durable, one at a time: %.0f set/s (%.2f x bare SQLite)\n", one, one / bare);
    printf("kv durable, %d in flight: %.0f set/s (%.2f x bare SQLite)\n", LANES_MAX, many,
           many / bare);
    printf("kv reads: %.0f get/s\n", reads);
    printf("kv watch, from asking to the event: %.1f us\n",
           median_us(bench.event_after, bench.samples));
    printf("kv watch, the acknowledgement follows the event after: %.2f us\n",
           median_us(bench.answer_after, bench.samples));

    store_close(store);
    defer_free(defer);
    timers_free(timers);
    event_base_free(bench.base);
    remove_all(folder);
    return 0;
}
