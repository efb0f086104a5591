#include "supervisor/kv/writer.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/kv/writer_db.h"

/* A group whose COMMIT failed and whose fate could not be read yet: its callers were told an error,
 * but if it turns out to be in the file, the watchers must hear of it. */
struct doubt {
    struct write_op *group; /* operations without callers; NULL = no doubt */
    uint64_t counter;
};

struct writer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int done_fd;
    char path[PATH_MAX];
    struct kv *spaces[2];

    /* Under the mutex. */
    struct write_op *queue;
    struct write_op **queue_tail;
    struct write_op *done;
    struct write_op **done_tail;
    size_t waiting;
    size_t waiting_bytes;
    bool is_waiting; /* the thread, for work */
    bool stopping;

    /* The thread's own. */
    struct writer_db *db; /* NULL after a failure, until it could be reopened */
    uint16_t epoch;
    uint64_t counter; /* the last versionstamp given out or tried; never goes back */
    struct doubt doubt;
};

void write_op_free(struct write_op *op)
{
    kv_atomic_free(op->atomic);
    free(op);
}

static void group_free(struct write_op *group)
{
    while (group != NULL) {
        struct write_op *next = group->next;
        write_op_free(group);
        group = next;
    }
}

static void done_append(struct writer *writer, struct write_op *group)
{
    uint64_t one = 1;
    pthread_mutex_lock(&writer->mutex);
    *writer->done_tail = group;
    for (struct write_op *op = group; op != NULL; op = op->next)
        writer->done_tail = &op->next;
    pthread_mutex_unlock(&writer->mutex);
    /* It can only fail by overflow, and then the loop is awake anyway. */
    (void)!write(writer->done_fd, &one, sizeof(one));
}

/* Opens the connection if it is not, and settles the doubt the last failure left. */
static int writer_ready(struct writer *writer)
{
    uint16_t epoch;
    uint64_t counter;
    if (writer->db != NULL)
        return 0;
    int error = writer_db_open(writer->path, &writer->db);
    if (error != 0)
        return error;
    error = writer_db_counter_read(writer->db, &epoch, &counter);
    bool applied = error == 0 && writer->doubt.group != NULL && counter == writer->doubt.counter;
    /* What a failed fsync left in the log is only believed once it is synced in the main file. */
    if (applied)
        error = writer_db_checkpoint(writer->db);
    if (error != 0) {
        writer_db_close(writer->db);
        writer->db = NULL;
        return error;
    }
    writer->epoch = epoch;
    if (counter > writer->counter)
        writer->counter = counter;
    if (applied)
        done_append(writer, writer->doubt.group);
    else
        group_free(writer->doubt.group);
    writer->doubt.group = NULL;
    return 0;
}

static void stamp_make(const struct writer *writer, uint64_t counter, struct kv_versionstamp *stamp)
{
    stamp->bytes[0] = (uint8_t)(writer->epoch >> 8);
    stamp->bytes[1] = (uint8_t)writer->epoch;
    for (size_t i = 0; i < 8; i++)
        stamp->bytes[2 + i] = (uint8_t)(counter >> (8 * (7 - i)));
}

/* An error of the operation alone, which leaves the rest of its group as it is. */
static bool is_own_error(int error)
{
    return error == AMID_E_CONFLICT || error == AMID_E_LEASE_LOST || error == AMID_E_INVALID ||
           error == AMID_E_TOO_LARGE;
}

static int checks_hold(struct writer *writer, const struct write_op *op)
{
    int error = 0;
    for (size_t i = 0; i < op->atomic->check_count && error == 0; i++)
        error = writer_db_check(writer->db, &op->atomic->checks[i], op->now_ms);
    return error;
}

/* The mutation of the same key that comes before at, and which it supersedes. */
static struct kv_mutation *mutation_before(struct kv_atomic *atomic, size_t at)
{
    const struct kv_mutation *mutation = &atomic->mutations[at];
    while (at-- > 0) {
        struct kv_mutation *other = &atomic->mutations[at];
        if (other->kv == mutation->kv && other->key_len == mutation->key_len &&
            memcmp(other->key, mutation->key, mutation->key_len) == 0)
            return other;
    }
    return NULL;
}

