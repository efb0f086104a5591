/*
 * What a worker may do of what its node allows: every member of raw.permissions read and refused by
 * name; port and key matching with the tricks that must not work; and, over random keys and
 * prefixes, that matching encoded bytes is the same as comparing whole parts, and that the cut
 * ranges cover exactly what matching allows.
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
#include "supervisor/registry/permissions.h"

static struct permissions *parse(const char *text)
{
    struct permissions *permissions = NULL;
    char reason[256] = "";
    cJSON *json = cJSON_Parse(text);

    assert_non_null(json);
    if (permissions_parse(json, "raw", &permissions, reason, sizeof(reason)) != 0)
        fail_msg("%s: %s", text, reason);
    cJSON_Delete(json);
    return permissions;
}

static void refused(const char *text, const char *sentence)
{
    struct permissions *permissions = NULL;
    char reason[256] = "";
    cJSON *json = cJSON_Parse(text);

    assert_non_null(json);
    assert_int_equal(permissions_parse(json, "raw", &permissions, reason, sizeof(reason)),
                     AMID_E_INVALID);
    assert_string_equal(reason, sentence);
    assert_null(permissions);
    cJSON_Delete(json);
}

static void test_refusals(void **state)
{
    (void)state;
    refused("[]", "raw.permissions must be an object");
    refused("{\"fetsh\":[]}", "raw.permissions.fetsh is not a member that amid knows");
    refused("{\"fetch\":\"a\"}", "raw.permissions.fetch must be an array");
    refused("{\"fetch\":null}", "raw.permissions.fetch must be an array");
    refused("{\"fetch\":[\"ok.com\",\"http://a\"]}",
            "raw.permissions.fetch[1] must be a host like \"example.com\", \"*.example.com\" or "
            "\"example.com:443\"");
    refused("{\"serve\":[0]}", "raw.permissions.serve[0] must be a port from 1 to 65535 or a range "
                               "like \"8000-8099\"");
    refused("{\"serve\":[80.5]}", "raw.permissions.serve[0] must be a port from 1 to 65535 or a "
                                  "range like \"8000-8099\"");
    refused("{\"serve\":[8000,\"9-8\"]}", "raw.permissions.serve[1] must be a port from 1 to 65535 "
                                          "or a range like \"8000-8099\"");
    refused("{\"wallet\":1}", "raw.permissions.wallet must be true or false");
    refused("{\"kv\":[]}", "raw.permissions.kv must be an object with \"net\" and \"local\"");
    refused("{\"kv\":{\"nett\":[]}}", "raw.permissions.kv.nett is not a member that amid knows");
    refused("{\"kv\":{\"net\":[\"a\"]}}",
            "raw.permissions.kv.net[0] must be an array of at most 16 strings, numbers and "
            "booleans, 512 bytes in all");
    refused("{\"kv\":{\"local\":[[],[null]]}}",
            "raw.permissions.kv.local[1] must be an array of at most 16 strings, numbers and "
            "booleans, 512 bytes in all");
    refused("{\"kv\":{\"local\":[[1e999]]}}",
            "raw.permissions.kv.local[0] must be an array of at most 16 strings, numbers and "
            "booleans, 512 bytes in all");
    refused("{\"secrets\":[\"\"]}", "raw.permissions.secrets[0] must be a name");
    refused("{\"exchanges\":[\"a\\u0007\"]}", "raw.permissions.exchanges[0] must be a name");
}

static void test_list_limit(void **state)
{
    char text[2048] = "{\"serve\":[1";

    (void)state;
    for (int i = 1; i <= PERMISSIONS_ITEMS_MAX; i++)
        strcat(text, ",1");
    strcat(text, "]}");
    refused(text, "raw.permissions.serve must have at most 64 items");
}

static void test_everything_by_default(void **state)
{
    struct permissions *permissions = parse("{}");
    struct kv_key key;

    (void)state;
    assert_int_equal(kv_key_of(&key, "a", NULL), 0);
    for (int i = 0; i < 2; i++) {
        const struct permissions *each = i == 0 ? NULL : permissions;
        assert_true(permissions_fetch(each, "a.com", 443));
        assert_true(permissions_serve(each, 1));
        assert_true(permissions_kv(each, true, key.bytes, key.len));
        assert_true(permissions_kv(each, false, key.bytes, key.len));
        assert_true(permissions_wallet(each));
        assert_false(permissions_secret(each, "a")); /* by name only */
        assert_false(permissions_exchange(each, "a"));
    }
    permissions_unref(permissions);
}

