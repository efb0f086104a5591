#include "supervisor/kv/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/kv/kv_internal.h"
#include "supervisor/kv/reader.h"
#include "supervisor/kv/store_file.h"
#include "supervisor/kv/writer.h"

#define READS_MAX          4096  /* reads asked for in one loop turn */
#define EXPIRY_LOOK_MAX_MS 60000 /* the wall clock may be set while a timer waits */
#define EXPIRY_RETRY_MS    5000

enum { SPACE_LOCAL, SPACE_NET, SPACE_MAX };

struct store {
    struct kv spaces[SPACE_MAX];
    struct defer *defer;
    struct timer expiry_timer;
    int64_t expiry_ms; /* wall clock of the earliest deadline known, 0 = none */
    bool expiry_under_way;
    int lock_fd;
    int done_fd;
    struct event *done_event;
    struct writer *writer;
    struct reader *reader;
    size_t reads_waiting;
    void (*on_row)(void *arg, const struct chain_row *row);
    void *on_row_arg;
    bool failing; /* the last write failed for want of a working disk; told once */
    bool drained; /* the writer has stopped */
    bool closed;  /* freed with the last read that waits */
};

struct read_request {
    struct store *store;
    int space;
    kv_get_fn get;
    kv_get_many_fn get_many;
    kv_list_fn list;
    store_rows_fn rows;
    uint64_t after; /* of rows */
    size_t limit;
    void *arg;
    struct kv_range *range; /* inside the block, for a list */
    struct kv_key *keys;    /* inside the block, for several */
    size_t key_count;
    uint8_t *key; /* inside the block, for a get */
    size_t key_len;
};

static void store_free(struct store *store)
{
    reader_close(store->reader);
    if (store->writer != NULL)
        writer_free(store->writer);
    if (store->done_event != NULL)
        event_free(store->done_event);
    if (store->done_fd >= 0)
        close(store->done_fd);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store);
}

static void read_refuse(const struct read_request *request, int error)
{
    if (request->get != NULL)
        request->get(request->arg, error, NULL);
    else if (request->get_many != NULL)
        request->get_many(request->arg, error, NULL, 0);
    else if (request->rows != NULL)
        request->rows(request->arg, error, NULL);
    else
        request->list(request->arg, error, NULL, 0, false);
}

static void read_run(void *arg)
{
    struct read_request *request = arg;
    struct store *store = request->store;
    if (store->closed)
        read_refuse(request, AMID_E_CLOSED);
    else if (request->get != NULL)
        reader_get(store->reader, request->space, request->key, request->key_len, request->get,
                   request->arg);
    else if (request->get_many != NULL)
        reader_get_many(store->reader, request->space, request->keys, request->key_count,
                        request->get_many, request->arg);
    else if (request->rows != NULL)
        reader_rows(store->reader, request->after, request->limit, request->rows, request->arg);
    else
        reader_list(store->reader, request->space, request->range, request->list, request->arg);
    free(request);
    if (--store->reads_waiting == 0 && store->closed)
        store_free(store);
}

/* Reads run at the end of the turn, so that a caller never hears from inside his own call. */
static int read_defer(struct store *store, struct read_request *request)
{
    int error = store->reads_waiting >= READS_MAX ? AMID_E_BUSY : 0;
    if (error == 0)
        error = defer_call(store->defer, read_run, request);
    if (error != 0) {
        free(request);
        return error;
    }
    store->reads_waiting++;
    return 0;
}

static int store_get(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg)
{
    struct read_request *request = malloc(sizeof(*request) + key->len);
    if (request == NULL)
        return AMID_E_NOMEM;
    *request = (struct read_request){.store = kv->store,
                                     .space = kv->space,
                                     .get = fn,
                                     .arg = arg,
                                     .key = (uint8_t *)(request + 1),
                                     .key_len = key->len};
    memcpy(request->key, key->bytes, key->len);
    return read_defer(kv->store, request);
}

static int store_get_many(struct kv *kv, const struct kv_key *keys, size_t count, kv_get_many_fn fn,
                          void *arg)
{
    struct read_request *request = malloc(sizeof(*request) + count * sizeof(*keys));
    if (request == NULL)
        return AMID_E_NOMEM;
    *request = (struct read_request){.store = kv->store,
                                     .space = kv->space,
                                     .get_many = fn,
                                     .arg = arg,
                                     .keys = (struct kv_key *)(request + 1),
                                     .key_count = count};
    for (size_t i = 0; i < count; i++) {
        request->keys[i].len = keys[i].len;
        memcpy(request->keys[i].bytes, keys[i].bytes, keys[i].len);
    }
    return read_defer(kv->store, request);
}

