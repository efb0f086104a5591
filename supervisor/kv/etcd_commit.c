#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/etcd_space_internal.h"

#define JITTER_FIRST_MS 8 /* before a number is computed again; twice as much each time, to … */
#define JITTER_MAX_MS   256
#define LEASE_TRIES     2

/* The keys of a commit, as bits: what two have in common decides whether one waits. */
struct key_set {
    uint64_t words[ETCD_KEY_SET_WORDS];
};

struct etcd_commit {
    TAILQ_ENTRY(etcd_commit) link; /* in ordered or unheard */
    struct etcd_op op;
    struct kv_atomic *atomic;
    kv_commit_fn fn;
    void *arg;
    struct key_set touched;
    struct key_set written;
    bool is_begun;
    bool waits_for_lease;
    bool has_numbers;
    int doom; /* what it ends with if its checks hold; 0 = it is to be written */
    unsigned number_tries;
    unsigned lease_tries;
    struct timer again;
    struct etcd_expiry **expiries; /* owned, by mutation */
    struct etcd_before *befores;   /* owned, by mutation */
    size_t *record_lens;           /* owned: a number's value_len as it was asked for */
    int64_t revision;
    int64_t heard_by_ms; /* clock_mono_ms */
};

static struct etcd_commit *commit_of(struct etcd_op *op)
{
    return (struct etcd_commit *)((char *)op - offsetof(struct etcd_commit, op));
}

static struct etcd_txn txn_of(const struct etcd_commit *commit)
{
    return (struct etcd_txn){.space = commit->op.space,
                             .atomic = commit->atomic,
                             .expiries = commit->expiries,
                             .befores = commit->has_numbers ? commit->befores : NULL,
                             .only_checks = commit->doom != 0};
}

static void set_add(struct key_set *set, const struct kv *kv, const uint8_t *key, size_t len)
{
    uint64_t hash;
    uint8_t out[crypto_shorthash_BYTES];

    (void)crypto_shorthash(out, key, len, kv->watches.seed);
    memcpy(&hash, out, sizeof(hash));
    set->words[hash / 64 % ETCD_KEY_SET_WORDS] |= UINT64_C(1) << (hash % 64);
}

static bool sets_meet(const struct key_set *a, const struct key_set *b)
{
    uint64_t both = 0;

    for (size_t i = 0; i < ETCD_KEY_SET_WORDS; i++)
        both |= a->words[i] & b->words[i];
    return both != 0;
}

static void set_join(struct key_set *set, const struct key_set *other)
{
    for (size_t i = 0; i < ETCD_KEY_SET_WORDS; i++)
        set->words[i] |= other->words[i];
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

static void befores_free(struct etcd_commit *commit)
{
    for (size_t i = 0; i < commit->atomic->mutation_count; i++)
        etcd_entry_free(&commit->befores[i].entry);
}

/* All but the atomic. */
static void commit_free(struct etcd_commit *commit)
{
    if (commit->expiries != NULL && commit->befores != NULL) {
        expiries_leave(commit, false);
        befores_free(commit);
    }
    timer_stop(&commit->again);
    free(commit->expiries);
    free(commit->befores);
    free(commit->record_lens);
    free(commit);
}

static void commit_tell(struct etcd_commit *commit, int error)
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
    commit_tell(commit_of(op), error);
}

static void order_leave(struct etcd_commit *commit)
{
    struct etcd_space *space = commit->op.space;

    TAILQ_REMOVE(&space->ordered, commit, link);
    if (commit->is_begun)
        space->begun--;
}

static int commit_step(struct etcd_commit *commit);
static void commits_begin(struct etcd_space *space);

/* etcd has said all there is to say. */
static void commit_finish(struct etcd_commit *commit, int error)
{
    struct etcd_space *space = commit->op.space;

    order_leave(commit);
    commit_tell(commit, etcd_space_error(space, error));
    commits_begin(space);
}

