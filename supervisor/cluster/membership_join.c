#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "supervisor/cluster/membership_internal.h"

/*
 * How this node's record gets under its lease: read what is there, end the lease of an earlier
 * process of this state folder, write. One step at a time is under way; join_go_on looks what is
 * missing after each.
 */
#define JOIN_RETRY_MS      KV_LEASE_RETRY_MS
#define INSTANCE_MAX_BYTES (ID_UUID_LEN + 2)

static const struct log_about about = {.event = "cluster"};

int join_key(struct kv_key *key, const char *nid)
{
    return kv_key_of(key, "ami", "node", nid, NULL);
}

/* NULL when out of memory: tried again later. */
static struct join_step *step_new(struct membership *membership)
{
    struct join_step *step = calloc(1, sizeof(*step));

    if (step != NULL)
        *step = (struct join_step){.membership = membership};
    membership->step = step;
    return step;
}

/* The membership that still waits for this, or NULL. */
static struct membership *step_over(void *arg)
{
    struct join_step *step = arg;
    struct membership *membership = step->membership;

    if (membership != NULL)
        membership->step = NULL;
    free(step);
    return membership;
}

void join_cancel(struct membership *membership)
{
    if (membership->step != NULL)
        membership->step->membership = NULL;
    membership->step = NULL;
}

static void again_later(struct membership *membership)
{
    timer_start(&membership->retry, JOIN_RETRY_MS);
}

/* A step that could not even begin. */
static void step_failed(struct membership *membership)
{
    free(membership->step);
    membership->step = NULL;
    again_later(membership);
}

/* --- which instance this is --- */

static int instance_key(struct kv_key *key)
{
    return kv_key_of(key, "ami", "instance", NULL);
}

static void instance_written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct membership *membership = step_over(arg);

    (void)stamp;
    if (membership == NULL)
        return;
    if (error != 0)
        membership->instance[0] = '\0'; /* it must last, else a restart is taken for a stranger */
    if (error != 0)
        again_later(membership);
    else
        join_go_on(membership);
}

static void instance_make(struct membership *membership)
{
    struct kv_atomic *atomic = kv_atomic_new();
    char value[INSTANCE_MAX_BYTES + 1];
    struct kv_key key;
    int error = atomic == NULL || step_new(membership) == NULL ? AMID_E_NOMEM : instance_key(&key);

    id_uuid(membership->instance);
    value[0] = '"';
    memcpy(value + 1, membership->instance, ID_UUID_LEN);
    value[ID_UUID_LEN + 1] = '"';
    if (error == 0)
        error = kv_atomic_set(atomic, &key, value, INSTANCE_MAX_BYTES, 0);
    if (error == 0)
        error = kv_commit(membership->needs.local, atomic, instance_written, membership->step);
    else
        kv_atomic_free(atomic);
    if (error == 0)
        return;
    membership->instance[0] = '\0';
    step_failed(membership);
}

static void instance_read(void *arg, int error, const struct kv_entry *entry)
{
    struct membership *membership = step_over(arg);

    if (membership == NULL)
        return;
    if (error == 0 && entry != NULL && entry->value_len == INSTANCE_MAX_BYTES) {
        memcpy(membership->instance, entry->value + 1, ID_UUID_LEN);
        membership->instance[ID_UUID_LEN] = '\0';
        if (!id_is_uuid(membership->instance))
            membership->instance[0] = '\0';
    }
    if (error != 0)
        again_later(membership);
    else if (membership->instance[0] == '\0')
        instance_make(membership);
    else
        join_go_on(membership);
}

void join_begin(void *arg)
{
    struct membership *membership = arg;
    struct kv_key key;
    int error = step_new(membership) == NULL ? AMID_E_NOMEM : instance_key(&key);

    if (error == 0)
        error = kv_get(membership->needs.local, &key, instance_read, membership->step);
    if (error != 0)
        step_failed(membership);
}

/* --- the record --- */

static void fill(const struct membership *membership, struct member *member)
{
    *member = membership->self.member;
    memcpy(member->instance, membership->instance, sizeof(member->instance));
    member->lease = membership_lease_id(membership);
    member->heartbeat_ms = clock_real_ms();
    member->settled = membership->settled;
    membership->needs.load(membership->needs.arg, &member->running, &member->limit);
}

static void joined(struct membership *membership, const struct kv_versionstamp *stamp)
{
    bool is_news = !membership->is_joined;

    membership->stamp = *stamp;
    membership->is_joined = true;
    membership->has_joined = true;
    membership->is_displaced = false;
    if (!is_news)
        return;
    log_info(&about, "Registered in the cluster as node %s", membership->needs.config->node_nid);
    membership_tell(membership, MEMBERSHIP_JOINED);
}

static void record_written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct membership *membership = step_over(arg);

    if (membership == NULL)
        return;
    if (error != 0)
        membership->is_dirty = true;
    if (membership->stamp_lease != membership_lease_id(membership)) {
        join_go_on(membership); /* the lease under it has ended meanwhile */
        return;
    }
    if (error == 0) {
        joined(membership, stamp);
        join_go_on(membership);
        return;
    }
    if (error == AMID_E_LEASE_LOST) {
        membership_replace_lease(membership);
        return;
    }
    if (error == AMID_E_CONFLICT)
        membership->is_joined = false; /* somebody else wrote: see who */
    again_later(membership);
}