static void test_nothing(void **state)
{
    struct permissions *permissions =
        parse("{\"fetch\":[],\"serve\":[],\"kv\":{\"net\":[],\"local\":[]},\"wallet\":false}");
    struct kv_key key;

    (void)state;
    assert_int_equal(kv_key_of(&key, "a", NULL), 0);
    assert_false(permissions_fetch(permissions, "a.com", 443));
    assert_false(permissions_serve(permissions, 8000));
    assert_false(permissions_kv(permissions, true, key.bytes, key.len));
    assert_false(permissions_kv(permissions, false, key.bytes, key.len));
    assert_false(permissions_wallet(permissions));
    assert_string_equal(
        permissions_json(permissions),
        "{\"fetch\":[],\"serve\":[],\"kv\":{\"net\":[],\"local\":[]},\"wallet\":false}");
    permissions_unref(permissions);
}

static void test_ports(void **state)
{
    struct permissions *permissions = parse("{\"serve\":[80,\"8000-8010\",\"9000\"]}");

    (void)state;
    assert_true(permissions_serve(permissions, 80));
    assert_true(permissions_serve(permissions, 8000));
    assert_true(permissions_serve(permissions, 8010));
    assert_true(permissions_serve(permissions, 9000));
    assert_false(permissions_serve(permissions, 81));
    assert_false(permissions_serve(permissions, 7999));
    assert_false(permissions_serve(permissions, 8011));
    assert_false(permissions_serve(permissions, 0));
    permissions_unref(permissions);
}

static bool may(const struct permissions *permissions, const struct kv_key *key)
{
    return permissions_kv(permissions, true, key->bytes, key->len);
}

static void test_prefix_tricks(void **state)
{
    struct permissions *permissions = parse("{\"kv\":{\"net\":[[\"a\"],[\"n\",1]]}}");
    struct kv_part part = {.type = KV_PART_STRING};
    struct kv_key key;

    (void)state;
    kv_key_of(&key, "a", NULL);
    assert_true(may(permissions, &key));
    kv_key_of(&key, "a", "b", NULL);
    assert_true(may(permissions, &key));
    kv_key_of(&key, "ab", NULL);
    assert_false(may(permissions, &key));
    kv_key_of(&key, "b", "a", NULL);
    assert_false(may(permissions, &key));
    kv_key_of(&key, "", "a", NULL);
    assert_false(may(permissions, &key));
    /* "a\0…" is written 'a' 00 ff …, which begins with the bytes of ["a"]. */
    for (size_t len = 2; len <= 4; len++) {
        part.bytes = (const uint8_t *)"a\0\0b";
        part.len = len;
        kv_key_clear(&key);
        assert_int_equal(kv_key_add(&key, &part), 0);
        assert_false(may(permissions, &key));
    }
    part = (struct kv_part){.type = KV_PART_BYTES, .bytes = (const uint8_t *)"a", .len = 1};
    kv_key_clear(&key);
    assert_int_equal(kv_key_add(&key, &part), 0);
    assert_false(may(permissions, &key)); /* bytes are no string */
    kv_key_of(&key, "n", NULL);
    assert_false(may(permissions, &key)); /* above the prefix */
    kv_key_add_number(&key, 1);
    assert_true(may(permissions, &key));
    kv_key_of(&key, "n", "1", NULL);
    assert_false(may(permissions, &key));
    kv_key_of(&key, "n", NULL);
    kv_key_add_number(&key, 1.0000000000000002);
    assert_false(may(permissions, &key));
    permissions_unref(permissions);
}

