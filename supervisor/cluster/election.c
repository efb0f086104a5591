#include "supervisor/cluster/election.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/cluster/election_internal.h"

/* A write about a seat under way; outlives the election. */
struct election_write {
    struct election *election; /* NULL = detached */
    struct kv *net;
    char sid[ID_UUID_LEN + 1];
    int64_t lease; /* under which the seat is taken */
    struct leader_info info;
    bool is_end;
};

static struct log_about about_of(const struct election *election)
{
    return (struct log_about){.event = "lease", .sid = election->sid};
}

static bool same_stamp(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void election_tell(struct election *election)
{
    election->handler.changed(election->handler.arg);
}

static int64_t jitter(void)
{
    return (int64_t)randombytes_uniform(ELECTION_JITTER_MS + 1);
}

static void set_held(struct election *election, bool is_held)
{
    if (election->is_held == is_held)
        return;
    election->is_held = is_held;
    if (!is_held)
        election->over = election->stamp;
    elections_count(election->elections, is_held);
}

static void try_later(struct election *election)
{
    timer_start(&election->timer, KV_LEASE_RETRY_MS);
}

/* --- taking and giving up --- */

static void take_seat(struct election *election, const struct kv_versionstamp *stamp, int64_t lease,
                      const struct leader_info *info)
{
    struct log_about about = about_of(election);

    election->stamp = *stamp;
    election->lease = lease;
    election->info = *info;
    election->phase = DEADLINE_FREE;
    set_held(election, true);
    if (!election->is_wanted) { /* not any more */
        election->is_ending = true;
        return;
    }
    log_info(&about, "This node leads");
    election_tell(election);
}

void election_lose(struct election *election)
{
    struct log_about about = about_of(election);

    if (!election->is_held)
        return;
    set_held(election, false);
    election->is_ending = false;
    log_warn(&about, "This node does not lead any more");
    election_tell(election);
}

void election_lost(struct election *election)
{
    election_lose(election);
    if (election->is_wanted && election->elections != NULL)
        try_later(election);
}

static void seat_taken(struct election *election, const struct election_write *write, int error,
                       const struct kv_versionstamp *stamp)
{
    const struct kv_lease *lease = membership_lease(election->elections->needs.membership);
    struct log_about about = about_of(election);

    if (error == 0) {
        if (election->is_held && same_stamp(&election->stamp, stamp))
            return; /* the watch was quicker */
        if (lease == NULL || kv_lease_id(lease) != write->lease)
            return; /* it went with its lease */
        take_seat(election, stamp, write->lease, &write->info);
        return;
    }
    if (error != AMID_E_CONFLICT && error != AMID_E_LEASE_LOST)
        log_info(&about, "The leader's seat cannot be asked for: %s; trying again",
                 error_text(error));
    try_later(election);
}

static void seat_given_up(struct election *election, int error)
{
    if (!election->is_ending)
        return;
    if (error != 0 && error != AMID_E_CONFLICT && error != AMID_E_LEASE_LOST) {
        try_later(election);
        return;
    }
    election->is_ending = false;
    set_held(election, false);
}

static int add_giving_up(struct kv_atomic *atomic, const char *sid,
                         const struct kv_versionstamp *stamp)
{
    struct kv_key key;
    int error = seat_key(&key, sid);

    if (error == 0)
        error = kv_atomic_fence(atomic, &key, stamp);
    return error != 0 ? error : kv_atomic_delete(atomic, &key);
}

static void orphan_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    (void)arg;
    (void)error; /* what is left ends with the lease */
    (void)stamp;
}

/* The worker was deleted while the seat was being taken. */
static void give_up_orphan(const struct election_write *write, const struct kv_versionstamp *stamp)
{
    struct kv_atomic *atomic = kv_atomic_new();

    if (atomic == NULL)
        return;
    if (add_giving_up(atomic, write->sid, stamp) == 0)
        (void)kv_commit(write->net, atomic, orphan_done, NULL);
    else
        kv_atomic_free(atomic);
}