static void unheard_add(struct etcd_commit *commit)
{
    struct etcd_space *space = commit->op.space;
    struct etcd_commit *before = TAILQ_LAST(&space->unheard, etcd_commits);

    while (before != NULL && before->revision > commit->revision)
        before = TAILQ_PREV(before, etcd_commits, link);
    if (before == NULL)
        TAILQ_INSERT_HEAD(&space->unheard, commit, link);
    else
        TAILQ_INSERT_AFTER(&space->unheard, before, commit, link);
    commit->heard_by_ms = clock_mono_ms() + ETCD_ACK_MS;
    if (!timer_is_pending(&space->ack) && timer_start(&space->ack, ETCD_ACK_MS) != 0)
        etcd_ack_fire(space);
}

void etcd_commits_heard(struct etcd_space *space)
{
    struct etcd_commit *commit;

    while ((commit = TAILQ_FIRST(&space->unheard)) != NULL &&
           commit->revision <= space->watcher.seen) {
        TAILQ_REMOVE(&space->unheard, commit, link);
        commit_tell(commit, 0);
    }
    if (TAILQ_EMPTY(&space->unheard))
        timer_stop(&space->ack);
}

/* It is durable, whatever the stream says. */
void etcd_ack_fire(void *arg)
{
    struct etcd_space *space = arg;
    struct etcd_commit *commit, *next;
    int64_t now_ms = clock_mono_ms();
    int64_t next_ms = INT64_MAX;
    bool is_late = false;

    for (commit = TAILQ_FIRST(&space->unheard); commit != NULL; commit = next) {
        next = TAILQ_NEXT(commit, link);
        if (commit->heard_by_ms <= now_ms) {
            is_late = true;
            commit->heard_by_ms = 0;
        } else if (commit->heard_by_ms < next_ms) {
            next_ms = commit->heard_by_ms;
        }
    }
    if (next_ms != INT64_MAX)
        (void)timer_start(&space->ack, next_ms - now_ms);
    if (!is_late)
        return;
    etcd_watcher_renew(space);
    while ((commit = TAILQ_FIRST(&space->unheard)) != NULL && commit->heard_by_ms == 0) {
        TAILQ_REMOVE(&space->unheard, commit, link);
        commit_tell(commit, 0);
    }
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
        commit_finish(commit, has_own ? AMID_E_LEASE_LOST : AMID_E_UNAVAILABLE);
        return;
    }
    int error = commit_step(commit);
    if (error != 0)
        commit_finish(commit, error);
}

static void race_lost(struct etcd_commit *commit)
{
    unsigned shift = commit->number_tries < 5 ? commit->number_tries : 5;
    uint32_t most_ms = JITTER_FIRST_MS << shift;

    if (++commit->number_tries >= ETCD_NUMBER_TRIES) {
        commit_finish(commit, AMID_E_BUSY);
        return;
    }
    if (most_ms > JITTER_MAX_MS)
        most_ms = JITTER_MAX_MS;
    if (timer_start(&commit->again, 1 + randombytes_uniform(most_ms)) != 0)
        commit_finish(commit, AMID_E_NOMEM);
}

static void txn_done(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_commit *commit = arg;
    struct etcd_space *space = commit->op.space;
    struct etcd_txn txn = txn_of(commit);
    bool is_written = false;
    bool lost_race = false;

    if (error == AMID_E_NOT_FOUND) {
        lease_unknown(commit);
        return;
    }
    if (error == 0 && !etcd_member_bool(answer->json, "succeeded"))
        error = etcd_txn_refusal(&txn, answer->json);
    else if (error == 0)
        error = etcd_txn_result(&txn, answer->json, &is_written, &lost_race);
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
        commit_finish(commit, error);
        return;
    }
    order_leave(commit);
    unheard_add(commit);
    commits_begin(space);
}

static int txn_send(struct etcd_commit *commit)
{
    struct etcd_txn txn = txn_of(commit);
    char *body;
    size_t len;
    int error = etcd_txn_body(&txn, &body, &len);

    return error != 0 ? error
                      : etcd_call(commit->op.space->etcd, ETCD_WRITE, "/v3/kv/txn", body, len,
                                  txn_done, commit);
}

/* The mutation of the same key that comes before, and which it supersedes. */
static struct kv_mutation *mutation_before(struct kv_atomic *atomic, size_t at)
{
    const struct kv_mutation *mutation = &atomic->mutations[at];

