/*
 * The key codec: the bytes of two keys compare as Deno compares the keys, every key reads back as
 * it was written, and bytes that no encoder wrote are refused. Every branch of common/kv_key.c is
 * taken here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/kv_key.h"

static struct kv_part text_part(const char *text)
{
    return (struct kv_part){
        .type = KV_PART_STRING, .bytes = (const uint8_t *)text, .len = strlen(text)};
}

static struct kv_part bytes_part(const void *bytes, size_t len)
{
    return (struct kv_part){.type = KV_PART_BYTES, .bytes = bytes, .len = len};
}

static struct kv_part number_part(double number)
{
    return (struct kv_part){.type = KV_PART_NUMBER, .number = number};
}

static struct kv_part bool_part(bool value)
{
    return (struct kv_part){.type = value ? KV_PART_TRUE : KV_PART_FALSE};
}

static struct kv_key key_with(const struct kv_part *parts, size_t count)
{
    struct kv_key key;
    kv_key_clear(&key);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(kv_key_add(&key, &parts[i]), 0);
    return key;
}

static int compare(const struct kv_key *a, const struct kv_key *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->bytes, b->bytes, len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static void test_order(void **state)
{
    (void)state;
    const struct kv_part ordered[] = {
        bytes_part("", 0),
        bytes_part("\0", 1),
        bytes_part("\0\0", 2),
        bytes_part("\0\xff", 2),
        bytes_part("\x01", 1),
        bytes_part("\xff", 1),
        bytes_part("\xff\xff", 2),
        text_part(""),
        text_part("a"),
        text_part("a\x01"),
        text_part("aa"),
        text_part("b"),
        text_part("\xc3\xa9"),
        text_part("\xf4\x8f\xbf\xbf"),
        number_part(-INFINITY),
        number_part(-1e308),
        number_part(-1.5),
        number_part(-1),
        number_part(-5e-324),
        number_part(0),
        number_part(5e-324),
        number_part(1),
        number_part(2),
        number_part(10),
        number_part(9007199254740991.0),
        number_part(1e308),
        number_part(INFINITY),
        bool_part(false),
        bool_part(true),
    };
    size_t count = sizeof(ordered) / sizeof(ordered[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct kv_key a = key_with(&ordered[i], 1);
            struct kv_key b = key_with(&ordered[j], 1);
            int expected = (i > j) - (i < j);
            int order = compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), expected);
            /* And as a prefix of longer keys: a shorter part sorts first whatever follows. */
            if (i == j)
                continue;
            assert_int_equal(kv_key_add_string(&a, "zzz"), 0);
            order = compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), expected);
        }
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    const struct kv_part parts[] = {
        text_part("ami"),  bytes_part("\0\xff\0", 3), number_part(-0.5),
        bool_part(true),   bool_part(false),          text_part(""),
        number_part(1e21), bytes_part("", 0),         number_part(INFINITY)};
    size_t count = sizeof(parts) / sizeof(parts[0]);
    struct kv_key key = key_with(parts, count);
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    assert_true(kv_key_is_valid(key.bytes, key.len));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(kv_key_next(key.bytes, key.len, &pos, &part, scratch), 1);
        assert_int_equal(part.type, parts[i].type);
        if (part.type == KV_PART_STRING || part.type == KV_PART_BYTES) {
            assert_int_equal(part.len, parts[i].len);
            assert_memory_equal(part.bytes, parts[i].bytes, part.len);
        } else if (part.type == KV_PART_NUMBER) {
            assert_true(part.number == parts[i].number);
        }
    }
    assert_int_equal(kv_key_next(key.bytes, key.len, &pos, &part, scratch), 0);
    assert_int_equal(pos, key.len);
}

static void test_negative_zero_is_zero(void **state)
{
    (void)state;
    struct kv_key a;
    struct kv_key b;
    kv_key_clear(&a);
    kv_key_clear(&b);
    assert_int_equal(kv_key_add_number(&a, 0.0), 0);
    assert_int_equal(kv_key_add_number(&b, -0.0), 0);
    assert_int_equal(compare(&a, &b), 0);
}

static void test_refused_parts(void **state)
{
    (void)state;
    struct kv_key key;
    assert_int_equal(kv_key_of(&key, "a", NULL), 0);
    struct kv_key before = key;
    struct kv_part bad_text = text_part("\xff");
    struct kv_part bad_type = {.type = (enum kv_part_type)9};
    assert_int_equal(kv_key_add_number(&key, NAN), AMID_E_INVALID);
    assert_int_equal(kv_key_add(&key, &bad_text), AMID_E_INVALID);
    assert_int_equal(kv_key_add(&key, &bad_type), AMID_E_INVALID);
    /* What a refused part had begun to write is gone. */
    assert_int_equal(compare(&key, &before), 0);
    assert_int_equal(kv_key_of(&key, "a", "\xc3", "b", NULL), AMID_E_INVALID);
}

