#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/id.h"
#include "supervisor/cluster/election_internal.h"

/* Infos on their way; outlives the elections. */
struct elections_batch {
    struct elections *elections; /* NULL = closed */
};

static size_t bucket_of(const char *sid)
{
    return id_hash(sid) & (ELECTION_BUCKETS - 1);
}

struct election *elections_find(const struct elections *elections, const char *sid)
{
    struct election *election = elections->buckets[bucket_of(sid)];

    while (election != NULL && strcmp(election->sid, sid) != 0)
        election = election->next;
    return election;
}

void elections_add(struct elections *elections, struct election *election)
{
    struct election **bucket = &elections->buckets[bucket_of(election->sid)];

    election->next = *bucket;
    *bucket = election;
}

void elections_remove(struct elections *elections, struct election *election)
{
    struct election **at = &elections->buckets[bucket_of(election->sid)];

    while (*at != election)
        at = &(*at)->next;
    *at = election->next;
}

/* fn may not remove another than the one it gets. */
static void each(struct elections *elections, void (*fn)(struct election *election))
{
    for (size_t i = 0; i < ELECTION_BUCKETS; i++) {
        struct election *next;

        for (struct election *at = elections->buckets[i]; at != NULL; at = next) {
            next = at->next;
            fn(at);
        }
    }
}

const struct seat_item *elections_seat(const struct elections *elections, const char *sid)
{
    return (const struct seat_item *)mirror_find(elections->seats, sid);
}

const char *elections_leader(const struct elections *elections, const char *sid)
{
    const struct seat_item *seat = elections_seat(elections, sid);

    return seat == NULL || seat->item.is_gone ? NULL : seat->seat.nid;
}

const struct leader_info *elections_info(const struct elections *elections, const char *sid)
{
    const struct mirror_item *item = mirror_find(elections->infos, sid);

    return item == NULL || item->is_gone ? NULL : &((const struct info_item *)item)->info;
}

/* --- the deadlines --- */

static void follow_phase(struct election *election)
{
    struct deadline deadline = membership_deadline(election->elections->needs.membership);
    enum deadline_phase phase = deadline_phase(&deadline, clock_boot_ms());

    if (!election->is_held || election->phase == phase)
        return;
    election->phase = phase;
    if (phase == DEADLINE_KILL)
        election->handler.kill(election->handler.arg);
    election_tell(election);
}

/* Timers stand still while the machine is suspended, and the deadline does not: hence not later
 * than ELECTION_LOOK_MS. */
static void plan_look(struct elections *elections)
{
    struct deadline deadline = membership_deadline(elections->needs.membership);
    int64_t next_ms = deadline_next_ms(&deadline, clock_boot_ms());

    if (elections->held == 0)
        timer_stop(&elections->look);
    else
        timer_start(&elections->look,
                    next_ms > 0 && next_ms < ELECTION_LOOK_MS ? next_ms : ELECTION_LOOK_MS);
}

static void look(void *arg)
{
    struct elections *elections = arg;

    each(elections, follow_phase);
    plan_look(elections);
}

void elections_count(struct elections *elections, bool is_held)
{
    if (is_held)
        elections->held++;
    else
        elections->held--;
    if (elections->held == (is_held ? 1 : 0))
        plan_look(elections);
}

/* --- the infos --- */

static void batch_send(struct elections *elections);

static void batch_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct elections_batch *batch = arg;
    struct elections *elections = batch->elections;

    (void)stamp;
    free(batch);
    if (elections == NULL)
        return;
    elections->batch = NULL;
    /* What was not written is, at the next renewal: it is for display. */
    if (error == 0 || error == AMID_E_LEASE_LOST)
        batch_send(elections);
}

/* Fenced one by one, so that nothing is written over a successor's. */
static int batch_add(struct kv_atomic *atomic, struct election *election)
{
    const struct kv_lease *lease = membership_lease(election->elections->needs.membership);
    struct kv_key key;
    int error = seat_key(&key, election->sid);

    election->info.renewed_ms = clock_real_ms() - (clock_boot_ms() - kv_lease_confirmed_ms(lease));
    election->info.expires_ms = election->info.renewed_ms + kv_lease_ttl_ms(lease);
    if (error == 0)
        error = kv_atomic_fence(atomic, &key, &election->stamp);
    return error != 0 ? error : election_add_info(atomic, election->sid, &election->info);
}