static void write_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct election_write *write = arg;
    struct election *election = write->election;

    if (election != NULL) {
        election->writing = NULL;
        if (write->is_end)
            seat_given_up(election, error);
        else
            seat_taken(election, write, error, stamp);
        election_go_on(election);
    } else if (error == 0 && !write->is_end) {
        give_up_orphan(write, stamp);
    }
    free(write);
}

int election_add_info(struct kv_atomic *atomic, const char *sid, const struct leader_info *info)
{
    struct buffer value;
    struct kv_key key;
    int error = leader_info_key(&key, sid);

    buffer_init(&value, SEAT_VALUE_MAX);
    leader_info_to_json(info, sid, &value);
    if (error == 0)
        error = buffer_status(&value);
    if (error == 0)
        error = kv_atomic_set(atomic, &key, value.data, value.len, 0);
    buffer_free(&value);
    return error;
}

static int add_taking(struct kv_atomic *atomic, const struct election *election,
                      const struct kv_lease *lease, const struct leader_info *info)
{
    const struct elections_needs *needs = &election->elections->needs;
    struct seat seat = {.elected_ms = info->elected_ms, .generation = election->generation};
    struct buffer value;
    struct kv_key key;
    int error = seat_key(&key, election->sid);

    seat.lease = kv_lease_id(lease);
    snprintf(seat.nid, sizeof(seat.nid), "%s", needs->nid);
    snprintf(seat.instance, sizeof(seat.instance), "%s", membership_instance(needs->membership));
    buffer_init(&value, SEAT_VALUE_MAX);
    seat_to_json(&seat, &value);
    if (error == 0)
        error = buffer_status(&value);
    if (error == 0)
        error = kv_atomic_check(atomic, &key, NULL);
    if (error == 0)
        error = kv_atomic_set_leased(atomic, &key, value.data, value.len, lease);
    buffer_free(&value);
    return error;
}

/* lease NULL: the seat is given up. */
static void write_seat(struct election *election, const struct kv_lease *lease)
{
    struct election_write *write = calloc(1, sizeof(*write));
    struct kv_atomic *atomic = kv_atomic_new();
    int64_t now_ms = clock_real_ms();
    int error = write == NULL || atomic == NULL ? AMID_E_NOMEM : 0;

    if (error == 0 && lease != NULL) {
        *write = (struct election_write){.lease = kv_lease_id(lease),
                                         .info = {.elected_ms = now_ms,
                                                  .renewed_ms = now_ms,
                                                  .expires_ms = now_ms + kv_lease_ttl_ms(lease)}};
        snprintf(write->info.leader, sizeof(write->info.leader), "%s",
                 election->elections->needs.nid);
        error = add_taking(atomic, election, lease, &write->info);
    } else if (error == 0) {
        *write = (struct election_write){.is_end = true, .info = election->info};
        write->info.expires_ms = now_ms; /* what was known stays visible as expired */
        error = add_giving_up(atomic, election->sid, &election->stamp);
    }
    if (error == 0 && (lease != NULL || !election->is_forgotten))
        error = election_add_info(atomic, election->sid, &write->info);
    if (error == 0) {
        write->net = election->elections->needs.net;
        memcpy(write->sid, election->sid, sizeof(write->sid));
        error = kv_commit(election->elections->needs.net, atomic, write_done, write);
    } else {
        kv_atomic_free(atomic);
    }
    if (error != 0) {
        free(write);
        try_later(election);
        return;
    }
    write->election = election;
    election->writing = write;
}

static void attempt(struct election *election)
{
    struct elections *elections = election->elections;
    const struct kv_lease *lease;
    struct deadline deadline;

    if (elections == NULL || election->writing != NULL)
        return;
    lease = membership_lease(elections->needs.membership);
    deadline = membership_deadline(elections->needs.membership);
    if (election->is_ending)
        write_seat(election, NULL);
    else if (election->is_wanted && !election->is_held && lease != NULL &&
             elections_leader(elections, election->sid) == NULL &&
             deadline_phase(&deadline, clock_boot_ms()) == DEADLINE_FREE)
        write_seat(election, lease);
}

