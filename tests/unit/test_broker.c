/* Holds: host calls reach the real key-value store and nothing that is amid's own (RULES 23); what
 * a script asks for wrongly gets an error, what no honest runner sends gets AMID_E_PROTOCOL; calls
 * under way and lines a second are bounded (RULES 21); a worker that ends takes its answers along.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "proto/wire.h"
#include "supervisor/broker/broker.h"
#include "supervisor/broker/reserved.h"
#include "tests/unit/kv_harness.h"

struct bench {
    struct harness harness;
    struct broker broker;
    struct broker_worker worker;
    bool answered;
    size_t answers;
    uint32_t error; /* of the last answer */
    enum proto_message type;
    struct buffer payload; /* what follows error and message */
    bool is_held;
    size_t lines;
    size_t suppressions;
    char text[256];
};

static int take_answer(void *arg, enum proto_message type, uint32_t id,
                       const struct buffer *payload)
{
    struct bench *bench = arg;
    struct wire_reader reader;
    size_t len;

    assert_int_equal(id, 7);
    wire_read(&reader, payload->data, payload->len);
    bench->error = wire_get_u32(&reader);
    wire_get_bytes(&reader, 4096, &len);
    assert_false(reader.failed);
    buffer_clear(&bench->payload);
    buffer_append(&bench->payload, reader.next, reader.left);
    bench->type = type;
    bench->answers++;
    bench->answered = true;
    return 0;
}

static void take_hold(void *arg, bool is_held)
{
    struct bench *bench = arg;

    bench->is_held = is_held;
}

static void take_line(void *arg, const struct log_record *record)
{
    struct bench *bench = arg;

    if (record->about != NULL && record->about->from_script)
        bench->lines++;
    else
        bench->suppressions++;
    snprintf(bench->text, sizeof(bench->text), "%.*s", (int)record->text_len, record->text);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    harness_make(&bench->harness);
    assert_int_equal(harness_open(&bench->harness), 0);
    bench->broker = (struct broker){.local = store_local(bench->harness.store),
                                    .net = store_net(bench->harness.store),
                                    .timers = bench->harness.timers};
    bench->worker = (struct broker_worker){.broker = &bench->broker,
                                           .sid = "s",
                                           .instance = 1,
                                           .priority = WORKER_LOW,
                                           .level = LOG_LEVEL_INFO,
                                           .send = take_answer,
                                           .hold = take_hold,
                                           .arg = bench};
    buffer_init(&bench->payload, 8 << 20);
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
    harness_close(&bench->harness);
    harness_drop(&bench->harness);
    buffer_free(&bench->payload);
    free(bench);
    return 0;
}

static int call(struct bench *bench, enum proto_message type, struct buffer *payload)
{
    int error =
        broker_handle(&bench->worker, type, 7, (const uint8_t *)payload->data, payload->len);

    buffer_free(payload);
    return error;
}

static uint32_t ask(struct bench *bench, enum proto_message type, struct buffer *payload)
{
    bench->answered = false;
    assert_int_equal(call(bench, type, payload), 0);
    harness_wait(&bench->harness, &bench->answered);
    return bench->error;
}

static struct buffer get_of(uint8_t space, const char *first, const char *second)
{
    struct buffer payload;
    struct kv_key key;

    kv_key_of(&key, first, second, NULL);
    buffer_init(&payload, 1 << 20);
    wire_put_u8(&payload, space);
    wire_put_bytes(&payload, key.bytes, key.len);
    return payload;
}

static struct buffer set_of(uint8_t space, const char *first, const char *second, const char *value)
{
    struct buffer payload;
    struct kv_key key;

    kv_key_of(&key, first, second, NULL);
    buffer_init(&payload, 2 << 20);
    wire_put_u8(&payload, space);
    wire_put_u32(&payload, 0);
    wire_put_u32(&payload, 1);
    wire_put_u8(&payload, 0);
    wire_put_bytes(&payload, key.bytes, key.len);
    wire_put_text(&payload, value);
    wire_put_u64(&payload, 0);
    return payload;
}

static struct buffer list_of(const char *prefix, uint32_t limit, uint8_t reverse)
{
    struct kv_range range;
    struct kv_key key;
    struct buffer payload;

