/*
 * Desired state where local and net lie in two stores, as in a cluster: two nodes share net, a
 * worker that changes its scope is never lost and never seen gone on its node, a move that meets
 * another change is taken back, one that was cut short is settled at the next start, the audit row
 * of a change in net is there when the writer is told, and a gap in the watch changes nothing that
 * is so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "kv_harness.h"
#include "supervisor/kv/kv_internal.h"
#include "supervisor/registry/registry.h"

enum { NODES = 2 };

static const char sid[] = "550e8400-e29b-41d4-a716-000000000001";

struct node {
    struct harness harness; /* its loop is the first one's */
    struct registry *registry;
    bool is_ready;
    char order[32]; /* + new, ~ changed, - deleted */
    size_t len;
};

struct fixture {
    struct harness net;
    struct node nodes[NODES];
};

struct outcome {
    bool done;
    int error;
};

static void on_ready(void *arg, int error)
{
    struct node *node = arg;
    assert_int_equal(error, 0);
    node->is_ready = true;
}

static void on_event(void *arg, enum registry_event event, const struct registry_entry *entry,
                     const struct worker *old)
{
    struct node *node = arg;
    assert_int_not_equal(event, REGISTRY_COMPLETE);
    assert_string_equal(entry->worker->sid, sid);
    if (node->len + 1 < sizeof(node->order))
        node->order[node->len++] = event == REGISTRY_DELETED ? '-' : old == NULL ? '+' : '~';
}

static void open_registry(struct fixture *fixture, struct node *node)
{
    node->is_ready = false;
    assert_int_equal(registry_open(store_local(node->harness.store), store_net(fixture->net.store),
                                   fixture->net.timers, on_ready, node, &node->registry),
                     0);
    assert_int_equal(registry_watch(node->registry, on_event, node), 0);
    harness_wait(&fixture->net, &node->is_ready);
    assert_true(registry_is_complete(node->registry));
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    harness_make(&fixture->net);
    assert_int_equal(harness_open(&fixture->net), 0);
    for (int i = 0; i < NODES; i++) {
        struct harness *harness = &fixture->nodes[i].harness;
        harness_make(harness);
        assert_int_equal(store_open(harness->folder, fixture->net.base, fixture->net.defer,
                                    fixture->net.timers, &harness->store, harness->reason,
                                    sizeof(harness->reason)),
                         0);
    }
    for (int i = 0; i < NODES; i++)
        open_registry(fixture, &fixture->nodes[i]);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < NODES; i++)
        registry_close(fixture->nodes[i].registry);
    for (int i = 0; i < NODES; i++)
        harness_close(&fixture->nodes[i].harness);
    harness_close(&fixture->net);
    event_base_loop(fixture->net.base, EVLOOP_NONBLOCK);
    for (int i = 0; i < NODES; i++)
        harness_drop(&fixture->nodes[i].harness);
    harness_drop(&fixture->net);
    free(fixture);
    return 0;
}

static void done(void *arg, int error, const struct registry_entry *entry)
{
    struct outcome *outcome = arg;
    (void)entry;
    assert_false(outcome->done);
    outcome->done = true;
    outcome->error = error;
}

static struct worker *make(const char *script, enum worker_scope scope)
{
    struct worker *worker = worker_new();
    snprintf(worker->sid, sizeof(worker->sid), "%s", sid);
    worker->nid = strdup("s-0001");
    worker->note = strdup("");
    worker->version = strdup("1");
    worker->script = strdup(script);
    worker->script_len = strlen(script);
    worker->generation = 1;
    worker->scope = scope;
    return worker;
}

static int create(struct fixture *fixture, int node, struct worker *worker, const char *source)
{
    struct outcome outcome = {.done = false};
    int error = registry_create(fixture->nodes[node].registry, worker, source, strlen(source),
                                "{\"event\":\"create\"}", done, &outcome);
    if (error != 0)
        return error;
    harness_wait(&fixture->net, &outcome.done);
    return outcome.error;
}

