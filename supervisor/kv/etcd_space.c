#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/kv/etcd_space_internal.h"

/* Behind the prefix and before every key, as no part of a key begins with 0. */
static const uint8_t epoch_key[] = {0, 'e', 'p', 'o', 'c', 'h'};
#define EPOCH_FIRST     1
#define EPOCH_MAX_BYTES 5 /* digits */
#define BODY_MAX_BYTES  4096

static const struct kv_backend etcd_backend = {.get = etcd_space_get,
                                               .get_many = etcd_space_get_many,
                                               .list = etcd_space_list,
                                               .commit = etcd_space_commit,
                                               .lease_new = etcd_space_lease_new,
                                               .lease_free = etcd_space_lease_free,
                                               .lease_end = etcd_space_lease_end};

static const struct log_about about = {.event = "cluster"};

void etcd_space_foreign(struct etcd_space *space)
{
    if (!space->foreign_told)
        log_warn(&about, "%.*s in etcd holds entries that amid has not written; they are left out",
                 (int)space->prefix_len, (const char *)space->prefix);
    space->foreign_told = true;
}

static void starting_end(struct etcd_space *space, int error)
{
    struct etcd_op *op;

    while ((op = TAILQ_FIRST(&space->starting)) != NULL) {
        TAILQ_REMOVE(&space->starting, op, link);
        space->ops--;
        space->op_bytes -= op->bytes;
        int refused = error != 0 ? error : op->run(op);
        if (refused != 0)
            op->refuse(op, refused);
    }
}

static void link_up(struct etcd_space *space)
{
    if (space->state == ETCD_LINK_UP)
        return;
    space->state = ETCD_LINK_UP;
    log_info(&about, "etcd answers");
    kv_set_reachable(&space->kv, true);
    starting_end(space, 0);
}

static void probe_later(struct etcd_space *space)
{
    int64_t delay_ms = space->state == ETCD_LINK_UP ? ETCD_PROBE_UP_MS : ETCD_PROBE_DOWN_MS;

    if (timer_start(&space->probe, delay_ms) != 0)
        log_warn(&about, "no memory for a timer: whether etcd answers shows with the next request");
}

static void link_down(struct etcd_space *space, const char *fault)
{
    bool was_up = space->state == ETCD_LINK_UP;

    if (space->state == ETCD_LINK_DOWN)
        return;
    space->state = ETCD_LINK_DOWN;
    log_warn(&about, "no etcd server answers%s%s", fault[0] == '\0' ? "" : ": ", fault);
    if (!space->is_probing)
        probe_later(space);
    if (was_up)
        kv_set_reachable(&space->kv, false);
    starting_end(space, AMID_E_UNAVAILABLE);
}

int etcd_space_error(struct etcd_space *space, int error)
{
    if (space->is_closing)
        return error;
    if (error == AMID_E_UNAVAILABLE)
        link_down(space, "");
    else if (error == AMID_E_UNCERTAIN)
        etcd_space_probe(space);
    /* Of the node's rights, not of those of whoever asked. */
    return error == AMID_E_DENIED || error == AMID_E_PROTOCOL ? AMID_E_UNAVAILABLE : error;
}

int etcd_space_submit(struct etcd_space *space, struct etcd_op *op)
{
    op->space = space;
    if (space->is_closing)
        return AMID_E_CLOSED;
    if (space->state == ETCD_LINK_DOWN)
        return AMID_E_UNAVAILABLE;
    if (space->state == ETCD_LINK_UP)
        return op->run(op);
    if (space->ops >= ETCD_OPS_MAX || space->op_bytes + op->bytes > ETCD_OPS_MAX_BYTES)
        return AMID_E_BUSY;
    space->ops++;
    space->op_bytes += op->bytes;
    TAILQ_INSERT_TAIL(&space->starting, op, link);
    return 0;
}