/* over: what the record replaces, NULL = nothing. */
static void record_write(struct membership *membership, const struct kv_versionstamp *over)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct member member;
    struct buffer value;
    struct kv_key key;
    int error = atomic == NULL || step_new(membership) == NULL
                    ? AMID_E_NOMEM
                    : join_key(&key, membership->needs.config->node_nid);

    buffer_init(&value, MEMBER_VALUE_MAX);
    fill(membership, &member);
    member_to_json(&member, &value);
    membership->stamp_lease = member.lease;
    membership->is_dirty = false;
    if (error == 0)
        error = buffer_status(&value);
    if (error == 0)
        error = kv_atomic_check(atomic, &key, over);
    if (error == 0)
        error = kv_atomic_set_leased(atomic, &key, value.data, value.len, membership->lease);
    if (error == 0)
        error = kv_commit(membership->needs.net, atomic, record_written, membership->step);
    else
        kv_atomic_free(atomic);
    buffer_free(&value);
    if (error == 0)
        return;
    membership->is_dirty = true;
    step_failed(membership);
}

static void displaced(struct membership *membership, const struct member *other)
{
    char why[MEMBERSHIP_WHY_BYTES];

    if (!membership->is_displaced) {
        log_error(&about,
                  "Another amid is registered as node %s (at %s, started %lld): give this one "
                  "another node.nid, or stop that one and wait until its lease has ended",
                  other->nid, other->address[0] == '\0' ? "an address unknown" : other->address,
                  (long long)other->started_ms);
        membership->is_displaced = true;
        membership_tell(membership, MEMBERSHIP_DISPLACED);
    }
    if (membership->has_joined || membership->has_been_refused)
        return; /* tried again when that one's record goes */
    membership->has_been_refused = true;
    membership_may_run(membership, why);
    membership->needs.refused(membership->needs.arg, why);
}

static void earlier_ended(void *arg, int error)
{
    struct membership *membership = step_over(arg);

    if (membership == NULL)
        return;
    if (error == 0)
        join_go_on(membership);
    else
        again_later(membership);
}

/* The lock on the state folder is ours, so the process that wrote this is dead: what it held is
 * free at once. */
static void end_earlier(struct membership *membership, int64_t lease)
{
    int error = step_new(membership) == NULL ? AMID_E_NOMEM : 0;

    log_info(&about, "Ending the lease that an earlier amid of this node left behind");
    if (error == 0)
        error = kv_lease_end(membership->needs.net, lease, earlier_ended, membership->step);
    if (error != 0)
        step_failed(membership);
}

static void record_read(void *arg, int error, const struct kv_entry *entry)
{
    struct membership *membership = step_over(arg);
    struct member member = {.lease = 0};

    if (membership == NULL)
        return;
    if (error != 0 || membership_lease_id(membership) == 0) {
        again_later(membership);
        return;
    }
    /* Nonsense keeps nobody's place. */
    if (entry == NULL ||
        member_from_json(entry->value, entry->value_len, membership->needs.config->node_nid,
                         &member) != 0 ||
        member.lease == membership_lease_id(membership))
        record_write(membership, entry == NULL ? NULL : &entry->versionstamp);
    else if (strcmp(member.instance, membership->instance) == 0)
        end_earlier(membership, member.lease);
    else
        displaced(membership, &member);
}

static void record_look(struct membership *membership)
{
    struct kv_key key;
    int error = step_new(membership) == NULL ? AMID_E_NOMEM
                                             : join_key(&key, membership->needs.config->node_nid);

    if (error == 0)
        error = kv_get(membership->needs.net, &key, record_read, membership->step);
    if (error != 0)
        step_failed(membership);
}

/* Our own record as the watch shows it: gone while we hold the lease means that it was deleted. */
static bool has_vanished(const struct membership *membership)
{
    const struct mirror_item *item =
        mirror_find(membership->nodes, membership->needs.config->node_nid);

    return membership->is_joined && item != NULL && item->is_gone &&
           memcmp(item->stamp.bytes, membership->stamp.bytes, sizeof(item->stamp.bytes)) > 0;
}

void join_go_on(void *arg)
{
    struct membership *membership = arg;

    if (membership->step != NULL || !membership->is_clustered || membership->is_leaving)
        return;
    timer_stop(&membership->retry);
    if (membership->instance[0] == '\0') {
        join_begin(membership);
        return;
    }
    if (membership->lease == NULL && membership_ask_for_lease(membership) != 0)
        again_later(membership);
    if (membership_lease_id(membership) == 0)
        return; /* its grant will come this way */
    if (has_vanished(membership))
        membership->is_joined = false;
    if (!membership->is_joined)
        record_look(membership);
    else if (membership->is_dirty)
        record_write(membership, &membership->stamp);
}