static size_t batch_fill(struct elections *elections, struct kv_atomic *atomic)
{
    size_t count = 0;

    for (size_t i = 0; i < ELECTION_BUCKETS; i++) {
        for (struct election *at = elections->buckets[i]; at != NULL; at = at->next) {
            if (!election_is_held(at) || at->round == elections->round)
                continue;
            if (count == KV_ATOMIC_MAX_OPS)
                return count;
            at->round = elections->round;
            count += batch_add(atomic, at) == 0;
        }
    }
    return count;
}

static void batch_send(struct elections *elections)
{
    struct elections_batch *batch = calloc(1, sizeof(*batch));
    struct kv_atomic *atomic = kv_atomic_new();
    bool is_full = batch != NULL && atomic != NULL &&
                   membership_lease(elections->needs.membership) != NULL &&
                   batch_fill(elections, atomic) > 0;

    if (!is_full)
        kv_atomic_free(atomic);
    if (!is_full || kv_commit(elections->needs.net, atomic, batch_done, batch) != 0) {
        free(batch);
        return;
    }
    batch->elections = elections;
    elections->batch = batch;
}

static void renew_infos(struct elections *elections)
{
    if (elections->batch != NULL)
        return;
    elections->round++;
    batch_send(elections);
}

/* --- what is heard --- */

/* What waited for its next try need not any more. */
static void go_on(struct election *election)
{
    if (election->writing == NULL)
        timer_stop(&election->timer);
    election_go_on(election);
}

static void seat_changed(void *arg, struct mirror_item *item, const struct kv_entry *entry)
{
    struct elections *elections = arg;
    struct seat_item *seat = (struct seat_item *)item;
    struct election *election = elections_find(elections, item->name);

    item->is_kept = election != NULL;
    if (entry->value != NULL && seat_from_json(entry->value, entry->value_len, &seat->seat) != 0) {
        seat->seat = (struct seat){.lease = 0};
        snprintf(seat->seat.nid, sizeof(seat->seat.nid), "unknown");
    }
    if (election == NULL)
        return;
    go_on(election);
    election_tell(election);
}

static void info_changed(void *arg, struct mirror_item *item, const struct kv_entry *entry)
{
    struct info_item *info = (struct info_item *)item;

    (void)arg;
    if (entry->value != NULL &&
        leader_info_from_json(entry->value, entry->value_len, &info->info) != 0)
        info->info = (struct leader_info){.elected_ms = 0};
}

static void lose_seat(struct election *election)
{
    if (!election->is_held)
        return;
    election->handler.kill(election->handler.arg);
    election_lose(election);
}

static void member_event(void *arg, enum membership_event event)
{
    struct elections *elections = arg;

    switch (event) {
    case MEMBERSHIP_LOST:
        each(elections, lose_seat);
        break;
    case MEMBERSHIP_RENEWED:
        look(elections);
        renew_infos(elections);
        break;
    case MEMBERSHIP_JOINED:
        each(elections, go_on);
        break;
    default:
        break;
    }
}

static int open_mirror(struct elections *elections, const char *first, const char *second,
                       size_t item_bytes,
                       void (*changed)(void *, struct mirror_item *, const struct kv_entry *),
                       struct mirror **ret_mirror)
{
    const struct mirror_needs needs = {.kv = elections->needs.net,
                                       .timers = elections->needs.timers,
                                       .first = first,
                                       .second = second,
                                       .item_bytes = item_bytes,
                                       .items_max = ELECTIONS_MAX,
                                       .changed = changed,
                                       .arg = elections};

    return mirror_open(&needs, ret_mirror);
}

int elections_open(const struct elections_needs *needs, struct elections **ret_elections)
{
    struct elections *elections = calloc(1, sizeof(*elections));
    int error;

    if (elections == NULL)
        return AMID_E_NOMEM;
    elections->needs = *needs;
    timer_init(&elections->look, needs->timers, look, elections);
    error = open_mirror(elections, "ami", "leader", sizeof(struct seat_item), seat_changed,
                        &elections->seats);
    if (error == 0)
        error = open_mirror(elections, "leader", "info", sizeof(struct info_item), info_changed,
                            &elections->infos);
    if (error == 0)
        error = membership_watch(needs->membership, member_event, elections);
    if (error != 0) {
        elections_close(elections);
        return error;
    }
    *ret_elections = elections;
    return 0;
}

void elections_close(struct elections *elections)
{
    if (elections == NULL)
        return;
    timer_stop(&elections->look);
    membership_unwatch(elections->needs.membership, elections);
    if (elections->batch != NULL)
        elections->batch->elections = NULL;
    mirror_close(elections->seats);
    mirror_close(elections->infos);
    free(elections);
}
