#include <sodium.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/etcd_commit_internal.h"

/*
 * Which commits are under way: those of one key one after the other, in the order asked for, others
 * beside each other; and those that etcd has written and the stream of changes has not told.
 */

static void set_add(struct etcd_key_set *set, const struct kv *kv, const uint8_t *key, size_t len)
{
    uint64_t hash;
    uint8_t out[crypto_shorthash_BYTES];

    (void)crypto_shorthash(out, key, len, kv->watches.seed);
    memcpy(&hash, out, sizeof(hash));
    set->words[hash / 64 % ETCD_KEY_SET_WORDS] |= UINT64_C(1) << (hash % 64);
}

static bool sets_meet(const struct etcd_key_set *a, const struct etcd_key_set *b)
{
    uint64_t both = 0;

    for (size_t i = 0; i < ETCD_KEY_SET_WORDS; i++)
        both |= a->words[i] & b->words[i];
    return both != 0;
}

static void set_join(struct etcd_key_set *set, const struct etcd_key_set *other)
{
    for (size_t i = 0; i < ETCD_KEY_SET_WORDS; i++)
        set->words[i] |= other->words[i];
}

static void order_leave(struct etcd_commit *commit)
{
    struct etcd_space *space = commit->op.space;

    TAILQ_REMOVE(&space->ordered, commit, link);
    if (commit->is_begun)
        space->begun--;
}

static int commit_begin(struct etcd_commit *commit)
{
    commit->is_begun = true;
    commit->op.space->begun++;
    return etcd_commit_step(commit);
}

/* Those that none before them stands in the way of. */
static void commits_begin(struct etcd_space *space)
{
    struct etcd_commit *commit;

    if (space->is_closing)
        return;
    do {
        struct etcd_key_set touched = {0}, written = {0};
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
            etcd_commit_tell(commit, etcd_space_error(space, error));
        }
    } while (commit != NULL);
}

/* etcd has said all there is to say. */
void etcd_order_finish(struct etcd_commit *commit, int error)
{
    struct etcd_space *space = commit->op.space;

    order_leave(commit);
    etcd_commit_tell(commit, etcd_space_error(space, error));
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
        etcd_commit_tell(commit, 0);
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
        etcd_commit_tell(commit, 0);
    }
}

void etcd_order_written(struct etcd_commit *commit)
{
    struct etcd_space *space = commit->op.space;

    order_leave(commit);
    unheard_add(commit);
    commits_begin(space);
}

void etcd_commits_go_on(struct etcd_space *space)
{
    struct etcd_commit *commit;
    bool is_ready = false;

    do {
        TAILQ_FOREACH(commit, &space->ordered, link)
        {
            if (commit->waits_for_lease &&
                (etcd_commit_expiries(commit, &is_ready) != 0 || is_ready))
                break;
        }
        if (commit == NULL)
            return;
        commit->waits_for_lease = false;
        etcd_commit_try(commit);
    } while (true);
}

int etcd_order_run(struct etcd_op *op)
{
    struct etcd_commit *commit =
        (struct etcd_commit *)((char *)op - offsetof(struct etcd_commit, op));
    struct etcd_space *space = op->space;
    struct etcd_key_set touched = {0}, written = {0};
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

void etcd_order_collect(struct etcd_commit *commit, const struct kv *kv)
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

void etcd_commits_close(struct etcd_space *space)
{
    struct etcd_commit *commit;

    while ((commit = TAILQ_FIRST(&space->ordered)) != NULL) {
        order_leave(commit);
        etcd_commit_tell(commit, AMID_E_CLOSED);
    }
    while ((commit = TAILQ_FIRST(&space->unheard)) != NULL) {
        TAILQ_REMOVE(&space->unheard, commit, link);
        etcd_commit_tell(commit, 0);
    }
}
