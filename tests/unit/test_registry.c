/*
 * Desired state over a real store: a write is in the registry when its writer is told so, records
 * that were there before are loaded whatever changes meanwhile, the owner's text goes and comes in
 * pieces with its record, a worker that changes its scope is never seen twice or not at all, locks
 * hold, and a record that cannot be read harms nobody but its worker.
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
#include "supervisor/registry/registry.h"

struct events {
    char order[64]; /* + new, ~ changed, - deleted */
    size_t len;
    char last_script[64];
};

struct fixture {
    struct harness harness;
    struct registry *registry;
    bool ready;
    int ready_error;
    struct events events;
};

struct outcome {
    bool done;
    int error;
    bool has_entry;
    struct kv_versionstamp stamp;
    char *text;
    size_t len;
};

static void on_ready(void *arg, int error)
{
    struct fixture *fixture = arg;
    assert_false(fixture->ready);
    fixture->ready = true;
    fixture->ready_error = error;
}

static void on_event(void *arg, enum registry_event event, const struct registry_entry *entry,
                     const struct worker *old)
{
    struct events *events = arg;
    char mark = event == REGISTRY_DELETED ? '-' : old == NULL ? '+' : '~';
    if (events->len + 1 < sizeof(events->order))
        events->order[events->len++] = mark;
    snprintf(events->last_script, sizeof(events->last_script), "%.60s", entry->worker->script);
}

static void registry_begin(struct fixture *fixture)
{
    struct store *store = fixture->harness.store;
    fixture->ready = false;
    memset(&fixture->events, 0, sizeof(fixture->events));
    assert_int_equal(registry_open(store_local(store), store_net(store), fixture->harness.timers,
                                   on_ready, fixture, &fixture->registry),
                     0);
    assert_int_equal(registry_watch(fixture->registry, on_event, &fixture->events), 0);
    assert_false(fixture->ready);
    harness_wait(&fixture->harness, &fixture->ready);
    assert_int_equal(fixture->ready_error, 0);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    harness_make(&fixture->harness);
    assert_int_equal(harness_open(&fixture->harness), 0);
    registry_begin(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    registry_close(fixture->registry);
    harness_drop(&fixture->harness);
    free(fixture);
    return 0;
}

static void done(void *arg, int error, const struct registry_entry *entry)
{
    struct outcome *outcome = arg;
    assert_false(outcome->done);
    outcome->done = true;
    outcome->error = error;
    outcome->has_entry = entry != NULL;
    if (entry != NULL)
        outcome->stamp = entry->versionstamp;
}

static void got_source(void *arg, int error, const char *source, size_t len)
{
    struct outcome *outcome = arg;
    outcome->done = true;
    outcome->error = error;
    if (error != 0)
        return;
    outcome->text = malloc(len + 1);
    memcpy(outcome->text, source, len);
    outcome->text[len] = '\0';
    outcome->len = len;
}

static struct worker *make(int number, const char *script)
{
    struct worker *worker = worker_new();
    snprintf(worker->sid, sizeof(worker->sid), "550e8400-e29b-41d4-a716-%012d", number);
    worker->nid = strdup("s-0001");
    worker->note = strdup("");
    worker->version = strdup("1");
    worker->script = strdup(script);
    worker->script_len = strlen(script);
    worker->generation = 1;
    return worker;
}

static struct outcome create(struct fixture *fixture, struct worker *worker, const char *source)
{
    struct outcome outcome = {.done = false};
    outcome.error = registry_create(fixture->registry, worker, source,
                                    source == NULL ? 0 : strlen(source), NULL, done, &outcome);
    if (outcome.error == 0)
        harness_wait(&fixture->harness, &outcome.done);
    return outcome;
}

static struct outcome put(struct fixture *fixture, struct worker *worker,
                          const struct kv_versionstamp *expected, const char *source)
{
    struct outcome outcome = {.done = false};
    outcome.error = registry_put(fixture->registry, worker, expected, source,
                                 source == NULL ? 0 : strlen(source), NULL, done, &outcome);
    if (outcome.error == 0)
        harness_wait(&fixture->harness, &outcome.done);
    return outcome;
}

static struct outcome drop(struct fixture *fixture, const char *sid,
                           const struct kv_versionstamp *expected)
{
    struct outcome outcome = {.done = false};
    outcome.error = registry_delete(fixture->registry, sid, expected, NULL, done, &outcome);
    if (outcome.error == 0)
        harness_wait(&fixture->harness, &outcome.done);
    return outcome;
}

static void source_is(struct fixture *fixture, const char *sid, const char *expected)
{
    struct outcome outcome = {.done = false};
    assert_int_equal(registry_source(fixture->registry, sid, got_source, &outcome), 0);
    assert_false(outcome.done);
    harness_wait(&fixture->harness, &outcome.done);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.len, strlen(expected));
    assert_string_equal(outcome.text, expected);
    free(outcome.text);
}