/* Each number sees what the mutations before it leave; nothing has been written yet. */
static int numbers_compute(struct writer *writer, const struct write_op *op)
{
    int error = 0;
    for (size_t i = 0; i < op->atomic->mutation_count && error == 0; i++) {
        struct kv_mutation *mutation = &op->atomic->mutations[i];
        struct kv_mutation *before = mutation_before(op->atomic, i);
        if (before != NULL)
            before->superseded = true;
        if (mutation->kind != KV_MUTATION_NUMBER)
            continue;
        if (before == NULL)
            error = writer_db_number(writer->db, mutation, op->now_ms);
        else
            error = kv_number_compute(mutation, before->value, before->value_len, op->now_ms);
    }
    return error;
}

/* Everything that can be refused comes before the first mutation, so an operation that does not
 * pass has changed nothing and needs no savepoint to undo it. */
static int op_write(struct writer *writer, struct write_op *op, uint64_t *counter)
{
    struct kv_atomic *atomic = op->atomic;
    int error = checks_hold(writer, op);
    if (error == 0)
        error = numbers_compute(writer, op);
    if (is_own_error(error)) {
        op->error = error;
        return 0;
    }
    if (error == 0 && op->is_expiry)
        error = writer_db_due(writer->db, op->now_ms, writer->spaces, atomic);
    if (error != 0)
        return error;
    bool counts = !op->is_expiry || atomic->mutation_count > 0;
    stamp_make(writer, counts ? ++*counter : *counter, &op->stamp);
    for (size_t i = 0; i < atomic->mutation_count && error == 0; i++) {
        if (!atomic->mutations[i].superseded)
            error = writer_db_apply(writer->db, &atomic->mutations[i], &op->stamp, op->now_ms);
    }
    for (struct kv_note *note = atomic->notes; note != NULL && error == 0; note = note->next)
        error = writer_db_note(writer->db, &note->row, &op->stamp, op->now_ms);
    if (error == 0 && atomic->trim.is_wanted)
        error = writer_db_trim(writer->db, &atomic->trim);
    if (error == 0 && op->is_expiry)
        error = writer_db_next_expiry(writer->db, &op->next_expiry_ms);
    return error;
}

static int group_write(struct writer *writer, struct write_op *group, uint64_t *counter)
{
    uint64_t before = *counter;
    int error = writer_db_begin(writer->db);
    for (struct write_op *op = group; op != NULL && error == 0; op = op->next)
        error = op_write(writer, op, counter);
    if (error == 0 && *counter != before)
        error = writer_db_counter_store(writer->db, *counter);
    return error;
}

static void group_fail(struct write_op *group, int error)
{
    for (struct write_op *op = group; op != NULL; op = op->next)
        op->error = error;
}

/* Moves what the group did aside and leaves its callers an error. */
static void group_doubt(struct writer *writer, struct write_op *group, uint64_t counter)
{
    struct write_op **tail = &writer->doubt.group;
    writer->doubt.counter = counter;
    for (struct write_op *op = group; op != NULL; op = op->next) {
        struct write_op *shadow = calloc(1, sizeof(*shadow));
        if (shadow == NULL || op->error != 0) {
            free(shadow);
            continue;
        }
        shadow->atomic = op->atomic;
        shadow->stamp = op->stamp;
        shadow->is_late = true;
        op->atomic = NULL;
        *tail = shadow;
        tail = &shadow->next;
    }
}

/* COMMIT failed: whether the group is in the file is only known from the file, read anew. */
static void group_settle(struct writer *writer, struct write_op *group, uint64_t counter, int error)
{
    uint64_t found = 0;
    writer_db_close(writer->db);
    writer->db = NULL;
    int reopen = writer_db_open(writer->path, &writer->db);
    if (reopen == 0)
        reopen = writer_db_counter_read(writer->db, &writer->epoch, &found);
    if (reopen == 0 && found == counter)
        reopen = writer_db_checkpoint(writer->db);
    if (reopen == 0 && found == counter)
        return;
    if (reopen != 0) {
        writer_db_close(writer->db);
        writer->db = NULL;
        group_doubt(writer, group, counter);
    }
    group_fail(group, error);
}

static void group_run(struct writer *writer, struct write_op *group)
{
    int error = writer_ready(writer);
    uint64_t counter = writer->counter;
    if (error == 0)
        error = group_write(writer, group, &counter);
    if (error != 0) {
        if (writer->db != NULL)
            writer_db_rollback(writer->db);
        /* A full disk leaves the connection sound; of anything else it is not certain. */
        if (error != AMID_E_DISK_FULL) {
            writer_db_close(writer->db);
            writer->db = NULL;
        }
        group_fail(group, error);
        return;
    }
    if (counter == writer->counter) { /* nothing but refusals: nothing to sync */
        writer_db_rollback(writer->db);
        return;
    }
    writer->counter = counter; /* even if COMMIT fails: these stamps are not given out again */
    error = writer_db_commit(writer->db);
    if (error != 0)
        group_settle(writer, group, counter, error);
}

