/* Holds: a uniform host call is answered exactly once whatever its arguments are, a payload that no
 * honest runner sends is AMID_E_PROTOCOL; resources are bounded, found by number and kind, and
 * closed with the iteration and the process, whose waiting calls end with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"

struct bench {
    struct config config;
    struct broker broker;
    struct broker_worker worker;
    size_t answers;
    uint32_t id;
    uint32_t error;
    char message[256];
    char json[512];
    size_t denials;
};

static int take_answer(void *arg, enum proto_message type, uint32_t id,
                       const struct buffer *payload)
{
    struct bench *bench = arg;
    struct wire_reader reader;
    const uint8_t *text;
    size_t len;

    (void)type;
    bench->answers++;
    bench->id = id;
    wire_read(&reader, payload->data, payload->len);
    bench->error = wire_get_u32(&reader);
    text = wire_get_bytes(&reader, sizeof(bench->message) - 1, &len);
    memcpy(bench->message, text, len);
    bench->message[len] = '\0';
    bench->json[0] = '\0';
    if (bench->error == 0) {
        text = wire_get_bytes(&reader, sizeof(bench->json) - 1, &len);
        memcpy(bench->json, text, len);
        bench->json[len] = '\0';
        wire_get_bytes(&reader, 64, &len);
    }
    assert_true(wire_end(&reader));
    return 0;
}

static void take_hold(void *arg, bool is_held)
{
    (void)arg;
    (void)is_held;
}

static void take_line(void *arg, const struct log_record *record)
{
    struct bench *bench = arg;

    if (record->about != NULL && strcmp(record->about->event, "denied") == 0)
        bench->denials++;
}

static char fetch_allow[] = "api.example.com,*.example.org:443,127.0.0.1:8080,[2001:db8::1]:9";
static char serve_ports[] = "8000-8010,9100";

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    bench->config.fetch_allow = fetch_allow;
    bench->config.serve_ports = serve_ports;
    bench->broker.config = &bench->config;
    bench->worker = (struct broker_worker){.broker = &bench->broker,
                                           .sid = "s",
                                           .instance = 1,
                                           .send = take_answer,
                                           .hold = take_hold,
                                           .arg = bench};
    broker_worker_begin(&bench->worker);
    log_set_sink(take_line, bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    broker_worker_end(&bench->worker);
    log_set_sink(NULL, NULL);
    free(bench);
    return 0;
}

static int call(struct bench *bench, uint32_t id, const char *json)
{
    struct buffer payload;
    int error;

    buffer_init(&payload, 4096);
    wire_put_text(&payload, json);
    wire_put_text(&payload, "");
    error = broker_handle(&bench->worker, PROTO_KV_NEXT, id, (const uint8_t *)payload.data,
                          payload.len);
    buffer_free(&payload);
    return error;
}

static void cancelled(struct broker_call *of, void *arg)
{
    size_t *count = arg;

    (*count)++;
    broker_call_fail(of, AMID_E_STOPPED, NULL);
}

static struct host_call *waiting_call(struct bench *bench, uint32_t id, size_t *cancels)
{
    struct host_call *waiting =
        broker_call_new(&bench->worker, sizeof(struct host_call), PROTO_KV_NEXT_DONE, id, 1);

    if (cancels != NULL)
        host_call_on_cancel(waiting, cancelled, cancels);
    return waiting;
}

static void test_answer(void **state)
{
    struct bench *bench = *state;

    assert_true(broker_takes(PROTO_KV_NEXT));
    assert_int_equal(call(bench, 9, "{\"rid\":1}"), 0);
    assert_int_equal(bench->answers, 1);
    assert_int_equal(bench->id, 9);
    assert_int_equal(bench->error, -AMID_E_BAD_RESOURCE);
    host_call_done(waiting_call(bench, 10, NULL), "{\"a\":1}", "bytes", 5);
    assert_int_equal(bench->answers, 2);
    assert_int_equal(bench->id, 10);
    assert_int_equal(bench->error, 0);
    assert_string_equal(bench->json, "{\"a\":1}");
    assert_int_equal(bench->worker.units, 0);
}

static int take_short(void *arg, enum proto_message type, uint32_t id, const struct buffer *payload)
{
    return payload->len > PROTO_ANSWER_LEAST ? AMID_E_TOO_LARGE
                                             : take_answer(arg, type, id, payload);
}

static void test_no_error_is_too_long_to_be_told(void **state)
{
    struct bench *bench = *state;
    char message[2000];

    memset(message, 'x', sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    bench->worker.send = take_short;
    host_call_fail(waiting_call(bench, 1, NULL), AMID_E_DENIED, message);
    assert_int_equal(bench->answers, 1);
    assert_int_equal(bench->error, -AMID_E_DENIED);
    assert_string_equal(bench->message, error_text(AMID_E_DENIED));
}

static void test_bad_arguments(void **state)
{
    struct bench *bench = *state;
    static const char *const bad[] = {"", "{", "[]", "null", "{\"a\":1,\"a\":2}", "{} {}"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(call(bench, 1, bad[i]), 0);
        assert_int_equal(bench->answers, i + 1);
        assert_int_equal(bench->error, -AMID_E_INVALID);
    }
    assert_int_equal(call(bench, 0, "{}"), AMID_E_PROTOCOL);
    assert_int_equal(broker_handle(&bench->worker, PROTO_KV_NEXT, 1, (const uint8_t *)"\5", 1),
                     AMID_E_PROTOCOL);
    assert_int_equal(bench->answers, sizeof(bad) / sizeof(bad[0]));
}

/* A resource with one call that waits on it. */
struct thing {
    struct resource resource;
    struct host_call *waiting;
};