static size_t pieces(struct fixture *fixture, struct kv *kv, const char *sid)
{
    struct kv_key prefix;
    kv_key_of(&prefix, "ami", "source", sid, NULL);
    return harness_count(&fixture->harness, kv, &prefix);
}

static char *sid_of(int number)
{
    static char sid[ID_UUID_LEN + 1];
    struct worker *worker = make(number, "");
    memcpy(sid, worker->sid, sizeof(sid));
    worker_free(worker);
    return sid;
}

static void test_create_put_delete(void **state)
{
    struct fixture *fixture = *state;
    char hex[KV_VERSIONSTAMP_HEX + 1];
    struct outcome created = create(fixture, make(1, "one"), "// one\none");
    assert_int_equal(created.error, 0);
    assert_true(created.has_entry);
    const struct registry_entry *entry = registry_find(fixture->registry, sid_of(1));
    assert_non_null(entry);
    assert_string_equal(entry->worker->script, "one");
    assert_int_equal(strlen(entry->json), entry->json_len);
    kv_versionstamp_to_hex(&entry->versionstamp, hex);
    assert_non_null(strstr(entry->json, hex));
    assert_ptr_equal(strstr(entry->json, "{\"key\":[\"ami\",\"worker\",\"550e8400-e29b-41d4-a716-"
                                         "000000000001\"],\"value\":{\"channel\":"),
                     entry->json);
    source_is(fixture, sid_of(1), "// one\none");

    assert_int_equal(create(fixture, make(1, "again"), NULL).error, AMID_E_CONFLICT);

    struct worker *changed = worker_copy(entry->worker);
    changed->priority = WORKER_LOW;
    assert_int_equal(put(fixture, changed, NULL, NULL).error, 0);
    source_is(fixture, sid_of(1), "// one\none");
    assert_int_equal(put(fixture, make(1, "two"), NULL, "two ").error, 0);
    source_is(fixture, sid_of(1), "two ");

    assert_int_equal(drop(fixture, sid_of(1), NULL).error, 0);
    assert_null(registry_find(fixture->registry, sid_of(1)));
    assert_int_equal(registry_count(fixture->registry), 0);
    assert_int_equal(drop(fixture, sid_of(1), NULL).error, AMID_E_NOT_FOUND);
    assert_int_equal(put(fixture, make(1, "x"), NULL, NULL).error, AMID_E_CONFLICT);
    struct outcome none = {.done = false};
    assert_int_equal(registry_source(fixture->registry, sid_of(1), got_source, &none),
                     AMID_E_NOT_FOUND);
    assert_string_equal(fixture->events.order, "+~~-");
    struct kv_key everything = {.len = 0};
    assert_int_equal(
        harness_count(&fixture->harness, store_net(fixture->harness.store), &everything), 0);
}