static int put(struct fixture *fixture, int node, struct worker *worker)
{
    struct outcome outcome = {.done = false};
    int error = registry_put(fixture->nodes[node].registry, worker, NULL, NULL, 0,
                             "{\"event\":\"put\"}", done, &outcome);
    if (error != 0)
        return error;
    harness_wait(&fixture->net, &outcome.done);
    return outcome.error;
}

static struct kv *local_of(struct fixture *fixture, int node)
{
    return store_local(fixture->nodes[node].harness.store);
}

static struct kv *net_of(struct fixture *fixture)
{
    return store_net(fixture->net.store);
}

static size_t count(struct fixture *fixture, struct kv *kv, const char *family)
{
    struct kv_key prefix;
    kv_key_of(&prefix, "ami", family, NULL);
    return harness_count(&fixture->net, kv, &prefix);
}

static const struct worker *find(struct fixture *fixture, int node)
{
    const struct registry_entry *entry = registry_find(fixture->nodes[node].registry, sid);
    return entry == NULL ? NULL : entry->worker;
}

struct rows {
    bool done;
    size_t count;
    char last[64];
};

static void got_rows(void *arg, int error, const struct store_rows *rows)
{
    struct rows *got = arg;
    assert_int_equal(error, 0);
    got->done = true;
    got->count = rows->count;
    if (rows->count > 0)
        snprintf(got->last, sizeof(got->last), "%.*s", (int)rows->rows[rows->count - 1].text_len,
                 rows->rows[rows->count - 1].text);
}

static struct rows rows_of(struct fixture *fixture, int node)
{
    struct rows rows = {.done = false};
    assert_int_equal(
        store_rows(fixture->nodes[node].harness.store, 0, STORE_ROWS_MAX, got_rows, &rows), 0);
    harness_wait(&fixture->net, &rows.done);
    return rows;
}

static void test_both_nodes_see_net(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(create(fixture, 0, make("one", WORKER_NETWORK), "// one"), 0);
    assert_string_equal(find(fixture, 1)->script, "one");
    assert_int_equal(rows_of(fixture, 0).count, 1);
    assert_string_equal(rows_of(fixture, 0).last, "{\"event\":\"create\"}");
    assert_int_equal(rows_of(fixture, 1).count, 0);
    assert_int_equal(put(fixture, 1, make("two", WORKER_NETWORK)), 0);
    assert_string_equal(find(fixture, 0)->script, "two");
    assert_int_equal(create(fixture, 1, make("three", WORKER_LOCAL), ""), AMID_E_CONFLICT);

    struct outcome outcome = {.done = false};
    assert_int_equal(registry_delete(fixture->nodes[1].registry, sid, NULL,
                                     "{\"event\":\"delete\"}", done, &outcome),
                     0);
    harness_wait(&fixture->net, &outcome.done);
    assert_int_equal(outcome.error, 0);
    assert_null(find(fixture, 0));
    assert_string_equal(rows_of(fixture, 1).last, "{\"event\":\"delete\"}");
    assert_string_equal(fixture->nodes[0].order, "+~-");
    assert_string_equal(fixture->nodes[1].order, "+~-");
}

static void test_moves(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(create(fixture, 0, make("one", WORKER_NETWORK), "// one"), 0);
    assert_int_equal(put(fixture, 0, make("one", WORKER_LOCAL)), 0);
    assert_int_equal(find(fixture, 0)->scope, WORKER_LOCAL);
    assert_null(find(fixture, 1));
    assert_int_equal(count(fixture, net_of(fixture), "worker"), 0);
    assert_int_equal(count(fixture, net_of(fixture), "source"), 0);
    assert_int_equal(count(fixture, local_of(fixture, 0), "worker"), 1);
    assert_int_equal(count(fixture, local_of(fixture, 0), "source"), 1);
    assert_string_equal(fixture->nodes[0].order, "+~");
    assert_string_equal(fixture->nodes[1].order, "+-");
    assert_string_equal(rows_of(fixture, 0).last, "{\"event\":\"put\"}");

    assert_int_equal(put(fixture, 0, make("two", WORKER_NETWORK)), 0);
    assert_int_equal(find(fixture, 1)->scope, WORKER_NETWORK);
    assert_int_equal(count(fixture, local_of(fixture, 0), "worker"), 0);
    assert_int_equal(count(fixture, local_of(fixture, 0), "source"), 0);
    assert_int_equal(count(fixture, net_of(fixture), "source"), 1);
    assert_string_equal(fixture->nodes[0].order, "+~~");
    assert_string_equal(fixture->nodes[1].order, "+-+");
    assert_int_equal(rows_of(fixture, 0).count, 3);
}