static void test_size_limits(void **state)
{
    (void)state;
    char text[KV_KEY_MAX_BYTES + 1];
    uint8_t nuls[KV_KEY_MAX_BYTES];
    struct kv_key key;
    memset(text, 'x', sizeof(text));
    memset(nuls, 0, sizeof(nuls));

    kv_key_clear(&key);
    text[KV_KEY_MAX_BYTES - 2] = '\0'; /* type and terminator fit exactly */
    assert_int_equal(kv_key_add_string(&key, text), 0);
    assert_int_equal(key.len, KV_KEY_MAX_BYTES);
    assert_true(kv_key_is_valid(key.bytes, key.len));
    struct kv_part part = bool_part(true);
    assert_int_equal(kv_key_add(&key, &part), AMID_E_TOO_LARGE);
    assert_int_equal(key.len, KV_KEY_MAX_BYTES);

    kv_key_clear(&key);
    text[KV_KEY_MAX_BYTES - 2] = 'x';
    text[KV_KEY_MAX_BYTES - 1] = '\0';
    assert_int_equal(kv_key_add_string(&key, text), AMID_E_TOO_LARGE);
    part = bytes_part(nuls, KV_KEY_MAX_BYTES / 2);
    assert_int_equal(kv_key_add(&key, &part), AMID_E_TOO_LARGE);
    part = bytes_part(nuls, KV_KEY_MAX_BYTES);
    assert_int_equal(kv_key_add(&key, &part), AMID_E_TOO_LARGE);
    assert_int_equal(key.len, 0);

    part = bool_part(false);
    for (size_t i = 0; i < KV_KEY_MAX_PARTS; i++)
        assert_int_equal(kv_key_add(&key, &part), 0);
    assert_true(kv_key_is_valid(key.bytes, key.len));
    assert_int_equal(kv_key_add(&key, &part), AMID_E_TOO_LARGE);
    key.bytes[key.len++] = KV_PART_FALSE;
    assert_false(kv_key_is_valid(key.bytes, key.len));

    kv_key_clear(&key);
    text[100] = '\0';
    assert_int_equal(kv_key_add_string(&key, text), 0);
    assert_int_equal(kv_key_add_string(&key, "long, but few parts"), 0);
}

static void refuse(const void *bytes, size_t len)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    assert_int_equal(kv_key_next(bytes, len, &pos, &part, scratch), AMID_E_INVALID);
    assert_int_equal(pos, 0);
    assert_false(kv_key_is_valid(bytes, len));
}

static void test_foreign_bytes(void **state)
{
    (void)state;
    uint8_t long_key[KV_KEY_MAX_BYTES + 2];
    refuse("\x00", 1);
    refuse("\x06", 1);
    refuse("\x02", 1);
    refuse("\x02"
           "ab",
           3); /* no terminator */
    refuse("\x02"
           "a\0\xff",
           4);                                         /* ends in an escaped NUL */
    refuse("\x02\xc3\0", 3);                           /* not UTF-8 */
    refuse("\x03\x80\0\0\0\0\0\0", 8);                 /* seven bytes of a number */
    refuse("\x03\xff\xf8\0\0\0\0\0\0", 9);             /* NaN */
    refuse("\x03\x7f\xff\xff\xff\xff\xff\xff\xff", 9); /* -0 */
    memset(long_key, 'x', sizeof(long_key));
    long_key[0] = KV_PART_BYTES;
    refuse(long_key, sizeof(long_key));
    long_key[sizeof(long_key) - 1] = 0;
    refuse(long_key, sizeof(long_key));
    assert_true(kv_key_is_valid(long_key, 0));
}

static void test_starts_with(void **state)
{
    (void)state;
    struct kv_key key;
    assert_int_equal(kv_key_of(&key, "ami", "worker", NULL), 0);
    assert_true(kv_key_starts_with(key.bytes, key.len, "ami"));
    assert_false(kv_key_starts_with(key.bytes, key.len, "am"));
    assert_false(kv_key_starts_with(key.bytes, key.len, "abc"));
    assert_false(kv_key_starts_with(key.bytes, 0, "ami"));
    struct kv_part part = bytes_part("ami", 3);
    key = key_with(&part, 1);
    assert_false(kv_key_starts_with(key.bytes, key.len, "ami"));
}