static size_t closed;

static void thing_close(struct resource *resource)
{
    struct thing *thing = (struct thing *)resource;

    closed++;
    if (thing->waiting != NULL)
        host_call_fail(thing->waiting, AMID_E_STOPPED, NULL);
    free(thing);
}

static const struct resource_kind thing_kind = {.name = "thing", .close = thing_close};
static const struct resource_kind other_kind = {.name = "other", .close = thing_close};

static struct thing *thing_new(struct bench *bench)
{
    struct thing *thing = calloc(1, sizeof(*thing));

    assert_int_equal(resource_open(&bench->worker, &thing->resource, &thing_kind), 0);
    return thing;
}

static void thing_wait(struct bench *bench, struct thing *thing, uint32_t id)
{
    thing->waiting =
        broker_call_new(&bench->worker, sizeof(struct host_call), PROTO_KV_NEXT_DONE, id, 0);
}

static int ask_number(struct bench *bench, enum proto_message type, uint32_t number)
{
    struct buffer payload;
    int error;

    buffer_init(&payload, 16);
    wire_put_u32(&payload, number);
    error = broker_handle(&bench->worker, type, 0, (const uint8_t *)payload.data, payload.len);
    buffer_free(&payload);
    return error;
}

static void test_resources(void **state)
{
    struct bench *bench = *state;
    struct thing *first = thing_new(bench), *second = thing_new(bench), over = {0};
    uint32_t rid = first->resource.rid;

    closed = 0;
    assert_int_not_equal(rid, 0);
    assert_ptr_equal(resource_find(&bench->worker, rid, &thing_kind), &first->resource);
    assert_null(resource_find(&bench->worker, rid, &other_kind));
    assert_null(resource_find(&bench->worker, 0, NULL));
    thing_wait(bench, second, 5);
    assert_int_equal(ask_number(bench, PROTO_RESOURCE_CLOSE, rid), 0);
    assert_int_equal(ask_number(bench, PROTO_RESOURCE_CLOSE, rid), 0); /* closed already */
    assert_int_equal(closed, 1);
    assert_int_equal(bench->answers, 0);
    assert_int_equal(ask_number(bench, PROTO_RESOURCE_CLOSE, 0), 0);
    assert_int_equal(closed, 2);
    assert_int_equal(bench->answers, 1);
    assert_int_equal(bench->id, 5);
    assert_int_equal(bench->error, -AMID_E_STOPPED);
    for (uint32_t i = 0; i < RESOURCES_MAX; i++)
        thing_new(bench);
    assert_int_equal(resource_open(&bench->worker, &over.resource, &thing_kind), AMID_E_LIMIT);
    resource_close_all(&bench->worker);
    assert_int_equal(closed, 2 + RESOURCES_MAX);
    assert_int_equal(bench->worker.resources.count, 0);
}