static void test_locks(void **state)
{
    struct fixture *fixture = *state;
    struct outcome created = create(fixture, make(1, "one"), NULL);
    struct kv_versionstamp old = created.stamp;
    assert_int_equal(put(fixture, make(1, "two"), &old, NULL).error, 0);
    assert_int_equal(put(fixture, make(1, "three"), &old, NULL).error, AMID_E_CONFLICT);
    assert_int_equal(drop(fixture, sid_of(1), &old).error, AMID_E_CONFLICT);
    assert_string_equal(registry_find(fixture->registry, sid_of(1))->worker->script, "two");
    /* Two changes of what was read once: the second is told to read again. */
    struct outcome first = {.done = false};
    struct outcome second = {.done = false};
    assert_int_equal(
        registry_put(fixture->registry, make(1, "a"), NULL, NULL, 0, NULL, done, &first), 0);
    assert_int_equal(
        registry_put(fixture->registry, make(1, "b"), NULL, NULL, 0, NULL, done, &second), 0);
    harness_wait(&fixture->harness, &second.done);
    assert_int_equal(first.error, 0);
    assert_int_equal(second.error, AMID_E_CONFLICT);
    assert_string_equal(registry_find(fixture->registry, sid_of(1))->worker->script, "a");
}

static void test_source_pieces(void **state)
{
    struct fixture *fixture = *state;
    struct kv *net = store_net(fixture->harness.store);
    char *source = malloc(WORKER_SOURCE_MAX_BYTES + 1);
    for (size_t i = 0; i + 3 <= WORKER_SOURCE_MAX_BYTES; i += 3)
        memcpy(source + i, i % 2 == 0 ? "\xe2\x82\xac" : "\"a\n", 3);
    size_t len = WORKER_SOURCE_MAX_BYTES - WORKER_SOURCE_MAX_BYTES % 3;
    source[len] = '\0';
    assert_int_equal(create(fixture, make(1, "one"), source).error, 0);
    source_is(fixture, sid_of(1), source);
    size_t many = pieces(fixture, net, sid_of(1));
    assert_in_range(many, 5, 10);
    source[70000 - 70000 % 6] = '\0';
    assert_int_equal(put(fixture, make(1, "two"), NULL, source).error, 0);
    source_is(fixture, sid_of(1), source);
    assert_in_range(pieces(fixture, net, sid_of(1)), 2, many - 1);
    assert_int_equal(drop(fixture, sid_of(1), NULL).error, 0);
    assert_int_equal(pieces(fixture, net, sid_of(1)), 0);

    /* Without an owner's text the minified one stands in. */
    assert_int_equal(create(fixture, make(2, "minified"), NULL).error, 0);
    source_is(fixture, sid_of(2), "minified");
    free(source);
}

static void test_too_large(void **state)
{
    struct fixture *fixture = *state;
    char *script = malloc(WORKER_SCRIPT_MAX_BYTES + 1);
    memset(script, 'x', WORKER_SCRIPT_MAX_BYTES);
    script[WORKER_SCRIPT_MAX_BYTES] = '\0';
    assert_int_equal(create(fixture, make(1, script), NULL).error, AMID_E_TOO_LARGE);
    script[WORKER_SCRIPT_MAX_BYTES - 1000] = '\0';
    assert_int_equal(create(fixture, make(1, script), NULL).error, 0);
    memset(script, '\x01', WORKER_SCRIPT_MAX_BYTES);
    char *source = malloc(WORKER_SOURCE_MAX_BYTES + 1);
    memset(source, '\x01', WORKER_SOURCE_MAX_BYTES);
    source[WORKER_SOURCE_MAX_BYTES] = '\0';
    assert_int_equal(put(fixture, make(1, "x"), NULL, source).error, AMID_E_TOO_LARGE);
    assert_int_equal(registry_count(fixture->registry), 1);
    free(source);
    free(script);
}

static struct worker *in_scope(struct worker *worker, enum worker_scope scope)
{
    worker->scope = scope;
    return worker;
}