    kv_key_clear(&key);
    if (prefix != NULL)
        kv_key_of(&key, prefix, NULL);
    kv_range_of_prefix(&range, &key);
    if (prefix == NULL) {
        range.end.len = 1;
        range.end.bytes[0] = 0xff;
    }
    buffer_init(&payload, 1 << 20);
    wire_put_u8(&payload, 1);
    wire_put_bytes(&payload, range.start.bytes, prefix == NULL ? 0 : range.start.len);
    wire_put_bytes(&payload, range.end.bytes, range.end.len);
    wire_put_u32(&payload, limit);
    wire_put_u8(&payload, reverse);
    return payload;
}

static void what_is_set_is_got_in_its_space_only(void **state)
{
    struct bench *bench = *state;
    struct buffer payload = set_of(1, "a", "b", "{\"x\":1}");

    assert_int_equal(ask(bench, PROTO_KV_ATOMIC, &payload), 0);
    assert_int_equal(bench->type, PROTO_KV_COMMITTED);
    assert_int_equal(bench->payload.data[0], 1);
    payload = get_of(1, "a", "b");
    assert_int_equal(ask(bench, PROTO_KV_GET, &payload), 0);
    assert_int_equal(bench->payload.data[0], 1);
    assert_memory_equal(bench->payload.data + 5, "{\"x\":1}", 7);
    payload = get_of(0, "a", "b");
    assert_int_equal(ask(bench, PROTO_KV_GET, &payload), 0);
    assert_int_equal(bench->payload.data[0], 0);
}

static void amids_own_keys_are_denied(void **state)
{
    static const char *const firsts[] = {"ami", "leader"};
    struct bench *bench = *state;
    struct buffer payload;

    for (size_t i = 0; i < 2; i++) {
        payload = get_of(1, firsts[i], "x");
        assert_int_equal(ask(bench, PROTO_KV_GET, &payload), -AMID_E_DENIED);
        payload = set_of(0, firsts[i], "info", "1");
        assert_int_equal(ask(bench, PROTO_KV_ATOMIC, &payload), -AMID_E_DENIED);
        payload = list_of(firsts[i], 10, 0);
        assert_int_equal(ask(bench, PROTO_KV_LIST, &payload), -AMID_E_DENIED);
    }
    payload = get_of(1, "leader", "info");
    assert_int_equal(ask(bench, PROTO_KV_GET, &payload), 0);
    payload = get_of(1, "amity", "x");
    assert_int_equal(ask(bench, PROTO_KV_GET, &payload), 0);
}

static uint32_t listed(const struct bench *bench, bool *ret_more)
{
    const uint8_t *at = (const uint8_t *)bench->payload.data;

    *ret_more = at[bench->payload.len - 1] == 1;
    return at[0];
}

static void a_list_passes_over_what_is_amids(void **state)
{
    struct bench *bench = *state;
    struct kv *net = bench->broker.net;
    struct kv_atomic *atomic = kv_atomic_new();
    static const char *const firsts[] = {"aaa", "ami", "amj", "zzz"};
    struct buffer payload;
    bool more;

    for (size_t i = 0; i < 4; i++) {
        struct kv_key key;

        kv_key_of(&key, firsts[i], "1", NULL);
        assert_int_equal(kv_atomic_set(atomic, &key, "1", 1, 0), 0);
    }
    harness_commit(&bench->harness, net, atomic);
    for (uint8_t reverse = 0; reverse < 2; reverse++) {
        payload = list_of(NULL, 10, reverse);
        assert_int_equal(ask(bench, PROTO_KV_LIST, &payload), 0);
        assert_int_equal(listed(bench, &more), 3);
        assert_false(more);
        payload = list_of(NULL, 2, reverse);
        assert_int_equal(ask(bench, PROTO_KV_LIST, &payload), 0);
        assert_int_equal(listed(bench, &more), 2);
        assert_true(more);
        payload = list_of(NULL, 1, reverse);
        assert_int_equal(ask(bench, PROTO_KV_LIST, &payload), 0);
        assert_int_equal(listed(bench, &more), 1);
        assert_true(more);
        assert_memory_equal(bench->payload.data + 9, reverse ? "zzz" : "aaa", 3);
    }
}