static void test_cancel(void **state)
{
    struct bench *bench = *state;
    size_t cancels = 0;
    struct host_call *deaf = waiting_call(bench, 1, NULL);

    waiting_call(bench, 2, &cancels);
    waiting_call(bench, 3, &cancels);
    assert_int_equal(ask_number(bench, PROTO_CALL_CANCEL, 3), 0);
    assert_int_equal(ask_number(bench, PROTO_CALL_CANCEL, 3), 0);
    assert_int_equal(ask_number(bench, PROTO_CALL_CANCEL, 1), 0);
    assert_int_equal(cancels, 1);
    assert_int_equal(bench->id, 3);
    assert_int_equal(ask_number(bench, PROTO_RESOURCE_CLOSE, 0), 0);
    assert_int_equal(cancels, 2);
    assert_int_equal(bench->id, 2);
    waiting_call(bench, 4, &cancels);
    broker_worker_end(&bench->worker);
    assert_int_equal(cancels, 3);
    assert_int_equal(bench->answers, 2); /* nobody is told of the last */
    host_call_done(deaf, NULL, NULL, 0);
    assert_int_equal(bench->answers, 2);
    assert_int_equal(ask_number(bench, PROTO_CALL_CANCEL, 1), 0);
}

static void test_denial(void **state)
{
    struct bench *bench = *state;

    host_call_deny(waiting_call(bench, 1, NULL), "fetch", "example.com:443");
    assert_int_equal(bench->error, -AMID_E_DENIED);
    assert_string_equal(bench->message, "this worker lacks the permission: fetch example.com:443");
    assert_int_equal(bench->denials, 1);
}

static void test_permissions(void **state)
{
    struct bench *bench = *state;
    const struct broker_worker *worker = &bench->worker;
    struct port_range ports;

    assert_true(permission_fetch(worker, "api.example.com", 443));
    assert_true(permission_fetch(worker, "api.example.com", 1));
    assert_false(permission_fetch(worker, "example.com", 443));
    assert_false(permission_fetch(worker, "api.example.com.evil.net", 443));
    assert_true(permission_fetch(worker, "a.b.example.org", 443));
    assert_false(permission_fetch(worker, "a.b.example.org", 80));
    assert_false(permission_fetch(worker, "example.org", 443));
    assert_false(permission_fetch(worker, "badexample.org", 443));
    assert_true(permission_fetch(worker, "127.0.0.1", 8080));
    assert_false(permission_fetch(worker, "127.0.0.1", 80));
    assert_true(permission_fetch(worker, "2001:db8::1", 9));
    assert_false(permission_fetch(worker, "2001:db8::1", 10));
    assert_false(permission_fetch(worker, "", 443));
    assert_true(permission_serve(worker, 8000));
    assert_true(permission_serve(worker, 8010));
    assert_true(permission_serve(worker, 9100));
    assert_false(permission_serve(worker, 8011));
    assert_false(permission_serve(worker, 80));
    assert_false(port_range_parse("-", strlen("-"), &ports));
    assert_false(port_range_parse("1-", strlen("1-"), &ports));
    assert_false(port_range_parse("0-99999", strlen("0-99999"), &ports));
}

static struct permissions *limits(const char *text)
{
    struct permissions *permissions = NULL;
    char reason[256];
    cJSON *json = cJSON_Parse(text);

    assert_int_equal(permissions_parse(json, "raw", &permissions, reason, sizeof(reason)), 0);
    cJSON_Delete(json);
    return permissions;
}

static void test_a_worker_has_less_than_its_node(void **state)
{
    struct bench *bench = *state;
    struct permissions *permissions =
        limits("{\"fetch\":[\"api.example.com:443\",\"other.net\"],\"serve\":[\"8005-9200\"],"
               "\"wallet\":false}");
    struct broker_worker *worker = &bench->worker;

    permission_changed(worker, permissions);
    assert_true(permission_fetch(worker, "api.example.com", 443));
    assert_false(permission_fetch(worker, "api.example.com", 1));
    assert_false(permission_fetch(worker, "a.b.example.org", 443));
    assert_false(permission_fetch(worker, "other.net", 443)); /* the node does not allow it */
    assert_false(permission_serve(worker, 8000));
    assert_true(permission_serve(worker, 8010));
    assert_false(permission_serve(worker, 8011));
    assert_true(permission_serve(worker, 9100));
    assert_false(permission_wallet(worker));
    permission_changed(worker, NULL);
    assert_true(permission_fetch(worker, "api.example.com", 1));
    assert_true(permission_wallet(worker));
    permissions_unref(permissions);
}

