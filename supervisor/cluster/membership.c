#include "supervisor/cluster/membership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/cluster/membership_internal.h"

#define MS_PER_S    1000
#define MARGIN_PART 4 /* of the TTL, when leader.margin_s is 0 */
#define RENEW_PART  2 /* likewise */

static const struct log_about about = {.event = "cluster"};

static int64_t ttl_ms(const struct config *config)
{
    return (int64_t)config->leader_ttl_s * MS_PER_S;
}

static int64_t renew_ms(const struct config *config)
{
    return config->leader_renew_s == 0 ? ttl_ms(config) / RENEW_PART
                                       : (int64_t)config->leader_renew_s * MS_PER_S;
}

static int64_t margin_ms(const struct config *config)
{
    return config->leader_margin_s == 0 ? ttl_ms(config) / MARGIN_PART
                                        : (int64_t)config->leader_margin_s * MS_PER_S;
}

void membership_tell(struct membership *membership, enum membership_event event)
{
    for (size_t i = 0; i < membership->watcher_count; i++)
        membership->watchers[i].fn(membership->watchers[i].arg, event);
}

/* --- the others --- */

static void node_changed(void *arg, struct mirror_item *item, const struct kv_entry *entry)
{
    struct membership *membership = arg;
    struct node_item *node = (struct node_item *)item;
    bool was_up = node->view.is_up;
    bool is_self = strcmp(item->name, membership->needs.config->node_nid) == 0;

    if (entry->value != NULL &&
        member_from_json(entry->value, entry->value_len, item->name, &node->view.member) == 0) {
        node->view.is_up = true;
        item->is_kept = true;
    } else if (entry->value != NULL) {
        log_warn(&about, "The record of node %s is none of amid's; it is not counted as a node",
                 item->name);
        node->view.is_up = false;
    } else {
        node->view.is_up = false;
    }
    if (was_up && !node->view.is_up)
        node->view.down_since_ms = clock_real_ms();
    if (was_up != node->view.is_up && !is_self)
        log_info(&about, "Node %s is %s", item->name, node->view.is_up ? "there" : "gone");
    if (is_self)
        join_go_on(membership);
    membership_tell(membership, MEMBERSHIP_CHANGED);
}

static void nodes_complete(void *arg)
{
    membership_tell(arg, MEMBERSHIP_CHANGED);
}

const struct node_view *membership_find(const struct membership *membership, const char *nid)
{
    const struct mirror_item *item;

    if (!membership->is_clustered)
        return strcmp(nid, membership->self.member.nid) == 0 ? &membership->self : NULL;
    item = mirror_find(membership->nodes, nid);
    return item == NULL || !item->is_kept ? NULL : &((const struct node_item *)item)->view;
}

struct each_node {
    void (*fn)(void *arg, const struct node_view *node);
    void *arg;
};

static void each_item(void *arg, struct mirror_item *item)
{
    const struct each_node *each = arg;

    if (item->is_kept)
        each->fn(each->arg, &((const struct node_item *)item)->view);
}

void membership_each(struct membership *membership,
                     void (*fn)(void *arg, const struct node_view *node), void *arg)
{
    struct each_node each = {fn, arg};

    if (membership->is_clustered) {
        mirror_each(membership->nodes, each_item, &each);
        return;
    }
    membership->self.member.heartbeat_ms = clock_real_ms();
    membership->needs.load(membership->needs.arg, &membership->self.member.running,
                           &membership->self.member.limit);
    fn(arg, &membership->self);
}

struct unsettled {
    const struct kv_versionstamp *stamp;
    const char *nid;
};

static void look_unsettled(void *arg, const struct node_view *node)
{
    struct unsettled *unsettled = arg;

    if (node->is_up && memcmp(node->member.settled.bytes, unsettled->stamp->bytes,
                              sizeof(unsettled->stamp->bytes)) < 0)
        unsettled->nid = node->member.nid;
}

const char *membership_unsettled(const struct membership *membership,
                                 const struct kv_versionstamp *stamp)
{
    struct unsettled unsettled = {.stamp = stamp};
    struct each_node each = {look_unsettled, &unsettled};

    if (membership->is_clustered)
        mirror_each(membership->nodes, each_item, &each);
    return unsettled.nid;
}

void membership_settle(struct membership *membership, const struct kv_versionstamp *stamp)
{
    if (memcmp(stamp->bytes, membership->settled.bytes, sizeof(stamp->bytes)) <= 0)
        return;
    membership->settled = *stamp;
    membership->is_dirty = true;
    join_go_on(membership);
}

/* --- this node --- */

static void lease_event(void *arg, enum kv_lease_event event)
{
    struct membership *membership = arg;

    switch (event) {
    case KV_LEASE_RENEWED:
        membership->is_dirty = true;
        membership_tell(membership, MEMBERSHIP_RENEWED);
        break;
    case KV_LEASE_LOST:
        log_warn(&about, "This node's lease is lost: leaders end here, others may lead");
        membership->is_joined = false;
        membership_tell(membership, MEMBERSHIP_LOST);
        break;
    default:
        break;
    }
    join_go_on(membership);
}

/* Nothing is asked for where there is no server. */
int membership_ask_for_lease(struct membership *membership)
{
    const struct membership_needs *needs = &membership->needs;
    int error;

    if (membership->lease != NULL)
        return 0;
    error = kv_lease_new(needs->net, ttl_ms(needs->config), renew_ms(needs->config), lease_event,
                         membership, &membership->lease);

    if (error == AMID_E_UNSUPPORTED)
        return 0;
    if (error == 0)
        membership->is_clustered = true;
    return error;
}