/* The other node's change is durable before the record can be removed from net. */
static void test_move_meets_a_change(void **state)
{
    struct fixture *fixture = *state;
    struct outcome change = {.done = false};
    struct outcome move = {.done = false};
    assert_int_equal(create(fixture, 0, make("one", WORKER_NETWORK), "// one"), 0);
    assert_int_equal(registry_put(fixture->nodes[1].registry, make("theirs", WORKER_NETWORK), NULL,
                                  NULL, 0, NULL, done, &change),
                     0);
    assert_int_equal(registry_put(fixture->nodes[0].registry, make("ours", WORKER_LOCAL), NULL,
                                  "// ours", 7, "{\"event\":\"put\"}", done, &move),
                     0);
    harness_wait(&fixture->net, &change.done);
    harness_wait(&fixture->net, &move.done);
    assert_int_equal(change.error, 0);
    assert_int_equal(move.error, AMID_E_CONFLICT);
    assert_string_equal(find(fixture, 0)->script, "theirs");
    assert_int_equal(count(fixture, local_of(fixture, 0), "worker"), 0);
    assert_int_equal(count(fixture, local_of(fixture, 0), "source"), 0);
    assert_int_equal(rows_of(fixture, 0).count, 1);
    assert_string_equal(fixture->nodes[0].order, "+~");
}

/* As a crash between the two commits of a move leaves them. */
static void test_move_cut_short(void **state)
{
    struct fixture *fixture = *state;
    struct node *node = &fixture->nodes[0];
    struct harness *harness = &node->harness;
    assert_int_equal(create(fixture, 0, make("kept", WORKER_LOCAL), "// local"), 0);
    registry_close(node->registry);
    assert_int_equal(create(fixture, 1, make("counts", WORKER_NETWORK), "// net"), 0);
    open_registry(fixture, node);
    assert_string_equal(find(fixture, 0)->script, "counts");
    while (count(fixture, local_of(fixture, 0), "worker") > 0)
        event_base_loop(fixture->net.base, EVLOOP_ONCE);
    assert_int_equal(count(fixture, store_local(harness->store), "source"), 0);
    assert_string_equal(find(fixture, 0)->script, "counts");
    assert_int_equal(find(fixture, 0)->scope, WORKER_NETWORK);
}

static void test_gap(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcome = {.done = false};
    assert_int_equal(create(fixture, 0, make("one", WORKER_NETWORK), ""), 0);
    kv_publish_gap(net_of(fixture));
    assert_true(registry_is_stale(fixture->nodes[0].registry));
    /* What goes while the records are being read does not come back with a page. */
    assert_int_equal(registry_delete(fixture->nodes[1].registry, sid, NULL, NULL, done, &outcome),
                     0);
    harness_wait(&fixture->net, &outcome.done);
    while (registry_is_stale(fixture->nodes[0].registry))
        event_base_loop(fixture->net.base, EVLOOP_ONCE);
    assert_null(find(fixture, 0));
    kv_publish_gap(net_of(fixture));
    while (registry_is_stale(fixture->nodes[0].registry))
        event_base_loop(fixture->net.base, EVLOOP_ONCE);
    assert_string_equal(fixture->nodes[0].order, "+-");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_both_nodes_see_net), T(test_moves), T(test_move_meets_a_change),
        T(test_move_cut_short),     T(test_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