static void test_what_the_node_covers(void **state)
{
    struct bench *bench = *state;
    const struct config *config = bench->worker.broker->config;
    struct port_range ports = {8000, 8010};

    assert_true(permission_node_fetch(config, "api.example.com"));
    assert_true(permission_node_fetch(config, "api.example.com:80"));
    assert_true(permission_node_fetch(config, "x.example.org:443"));
    assert_true(permission_node_fetch(config, "*.example.org:443"));
    assert_true(permission_node_fetch(config, "*.sub.example.org:443"));
    assert_false(permission_node_fetch(config, "*.example.org"));
    assert_false(permission_node_fetch(config, "example.org:443"));
    assert_false(permission_node_fetch(config, "*"));
    assert_true(permission_node_serve(config, &ports));
    ports.last = 8011;
    assert_false(permission_node_serve(config, &ports));
    ports = (struct port_range){9100, 9100};
    assert_true(permission_node_serve(config, &ports));
    ports = (struct port_range){65535, 65535};
    assert_false(permission_node_serve(config, &ports));
}

struct range_text {
    const char *start, *end; /* parts of one string each; NULL = the ends of everything */
};

static struct kv_range range_of(struct range_text text)
{
    struct kv_range range = {.limit = 10};

    kv_key_clear(&range.start);
    if (text.start != NULL)
        kv_key_of(&range.start, text.start, NULL);
    range.end = (struct kv_key){.len = 1, .bytes = {0xff}};
    if (text.end != NULL)
        kv_key_of(&range.end, text.end, NULL);
    return range;
}

static void test_ranges_are_cut(void **state)
{
    struct bench *bench = *state;
    struct permissions *permissions = limits("{\"kv\":{\"net\":[[\"b\"],[\"d\",1],[\"d\",2]]}}");
    struct broker_worker *worker = &bench->worker;
    struct kv_range range = range_of((struct range_text){NULL, NULL});
    struct kv_range two[2];
    struct kv_range *parts = NULL;

    permission_changed(worker, permissions);
    assert_int_equal(permission_cut(worker, false, &range, 1, &parts), 1);
    free(parts);
    assert_int_equal(permission_cut(worker, true, &range, 1, &parts), 3);
    for (int i = 0; i < 3; i++) {
        assert_true(permission_kv(worker, true, parts[i].start.bytes, parts[i].start.len));
        assert_true(parts[i].end.bytes[parts[i].end.len - 1] == KV_PART_TRUE + 1);
    }
    free(parts);
    two[0] = range_of((struct range_text){"a", "c"});
    two[1] = range_of((struct range_text){"c", "d"});
    assert_int_equal(permission_cut(worker, true, two, 2, &parts), 1);
    free(parts);
    two[0] = range_of((struct range_text){"bb", "c"});
    assert_int_equal(permission_cut(worker, true, two, 2, &parts), AMID_E_DENIED);
    assert_int_equal(permission_cut(worker, true, two, 0, &parts), 0);
    free(parts);
    permission_changed(worker, NULL);
    permissions_unref(permissions);
}

static void test_refusals_do_not_flood(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 1000; i++)
        permission_denied(&bench->worker, "kv.net", "[\"a\"]");
    assert_int_equal(bench->denials, PERMISSION_DENIED_LINES);
    permission_denied_flush(&bench->worker);
    assert_int_equal(bench->denials, PERMISSION_DENIED_LINES + 1); /* "990 more" */
}

struct held {
    struct resource resource;
    uint16_t port;
    int *count;
};

static void held_close(struct resource *resource)
{
    struct held *held = (struct held *)resource;

    (*held->count)++;
    free(held);
}

static bool held_is_allowed(const struct resource *resource)
{
    return permission_serve(resource->worker, ((const struct held *)resource)->port);
}

static void test_what_is_held_and_not_allowed_is_closed(void **state)
{
    static const struct resource_kind kind = {"listener", held_close, held_is_allowed};
    static const uint16_t ports[] = {8000, 8001, 8002};
    struct bench *bench = *state;
    struct permissions *permissions = limits("{\"serve\":[8001]}");
    int ended = 0;

    for (size_t i = 0; i < 3; i++) {
        struct held *held = calloc(1, sizeof(*held));
        held->port = ports[i];
        held->count = &ended;
        assert_int_equal(resource_open(&bench->worker, &held->resource, &kind), 0);
    }
    permission_changed(&bench->worker, permissions);
    assert_int_equal(ended, 2);
    permission_changed(&bench->worker, NULL);
    assert_int_equal(ended, 2);
    resource_close_all(&bench->worker);
    assert_int_equal(ended, 3);
    permissions_unref(permissions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_error_is_too_long_to_be_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resources, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_denial, setup, teardown),
        cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_worker_has_less_than_its_node, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_the_node_covers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ranges_are_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals_do_not_flood, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_held_and_not_allowed_is_closed, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