/* 0 for a text that is no epoch. */
static uint16_t epoch_parse(const cJSON *kv)
{
    uint8_t *text;
    size_t len;
    unsigned long epoch = 0;

    if (etcd_member_bytes(kv, "value", EPOCH_MAX_BYTES, &text, &len) != 0)
        return 0;
    if (len > 0 && strspn((const char *)text, "0123456789") == len)
        epoch = strtoul((const char *)text, NULL, 10);
    free(text);
    return epoch > UINT16_MAX ? 0 : (uint16_t)epoch;
}

static void probe_done(void *arg, int error, const struct etcd_answer *answer);

static int probe_send(struct etcd_space *space, enum etcd_kind kind, const char *path,
                      struct buffer *body)
{
    size_t len;
    char *text = buffer_take(body, &len);
    int error = text == NULL ? AMID_E_NOMEM
                             : etcd_call(space->etcd, kind, path, text, len, probe_done, space);

    if (error == 0)
        space->is_probing = true;
    else
        probe_later(space);
    return error;
}

/* Written if the key still has this revision, 0 = there is none. Whether it was this node that
 * wrote it shows when it is read again. */
static void epoch_write(struct etcd_space *space, uint16_t epoch, int64_t over)
{
    char text[EPOCH_MAX_BYTES + 1];
    struct buffer body;

    snprintf(text, sizeof(text), "%u", (unsigned)epoch);
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_str(&body, "{\"compare\":[{\"target\":\"MOD\",");
    etcd_body_int64(&body, "mod_revision", over);
    buffer_append_char(&body, ',');
    etcd_body_key(&body, space, "key", epoch_key, sizeof(epoch_key));
    buffer_append_str(&body, "}],\"success\":[{\"request_put\":{");
    etcd_body_key(&body, space, "key", epoch_key, sizeof(epoch_key));
    buffer_append_char(&body, ',');
    etcd_body_bytes(&body, "value", text, strlen(text));
    buffer_append_str(&body, "}}]}");
    space->is_making = probe_send(space, ETCD_WRITE, "/v3/kv/txn", &body) == 0;
}

static void probe_read(struct etcd_space *space)
{
    struct buffer body;

    space->watcher.seen_at_probe = space->watcher.seen;
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_key(&body, space, "key", epoch_key, sizeof(epoch_key));
    buffer_append_char(&body, '}');
    (void)probe_send(space, ETCD_READ, "/v3/kv/range", &body);
}

static void epoch_take(struct etcd_space *space, uint16_t epoch, int64_t revision)
{
    bool has_changed = space->epoch != 0 && space->epoch != epoch;

    space->epoch = epoch;
    if (has_changed) {
        log_warn(&about, "the epoch in etcd is now %u", (unsigned)epoch);
        kv_publish_gap(&space->kv);
    }
    etcd_watcher_probed(space, revision);
    link_up(space);
    probe_later(space);
}

/* etcd was put back: what is written from here on would have versionstamps that are smaller than
 * those that are remembered, or the same. */
static bool must_raise(const struct etcd_space *space, uint16_t epoch, int64_t revision)
{
    return epoch == space->epoch && epoch < UINT16_MAX && etcd_watcher_is_ahead(space, revision);
}

static void probe_take(struct etcd_space *space, const cJSON *json)
{
    const cJSON *kv = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "kvs"), 0);
    uint16_t epoch = kv == NULL ? space->epoch : epoch_parse(kv);
    int64_t revision = etcd_header_revision(json);
    int64_t written = 0;

    (void)etcd_member_int64(kv, "mod_revision", &written);
    if (kv == NULL && epoch == 0 && revision > 0) {
        epoch_write(space, EPOCH_FIRST, 0); /* the first node of a network */
    } else if (revision <= 0 || epoch == 0) {
        link_down(space, "the epoch of the network is damaged, or a node's data are being moved "
                         "there");
        probe_later(space);
    } else if (must_raise(space, epoch, revision)) {
        log_error(&about,
                  "etcd is at an older revision than before, as after a restore from a backup: the "
                  "epoch of the network is raised to %u, and what this node holds is read again",
                  (unsigned)epoch + 1);
        epoch_write(space, (uint16_t)(epoch + 1), written);
    } else {
        epoch_take(space, epoch, revision);
    }
}

