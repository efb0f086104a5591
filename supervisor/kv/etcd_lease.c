#include <stdlib.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/kv/etcd_space_internal.h"

#define SECOND_MS      1000
#define TTL_MAX_MS     (INT64_C(24) * 3600 * SECOND_MS)
#define BODY_MAX_BYTES 128

struct etcd_lease {
    struct kv_lease lease; /* first */
    TAILQ_ENTRY(etcd_lease) link;
    struct etcd_space *space;
    int64_t wanted_ms;
    int64_t renew_ms;
    struct timer timer; /* to ask, or when the time without an answer is over */
    int64_t ask_at_ms;  /* clock_boot_ms */
    bool is_asking;     /* for the lease or its renewal */
    bool is_freed;      /* with the answer */
    kv_lease_fn fn;
    void *arg;
};

static const struct log_about about = {.event = "cluster"};

static void lease_timer_set(struct etcd_lease *lease)
{
    int64_t now_ms = clock_boot_ms();
    int64_t until_ms = lease->ask_at_ms;

    if (lease->lease.id != 0 &&
        (lease->is_asking || lease->lease.confirmed_ms + lease->lease.ttl_ms < until_ms))
        until_ms = lease->lease.confirmed_ms + lease->lease.ttl_ms;
    else if (lease->is_asking)
        return;
    if (timer_start(&lease->timer, until_ms - now_ms) != 0)
        log_error(&about, "no memory for the timer of a lease");
}

static void lease_lost(struct etcd_lease *lease)
{
    lease->lease.id = 0;
    lease->ask_at_ms = clock_boot_ms();
    lease->fn(lease->arg, KV_LEASE_LOST);
}

static int id_call(struct etcd_space *space, const char *path, const char *name, int64_t number,
                   etcd_fn fn, void *arg)
{
    struct buffer body;
    size_t len;

    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_int64(&body, name, number);
    buffer_append_char(&body, '}');
    char *text = buffer_take(&body, &len);
    /* Each may be repeated: one lease too many ends by itself, the others have no second effect. */
    return text == NULL ? AMID_E_NOMEM
                        : etcd_call(space->etcd, ETCD_READ, path, text, len, fn, arg);
}

static void ended(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_space *space = arg;

    (void)error;
    (void)answer;
    space->ending--;
}

static void lease_end_quietly(struct etcd_space *space, int64_t id)
{
    if (!space->is_closing && id_call(space, "/v3/lease/revoke", "ID", id, ended, space) == 0)
        space->ending++;
}

static void lease_drop(struct etcd_lease *lease)
{
    TAILQ_REMOVE(&lease->space->leases, lease, link);
    timer_stop(&lease->timer);
    free(lease);
}

/* Of a grant or a renewal: 0 and how long it lasts from when it was sent. */
static int answer_read(const cJSON *json, int64_t *ret_id, int64_t *ret_ttl_ms)
{
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(json, "result");
    int64_t ttl = 0;
    int error = etcd_member_int64(result == NULL ? json : result, "ID", ret_id);

    if (error == 0)
        error = etcd_member_int64(result == NULL ? json : result, "TTL", &ttl);
    if (error == 0 && (ttl < 0 || ttl > TTL_MAX_MS / SECOND_MS))
        error = AMID_E_PROTOCOL;
    *ret_ttl_ms = ttl * SECOND_MS;
    return error;
}

static void lease_confirm(struct etcd_lease *lease, int64_t id, int64_t ttl_ms, int64_t sent_ms)
{
    bool is_new = lease->lease.id == 0;

    if (lease->space->state == ETCD_LINK_DOWN)
        etcd_space_probe(lease->space);
    lease->lease.id = id;
    lease->lease.ttl_ms = ttl_ms;
    lease->lease.confirmed_ms = sent_ms;
    lease->ask_at_ms = sent_ms + lease->renew_ms;
    lease->fn(lease->arg, is_new ? KV_LEASE_GRANTED : KV_LEASE_RENEWED);
}

static void granted(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_lease *lease = arg;
    struct etcd_space *space = lease->space;
    int64_t id = 0, ttl_ms = 0;

    lease->is_asking = false;
    if (error == 0)
        error = answer_read(answer->json, &id, &ttl_ms);
    if (error == 0 && (id == 0 || ttl_ms == 0))
        error = AMID_E_PROTOCOL;
    if (lease->is_freed || space->is_closing) {
        if (error == 0)
            lease_end_quietly(space, id);
        if (lease->is_freed)
            lease_drop(lease);
        return;
    }
    lease->ask_at_ms = clock_boot_ms() + KV_LEASE_RETRY_MS;
    if (error != 0)
        (void)etcd_space_error(space, error);
    else if (clock_boot_ms() - answer->sent_boot_ms >= ttl_ms)
        lease_end_quietly(space, id); /* over before it was answered */
    else
        lease_confirm(lease, id, ttl_ms, answer->sent_boot_ms);
    lease_timer_set(lease);
}