static void a_scripts_mistake_is_an_error_not_a_crime(void **state)
{
    struct bench *bench = *state;
    struct buffer payload = set_of(1, "a", "b", "{not json}");

    assert_int_equal(ask(bench, PROTO_KV_ATOMIC, &payload), -AMID_E_INVALID);
    payload = set_of(1, "a", "b", "");
    assert_int_equal(ask(bench, PROTO_KV_ATOMIC, &payload), -AMID_E_INVALID);
    assert_int_equal(bench->worker.units, 0);
}

static struct buffer number_of(uint8_t kind, const char *record, double operand)
{
    struct buffer payload;
    struct kv_key key;
    uint64_t bits;

    memcpy(&bits, &operand, sizeof(bits));
    kv_key_of(&key, "n", NULL);
    buffer_init(&payload, 4096);
    wire_put_u8(&payload, 1);
    wire_put_u32(&payload, 0);
    wire_put_u32(&payload, 1);
    wire_put_u8(&payload, kind);
    wire_put_bytes(&payload, key.bytes, key.len);
    wire_put_text(&payload, record);
    wire_put_u64(&payload, bits);
    return payload;
}

static void numbers_are_computed_and_checked(void **state)
{
    static const struct {
        const char *record;
        double operand;
        int error;
        uint8_t kind;
    } cases[] = {
        {"{\"raw\":0}", 5, 0, 2},
        {"{\"raw\":0}", -1.5, 0, 2},
        {"{}", 4, 0, 3}, /* the record is for a key that does not exist */
        {"{\"raw\":0}", 3.75, 0, 4},
        {"{\"raw\":0", 1, AMID_E_INVALID, 2},
        {"{\"raw\":0}", INFINITY, AMID_E_INVALID, 2},
        {"{\"raw\":0}", -INFINITY, AMID_E_INVALID, 3},
    };
    struct bench *bench = *state;
    struct buffer payload;
    struct kv_key key;
    struct answer answer = {0};

    payload = number_of(2, "{}", 1);
    assert_int_equal(ask(bench, PROTO_KV_ATOMIC, &payload), -AMID_E_INVALID);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        payload = number_of(cases[i].kind, cases[i].record, cases[i].operand);
        assert_int_equal(ask(bench, PROTO_KV_ATOMIC, &payload), -cases[i].error);
    }
    kv_key_of(&key, "n", NULL);
    assert_int_equal(kv_get(bench->broker.net, &key, answer_get, &answer), 0);
    harness_wait(&bench->harness, &answer.done);
    assert_string_equal(answer.value, "{\"raw\":3.75}");
    payload = number_of(5, "{\"raw\":0}", 1);
    assert_int_equal(call(bench, PROTO_KV_ATOMIC, &payload), AMID_E_PROTOCOL);
}

static void what_no_runner_sends_is_refused(void **state)
{
    struct bench *bench = *state;
    struct buffer payload = get_of(2, "a", "b");

    assert_int_equal(call(bench, PROTO_KV_GET, &payload), AMID_E_PROTOCOL);
    payload = get_of(1, "a", "b");
    wire_put_u8(&payload, 0);
    assert_int_equal(call(bench, PROTO_KV_GET, &payload), AMID_E_PROTOCOL);
    buffer_init(&payload, 64);
    wire_put_u8(&payload, 1);
    wire_put_text(&payload, "no key");
    assert_int_equal(call(bench, PROTO_KV_GET, &payload), AMID_E_PROTOCOL);
    payload = list_of("a", 0, 0);
    assert_int_equal(call(bench, PROTO_KV_LIST, &payload), AMID_E_PROTOCOL);
    payload = list_of("a", KV_LIST_MAX + 1, 0);
    assert_int_equal(call(bench, PROTO_KV_LIST, &payload), AMID_E_PROTOCOL);
    payload = list_of("a", 1, 2);
    assert_int_equal(call(bench, PROTO_KV_LIST, &payload), AMID_E_PROTOCOL);
    payload = set_of(1, "a", "b", "1");
    payload.len--;
    assert_int_equal(call(bench, PROTO_KV_ATOMIC, &payload), AMID_E_PROTOCOL);
    buffer_init(&payload, 64);
    wire_put_u8(&payload, 1);
    wire_put_u32(&payload, UINT32_MAX);
    assert_int_equal(call(bench, PROTO_KV_ATOMIC, &payload), AMID_E_PROTOCOL);
    buffer_init(&payload, 64);
    wire_put_u8(&payload, LOG_LEVEL_MAX);
    wire_put_text(&payload, "");
    wire_put_text(&payload, "");
    assert_int_equal(call(bench, PROTO_LOG, &payload), AMID_E_PROTOCOL);
    buffer_init(&payload, 64);
    assert_int_equal(call(bench, PROTO_PONG, &payload), AMID_E_PROTOCOL);
    assert_false(broker_takes(PROTO_PONG));
    assert_true(broker_takes(PROTO_LOG));
}