/* Everything that waits, up to a bounded group. NULL: stopping, or a wait that ended without work.
 */
static struct write_op *group_take(struct writer *writer)
{
    struct write_op *group = writer->queue;
    struct write_op *last = group;
    if (group == NULL)
        return NULL;
    for (size_t count = 1; count < WRITER_GROUP_MAX && last->next != NULL; count++)
        last = last->next;
    writer->queue = last->next;
    last->next = NULL;
    if (writer->queue == NULL)
        writer->queue_tail = &writer->queue;
    return group;
}

static void retry_time(struct timespec *ret_time)
{
    clock_gettime(CLOCK_MONOTONIC, ret_time);
    ret_time->tv_sec += WRITER_RETRY_MS / 1000;
}

static void *writer_main(void *arg)
{
    struct writer *writer = arg;
    struct timespec until;
    for (;;) {
        pthread_mutex_lock(&writer->mutex);
        writer->is_waiting = true;
        if (writer->queue == NULL && !writer->stopping) {
            if (writer->doubt.group == NULL) {
                pthread_cond_wait(&writer->wake, &writer->mutex);
            } else {
                retry_time(&until);
                pthread_cond_timedwait(&writer->wake, &writer->mutex, &until);
            }
        }
        writer->is_waiting = false;
        struct write_op *group = group_take(writer);
        bool ends = group == NULL && writer->stopping;
        pthread_mutex_unlock(&writer->mutex);
        if (group != NULL) {
            group_run(writer, group);
            done_append(writer, group);
        } else if (ends) {
            return NULL;
        } else if (writer->doubt.group != NULL) {
            (void)writer_ready(writer);
        }
    }
}

static int thread_start(struct writer *writer)
{
    pthread_condattr_t attributes;
    sigset_t all;
    sigset_t before;
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    /* Signals are the loop's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&writer->thread, NULL, writer_main, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? 0 : error_from_errno(failed);
}

int writer_start(const char *path, struct kv *const spaces[2], int done_fd,
                 struct writer **ret_writer)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL)
        return AMID_E_NOMEM;
    writer->spaces[0] = spaces[0];
    writer->spaces[1] = spaces[1];
    writer->done_fd = done_fd;
    writer->queue_tail = &writer->queue;
    writer->done_tail = &writer->done;
    snprintf(writer->path, sizeof(writer->path), "%s", path);
    int error = writer_ready(writer);
    if (error == 0)
        error = thread_start(writer);
    if (error != 0) {
        writer_db_close(writer->db);
        free(writer);
        return error;
    }
    *ret_writer = writer;
    return 0;
}

int writer_submit(struct writer *writer, struct write_op *op)
{
    bool wakes = false;
    int error = 0;
    op->bytes = op->atomic->bytes;
    pthread_mutex_lock(&writer->mutex);
    if (writer->stopping)
        error = AMID_E_CLOSED;
    else if (writer->waiting >= WRITER_QUEUE_MAX ||
             writer->waiting_bytes + op->bytes > WRITER_QUEUE_MAX_BYTES)
        error = AMID_E_BUSY;
    if (error == 0) {
        op->next = NULL;
        writer->waiting++;
        writer->waiting_bytes += op->bytes;
        wakes = writer->queue == NULL && writer->is_waiting;
        *writer->queue_tail = op;
        writer->queue_tail = &op->next;
    }
    pthread_mutex_unlock(&writer->mutex);
    /* Now that the thread would not have to wait for the mutex. */
    if (wakes)
        pthread_cond_signal(&writer->wake);
    return error;
}

struct write_op *writer_take_done(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct write_op *done = writer->done;
    writer->done = NULL;
    writer->done_tail = &writer->done;
    for (struct write_op *op = done; op != NULL; op = op->next) {
        if (op->is_late)
            continue;
        writer->waiting--;
        writer->waiting_bytes -= op->bytes;
    }
    pthread_mutex_unlock(&writer->mutex);
    return done;
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    writer_db_close(writer->db);
    writer->db = NULL;
}

void writer_free(struct writer *writer)
{
    group_free(writer->doubt.group);
    group_free(writer->done);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}
