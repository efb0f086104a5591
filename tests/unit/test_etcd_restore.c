/* etcd is put back to an older state, from a snapshot, under nodes that have seen a later one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "etcd_fixture.h"
#include "supervisor/cluster/mirror.h"

#define TIMEOUT_MS 5000
#define NODES      2

static struct etcd_fixture fixture;

struct node {
    struct etcd_space *space;
    struct kv *kv;
    struct mirror *mirror;
    char seen[3]
             [8]; /* what the mirror was told of "a", "b", "c"; "" = nothing, or that it is gone */
};

static struct node nodes[NODES];

static void seen(void *arg, struct mirror_item *item, const struct kv_entry *entry)
{
    struct node *node = arg;
    size_t at = (size_t)(item->name[0] - 'a');

    assert_true(at < 3);
    item->is_kept = true;
    snprintf(node->seen[at], sizeof(node->seen[at]), "%s",
             entry->value == NULL ? "" : entry->value);
}

static void turn(void)
{
    event_base_loop(fixture.harness.base, EVLOOP_ONCE);
}

static void wait_seen(const struct node *node, char name, const char *value)
{
    while (strcmp(node->seen[name - 'a'], value) != 0)
        turn();
}

static struct answer put(struct node *node, const char *name, const char *value)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;

    assert_int_equal(kv_key_of(&key, "t", "x", name, NULL), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, value, strlen(value), 0), 0);
    struct answer answer = harness_commit(&fixture.harness, node->kv, atomic);
    assert_int_equal(answer.error, 0);
    return answer;
}

static void node_open(struct node *node)
{
    struct harness *harness = &fixture.harness;
    const struct mirror_needs needs = {.timers = harness->timers,
                                       .first = "t",
                                       .second = "x",
                                       .item_bytes = sizeof(struct mirror_item),
                                       .items_max = 8,
                                       .changed = seen,
                                       .arg = node};
    struct mirror_needs own = needs;

    memset(node, 0, sizeof(*node));
    assert_int_equal(etcd_space_open(harness->base, harness->timers, &fixture.settings,
                                     &node->space, harness->reason, sizeof(harness->reason)),
                     0);
    own.kv = node->kv = etcd_space_kv(node->space);
    assert_int_equal(mirror_open(&own, &node->mirror), 0);
    while (!mirror_is_complete(node->mirror))
        turn();
}

static void node_close(struct node *node)
{
    mirror_close(node->mirror);
    etcd_space_close(node->space);
}

static void run(const char *command)
{
    // NOLINTNEXTLINE(cert-env33-c): a name of ours
    assert_int_equal(system(command), 0);
}

static void snapshot(void)
{
    char command[512];

    snprintf(command, sizeof(command),
             "ETCDCTL_API=3 etcdctl --endpoints=%s snapshot save %s/snapshot >/dev/null 2>&1",
             fixture.url, fixture.folder);
    run(command);
}

/* As docs/cluster.md has it done, but under running nodes. */
static void restore(void)
{
    char command[512];

    etcd_fixture_kill(&fixture);
    for (int i = 0; i < NODES; i++) {
        while (kv_is_reachable(nodes[i].kv))
            turn();
    }
    snprintf(command, sizeof(command),
             "cd '%s' && rm -r --one-file-system data && ETCDCTL_API=3 etcdctl snapshot restore "
             "snapshot --data-dir data --initial-cluster default=%s "
             "--initial-advertise-peer-urls %s >/dev/null 2>&1",
             fixture.folder, fixture.peer, fixture.peer);
    run(command);
    etcd_fixture_launch(&fixture);
    etcd_fixture_ready(&fixture);
}

static void running_nodes_follow_to_an_older_state(void **state)
{
    (void)state;
    put(&nodes[0], "a", "1");
    put(&nodes[0], "b", "1");
    snapshot();
    put(&nodes[0], "a", "2"); /* these are undone */
    put(&nodes[0], "c", "2");
    for (int i = 0; i < 20; i++)
        put(&nodes[1], "b", "2");
    struct answer last = put(&nodes[1], "b", "3");
    for (int i = 0; i < NODES; i++) {
        wait_seen(&nodes[i], 'a', "2");
        wait_seen(&nodes[i], 'c', "2");
        wait_seen(&nodes[i], 'b', "3");
    }
    restore();
    for (int i = 0; i < NODES; i++) {
        wait_seen(&nodes[i], 'a', "1");
        wait_seen(&nodes[i], 'b', "1");
        wait_seen(&nodes[i], 'c', "");
    }
    /* What is written now is later than all that anybody remembers, and a check against what is
     * undone does not hold by chance. */
    struct kv_key key;
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_key_of(&key, "t", "x", "b", NULL), 0);
    assert_int_equal(kv_atomic_check(atomic, &key, &last.stamp), 0);
    assert_int_equal(kv_atomic_set(atomic, &key, "9", 1, 0), 0);
    assert_int_equal(harness_commit(&fixture.harness, nodes[1].kv, atomic).error, AMID_E_CONFLICT);
    struct answer next = put(&nodes[0], "b", "4");
    assert_true(memcmp(&next.stamp, &last.stamp, sizeof(next.stamp)) > 0);
    put(&nodes[1], "c", "4");
    for (int i = 0; i < NODES; i++) {
        wait_seen(&nodes[i], 'b', "4");
        wait_seen(&nodes[i], 'c', "4");
    }
}

static int group_open(void **state)
{
    (void)state;
    etcd_fixture_start(&fixture);
    fixture.settings.etcd.timeout_ms = TIMEOUT_MS;
    for (int i = 0; i < NODES; i++)
        node_open(&nodes[i]);
    return 0;
}

static int group_close(void **state)
{
    (void)state;
    for (int i = 0; i < NODES; i++)
        node_close(&nodes[i]);
    etcd_fixture_stop(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(running_nodes_follow_to_an_older_state),
    };
    return cmocka_run_group_tests(tests, group_open, group_close);
}