static void test_scope_moves(void **state)
{
    struct fixture *fixture = *state;
    struct kv *local = store_local(fixture->harness.store);
    struct kv *net = store_net(fixture->harness.store);
    struct kv_key prefix;
    kv_key_of(&prefix, "ami", "worker", NULL);
    assert_int_equal(create(fixture, make(1, "one"), "the source").error, 0);
    struct outcome moved = put(fixture, in_scope(make(1, "one"), WORKER_LOCAL), NULL, NULL);
    assert_int_equal(moved.error, 0);
    assert_int_equal(registry_find(fixture->registry, sid_of(1))->worker->scope, WORKER_LOCAL);
    assert_int_equal(harness_count(&fixture->harness, local, &prefix), 1);
    assert_int_equal(harness_count(&fixture->harness, net, &prefix), 0);
    assert_int_equal(pieces(fixture, local, sid_of(1)), 1);
    assert_int_equal(pieces(fixture, net, sid_of(1)), 0);
    source_is(fixture, sid_of(1), "the source");
    /* Back, with a new script in the same breath; and the watchers never saw it gone. */
    assert_int_equal(put(fixture, make(1, "two"), &moved.stamp, "new source").error, 0);
    source_is(fixture, sid_of(1), "new source");
    assert_int_equal(harness_count(&fixture->harness, local, &prefix), 0);
    assert_int_equal(pieces(fixture, local, sid_of(1)), 0);
    assert_string_equal(fixture->events.order, "+~~");
    /* A stale lock moves nothing. */
    assert_int_equal(
        put(fixture, in_scope(make(1, "three"), WORKER_LOCAL), &moved.stamp, NULL).error,
        AMID_E_CONFLICT);
    assert_int_equal(registry_find(fixture->registry, sid_of(1))->worker->scope, WORKER_NETWORK);
    /* One sid is one worker, wherever it lies. */
    assert_int_equal(create(fixture, in_scope(make(1, "x"), WORKER_LOCAL), NULL).error,
                     AMID_E_CONFLICT);
}

static void set_raw(struct fixture *fixture, struct kv *kv, const char *kind, const char *sid,
                    const char *value)
{
    struct kv_key key;
    struct kv_atomic *atomic = kv_atomic_new();
    kv_key_of(&key, "ami", kind, sid, NULL);
    if (value != NULL)
        kv_atomic_set(atomic, &key, value, strlen(value), 0);
    else
        kv_atomic_delete(atomic, &key);
    assert_int_equal(harness_commit(&fixture->harness, kv, atomic).error, 0);
}

static void test_delete_forgets(void **state)
{
    struct fixture *fixture = *state;
    struct kv *spaces[] = {store_local(fixture->harness.store), store_net(fixture->harness.store)};
    struct kv_key everything = {.len = 0};
    create(fixture, make(1, "one"), "s");
    for (size_t i = 0; i < 2; i++) {
        set_raw(fixture, spaces[i], "state", sid_of(1), "1");
        set_raw(fixture, spaces[i], "totals", sid_of(1), "1");
        set_raw(fixture, spaces[i], "totals", sid_of(2), "1");
    }
    assert_int_equal(drop(fixture, sid_of(1), NULL).error, 0);
    assert_int_equal(harness_count(&fixture->harness, spaces[0], &everything), 1);
    assert_int_equal(harness_count(&fixture->harness, spaces[1], &everything), 1);
}

static void test_bad_records_are_skipped(void **state)
{
    struct fixture *fixture = *state;
    struct kv *net = store_net(fixture->harness.store);
    create(fixture, make(1, "one"), NULL);
    set_raw(fixture, net, "worker", sid_of(2), "{\"raw\":5}");
    set_raw(fixture, net, "worker", "no uuid", "{}");
    set_raw(fixture, net, "worker", sid_of(3),
            registry_find(fixture->registry, sid_of(1))->json); /* another's sid */
    assert_int_equal(registry_count(fixture->registry), 1);
    /* A good one overwritten with nonsense stays what it was, and can still be replaced. */
    set_raw(fixture, net, "worker", sid_of(1), "{\"raw\":6}");
    assert_string_equal(registry_find(fixture->registry, sid_of(1))->worker->script, "one");
    assert_int_equal(put(fixture, make(1, "two"), NULL, NULL).error, 0);
    assert_string_equal(registry_find(fixture->registry, sid_of(1))->worker->script, "two");
    /* And none of it is fatal at a start. */
    registry_close(fixture->registry);
    registry_begin(fixture);
    assert_int_equal(registry_count(fixture->registry), 1);
    set_raw(fixture, net, "worker", sid_of(1), NULL);
    assert_int_equal(registry_count(fixture->registry), 0);
    assert_string_equal(fixture->events.order, "-");
}