void membership_replace_lease(struct membership *membership)
{
    kv_lease_free(membership->lease);
    membership->lease = NULL;
    lease_event(membership, KV_LEASE_LOST);
}

static int open_nodes(struct membership *membership)
{
    const struct mirror_needs needs = {.kv = membership->needs.net,
                                       .timers = membership->needs.timers,
                                       .first = "ami",
                                       .second = "node",
                                       .item_bytes = sizeof(struct node_item),
                                       .items_max = MEMBERSHIP_NODES_MAX,
                                       .changed = node_changed,
                                       .complete = nodes_complete,
                                       .arg = membership};

    return mirror_open(&needs, &membership->nodes);
}

static void left(void *arg)
{
    struct membership *membership = arg;
    void (*done)(void *arg) = membership->leave.done;

    timer_stop(&membership->leave.limit);
    membership->leave.done = NULL;
    if (done != NULL)
        done(membership->leave.arg);
}

static void describe_self(struct membership *membership)
{
    struct member *self = &membership->self.member;

    membership->self.is_up = true;
    snprintf(self->nid, sizeof(self->nid), "%s", membership->needs.config->node_nid);
    snprintf(self->address, sizeof(self->address), "%s", membership->needs.address);
    snprintf(self->version, sizeof(self->version), "%s", membership->needs.version);
    self->started_ms = membership->started_ms;
}

int membership_open(const struct membership_needs *needs, struct membership **ret_membership)
{
    struct membership *membership = calloc(1, sizeof(*membership));
    int error;

    if (membership == NULL)
        return AMID_E_NOMEM;
    membership->needs = *needs;
    membership->started_ms = clock_real_ms();
    timer_init(&membership->retry, needs->timers, join_go_on, membership);
    timer_init(&membership->leave.limit, needs->timers, left, membership);
    describe_self(membership);
    error = membership_ask_for_lease(membership);
    if (error == 0 && membership->is_clustered)
        error = open_nodes(membership);
    if (error != 0) {
        membership_close(membership);
        return error;
    }
    if (membership->is_clustered)
        join_begin(membership);
    *ret_membership = membership;
    return 0;
}

int64_t membership_lease_id(const struct membership *membership)
{
    return membership->lease == NULL ? 0 : kv_lease_id(membership->lease);
}

static void lease_ended(void *arg, int error)
{
    struct join_step *step = arg;

    (void)error; /* then the others wait until its time is over */
    if (step->membership != NULL) {
        step->membership->step = NULL;
        left(step->membership);
    }
    free(step);
}

void membership_leave(struct membership *membership, void (*done)(void *arg), void *arg)
{
    int64_t lease = membership_lease_id(membership);

    membership->leave.done = done;
    membership->leave.arg = arg;
    membership->is_leaving = true;
    membership->is_joined = false;
    join_cancel(membership);
    if (membership->lease != NULL)
        kv_lease_free(membership->lease);
    membership->lease = NULL;
    timer_start(&membership->leave.limit, 0);
    if (lease == 0)
        return;
    membership->step = calloc(1, sizeof(*membership->step));
    if (membership->step == NULL)
        return;
    membership->step->membership = membership;
    if (kv_lease_end(membership->needs.net, lease, lease_ended, membership->step) != 0) {
        free(membership->step);
        membership->step = NULL;
        return;
    }
    timer_start(&membership->leave.limit, MEMBERSHIP_LEAVE_MS);
}

void membership_close(struct membership *membership)
{
    if (membership == NULL)
        return;
    timer_stop(&membership->retry);
    timer_stop(&membership->leave.limit);
    join_cancel(membership);
    mirror_close(membership->nodes);
    if (membership->lease != NULL)
        kv_lease_free(membership->lease);
    free(membership);
}

int membership_watch(struct membership *membership,
                     void (*fn)(void *arg, enum membership_event event), void *arg)
{
    if (membership->watcher_count == MEMBERSHIP_WATCHERS_MAX)
        return AMID_E_LIMIT;
    membership->watchers[membership->watcher_count].fn = fn;
    membership->watchers[membership->watcher_count++].arg = arg;
    return 0;
}

void membership_unwatch(struct membership *membership, const void *arg)
{
    size_t kept = 0;

    for (size_t i = 0; i < membership->watcher_count; i++) {
        if (membership->watchers[i].arg != arg)
            membership->watchers[kept++] = membership->watchers[i];
    }
    membership->watcher_count = kept;
}

bool membership_is_clustered(const struct membership *membership)
{
    return membership->is_clustered;
}

bool membership_may_run(const struct membership *membership, char why[MEMBERSHIP_WHY_BYTES])
{
    if (membership->is_displaced)
        snprintf(why, MEMBERSHIP_WHY_BYTES, "another amid runs under this node's id, %s (node.nid)",
                 membership->needs.config->node_nid);
    else if (membership->is_clustered && !membership->has_joined)
        snprintf(why, MEMBERSHIP_WHY_BYTES, "this node is not registered in the cluster yet");
    else
        return true;
    return false;
}

const struct kv_lease *membership_lease(const struct membership *membership)
{
    return membership->is_joined && membership_lease_id(membership) != 0 ? membership->lease : NULL;
}

struct deadline membership_deadline(const struct membership *membership)
{
    struct deadline deadline = {.margin_ms = margin_ms(membership->needs.config)};

    if (membership_lease_id(membership) != 0) {
        deadline.confirmed_ms = kv_lease_confirmed_ms(membership->lease);
        deadline.ttl_ms = kv_lease_ttl_ms(membership->lease);
    }
    return deadline;
}

const char *membership_instance(const struct membership *membership)
{
    return membership->instance;
}