/* What the watch knows of the seat, if it is later than what we know. */
static void follow_seat(struct election *election)
{
    struct elections *elections = election->elections;
    const struct seat_item *item = elections_seat(elections, election->sid);
    int order;

    if (item == NULL || !election->is_held || election->writing != NULL)
        return;
    order = memcmp(item->item.stamp.bytes, election->stamp.bytes, sizeof(election->stamp.bytes));
    if (order > 0 || (order == 0 && item->item.is_gone))
        election_lose(election);
}

/* A seat under our own lease that we do not know of: its taking was never confirmed to us. One that
 * we know to be over may be what a stream that has fallen silent told last. */
static void find_own(struct election *election)
{
    struct elections *elections = election->elections;
    const struct seat_item *item = elections_seat(elections, election->sid);
    const struct kv_lease *lease = membership_lease(elections->needs.membership);
    struct leader_info info = {.elected_ms = 0};

    if (item == NULL || item->item.is_gone || election->is_held || election->writing != NULL ||
        lease == NULL || item->seat.lease != kv_lease_id(lease) ||
        memcmp(item->item.stamp.bytes, election->over.bytes, sizeof(election->over.bytes)) <= 0)
        return;
    snprintf(info.leader, sizeof(info.leader), "%s", elections->needs.nid);
    info.elected_ms = item->seat.elected_ms;
    info.renewed_ms = clock_real_ms();
    info.expires_ms = info.renewed_ms + kv_lease_ttl_ms(lease);
    take_seat(election, &item->item.stamp, kv_lease_id(lease), &info);
}

void election_go_on(void *arg)
{
    struct election *election = arg;
    struct elections *elections = election->elections;

    if (elections == NULL)
        return;
    follow_seat(election);
    find_own(election);
    if (election->writing != NULL || timer_is_pending(&election->timer))
        return;
    if (election->is_ending)
        attempt(election);
    else if (election->is_wanted && !election->is_held &&
             elections_leader(elections, election->sid) == NULL)
        timer_start(&election->timer, jitter());
}

static void time_is_up(void *arg)
{
    struct election *election = arg;

    if (election->elections == NULL)
        return;
    follow_seat(election);
    find_own(election);
    attempt(election);
}

/* --- what the owner of the election says --- */

void election_init(struct election *election, const char *sid, struct timers *timers,
                   const struct election_handler *handler)
{
    *election = (struct election){.handler = *handler};
    snprintf(election->sid, sizeof(election->sid), "%s", sid);
    timer_init(&election->timer, timers, time_is_up, election);
}

void election_stand(struct election *election, struct elections *elections, uint64_t generation)
{
    election->generation = generation;
    if (election->is_wanted)
        return;
    election->is_wanted = true;
    if (election->writing == NULL)
        election->is_ending = false; /* else it is given up, and stood for again */
    if (election->elections == NULL) {
        election->elections = elections;
        elections_add(elections, election);
    }
    timer_start(&election->timer, jitter());
}

void election_withdraw(struct election *election)
{
    if (!election->is_wanted && !election->is_held)
        return;
    election->is_wanted = false;
    if (election->is_held && !election->is_ending) {
        election->is_ending = true;
        attempt(election);
    }
}

bool election_is_held(const struct election *election)
{
    return election->is_held && !election->is_ending;
}

void election_detach(struct election *election)
{
    timer_stop(&election->timer);
    if (election->writing != NULL)
        election->writing->election = NULL;
    election->writing = NULL;
    if (election->elections == NULL)
        return;
    set_held(election, false);
    elections_remove(election->elections, election);
    election->elections = NULL;
}

bool election_may_act(const struct election *election)
{
    return election_effect_ms(election) > 0;
}

int64_t election_effect_ms(const struct election *election)
{
    struct deadline deadline;

    if (!election_is_held(election))
        return 0;
    deadline = membership_deadline(election->elections->needs.membership);
    return deadline_effect_ms(&deadline, clock_boot_ms());
}
