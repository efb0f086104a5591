/* Holds: what nodes write of themselves and of the leaders they are reads back the same, and of
 * what others may have put there only the exact form counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/cluster/member.h"
#include "supervisor/cluster/seat.h"

#define INSTANCE "550e8400-e29b-41d4-a716-446655440000"
#define SID      "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

static const struct member node = {.nid = "s-0002",
                                   .instance = INSTANCE,
                                   .lease = INT64_MAX,
                                   .address = "10.0.0.2:3000",
                                   .version = "1.0.0",
                                   .started_ms = 1700000000000,
                                   .heartbeat_ms = 1700000000500,
                                   .running = 7,
                                   .limit = 5000,
                                   .settled = {{0, 1, 0, 0, 0, 0, 0, 0, 0, 9}}};

static void test_member_reads_back(void **state)
{
    struct member again;
    struct buffer json;

    (void)state;
    buffer_init(&json, MEMBER_VALUE_MAX);
    member_to_json(&node, &json);
    assert_int_equal(buffer_status(&json), 0);
    assert_int_equal(member_from_json(json.data, json.len, "s-0002", &again), 0);
    assert_string_equal(again.nid, node.nid);
    assert_string_equal(again.instance, node.instance);
    assert_true(again.lease == node.lease);
    assert_string_equal(again.address, node.address);
    assert_string_equal(again.version, node.version);
    assert_true(again.started_ms == node.started_ms && again.heartbeat_ms == node.heartbeat_ms);
    assert_int_equal(again.running, 7);
    assert_int_equal(again.limit, 5000);
    assert_memory_equal(again.settled.bytes, node.settled.bytes, KV_VERSIONSTAMP_BYTES);
    assert_int_equal(member_from_json(json.data, json.len, "s-0003", &again), AMID_E_INVALID);
    buffer_free(&json);
}

/* One member replaced by each of these makes it no record; the rest stays as it is above. */
static const struct {
    const char *from, *to;
} spoils[] = {
    {"\"nid\":\"s-0002\"", "\"nid\":7"},
    {"\"nid\":\"s-0002\",", ""},
    {INSTANCE, "550e8400"},
    {"7fffffffffffffff", "0"},
    {"7fffffffffffffff", ""},
    {"7fffffffffffffff", "8000000000000000"},
    {"7fffffffffffffff", "07ff"},
    {"7fffffffffffffff", "7FFF"},
    {"7fffffffffffffff", "17fffffffffffffff"},
    {"\"running\":7", "\"running\":-1"},
    {"\"running\":7", "\"running\":7.5"},
    {"\"running\":7", "\"running\":4294967296"},
    {"\"running\":7", "\"running\":\"7\""},
    {"\"started\":1700000000000", "\"started\":1e300"},
    {"00010000000000000009", "0001"},
    {"00010000000000000009", "zz010000000000000009"},
    {"{", "["},
};

static void test_hostile_members(void **state)
{
    struct buffer json;

    (void)state;
    buffer_init(&json, MEMBER_VALUE_MAX);
    member_to_json(&node, &json);
    for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
        const char *at = strstr(json.data, spoils[i].from);
        struct member again = {.running = 1};
        char text[MEMBER_VALUE_MAX];

        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - json.data), json.data, spoils[i].to,
                 at + strlen(spoils[i].from));
        assert_int_equal(member_from_json(text, strlen(text), "s-0002", &again), AMID_E_INVALID);
        assert_int_equal(again.running, 1); /* untouched */
    }
    assert_int_equal(
        member_from_json(json.data, MEMBER_VALUE_MAX + 1, "s-0002", &(struct member){.lease = 0}),
        AMID_E_INVALID);
    buffer_free(&json);
}

static void test_seat(void **state)
{
    const struct seat seat = {
        .nid = "s-0001", .instance = INSTANCE, .lease = 0x1234, .elected_ms = 5, .generation = 3};
    struct seat again = {.generation = 77};
    struct buffer json;

    (void)state;
    buffer_init(&json, SEAT_VALUE_MAX);
    seat_to_json(&seat, &json);
    assert_string_equal(json.data, "{\"nid\":\"s-0001\",\"instance\":\"" INSTANCE
                                   "\",\"lease\":\"1234\",\"elected\":5,\"generation\":3}");
    assert_int_equal(seat_from_json(json.data, json.len, &again), 0);
    assert_string_equal(again.nid, "s-0001");
    assert_string_equal(again.instance, INSTANCE);
    assert_int_equal(again.lease, 0x1234);
    assert_int_equal(again.elected_ms, 5);
    assert_int_equal(again.generation, 3);
    assert_int_equal(seat_from_json("{}", 2, &again), AMID_E_INVALID);
    assert_int_equal(seat_from_json("null", 4, &again), AMID_E_INVALID);
    assert_int_equal(again.generation, 3);
    buffer_free(&json);
}

static void test_info(void **state)
{
    const struct leader_info info = {"s-0001", 1000, 2000, 62000};
    struct leader_info again = {.elected_ms = 0};
    struct buffer json;

    (void)state;
    buffer_init(&json, SEAT_VALUE_MAX);
    leader_info_to_json(&info, SID, &json);
    assert_string_equal(json.data,
                        "{\"channel\":\"leader.info." SID
                        "\",\"module\":\"leader\",\"widget\":\"\",\"raw\":{\"nid\":\"s-0001\","
                        "\"leader\":\"s-0001\",\"workerId\":\"" SID
                        "\",\"timestamp\":1000,\"renewedAt\":2000,\"expiresAt\":62000},"
                        "\"timestamp\":2000}");
    assert_int_equal(leader_info_from_json(json.data, json.len, &again), 0);
    assert_string_equal(again.leader, "s-0001");
    assert_int_equal(again.elected_ms, 1000);
    assert_int_equal(again.renewed_ms, 2000);
    assert_int_equal(again.expires_ms, 62000);
    assert_int_equal(leader_info_from_json("{\"raw\":{}}", 10, &again), AMID_E_INVALID);
    assert_int_equal(leader_info_from_json("7", 1, &again), AMID_E_INVALID);
    buffer_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_member_reads_back),
        cmocka_unit_test(test_hostile_members),
        cmocka_unit_test(test_seat),
        cmocka_unit_test(test_info),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
