#include <stdlib.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/etcd_space_internal.h"

/*
 * Leases for entries with expireIn. Deadlines are rounded up, to a second or to a part of the time
 * that is left, and entries whose deadlines fall together share a lease: there are about
 * 2 * ETCD_EXPIRY_PARTS of them for each doubling of the time, whatever the number of entries. A
 * lease never ends before its deadline, and with etcd's own least TTL and rounding up to 3 s later.
 */
#define SECOND_MS      1000
#define BODY_MAX_BYTES 128

/* The next deadline, seen from now, that others share. */
static int64_t deadline_round(int64_t now_ms, int64_t expire_in_ms)
{
    int64_t step_ms = SECOND_MS;

    while (expire_in_ms / step_ms >= (int64_t)2 * ETCD_EXPIRY_PARTS)
        step_ms *= 2;
    return (now_ms + expire_in_ms + step_ms - 1) / step_ms * step_ms;
}

static void expiry_unlist(struct etcd_expiry *expiry)
{
    if (expiry->is_listed)
        TAILQ_REMOVE(&expiry->space->expiries, expiry, link);
    expiry->is_listed = false;
}

static void expiry_granted(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_expiry *expiry = arg;
    struct etcd_space *space = expiry->space;
    int64_t id = 0;

    if (error == 0)
        error = etcd_member_int64(answer->json, "ID", &id);
    if (error == 0 && id == 0)
        error = AMID_E_PROTOCOL;
    expiry->id = id;
    expiry->error = error == 0 ? 0 : etcd_space_error(space, error);
    if (error != 0)
        expiry_unlist(expiry);
    if (!space->is_closing)
        etcd_commits_go_on(space);
    etcd_expiry_leave(expiry); /* it was the request's as well */
}

static int expiry_ask(struct etcd_expiry *expiry, int64_t now_ms)
{
    struct buffer body;
    size_t len;

    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_int64(&body, "TTL", (expiry->deadline_ms - now_ms + SECOND_MS - 1) / SECOND_MS);
    buffer_append_char(&body, '}');
    char *text = buffer_take(&body, &len);
    if (text == NULL)
        return AMID_E_NOMEM;
    /* One that is granted twice ends by itself: the request may be repeated. */
    return etcd_call(expiry->space->etcd, ETCD_READ, "/v3/lease/grant", text, len, expiry_granted,
                     expiry);
}

/* Those that nobody can share any more, as every new deadline is later. */
static void expiries_prune(struct etcd_space *space, int64_t now_ms)
{
    struct etcd_expiry *expiry, *next;

    for (expiry = TAILQ_FIRST(&space->expiries); expiry != NULL; expiry = next) {
        next = TAILQ_NEXT(expiry, link);
        if (expiry->deadline_ms <= now_ms && expiry->users == 0) {
            expiry_unlist(expiry);
            free(expiry);
        }
    }
}

struct etcd_expiry *etcd_expiry_hold(struct etcd_space *space, int64_t expire_in_ms)
{
    int64_t now_ms = clock_boot_ms();
    int64_t deadline_ms = deadline_round(now_ms, expire_in_ms);
    struct etcd_expiry *expiry;

    expiries_prune(space, now_ms);
    TAILQ_FOREACH(expiry, &space->expiries, link)
    {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): a freed one is no longer in the list
        if (expiry->deadline_ms == deadline_ms) {
            expiry->users++;
            return expiry;
        }
    }
    expiry = calloc(1, sizeof(*expiry));
    if (expiry == NULL)
        return NULL;
    *expiry = (struct etcd_expiry){
        .space = space, .deadline_ms = deadline_ms, .is_listed = true, .users = 2};
    TAILQ_INSERT_TAIL(&space->expiries, expiry, link);
    expiry->error = expiry_ask(expiry, now_ms);
    if (expiry->error != 0) {
        expiry_unlist(expiry);
        expiry->users = 1;
    }
    return expiry;
}

void etcd_expiry_leave(struct etcd_expiry *expiry)
{
    if (--expiry->users == 0 && !expiry->is_listed)
        free(expiry);
}

void etcd_expiry_drop(struct etcd_expiry *expiry)
{
    expiry_unlist(expiry);
}

void etcd_expiries_close(struct etcd_space *space)
{
    struct etcd_expiry *expiry, *next;

    for (expiry = TAILQ_FIRST(&space->expiries); expiry != NULL; expiry = next) {
        next = TAILQ_NEXT(expiry, link);
        free(expiry);
    }
    TAILQ_INIT(&space->expiries);
}