    while (at-- > 0) {
        struct kv_mutation *other = &atomic->mutations[at];
        if (other->key_len == mutation->key_len &&
            memcmp(other->key, mutation->key, mutation->key_len) == 0)
            return other;
    }
    return NULL;
}

/* As they were before they were computed, for the first time or again. */
static void numbers_reset(struct etcd_commit *commit)
{
    befores_free(commit);
    for (size_t i = 0; i < commit->atomic->mutation_count; i++) {
        struct kv_mutation *mutation = &commit->atomic->mutations[i];
        struct kv_mutation *before = mutation_before(commit->atomic, i);
        if (before != NULL)
            before->superseded = true;
        commit->befores[i] = (struct etcd_before){0};
        if (mutation->kind != KV_MUTATION_NUMBER)
            continue;
        commit->befores[i].is_read = before == NULL;
        free(mutation->computed);
        mutation->computed = NULL;
        mutation->value = (char *)mutation->key + mutation->key_len;
        mutation->value_len = commit->record_lens[i];
    }
}

/* Each number sees what the mutations before it leave. */
static int numbers_compute(struct etcd_commit *commit)
{
    int64_t now_ms = clock_real_ms();
    int error = 0;

    for (size_t i = 0; i < commit->atomic->mutation_count && error == 0; i++) {
        struct kv_mutation *mutation = &commit->atomic->mutations[i];
        const struct kv_mutation *before = mutation_before(commit->atomic, i);
        const struct kv_entry *entry = &commit->befores[i].entry.entry;
        if (mutation->kind != KV_MUTATION_NUMBER)
            continue;
        if (before == NULL)
            error = kv_number_compute(mutation, entry->value, entry->value_len, now_ms);
        else
            error = kv_number_compute(mutation, before->value, before->value_len, now_ms);
    }
    return error;
}

static int befores_read(struct etcd_commit *commit, const cJSON *answer)
{
    const cJSON *responses = cJSON_GetObjectItemCaseSensitive(answer, "responses");
    const cJSON *response = cJSON_IsArray(responses) ? responses->child : NULL;
    int error = 0;

    for (size_t i = 0; i < commit->atomic->mutation_count && error == 0; i++) {
        struct etcd_before *before = &commit->befores[i];
        if (!before->is_read)
            continue;
        const cJSON *range = cJSON_GetObjectItemCaseSensitive(response, "response_range");
        if (!cJSON_IsObject(range))
            return AMID_E_PROTOCOL;
        const cJSON *kv = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(range, "kvs"), 0);
        if (kv != NULL)
            error = etcd_entry_read(commit->op.space, kv, false, &before->entry);
        before->revision = kv == NULL || error != 0 ? 0 : before->entry.revision;
        response = response->next;
    }
    return error;
}

static void numbers_read(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_commit *commit = arg;

    if (error == 0)
        error = befores_read(commit, answer->json);
    if (error == 0) {
        int computed = numbers_compute(commit);
        /* A check that fails is told before that. */
        if (computed == AMID_E_INVALID || computed == AMID_E_TOO_LARGE)
            commit->doom = computed;
        else
            error = computed;
    }
    if (error == 0)
        error = txn_send(commit);
    if (error != 0)
        commit_finish(commit, error);
}

static int numbers_ask(struct etcd_commit *commit)
{
    struct etcd_txn txn = txn_of(commit);
    char *body;
    size_t len;

    numbers_reset(commit);
    int error = etcd_txn_read_body(&txn, &body, &len);
    return error != 0 ? error
                      : etcd_call(commit->op.space->etcd, ETCD_READ, "/v3/kv/txn", body, len,
                                  numbers_read, commit);
}

/* 0 and whether all leases are there. */
static int expiries_hold(struct etcd_commit *commit, bool *ret_ready)
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
static int commit_step(struct etcd_commit *commit)
{
    bool is_ready = false;
    int error = expiries_hold(commit, &is_ready);

    if (error != 0)
        return error;
    commit->waits_for_lease = !is_ready;
    if (!is_ready)
        return 0;
    return commit->has_numbers ? numbers_ask(commit) : txn_send(commit);
}