/* More than a page, in both spaces, loaded while some of it changes. */
static void test_load_in_pages(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 1203 };
    struct outcome *outcomes = calloc(COUNT + 2, sizeof(*outcomes));
    for (int i = 0; i < COUNT; i++) {
        struct worker *worker = make(i, "x");
        worker->scope = i % 10 == 0 ? WORKER_LOCAL : WORKER_NETWORK;
        assert_int_equal(
            registry_create(fixture->registry, worker, NULL, 0, NULL, done, &outcomes[i]), 0);
    }
    harness_wait(&fixture->harness, &outcomes[COUNT - 1].done);
    assert_int_equal(registry_count(fixture->registry), COUNT);

    struct fixture second = {.harness = fixture->harness};
    struct store *store = fixture->harness.store;
    assert_int_equal(registry_open(store_local(store), store_net(store), fixture->harness.timers,
                                   on_ready, &second, &second.registry),
                     0);
    assert_int_equal(registry_watch(second.registry, on_event, &second.events), 0);
    assert_int_equal(registry_put(fixture->registry, make(7, "changed"), NULL, NULL, 0, NULL, done,
                                  &outcomes[COUNT]),
                     0);
    assert_int_equal(
        registry_delete(fixture->registry, sid_of(1199), NULL, NULL, done, &outcomes[COUNT + 1]),
        0);
    harness_wait(&fixture->harness, &second.ready);
    harness_wait(&fixture->harness, &outcomes[COUNT].done);
    harness_wait(&fixture->harness, &outcomes[COUNT + 1].done);
    assert_int_equal(registry_count(second.registry), COUNT - 1);
    assert_string_equal(registry_find(second.registry, sid_of(7))->worker->script, "changed");
    assert_null(registry_find(second.registry, sid_of(1199)));
    for (size_t i = 1; i < registry_count(second.registry); i++)
        assert_true(strcmp(registry_at(second.registry, i - 1)->worker->sid,
                           registry_at(second.registry, i)->worker->sid) < 0);
    registry_close(second.registry);
    free(outcomes);
}

static void test_watchers_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 1; i < REGISTRY_WATCHERS_MAX; i++)
        assert_int_equal(registry_watch(fixture->registry, on_event, &fixture->events), 0);
    assert_int_equal(registry_watch(fixture->registry, on_event, &fixture->events), AMID_E_LIMIT);
}

/* Closing with a load, a write and a read under way calls nobody and leaks nothing. */
static void test_close_under_way(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcomes[3] = {{.done = false}, {.done = false}, {.done = false}};
    create(fixture, make(1, "one"), "s");
    assert_int_equal(
        registry_put(fixture->registry, make(1, "two"), NULL, NULL, 0, NULL, done, &outcomes[0]),
        0);
    assert_int_equal(registry_put(fixture->registry, in_scope(make(1, "two"), WORKER_LOCAL), NULL,
                                  NULL, 0, NULL, done, &outcomes[1]),
                     0);
    assert_int_equal(registry_source(fixture->registry, sid_of(1), got_source, &outcomes[2]), 0);
    registry_close(fixture->registry);
    struct store *store = fixture->harness.store;
    fixture->ready = false;
    assert_int_equal(registry_open(store_local(store), store_net(store), fixture->harness.timers,
                                   on_ready, fixture, &fixture->registry),
                     0);
    registry_close(fixture->registry);
    fixture->registry = NULL;
    harness_close(&fixture->harness);
    event_base_loop(fixture->harness.base, EVLOOP_NONBLOCK);
    assert_false(fixture->ready || outcomes[0].done || outcomes[1].done || outcomes[2].done);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_create_put_delete), T(test_locks),
        T(test_source_pieces),     T(test_too_large),
        T(test_scope_moves),       T(test_delete_forgets),
        T(test_load_in_pages),     T(test_bad_records_are_skipped),
        T(test_close_under_way),   T(test_watchers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