static void test_prefixes_are_merged(void **state)
{
    struct permissions *permissions =
        parse("{\"kv\":{\"local\":[[\"b\"],[\"a\",\"x\"],[\"a\"],[\"b\"],[\"a\",1]]}}");
    const struct permission_prefix *prefixes;
    size_t count;

    (void)state;
    assert_true(permissions_prefixes(permissions, false, &prefixes, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(prefixes[0].bytes, "\2a", 3);
    assert_memory_equal(prefixes[1].bytes, "\2b", 3);
    assert_false(permissions_prefixes(permissions, true, &prefixes, &count));
    permissions_unref(permissions);
}

static void test_names(void **state)
{
    struct permissions *permissions = parse("{\"secrets\":[\"KEY\"],\"exchanges\":[\"one\"]}");

    (void)state;
    assert_true(permissions_secret(permissions, "KEY"));
    assert_false(permissions_secret(permissions, "KE"));
    assert_false(permissions_secret(permissions, "one"));
    assert_true(permissions_exchange(permissions, "one"));
    assert_false(permissions_exchange(permissions, "KEY"));
    permissions_unref(permissions);
}

static void test_references(void **state)
{
    struct permissions *permissions = parse("{\"wallet\":false}");
    struct permissions *second = permissions_ref(permissions);

    (void)state;
    permissions_unref(permissions);
    assert_false(permissions_wallet(second));
    permissions_unref(second);
    assert_null(permissions_ref(NULL));
    permissions_unref(NULL);
}

/* Keys of a few parts from a small set, so that many share beginnings. */
static const char *const part_texts[] = {"\"\"", "\"a\"", "\"ab\"", "\"b\"",
                                         "0",    "1",     "true",   "false"};
#define PART_TEXTS (sizeof(part_texts) / sizeof(part_texts[0]))

static uint32_t seed = 1;

static uint32_t next_random(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static size_t random_parts(size_t *parts, size_t most)
{
    size_t count = next_random((uint32_t)most + 1);

    for (size_t i = 0; i < count; i++)
        parts[i] = next_random(PART_TEXTS);
    return count;
}

static void append_parts(char *text, const size_t *parts, size_t count)
{
    strcat(text, "[");
    for (size_t i = 0; i < count; i++) {
        strcat(text, i > 0 ? "," : "");
        strcat(text, part_texts[parts[i]]);
    }
    strcat(text, "]");
}

static void encode(const size_t *parts, size_t count, struct kv_key *key)
{
    static const struct kv_part encoded[] = {
        {.type = KV_PART_STRING, .bytes = (const uint8_t *)"", .len = 0},
        {.type = KV_PART_STRING, .bytes = (const uint8_t *)"a", .len = 1},
        {.type = KV_PART_STRING, .bytes = (const uint8_t *)"ab", .len = 2},
        {.type = KV_PART_STRING, .bytes = (const uint8_t *)"b", .len = 1},
        {.type = KV_PART_NUMBER, .number = 0},
        {.type = KV_PART_NUMBER, .number = 1},
        {.type = KV_PART_TRUE},
        {.type = KV_PART_FALSE},
    };

    kv_key_clear(key);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(kv_key_add(key, &encoded[parts[i]]), 0);
}

static void test_matching_is_by_parts(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t prefixes[3][3], counts[3], key_parts[4];
        size_t key_count = random_parts(key_parts, 4);
        char text[512] = "{\"kv\":{\"net\":[";
        bool expected = false;
        struct kv_key key;

        for (int p = 0; p < 3; p++) {
            counts[p] = 1 + random_parts(prefixes[p], 2);
            prefixes[p][counts[p] - 1] = next_random(PART_TEXTS);
            strcat(text, p > 0 ? "," : "");
            append_parts(text, prefixes[p], counts[p]);
            expected =
                expected || (counts[p] <= key_count &&
                             memcmp(prefixes[p], key_parts, counts[p] * sizeof(size_t)) == 0);
        }
        strcat(text, "]}}");
        encode(key_parts, key_count, &key);
        struct permissions *permissions = parse(text);
        if (may(permissions, &key) != expected)
            fail_msg("round %d: %s", round, text);
        permissions_unref(permissions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_list_limit),
        cmocka_unit_test(test_everything_by_default),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_prefix_tricks),
        cmocka_unit_test(test_prefixes_are_merged),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_matching_is_by_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