static void try_again(void *arg)
{
    struct etcd_commit *commit = arg;
    int error = commit_step(commit);

    if (error != 0)
        commit_finish(commit, error);
}

void etcd_commits_go_on(struct etcd_space *space)
{
    struct etcd_commit *commit;
    bool is_ready = false;

    do {
        TAILQ_FOREACH(commit, &space->ordered, link)
        {
            if (commit->waits_for_lease && (expiries_hold(commit, &is_ready) != 0 || is_ready))
                break;
        }
        if (commit == NULL)
            return;
        commit->waits_for_lease = false;
        try_again(commit);
    } while (true);
}

static int commit_begin(struct etcd_commit *commit)
{
    commit->is_begun = true;
    commit->op.space->begun++;
    return commit_step(commit);
}

/* Those that none before them stands in the way of. */
static void commits_begin(struct etcd_space *space)
{
    struct etcd_commit *commit;

    if (space->is_closing)
        return;
    do {
        struct key_set touched = {0}, written = {0};
        commit = NULL;
        if (space->begun >= ETCD_CALLS_PARALLEL)
            return;
        TAILQ_FOREACH(commit, &space->ordered, link)
        {
            if (!commit->is_begun && !sets_meet(&commit->written, &touched) &&
                !sets_meet(&commit->touched, &written))
                break;
            set_join(&touched, &commit->touched);
            set_join(&written, &commit->written);
        }
        int error = commit == NULL ? 0 : commit_begin(commit);
        if (error != 0) {
            order_leave(commit);
            commit_tell(commit, etcd_space_error(space, error));
        }
    } while (commit != NULL);
}

static int commit_run(struct etcd_op *op)
{
    struct etcd_commit *commit = commit_of(op);
    struct etcd_space *space = op->space;
    struct key_set touched = {0}, written = {0};
    const struct etcd_commit *other;

    TAILQ_FOREACH(other, &space->ordered, link)
    {
        set_join(&touched, &other->touched);
        set_join(&written, &other->written);
    }
    TAILQ_INSERT_TAIL(&space->ordered, commit, link);
    if (space->begun >= ETCD_CALLS_PARALLEL || sets_meet(&commit->written, &touched) ||
        sets_meet(&commit->touched, &written))
        return 0;
    int error = commit_begin(commit);
    if (error != 0)
        order_leave(commit);
    return error;
}

static void keys_collect(struct etcd_commit *commit, const struct kv *kv)
{
    const struct kv_atomic *atomic = commit->atomic;

    for (size_t i = 0; i < atomic->check_count; i++)
        set_add(&commit->touched, kv, atomic->checks[i].key, atomic->checks[i].key_len);
    for (size_t i = 0; i < atomic->mutation_count; i++) {
        set_add(&commit->written, kv, atomic->mutations[i].key, atomic->mutations[i].key_len);
        commit->has_numbers =
            commit->has_numbers || atomic->mutations[i].kind == KV_MUTATION_NUMBER;
        commit->record_lens[i] = atomic->mutations[i].value_len;
    }
    set_join(&commit->touched, &commit->written);
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
        .space = space, .bytes = atomic->bytes, .run = commit_run, .refuse = commit_refuse};
    timer_init(&commit->again, space->timers, try_again, commit);
    commit->expiries = calloc(count, sizeof(struct etcd_expiry *));
    commit->befores = calloc(count, sizeof(*commit->befores));
    commit->record_lens = calloc(count, sizeof(*commit->record_lens));
    if (commit->expiries == NULL || commit->befores == NULL || commit->record_lens == NULL) {
        commit_free(commit);
        return NULL;
    }
    keys_collect(commit, kv);
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

void etcd_commits_close(struct etcd_space *space)
{
    struct etcd_commit *commit;

    while ((commit = TAILQ_FIRST(&space->ordered)) != NULL) {
        order_leave(commit);
        commit_tell(commit, AMID_E_CLOSED);
    }
    while ((commit = TAILQ_FIRST(&space->unheard)) != NULL) {
        TAILQ_REMOVE(&space->unheard, commit, link);
        commit_tell(commit, 0);
    }
}