static void calls_under_way_are_bounded(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < BROKER_UNITS_MAX; i++) {
        struct buffer payload = get_of(1, "a", "b");

        assert_false(bench->is_held);
        assert_int_equal(call(bench, PROTO_KV_GET, &payload), 0);
    }
    assert_true(bench->is_held);
    while (bench->answers < BROKER_UNITS_MAX) {
        bench->answered = false;
        harness_wait(&bench->harness, &bench->answered);
    }
    assert_false(bench->is_held);
    assert_int_equal(bench->worker.units, 0);
}

static void a_worker_that_ends_takes_its_answers_along(void **state)
{
    struct bench *bench = *state;
    struct buffer payload = set_of(1, "a", "b", "1");

    assert_int_equal(call(bench, PROTO_KV_ATOMIC, &payload), 0);
    payload = get_of(1, "a", "b");
    assert_int_equal(call(bench, PROTO_KV_GET, &payload), 0);
    broker_worker_end(&bench->worker);
    assert_true(harness_get(&bench->harness, bench->broker.net, "other").done);
    assert_int_equal(bench->answers, 0);
    broker_worker_begin(&bench->worker);
}

static void say(struct bench *bench, enum log_level level, const char *text, const char *fields)
{
    struct buffer payload;

    buffer_init(&payload, PROTO_LOG_MAX);
    wire_put_u8(&payload, (uint8_t)level);
    wire_put_text(&payload, text);
    wire_put_text(&payload, fields);
    assert_int_equal(call(bench, PROTO_LOG, &payload), 0);
}

static void lines_below_the_level_and_beyond_the_rate_are_dropped(void **state)
{
    struct bench *bench = *state;
    uint32_t rate = broker_log_rate(WORKER_LOW);

    say(bench, LOG_LEVEL_DEBUG, "quiet", "");
    assert_int_equal(bench->lines, 0);
    for (uint32_t i = 0; i < rate + 10; i++)
        say(bench, LOG_LEVEL_INFO, "line", "{\"a\":1}");
    assert_int_equal(bench->lines, rate);
    assert_false(bench->is_held);
    for (uint32_t i = 0; i < rate * 20; i++)
        say(bench, LOG_LEVEL_INFO, "line", "[not an object");
    assert_true(bench->is_held);
    assert_int_equal(bench->suppressions, 0);
#ifdef AMID_TEST_HOOKS
    clock_advance_ms(1000);
    timers_advance(bench->harness.timers);
    assert_int_equal(bench->suppressions, 1);
    assert_string_equal(bench->text, "suppressed 1010 lines: more than 50 a second");
    assert_false(bench->is_held);
    say(bench, LOG_LEVEL_ERROR, "bad \x01\xff bytes", "");
    assert_string_equal(bench->text, "bad \xef\xbf\xbd\xef\xbf\xbd bytes");
#endif
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_set_is_got_in_its_space_only),
        TEST(amids_own_keys_are_denied),
        TEST(a_list_passes_over_what_is_amids),
        TEST(a_scripts_mistake_is_an_error_not_a_crime),
        TEST(numbers_are_computed_and_checked),
        TEST(what_no_runner_sends_is_refused),
        TEST(calls_under_way_are_bounded),
        TEST(a_worker_that_ends_takes_its_answers_along),
        TEST(lines_below_the_level_and_beyond_the_rate_are_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
