#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/etcd_commit_internal.h"

#define JITTER_FIRST_MS 8 /* before a number is computed again; twice as much each time, to … */
#define JITTER_MAX_MS   256
#define LEASE_TRIES     2

static struct etcd_commit *commit_of(struct etcd_op *op)
{
    return (struct etcd_commit *)((char *)op - offsetof(struct etcd_commit, op));
}

struct etcd_txn etcd_commit_txn(const struct etcd_commit *commit)
{
    return (struct etcd_txn){.space = commit->op.space,
                             .atomic = commit->atomic,
                             .expiries = commit->expiries,
                             .befores = commit->has_numbers ? commit->befores : NULL,
                             .only_checks = commit->doom != 0};
}

static void expiries_leave(struct etcd_commit *commit, bool are_lost)
{
    for (size_t i = 0; i < commit->atomic->mutation_count; i++) {
        struct etcd_expiry *expiry = commit->expiries[i];
        commit->expiries[i] = NULL;
        if (expiry == NULL)
            continue;
        if (are_lost)
            etcd_expiry_drop(expiry);
        etcd_expiry_leave(expiry);
    }
}

/* All but the atomic. */
static void commit_free(struct etcd_commit *commit)
{
    if (commit->expiries != NULL && commit->befores != NULL) {
        expiries_leave(commit, false);
        etcd_numbers_free(commit);
    }
    timer_stop(&commit->again);
    free(commit->expiries);
    free(commit->befores);
    free(commit->record_lens);
    free(commit);
}

void etcd_commit_tell(struct etcd_commit *commit, int error)
{
    struct etcd_space *space = commit->op.space;
    struct kv_atomic *atomic = commit->atomic;
    struct kv_versionstamp stamp;

    space->ops--;
    space->op_bytes -= commit->op.bytes;
    etcd_stamp(space, commit->revision, &stamp);
    if (commit->fn != NULL)
        commit->fn(commit->arg, error, error == 0 ? &stamp : NULL);
    commit_free(commit);
    kv_atomic_free(atomic);
}

static void commit_refuse(struct etcd_op *op, int error)
{
    etcd_commit_tell(commit_of(op), error);
}

/* A lease has gone between its being held and the commit. */
static void lease_unknown(struct etcd_commit *commit)
{
    bool has_own = false;
    bool has_shared = false;

    for (size_t i = 0; i < commit->atomic->mutation_count; i++) {
        has_own = has_own || commit->atomic->mutations[i].lease_id != 0;
        has_shared = has_shared || commit->expiries[i] != NULL;
    }
    expiries_leave(commit, true);
    if (!has_shared || ++commit->lease_tries >= LEASE_TRIES) {
        etcd_order_finish(commit, has_own ? AMID_E_LEASE_LOST : AMID_E_UNAVAILABLE);
        return;
    }
    int error = etcd_commit_step(commit);
    if (error != 0)
        etcd_order_finish(commit, error);
}

static void race_lost(struct etcd_commit *commit)
{
    unsigned shift = commit->number_tries < 5 ? commit->number_tries : 5;
    uint32_t most_ms = (uint32_t)JITTER_FIRST_MS << shift;

    if (++commit->number_tries >= ETCD_NUMBER_TRIES) {
        etcd_order_finish(commit, AMID_E_BUSY);
        return;
    }
    if (most_ms > JITTER_MAX_MS)
        most_ms = JITTER_MAX_MS;
    if (timer_start(&commit->again, 1 + randombytes_uniform(most_ms)) != 0)
        etcd_order_finish(commit, AMID_E_NOMEM);
}

static void txn_done(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_commit *commit = arg;
    struct etcd_space *space = commit->op.space;
    struct etcd_txn txn = etcd_commit_txn(commit);
    bool is_written = false;
    bool lost_race = false;

    if (error == AMID_E_NOT_FOUND) {
        lease_unknown(commit);
        return;
    }
    if (error == 0 && !etcd_member_bool(answer->json, "succeeded"))
        error = etcd_txn_refusal(&txn, answer->json);
    else if (error == 0 && etcd_txn_result(&txn, answer->json, &is_written, &lost_race) != 0)
        error = AMID_E_UNCERTAIN;
    if (error == 0)
        error = commit->doom;
    if (error == 0 && lost_race) {
        race_lost(commit);
        return;
    }
    commit->revision = error == 0 ? etcd_header_revision(answer->json) : 0;
    if (error == 0 && commit->revision == 0)
        error = AMID_E_UNCERTAIN; /* an answer that is none */
    if (error != 0 || !is_written || commit->revision <= space->watcher.seen) {
        etcd_order_finish(commit, error);
        return;
    }
    etcd_order_written(commit);
}