static void test_prefix_end(void **state)
{
    (void)state;
    struct kv_key prefix;
    struct kv_key end;
    struct kv_key inside;
    struct kv_key outside;
    char text[KV_KEY_MAX_BYTES];
    assert_int_equal(kv_key_of(&prefix, "a", NULL), 0);
    assert_int_equal(kv_key_prefix_end(&prefix, &end), 0);
    assert_int_equal(kv_key_of(&inside, "a", NULL), 0);
    struct kv_part part = bool_part(true);
    assert_int_equal(kv_key_add(&inside, &part), 0);
    assert_true(compare(&inside, &end) < 0);
    part = (struct kv_part){.type = KV_PART_STRING, .bytes = (const uint8_t *)"a\0", .len = 2};
    outside = key_with(&part, 1);
    assert_true(compare(&outside, &end) >= 0);

    /* A prefix of the greatest length has nothing under it; its end is its successor. */
    memset(text, 'x', sizeof(text));
    text[KV_KEY_MAX_BYTES - 2] = '\0';
    kv_key_clear(&prefix);
    assert_int_equal(kv_key_add_string(&prefix, text), 0);
    assert_int_equal(kv_key_prefix_end(&prefix, &end), 0);
    assert_true(compare(&prefix, &end) < 0);
    /* Ending in 0xff, as a number can. */
    prefix.len = KV_KEY_MAX_BYTES;
    memset(prefix.bytes + 1, 0xff, KV_KEY_MAX_BYTES - 1);
    assert_int_equal(kv_key_prefix_end(&prefix, &end), 0);
    assert_int_equal(end.len, 1);
    prefix.bytes[0] = 0xff;
    assert_int_equal(kv_key_prefix_end(&prefix, &end), AMID_E_INVALID);
}

static void test_display(void **state)
{
    (void)state;
    const struct kv_part parts[] = {text_part("a\"b"), bytes_part("\x01\xff", 2), number_part(1.5),
                                    bool_part(true), bool_part(false)};
    struct kv_key key = key_with(parts, sizeof(parts) / sizeof(parts[0]));
    struct buffer out;
    buffer_init(&out, 1000);
    assert_int_equal(kv_key_to_json(key.bytes, key.len, &out), 0);
    assert_string_equal(out.data, "[\"a\\\"b\",{\"bytes\":\"01ff\"},1.5,true,false]");
    buffer_clear(&out);
    assert_int_equal(kv_key_to_channel(key.bytes, key.len, &out), 0);
    assert_string_equal(out.data, "a\"b.01ff.1.5.true.false");
    buffer_clear(&out);
    const struct kv_part infinities[] = {number_part(INFINITY), number_part(-INFINITY)};
    key = key_with(infinities, 2);
    assert_int_equal(kv_key_to_channel(key.bytes, key.len, &out), 0);
    assert_string_equal(out.data, "Infinity.-Infinity");
    buffer_clear(&out);
    assert_int_equal(kv_key_to_json((const uint8_t *)"\x07", 1, &out), AMID_E_INVALID);
    assert_int_equal(kv_key_to_channel((const uint8_t *)"\x07", 1, &out), AMID_E_INVALID);
    buffer_free(&out);
    buffer_init(&out, 3);
    assert_int_equal(kv_key_to_json(key.bytes, key.len, &out), AMID_E_TOO_LARGE);
    assert_int_equal(kv_key_to_channel(key.bytes, key.len, &out), AMID_E_TOO_LARGE);
    buffer_free(&out);
}

/* Random keys, twice encoded and compared by hand. */
static void test_random_order(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[2][4];
        size_t len[2];
        struct kv_key keys[2];
        for (int k = 0; k < 2; k++) {
            len[k] = (size_t)rand() % 5;
            for (size_t i = 0; i < len[k]; i++)
                bytes[k][i] = (uint8_t[]){0, 1, 0xfe, 0xff}[rand() % 4];
            struct kv_part part = bytes_part(bytes[k], len[k]);
            keys[k] = key_with(&part, 1);
        }
        size_t least = len[0] < len[1] ? len[0] : len[1];
        int expected = memcmp(bytes[0], bytes[1], least);
        if (expected == 0)
            expected = (len[0] > len[1]) - (len[0] < len[1]);
        int order = compare(&keys[0], &keys[1]);
        assert_int_equal((order > 0) - (order < 0), (expected > 0) - (expected < 0));
    }
}

static void test_part_ends(void **state)
{
    static const struct {
        const char *bytes;
        size_t len, pos, end;
    } cases[] = {
        {"\x02"
         "a\0\x04",
         4, 0, 3},
        {"\x02"
         "a\0\x04",
         4, 3, 4},
        {"\x02"
         "a\0\x05",
         4, 3, 4},
        {"\x02"
         "a\0",
         3, 3, 3},
        {"\x02"
         "a\0\xff"
         "b\0",
         6, 0, 6},
        {"\x02"
         "ab",
         3, 0, 3},
        {"\x02"
         "a\0\xff",
         4, 0, 4},
        {"\x03"
         "12345678\x04",
         10, 0, 9},
        {"\x03"
         "1234567",
         8, 0, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(
            kv_key_part_end((const uint8_t *)cases[i].bytes, cases[i].len, cases[i].pos),
            cases[i].end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part_ends),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused_parts),
        cmocka_unit_test(test_negative_zero_is_zero),
        cmocka_unit_test(test_size_limits),
        cmocka_unit_test(test_foreign_bytes),
        cmocka_unit_test(test_starts_with),
        cmocka_unit_test(test_prefix_end),
        cmocka_unit_test(test_display),
        cmocka_unit_test(test_random_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