static int store_list(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg)
{
    struct read_request *request = malloc(sizeof(*request) + sizeof(*range));
    if (request == NULL)
        return AMID_E_NOMEM;
    *request = (struct read_request){.store = kv->store,
                                     .space = kv->space,
                                     .list = fn,
                                     .arg = arg,
                                     .range = (struct kv_range *)(request + 1)};
    *request->range = *range;
    return read_defer(kv->store, request);
}

int store_rows(struct store *store, uint64_t after, size_t limit, store_rows_fn fn, void *arg)
{
    if (limit == 0 || limit > STORE_ROWS_MAX || after > INT64_MAX)
        return AMID_E_INVALID;
    struct read_request *request = malloc(sizeof(*request));
    if (request == NULL)
        return AMID_E_NOMEM;
    *request = (struct read_request){
        .store = store, .rows = fn, .after = after, .limit = limit, .arg = arg};
    return read_defer(store, request);
}

static int store_commit(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg)
{
    struct store *store = kv->store;
    struct write_op *op = calloc(1, sizeof(*op));
    if (op == NULL)
        return AMID_E_NOMEM;
    op->atomic = atomic;
    op->now_ms = clock_real_ms();
    op->fn = fn;
    op->arg = arg;
    int error = writer_submit(store->writer, op);
    if (error != 0)
        free(op); /* the atomic stays the caller's */
    return error;
}

static const struct kv_backend store_backend = {
    .get = store_get, .get_many = store_get_many, .list = store_list, .commit = store_commit};

static void expiry_arm(struct store *store, int64_t delay_ms)
{
    if (delay_ms > EXPIRY_LOOK_MAX_MS)
        delay_ms = EXPIRY_LOOK_MAX_MS;
    if (timer_start(&store->expiry_timer, delay_ms) != 0)
        log_warn(NULL, "no memory for the expiry timer: expired entries stay hidden, not removed");
}

static void expiry_consider(struct store *store, int64_t expires_ms)
{
    if (expires_ms == 0 || store->closed)
        return;
    if (store->expiry_ms != 0 && store->expiry_ms <= expires_ms)
        return;
    store->expiry_ms = expires_ms;
    if (!store->expiry_under_way)
        expiry_arm(store, expires_ms - clock_real_ms());
}

static void expiry_fire(void *arg)
{
    struct store *store = arg;
    int64_t now_ms = clock_real_ms();
    if (store->expiry_ms == 0)
        return;
    if (store->expiry_ms > now_ms) {
        expiry_arm(store, store->expiry_ms - now_ms);
        return;
    }
    struct write_op *op = calloc(1, sizeof(*op));
    struct kv_atomic *atomic = kv_atomic_new();
    if (op != NULL && atomic != NULL) {
        op->is_expiry = true;
        op->atomic = atomic;
        op->now_ms = now_ms;
        if (writer_submit(store->writer, op) == 0) {
            store->expiry_under_way = true;
            return;
        }
    }
    free(op);
    kv_atomic_free(atomic);
    expiry_arm(store, EXPIRY_RETRY_MS);
}

static void expiry_done(struct store *store, const struct write_op *op)
{
    store->expiry_under_way = false;
    if (store->closed)
        return;
    if (op->error != 0) {
        expiry_arm(store, EXPIRY_RETRY_MS);
        return;
    }
    /* Deadlines set while it ran were seen by it or come with operations delivered after it. */
    store->expiry_ms = 0;
    expiry_consider(store, op->next_expiry_ms);
}

static void op_publish(struct store *store, const struct write_op *op)
{
    for (size_t i = 0; i < op->atomic->mutation_count; i++) {
        const struct kv_mutation *mutation = &op->atomic->mutations[i];
        struct kv_entry entry = {.key = mutation->key,
                                 .key_len = mutation->key_len,
                                 .value = mutation->value,
                                 .value_len = mutation->value_len,
                                 .versionstamp = op->stamp};
        if (mutation->value != NULL && mutation->expire_in_ms > 0)
            expiry_consider(store, op->now_ms + mutation->expire_in_ms);
        if (mutation->changed)
            kv_publish(mutation->kv, &entry);
    }
}

static void op_tell_rows(const struct store *store, const struct write_op *op)
{
    for (const struct kv_note *note = op->atomic->notes; note != NULL; note = note->next) {
        if (store->on_row != NULL)
            store->on_row(store->on_row_arg, &note->row);
    }
}