int etcd_commit_send(struct etcd_commit *commit)
{
    struct etcd_txn txn = etcd_commit_txn(commit);
    char *body;
    size_t len;
    int error = etcd_txn_body(&txn, &body, &len);

    return error != 0 ? error
                      : etcd_call(commit->op.space->etcd, ETCD_WRITE, "/v3/kv/txn", body, len,
                                  txn_done, commit);
}

/* 0 and whether all leases are there. */
int etcd_commit_expiries(struct etcd_commit *commit, bool *ret_ready)
{
    bool is_ready = true;
    int error = 0;

    for (size_t i = 0; i < commit->atomic->mutation_count && error == 0; i++) {
        const struct kv_mutation *mutation = &commit->atomic->mutations[i];
        if (mutation->value == NULL || mutation->expire_in_ms == 0)
            continue;
        if (commit->expiries[i] == NULL)
            commit->expiries[i] = etcd_expiry_hold(commit->op.space, mutation->expire_in_ms);
        if (commit->expiries[i] == NULL)
            return AMID_E_NOMEM;
        error = commit->expiries[i]->error;
        is_ready = is_ready && commit->expiries[i]->id != 0;
    }
    *ret_ready = is_ready;
    return error;
}

/* Goes on as far as it can. */
int etcd_commit_step(struct etcd_commit *commit)
{
    bool is_ready = false;
    int error = etcd_commit_expiries(commit, &is_ready);

    if (error != 0)
        return error;
    commit->waits_for_lease = !is_ready;
    if (!is_ready)
        return 0;
    return commit->has_numbers ? etcd_numbers_ask(commit) : etcd_commit_send(commit);
}

void etcd_commit_try(void *arg)
{
    struct etcd_commit *commit = arg;
    int error = etcd_commit_step(commit);

    if (error != 0)
        etcd_order_finish(commit, error);
}

static struct etcd_commit *commit_new(struct kv *kv, struct kv_atomic *atomic)
{
    struct etcd_space *space = kv->store;
    struct etcd_commit *commit = calloc(1, sizeof(*commit));

    if (commit == NULL)
        return NULL;
    size_t count = atomic->mutation_count + 1;
    commit->atomic = atomic;
    commit->op = (struct etcd_op){
        .space = space, .bytes = atomic->bytes, .run = etcd_order_run, .refuse = commit_refuse};
    timer_init(&commit->again, space->timers, etcd_commit_try, commit);
    commit->expiries = calloc(count, sizeof(struct etcd_expiry *));
    commit->befores = calloc(count, sizeof(*commit->befores));
    commit->record_lens = calloc(count, sizeof(*commit->record_lens));
    if (commit->expiries == NULL || commit->befores == NULL || commit->record_lens == NULL) {
        commit_free(commit);
        return NULL;
    }
    etcd_order_collect(commit, kv);
    return commit;
}

int etcd_space_commit(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg)
{
    struct etcd_space *space = kv->store;
    struct etcd_commit *commit;

    /* The audit table is the node's own. */
    if (atomic->notes != NULL || atomic->trim.is_wanted)
        return AMID_E_UNSUPPORTED;
    if (space->ops >= ETCD_OPS_MAX || space->op_bytes + atomic->bytes > ETCD_OPS_MAX_BYTES)
        return AMID_E_BUSY;
    commit = commit_new(kv, atomic);
    if (commit == NULL)
        return AMID_E_NOMEM;
    commit->fn = fn;
    commit->arg = arg;
    int error = etcd_space_submit(space, &commit->op);
    if (error != 0) {
        commit_free(commit);
        return error;
    }
    space->ops++;
    space->op_bytes += commit->op.bytes;
    return 0;
}