static void renewal_take(struct etcd_lease *lease, int error, const struct etcd_answer *answer)
{
    int64_t id = 0, ttl_ms = 0;

    if (error == 0)
        error = answer_read(answer->json, &id, &ttl_ms);
    lease->ask_at_ms = clock_boot_ms() + KV_LEASE_RETRY_MS;
    bool is_held = lease->lease.id != 0; /* its time may have passed in the meantime */
    if (error != 0 && error != AMID_E_NOT_FOUND)
        (void)etcd_space_error(lease->space, error);
    else if (is_held && id == lease->lease.id && ttl_ms > 0)
        lease_confirm(lease, id, ttl_ms, answer->sent_boot_ms);
    else if (is_held)
        lease_lost(lease);
    else if (ttl_ms > 0)
        lease_end_quietly(lease->space, id);
    lease_timer_set(lease);
}

static void renewed(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_lease *lease = arg;

    lease->is_asking = false;
    if (lease->is_freed)
        lease_drop(lease);
    else if (!lease->space->is_closing)
        renewal_take(lease, error, answer);
}

static void lease_ask(struct etcd_lease *lease)
{
    int64_t ttl_s = (lease->wanted_ms + SECOND_MS - 1) / SECOND_MS;
    bool is_held = lease->lease.id != 0;
    int error = is_held ? id_call(lease->space, "/v3/lease/keepalive", "ID", lease->lease.id,
                                  renewed, lease)
                        : id_call(lease->space, "/v3/lease/grant", "TTL", ttl_s, granted, lease);

    lease->is_asking = error == 0;
    if (error != 0)
        lease->ask_at_ms = clock_boot_ms() + KV_LEASE_RETRY_MS;
}

static void lease_fire(void *arg)
{
    struct etcd_lease *lease = arg;
    int64_t now_ms = clock_boot_ms();

    if (lease->lease.id != 0 && now_ms - lease->lease.confirmed_ms >= lease->lease.ttl_ms)
        lease_lost(lease);
    if (!lease->is_asking && now_ms >= lease->ask_at_ms)
        lease_ask(lease);
    lease_timer_set(lease);
}

int etcd_space_lease_new(struct kv *kv, int64_t ttl_ms, int64_t renew_ms, kv_lease_fn fn, void *arg,
                         struct kv_lease **ret_lease)
{
    struct etcd_space *space = kv->store;
    struct etcd_lease *lease;

    if (ttl_ms <= 0 || ttl_ms > TTL_MAX_MS || renew_ms <= 0 || renew_ms >= ttl_ms)
        return AMID_E_INVALID;
    lease = calloc(1, sizeof(*lease));
    if (lease == NULL)
        return AMID_E_NOMEM;
    *lease = (struct etcd_lease){.lease = {.kv = kv, .ttl_ms = ttl_ms},
                                 .space = space,
                                 .wanted_ms = ttl_ms,
                                 .renew_ms = renew_ms,
                                 .ask_at_ms = clock_boot_ms(),
                                 .fn = fn,
                                 .arg = arg};
    timer_init(&lease->timer, space->timers, lease_fire, lease);
    if (timer_start(&lease->timer, 0) != 0) {
        free(lease);
        return AMID_E_NOMEM;
    }
    TAILQ_INSERT_TAIL(&space->leases, lease, link);
    *ret_lease = &lease->lease;
    return 0;
}

void etcd_space_lease_free(struct kv_lease *held)
{
    struct etcd_lease *lease = (struct etcd_lease *)held;

    if (held->id != 0)
        lease_end_quietly(lease->space, held->id);
    held->id = 0;
    timer_stop(&lease->timer);
    if (lease->is_asking)
        lease->is_freed = true;
    else
        lease_drop(lease);
}

struct lease_end {
    struct etcd_space *space;
    void (*fn)(void *arg, int error);
    void *arg;
};

static void lease_ended(void *arg, int error, const struct etcd_answer *answer)
{
    struct lease_end *end = arg;

    (void)answer;
    if (error == AMID_E_NOT_FOUND)
        error = 0;
    end->fn(end->arg, error == 0 ? 0 : etcd_space_error(end->space, error));
    free(end);
}

int etcd_space_lease_end(struct kv *kv, int64_t id, void (*fn)(void *arg, int error), void *arg)
{
    struct lease_end *end = malloc(sizeof(*end));

    if (end == NULL)
        return AMID_E_NOMEM;
    *end = (struct lease_end){.space = kv->store, .fn = fn, .arg = arg};
    int error = id_call(kv->store, "/v3/lease/revoke", "ID", id, lease_ended, end);
    if (error != 0)
        free(end);
    return error;
}

void etcd_leases_close(struct etcd_space *space)
{
    struct etcd_lease *lease, *next;

    for (lease = TAILQ_FIRST(&space->leases); lease != NULL; lease = next) {
        next = TAILQ_NEXT(lease, link);
        lease_drop(lease);
    }
}
