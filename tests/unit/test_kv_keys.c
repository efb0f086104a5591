/* Holds: calls about several keys read the real store as of one moment and nothing that is amid's
 * own; a watch tells the first state and each later one, the last of a burst and nothing twice;
 * what waits ends with its watch, its iteration and its process; nonsense gets an error and watches
 * are bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/broker/broker.h"
#include "supervisor/broker/permission.h"
#include "tests/unit/kv_harness.h"

struct bench {
    struct harness harness;
    struct config config;
    struct broker broker;
    struct broker_worker worker;
    bool answered;
    size_t answers;
    uint32_t id;
    uint32_t error;
    char text[1024]; /* result or message */
};

static int take_answer(void *arg, enum proto_message type, uint32_t id,
                       const struct buffer *payload)
{
    struct bench *bench = arg;
    struct wire_reader reader;
    const uint8_t *text;
    size_t len;

    (void)type;
    wire_read(&reader, payload->data, payload->len);
    bench->id = id;
    bench->error = wire_get_u32(&reader);
    text = wire_get_bytes(&reader, sizeof(bench->text) - 1, &len);
    if (bench->error == 0)
        text = wire_get_bytes(&reader, sizeof(bench->text) - 1, &len);
    assert_non_null(text);
    memcpy(bench->text, text, len);
    bench->text[len] = '\0';
    bench->answers++;
    bench->answered = true;
    return 0;
}

static void take_hold(void *arg, bool is_held)
{
    (void)arg;
    (void)is_held;
}

static void take_line(void *arg, const struct log_record *record)
{
    (void)arg;
    (void)record;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    harness_make(&bench->harness);
    assert_int_equal(harness_open(&bench->harness), 0);
    bench->broker = (struct broker){.local = store_local(bench->harness.store),
                                    .net = store_net(bench->harness.store),
                                    .timers = bench->harness.timers,
                                    .config = &bench->config};
    bench->worker = (struct broker_worker){.broker = &bench->broker,
                                           .sid = "s",
                                           .instance = 1,
                                           .send = take_answer,
                                           .hold = take_hold,
                                           .arg = bench};
    log_set_sink(take_line, NULL);
    broker_worker_begin(&bench->worker);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    broker_worker_end(&bench->worker);
    log_set_sink(NULL, NULL);
    harness_drop(&bench->harness);
    free(bench);
    return 0;
}

static void put_key(struct buffer *keys, const char *first, const char *second)
{
    struct kv_key key;

    kv_key_of(&key, first, second, NULL);
    wire_put_bytes(keys, key.bytes, key.len);
}

/* Sends the call; its answer, if it comes at once, has id. Empties keys. */
static void begin(struct bench *bench, enum proto_message type, uint32_t id, const char *json,
                  struct buffer *keys)
{
    struct buffer payload;

    buffer_init(&payload, 65536);
    wire_put_text(&payload, json);
    wire_put_bytes(&payload, keys == NULL ? NULL : keys->data, keys == NULL ? 0 : keys->len);
    bench->answered = false;
    assert_int_equal(
        broker_handle(&bench->worker, type, id, (const uint8_t *)payload.data, payload.len), 0);
    buffer_free(&payload);
    if (keys != NULL)
        buffer_clear(keys);
}

static uint32_t ask(struct bench *bench, enum proto_message type, const char *json,
                    struct buffer *keys)
{
    begin(bench, type, 7, json, keys);
    harness_wait(&bench->harness, &bench->answered);
    assert_int_equal(bench->id, 7);
    return bench->error;
}

static void turn(struct bench *bench)
{
    for (int i = 0; i < 3; i++)
        event_base_loop(bench->harness.base, EVLOOP_NONBLOCK);
}

static void several_keys_are_got(void **state)
{
    struct bench *bench = *state;
    struct buffer keys;

    buffer_init(&keys, 65536);
    harness_set(&bench->harness, bench->broker.net, "b", "{\"x\":[1]}");
    put_key(&keys, "t", "a");
    put_key(&keys, "t", "b");
    assert_int_equal(ask(bench, PROTO_KV_GET_MANY, "{\"space\":1}", &keys), 0);
    assert_memory_equal(bench->text, "[null,[\"0000", 12);
    assert_non_null(strstr(bench->text, "\",{\"x\":[1]}]]"));
    put_key(&keys, "t", "b");
    assert_int_equal(ask(bench, PROTO_KV_GET_MANY, "{\"space\":0}", &keys), 0);
    assert_string_equal(bench->text, "[null]");
    assert_int_equal(bench->worker.units, 0);
    buffer_free(&keys);
}