static void probe_done(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_space *space = arg;

    bool has_made = space->is_making;

    space->is_probing = false;
    space->is_making = false;
    if (space->is_closing)
        return;
    if (error != 0) {
        link_down(space, answer->fault);
        probe_later(space);
        return;
    }
    /* A transaction whose check failed answers as a read that found nothing. */
    if (has_made) {
        probe_read(space);
        return;
    }
    probe_take(space, answer->json);
}

void etcd_space_probe(struct etcd_space *space)
{
    if (space->is_probing || space->is_closing)
        return;
    timer_stop(&space->probe);
    probe_read(space);
}

static void probe_fire(void *arg)
{
    etcd_space_probe(arg);
}

void etcd_prefix(const char *network, struct etcd_space *space)
{
    int len = snprintf((char *)space->prefix, sizeof(space->prefix), "amid/%.*s/",
                       ETCD_NETWORK_MAX_BYTES, network);

    space->prefix_len = (size_t)len;
}

static int space_init(struct etcd_space *space, const struct etcd_space_settings *settings,
                      char *reason, size_t reason_size)
{
    etcd_prefix(settings->network, space);
    return etcd_open(space->base, space->timers, &settings->etcd, &space->etcd, reason,
                     reason_size);
}

int etcd_space_open(struct event_base *base, struct timers *timers,
                    const struct etcd_space_settings *settings, struct etcd_space **ret_space,
                    char *reason, size_t reason_size)
{
    struct etcd_space *space = calloc(1, sizeof(*space));

    if (space == NULL) {
        snprintf(reason, reason_size, "%s", error_text(AMID_E_NOMEM));
        return AMID_E_NOMEM;
    }
    space->base = base;
    space->timers = timers;
    int error = space_init(space, settings, reason, reason_size);
    if (error != 0) {
        free(space);
        return error;
    }
    kv_init(&space->kv, &etcd_backend, space, 0);
    space->kv.is_unreachable = true;
    TAILQ_INIT(&space->starting);
    TAILQ_INIT(&space->ordered);
    TAILQ_INIT(&space->unheard);
    TAILQ_INIT(&space->expiries);
    TAILQ_INIT(&space->leases);
    timer_init(&space->probe, timers, probe_fire, space);
    timer_init(&space->ack, timers, etcd_ack_fire, space);
    etcd_watcher_init(space);
    etcd_space_probe(space);
    *ret_space = space;
    return 0;
}

static void on_close_timeout(evutil_socket_t fd, short what, void *arg)
{
    bool *is_over = arg;

    (void)fd;
    (void)what;
    *is_over = true;
}

/* What holds up other nodes if it is not told. */
static void leases_settle(struct etcd_space *space)
{
    const struct timeval delay = {.tv_sec = ETCD_CLOSE_MS / 1000,
                                  .tv_usec = ETCD_CLOSE_MS % 1000 * 1000};
    bool is_over = false;
    struct event *timer = evtimer_new(space->base, on_close_timeout, &is_over);

    if (timer == NULL || evtimer_add(timer, &delay) != 0)
        is_over = true;
    while (space->ending > 0 && !is_over && event_base_loop(space->base, EVLOOP_ONCE) == 0)
        continue;
    if (timer != NULL)
        event_free(timer);
}

void etcd_space_close(struct etcd_space *space)
{
    if (space == NULL)
        return;
    leases_settle(space);
    space->is_closing = true;
    timer_stop(&space->probe);
    timer_stop(&space->ack);
    etcd_watcher_close(space);
    starting_end(space, AMID_E_CLOSED);
    etcd_close(space->etcd);
    etcd_commits_close(space);
    etcd_expiries_close(space);
    etcd_leases_close(space);
    kv_release(&space->kv);
    free(space);
}

struct kv *etcd_space_kv(struct etcd_space *space)
{
    return &space->kv;
}