void store_on_row(struct store *store, void (*fn)(void *arg, const struct chain_row *row),
                  void *arg)
{
    store->on_row = fn;
    store->on_row_arg = arg;
}

static void health_tell(struct store *store, int error)
{
    static const struct log_about about = {.event = "store"};
    /* What an operation is refused for says nothing of the disk. */
    bool is_refusal = error == AMID_E_CONFLICT || error == AMID_E_LEASE_LOST ||
                      error == AMID_E_INVALID || error == AMID_E_TOO_LARGE;
    bool fails = error != 0;
    if (is_refusal || fails == store->failing)
        return;
    store->failing = fails;
    if (fails)
        log_error(&about, "The database cannot be written: %s. Writes are refused until it can.",
                  error_text(error));
    else
        log_info(&about, "The database can be written again");
}

static void done_deliver(struct store *store)
{
    struct write_op *op = writer_take_done(store->writer);
    while (op != NULL) {
        struct write_op *next = op->next;
        health_tell(store, op->error);
        if (op->error == 0)
            op_publish(store, op);
        if (op->error == 0)
            op_tell_rows(store, op);
        if (op->is_expiry)
            expiry_done(store, op);
        if (op->fn != NULL)
            op->fn(op->arg, op->error, op->error == 0 ? &op->stamp : NULL);
        write_op_free(op);
        op = next;
    }
}

static void done_event(evutil_socket_t fd, short what, void *arg)
{
    uint64_t count;
    (void)what;
    (void)!read(fd, &count, sizeof(count)); /* only to clear it */
    done_deliver(arg);
}

static int store_start(struct store *store, const char *path, struct event_base *base, char *reason,
                       size_t reason_size)
{
    struct kv *spaces[SPACE_MAX] = {&store->spaces[SPACE_LOCAL], &store->spaces[SPACE_NET]};
    int64_t expiry_ms = 0;
    int error = AMID_E_NOMEM;
    store->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (store->done_fd >= 0)
        store->done_event =
            event_new(base, store->done_fd, EV_READ | EV_PERSIST, done_event, store);
    if (store->done_event != NULL && event_add(store->done_event, NULL) == 0)
        error = writer_start(path, spaces, store->done_fd, &store->writer);
    if (error == 0)
        error = reader_open(path, &store->reader);
    if (error == 0)
        error = reader_next_expiry(store->reader, &expiry_ms);
    if (error == 0)
        expiry_consider(store, expiry_ms);
    else
        snprintf(reason, reason_size, "cannot open %s: %s", path, error_text(error));
    return error;
}

int store_open(const char *state_folder, struct event_base *base, struct defer *defer,
               struct timers *timers, struct store **ret_store, char *reason, size_t reason_size)
{
    char path[PATH_MAX];
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        snprintf(reason, reason_size, "%s", error_text(AMID_E_NOMEM));
        return AMID_E_NOMEM;
    }
    store->defer = defer;
    store->lock_fd = -1;
    store->done_fd = -1;
    timer_init(&store->expiry_timer, timers, expiry_fire, store);
    for (int space = 0; space < SPACE_MAX; space++)
        kv_init(&store->spaces[space], &store_backend, store, space);
    /* The lock refuses paths too long for the database's. */
    int error = store_file_lock(state_folder, &store->lock_fd, reason, reason_size);
    snprintf(path, sizeof(path), "%s/%s", state_folder, STORE_FILE_NAME);
    if (error == 0)
        error = store_file_prepare(path, reason, reason_size);
    if (error == 0)
        error = store_start(store, path, base, reason, reason_size);
    if (error != 0) {
        if (store->writer != NULL)
            writer_stop(store->writer);
        timer_stop(&store->expiry_timer);
        store_free(store);
        return error;
    }
    *ret_store = store;
    return 0;
}

void store_drain(struct store *store)
{
    if (store->drained)
        return;
    store->drained = true;
    writer_stop(store->writer);
    /* What was accepted is answered; what those answers ask for is refused. */
    done_deliver(store);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store_drain(store);
    store->closed = true;
    timer_stop(&store->expiry_timer);
    event_del(store->done_event);
    for (int space = 0; space < SPACE_MAX; space++)
        kv_release(&store->spaces[space]);
    reader_close(store->reader);
    store->reader = NULL;
    if (store->reads_waiting == 0)
        store_free(store);
}

struct kv *store_local(struct store *store)
{
    return &store->spaces[SPACE_LOCAL];
}

struct kv *store_net(struct store *store)
{
    return &store->spaces[SPACE_NET];
}