static void nonsense_is_an_error(void **state)
{
    static const enum proto_message types[] = {PROTO_KV_GET_MANY, PROTO_KV_WATCH};
    static const char *const args[] = {"{\"space\":2}", "{\"space\":\"net\"}", "{\"space\":-1}"};
    struct bench *bench = *state;
    struct buffer keys;

    buffer_init(&keys, 65536);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 3; j++) {
            put_key(&keys, "t", "a");
            assert_int_equal(ask(bench, types[i], args[j], &keys), -AMID_E_INVALID);
        }
        assert_int_equal(ask(bench, types[i], "{}", &keys), -AMID_E_INVALID); /* no key */
        wire_put_bytes(&keys, "", 0);
        assert_int_equal(ask(bench, types[i], "{}", &keys), -AMID_E_INVALID);
        wire_put_bytes(&keys, "\x07", 1);
        assert_int_equal(ask(bench, types[i], "{}", &keys), -AMID_E_INVALID);
        wire_put_u32(&keys, 4000000000u);
        assert_int_equal(ask(bench, types[i], "{}", &keys), -AMID_E_INVALID);
        put_key(&keys, "t", "a");
        wire_put_u8(&keys, 1);
        assert_int_equal(ask(bench, types[i], "{}", &keys), -AMID_E_INVALID);
        for (int j = 0; j < KV_GET_MANY_MAX + 1; j++)
            put_key(&keys, "t", "a");
        assert_int_equal(ask(bench, types[i], "{}", &keys), -AMID_E_INVALID);
        assert_string_equal(bench->text, "Too many keys (max 10)");
        put_key(&keys, "t", "a");
        put_key(&keys, "ami", "x");
        assert_int_equal(ask(bench, types[i], "{\"space\":1}", &keys), -AMID_E_DENIED);
        assert_non_null(strstr(bench->text, "belong to amid"));
    }
    put_key(&keys, "t", "a");
    assert_int_equal(ask(bench, PROTO_KV_WATCH, "{\"raw\":1}", &keys), -AMID_E_INVALID);
    assert_int_equal(ask(bench, PROTO_KV_NEXT, "{\"rid\":1}", NULL), -AMID_E_BAD_RESOURCE);
    assert_int_equal(ask(bench, PROTO_KV_NEXT, "{\"rid\":{}}", NULL), -AMID_E_INVALID);
    assert_int_equal(bench->worker.resources.count, 0);
    assert_int_equal(bench->worker.units, 0);
    buffer_free(&keys);
}

/* Opens one on ["t","a"] and ["t","b"]; returns its KV_NEXT arguments. */
static const char *watch_open(struct bench *bench, const char *args)
{
    static char next[32];
    struct buffer keys;
    unsigned rid;

    buffer_init(&keys, 4096);
    put_key(&keys, "t", "a");
    put_key(&keys, "t", "b");
    assert_int_equal(ask(bench, PROTO_KV_WATCH, args, &keys), 0);
    buffer_free(&keys);
    rid = bench->worker.resources.last_rid;
    snprintf(next, sizeof(next), "{\"rid\":%u}", rid);
    assert_memory_equal(bench->text, next, strlen(next) - 1);
    return next;
}

static void a_watch_tells_the_last_state_once(void **state)
{
    struct bench *bench = *state;
    struct kv *local = bench->broker.local;
    const char *next = watch_open(bench, "{\"space\":0}");

    assert_non_null(strstr(bench->text, "\"changes\":[[0,null],[1,null]]"));
    begin(bench, PROTO_KV_NEXT, 8, next, NULL);
    harness_set(&bench->harness, local, "other", "1");
    harness_set(&bench->harness, bench->broker.net, "a", "1");
    turn(bench);
    assert_false(bench->answered);
    harness_set(&bench->harness, local, "b", "5");
    harness_wait(&bench->harness, &bench->answered);
    assert_int_equal(bench->id, 8);
    assert_non_null(strstr(bench->text, "[[1,[\""));
    assert_non_null(strstr(bench->text, "\",5]]]"));
    /* A burst while nobody asks: its last state, and no more. */
    for (int i = 0; i < 9; i++)
        harness_set(&bench->harness, local, "a", i == 8 ? "\"last\"" : "\"x\"");
    harness_delete(&bench->harness, local, "b");
    assert_int_equal(ask(bench, PROTO_KV_NEXT, next, NULL), 0);
    assert_non_null(strstr(bench->text, "\"last\"]],[1,null]]"));
    begin(bench, PROTO_KV_NEXT, 9, next, NULL);
    turn(bench);
    assert_false(bench->answered);
    /* One question at a time. */
    begin(bench, PROTO_KV_NEXT, 10, next, NULL);
    assert_int_equal(bench->id, 10);
    assert_int_equal(bench->error, -AMID_E_BUSY);
    /* Gone and there again between two questions, with the same absence: nothing to tell. */
    bench->answered = false;
    harness_delete(&bench->harness, local, "b");
    turn(bench);
    assert_false(bench->answered);
}

static void a_raw_watch_tells_of_changes_that_changed_nothing(void **state)
{
    struct bench *bench = *state;
    const char *next = watch_open(bench, "{\"raw\":true}");

    harness_set(&bench->harness, bench->broker.local, "a", "1");
    harness_delete(&bench->harness, bench->broker.local, "a");
    assert_int_equal(ask(bench, PROTO_KV_NEXT, next, NULL), 0);
    assert_non_null(strstr(bench->text, "\"changes\":[]"));
}

static void tell_number(struct bench *bench, enum proto_message type, uint32_t number)
{
    struct buffer payload;

    buffer_init(&payload, 16);
    wire_put_u32(&payload, number);
    assert_int_equal(
        broker_handle(&bench->worker, type, 0, (const uint8_t *)payload.data, payload.len), 0);
    buffer_free(&payload);
}

static void what_waits_ends_with_its_watch(void **state)
{
    struct bench *bench = *state;
    const char *next = watch_open(bench, "{}");
    struct buffer keys;

    /* Let go of: asked again, it tells what happened meanwhile. */
    begin(bench, PROTO_KV_NEXT, 8, next, NULL);
    tell_number(bench, PROTO_CALL_CANCEL, 8);
    assert_int_equal(bench->error, -AMID_E_STOPPED);
    harness_set(&bench->harness, bench->broker.local, "a", "1");
    /* Let go of while the read is under way. */
    begin(bench, PROTO_KV_NEXT, 9, next, NULL);
    tell_number(bench, PROTO_CALL_CANCEL, 9);
    assert_int_equal(bench->id, 9);
    turn(bench);
    assert_int_equal(ask(bench, PROTO_KV_NEXT, next, NULL), 0);
    assert_non_null(strstr(bench->text, "[[0,[\""));
    /* Closed while it waits, and while it reads. */
    begin(bench, PROTO_KV_NEXT, 10, next, NULL);
    tell_number(bench, PROTO_RESOURCE_CLOSE, bench->worker.resources.last_rid);
    assert_int_equal(bench->error, -AMID_E_BAD_RESOURCE);
    buffer_init(&keys, 4096);
    put_key(&keys, "t", "a");
    begin(bench, PROTO_KV_WATCH, 11, "{}", &keys);
    tell_number(bench, PROTO_RESOURCE_CLOSE, 0);
    assert_int_equal(bench->id, 11);
    assert_int_equal(bench->worker.resources.count, 0);
    turn(bench);
    /* The process ends: nothing is answered any more. */
    put_key(&keys, "t", "a");
    begin(bench, PROTO_KV_WATCH, 12, "{}", &keys);
    bench->answers = 0;
    broker_worker_end(&bench->worker);
    turn(bench);
    harness_set(&bench->harness, bench->broker.local, "a", "2");
    broker_worker_begin(&bench->worker);
    buffer_free(&keys);
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

static void what_may_not_be_read_is_not_watched(void **state)
{
    struct bench *bench = *state;
    struct permissions *less = limits("{\"kv\":{\"net\":[[\"t\",\"a\"]]}}");
    struct permissions *none = limits("{\"kv\":{\"net\":[[\"u\"]],\"local\":[]}}");
    const char *next = watch_open(bench, "{\"space\":0}");
    struct buffer keys;

    buffer_init(&keys, 4096);
    permission_changed(&bench->worker, less);
    put_key(&keys, "t", "a");
    assert_int_equal(ask(bench, PROTO_KV_GET_MANY, "{\"space\":1}", &keys), 0);
    put_key(&keys, "t", "a");
    put_key(&keys, "t", "b");
    assert_int_equal(ask(bench, PROTO_KV_WATCH, "{\"space\":1}", &keys), -AMID_E_DENIED);
    assert_non_null(strstr(bench->text, "kv.net [\"t\",\"b\"]"));
    /* Taken away while a question waits. */
    begin(bench, PROTO_KV_NEXT, 8, next, NULL);
    turn(bench);
    assert_false(bench->answered);
    permission_changed(&bench->worker, none);
    assert_true(bench->answered);
    assert_int_equal(bench->error, -AMID_E_DENIED);
    assert_int_equal(bench->worker.resources.count, 0);
    permission_changed(&bench->worker, NULL);
    permissions_unref(less);
    permissions_unref(none);
    buffer_free(&keys);
}

static void watches_are_bounded(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 64; i++)
        (void)watch_open(bench, "{}");
    struct buffer keys;
    buffer_init(&keys, 4096);
    put_key(&keys, "t", "a");
    assert_int_equal(ask(bench, PROTO_KV_WATCH, "{}", &keys), -AMID_E_LIMIT);
    buffer_free(&keys);
    assert_int_equal(bench->worker.resources.count, 64);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(several_keys_are_got),
        T(nonsense_is_an_error),
        T(a_watch_tells_the_last_state_once),
        T(a_raw_watch_tells_of_changes_that_changed_nothing),
        T(what_waits_ends_with_its_watch),
        T(what_may_not_be_read_is_not_watched),
        T(watches_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
