/* Holds: wallets, addresses, card numbers, canonical texts and signatures are those that the
 * network's clients make (the vectors are theirs), and nothing that is none of these passes for
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/number.h"
#include "wallet/base58.h"
#include "wallet/canonical.h"
#include "wallet/digest.h"
#include "wallet/transaction.h"

#define SECRET_ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define KEY_ONE    "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
#define KEY_ONE_FULL                                                                               \
    "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e" \
    "1108a8fd17b448a68554199c47d08ffb10d4b8"
#define ADDRESS_ONE "gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m"
#define NUMBER_ONE  "0105038477321149"
#define DATA_ONE                                                                                   \
    "{\"action\":\"LOGIN_REQUEST\",\"timestamp\":1760000000000,\"network\":\"testnet\","           \
    "\"walletAddress\":\"" ADDRESS_ONE "\"}"
#define NAME_IS_RAW "a member's name has a quote, a backslash or a control character"
#define HASH_ONE    "7abd4fb13781e0466bceb9e182dd34a793bba16f2fb2697f00a7c9054c8095c1"
#define SIGNATURE_ONE                                                                              \
    "30450221008f3aacf5acf9adb75ecfc102b87ccca1a1c7fb24cf57a7ac21ece6f0049f3ee50220128cac84b1f6c6" \
    "001c7c2b2b74bf1bacc69ba44ec8accae2611d205f737769fc"
#define ORDER "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

static cJSON *parse(const char *text)
{
    struct json_fault fault;
    cJSON *json = NULL;

    assert_int_equal(json_parse(text, strlen(text), &json, &fault), 0);
    return json;
}

static struct wallet *wallet_one(void)
{
    struct wallet *wallet = NULL;

    assert_int_equal(wallet_import(SECRET_ONE, SECRET_HEX_LEN, &wallet), 0);
    return wallet;
}

static void digests_are_the_published_ones(void **state)
{
    static const struct {
        const char *text, *hash;
    } vectors[] = {
        {"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
        {"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
        {"message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"},
        {"abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "9b752e45573d4b39f4dbd3323cab82bf63326bfb"},
    };
    char hex[2 * RIPEMD160_BYTES + 1];
    uint8_t hash[RIPEMD160_BYTES];
    char *million = malloc(1000000);

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        digest_ripemd160(vectors[i].text, strlen(vectors[i].text), hash);
        digest_hex(hash, sizeof(hash), hex);
        assert_string_equal(hex, vectors[i].hash);
    }
    assert_non_null(million);
    memset(million, 'a', 1000000);
    digest_ripemd160(million, 1000000, hash);
    digest_hex(hash, sizeof(hash), hex);
    assert_string_equal(hex, "52783243c1697bdbe16d37f97f68f08325dc1528");
    free(million);
}

static void base58_keeps_leading_zeros_and_refuses_other_letters(void **state)
{
    uint8_t bytes[4];
    char text[BASE58_TEXT_MAX];

    (void)state;
    assert_int_equal(base58_encode((const uint8_t[]){0, 0, 1, 2}, 4, text), 4);
    assert_string_equal(text, "115T");
    assert_int_equal(base58_decode("115T", 4, bytes, 4), 0);
    assert_memory_equal(bytes, ((const uint8_t[]){0, 0, 1, 2}), 4);
    assert_int_equal(base58_decode("115T", 4, bytes, 3), AMID_E_INVALID);
    assert_int_equal(base58_decode("zzzzzzzz", 8, bytes, 4), AMID_E_INVALID);
    assert_int_equal(base58_decode("0OIl", 4, bytes, 3), AMID_E_INVALID);
    assert_int_equal(base58_decode("1\0001", 3, bytes, 3), AMID_E_INVALID);
    assert_int_equal(base58_encode(bytes, 0, text), 0);
}

static void a_wallet_is_the_one_of_the_vectors(void **state)
{
    struct wallet *wallet = wallet_one();
    char secret[SECRET_HEX_LEN + 1];

    (void)state;
    assert_string_equal(wallet_card(wallet)->address, ADDRESS_ONE);
    assert_string_equal(wallet_card(wallet)->number, NUMBER_ONE);
    assert_string_equal(wallet_card(wallet)->public_key, KEY_ONE);
    assert_string_equal(wallet_card(wallet)->public_key_full, KEY_ONE_FULL);
    wallet_secret(wallet, secret);
    assert_string_equal(secret, SECRET_ONE);
    wallet_free(wallet);
    wallet_free(NULL);
}

static void what_is_no_secret_is_refused(void **state)
{
    static const char *const none[] = {
        "",
        "00",
        "0000000000000000000000000000000000000000000000000000000000000000",
        ORDER,
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        (SECRET_ONE "00"),
        "000000000000000000000000000000000000000000000000000000000000000g",
        "0x00000000000000000000000000000000000000000000000000000000000001"};
    struct wallet *wallet = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(wallet_import(none[i], strlen(none[i]), &wallet), AMID_E_INVALID);
    assert_null(wallet);
}

static void new_wallets_differ_and_sign(void **state)
{
    struct wallet *first, *second;
    char signature[SIGNATURE_TEXT_MAX];
    struct public_key key;

    (void)state;
    assert_int_equal(wallet_create(&first), 0);
    assert_int_equal(wallet_create(&second), 0);
    assert_string_not_equal(wallet_card(first)->address, wallet_card(second)->address);
    assert_true(address_is_valid(wallet_card(first)->address, ADDRESS_LEN));
    assert_int_equal(wallet_sign(first, "text", 4, signature), 0);
    assert_int_equal(public_key_read(wallet_card(first)->public_key, KEY_HEX_LEN, &key), 0);
    assert_true(signature_verify(&key, "text", 4, signature, strlen(signature)));
    assert_false(signature_verify(&key, "texT", 4, signature, strlen(signature)));
    assert_int_equal(public_key_read(wallet_card(second)->public_key_full, KEY_FULL_HEX_LEN, &key),
                     0);
    assert_false(signature_verify(&key, "text", 4, signature, strlen(signature)));
    wallet_free(first);
    wallet_free(second);
}

static void addresses_have_their_checksum(void **state)
{
    char text[ADDRESS_LEN + 1];

    (void)state;
    assert_true(address_is_valid(ADDRESS_ONE, ADDRESS_LEN));
    for (size_t i = 0; i < ADDRESS_LEN; i++) {
        memcpy(text, ADDRESS_ONE, sizeof(text));
        text[i] = text[i] == '2' ? '3' : '2';
        assert_false(address_is_valid(text, ADDRESS_LEN));
    }
    assert_false(address_is_valid(ADDRESS_ONE, ADDRESS_LEN - 1));
    assert_false(address_is_valid("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", ADDRESS_LEN));
}

static void keys_of_both_forms_are_one_and_others_none(void **state)
{
    static const char *const none[] = {
        "", "02", "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179",
        "0579be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        /* hybrid */
        "0679be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc"
        "0e1108a8fd17b448a68554199c47d08ffb10d4b8",
        /* no point of the curve */
        "020000000000000000000000000000000000000000000000000000000000000005",
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc"
        "0e1108a8fd17b448a68554199c47d08ffb10d4b9"};
    struct public_key first, second;

    (void)state;
    assert_int_equal(public_key_read(KEY_ONE, KEY_HEX_LEN, &first), 0);
    assert_int_equal(public_key_read(KEY_ONE_FULL, KEY_FULL_HEX_LEN, &second), 0);
    assert_memory_equal(&first, &second, sizeof(first));
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(public_key_read(none[i], strlen(none[i]), &first), AMID_E_INVALID);
}

/* order - s, in place: the other signature of the same text. */
static void negate(uint8_t s[SECRET_BYTES])
{
    uint8_t order[SECRET_BYTES];
    int borrow = 0;

    assert_int_equal(digest_unhex(ORDER, SECRET_HEX_LEN, order, SECRET_BYTES), 0);
    for (int i = SECRET_BYTES - 1; i >= 0; i--) {
        int left = order[i] - s[i] - borrow;

        borrow = left < 0;
        s[i] = (uint8_t)left;
    }
}

static void a_signature_with_the_higher_s_holds_too(void **state)
{
    /* SIGNATURE_ONE is 30 45, 02 21 and 33 bytes of r, 02 20 and 32 of s. */
    uint8_t der[SIGNATURE_BYTES_MAX], high[SIGNATURE_BYTES_MAX];
    struct wallet *wallet = wallet_one();
    const struct transaction_plan plan = {ADDRESS_ONE, 0, 1, 1760000000000, DATA_ONE};
    char hex[SIGNATURE_TEXT_MAX];
    struct public_key key;
    struct buffer json, text;
    cJSON *tree;

    (void)state;
    buffer_init(&json, 65536);
    buffer_init(&text, 65536);
    assert_int_equal(transaction_sign(wallet, &plan, &json), 0);
    tree = parse(json.data);
    assert_int_equal(canonical_json(tree, (const char *const[]){"hash", "signature", NULL}, &text),
                     0);
    assert_int_equal(public_key_read(KEY_ONE, KEY_HEX_LEN, &key), 0);
    assert_int_equal(digest_unhex(SIGNATURE_ONE, 142, der, 71), 0);
    memcpy(high, der, 39);
    negate(der + 39);
    high[1] = 0x46;
    high[38] = 0x21;
    high[39] = 0;
    memcpy(high + 40, der + 39, SECRET_BYTES);
    digest_hex(high, 72, hex);
    assert_true(signature_verify(&key, text.data, text.len, hex, 144));
    assert_true(signature_verify(&key, text.data, text.len, SIGNATURE_ONE, 142));
    assert_false(signature_verify(&key, text.data, text.len, SIGNATURE_ONE, 140));
    assert_false(signature_verify(&key, text.data, text.len, SIGNATURE_ONE "00", 144));
    assert_false(signature_verify(&key, text.data, text.len, "", 0));
    cJSON_Delete(tree);
    buffer_free(&json);
    buffer_free(&text);
    wallet_free(wallet);
}

static void a_transaction_is_the_one_of_the_vectors(void **state)
{
    const struct transaction_plan plan = {ADDRESS_ONE, 0, 1, 1760000000000, DATA_ONE};
    struct wallet *wallet = wallet_one();
    struct transaction transaction;
    const char *reason = NULL;
    struct buffer json;
    cJSON *tree;

    (void)state;
    buffer_init(&json, 65536);
    assert_int_equal(transaction_sign(wallet, &plan, &json), 0);
    assert_non_null(strstr(json.data, "\"hash\":\"" HASH_ONE "\""));
    assert_non_null(strstr(json.data, "\"signature\":\"" SIGNATURE_ONE "\""));
    tree = parse(json.data);
    assert_int_equal(transaction_check(tree, &transaction, &reason), 0);
    assert_string_equal(transaction.from.address, ADDRESS_ONE);
    assert_string_equal(transaction.data, DATA_ONE);
    assert_int_equal(transaction.timestamp_ms, 1760000000000);
    assert_int_equal(transaction.fee, 1);
    cJSON_Delete(tree);
    buffer_free(&json);
    wallet_free(wallet);
}

static void plans_that_cannot_be_are_refused(void **state)
{
    const struct transaction_plan plans[] = {{ADDRESS_ONE "x", 0, 1, 1, ""},
                                             {ADDRESS_ONE, -1, 1, 1, ""},
                                             {ADDRESS_ONE, 0, 0, 1, ""},
                                             {ADDRESS_ONE, 0, 1, -1, ""},
                                             {ADDRESS_ONE, INT64_MAX, 1, 1, ""}};
    struct wallet *wallet = wallet_one();
    struct buffer json;

    (void)state;
    buffer_init(&json, 65536);
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
        assert_int_equal(transaction_sign(wallet, &plans[i], &json), AMID_E_INVALID);
    assert_int_equal(json.len, 0);
    buffer_free(&json);
    wallet_free(wallet);
}

/* Every member changed, one at a time, in a transaction that holds. */
static void a_changed_transaction_is_refused_and_says_why(void **state)
{
    static const struct {
        const char *member, *value, *reason;
    } changes[] = {
        {"to", "\"gcoP3o6qwkGdHnrUctkZM965oYgzirVv5n\"", "to is not an address"},
        {"to", "7", "to is not an address"},
        {"amount", "-1", "amount is not a whole number from 0"},
        {"amount", "0.5", "amount is not a whole number from 0"},
        {"amount", "1e300", "amount is not a whole number from 0"},
        {"amount", "1", "hash is not the transaction's"},
        {"fee", "0", "fee is not a whole number from 1"},
        {"fee", "\"1\"", "fee is not a whole number from 1"},
        {"timestamp", "null", "timestamp is not a time in milliseconds"},
        {"timestamp", "1760000000001", "hash is not the transaction's"},
        {"data", "{}", "data is not a text of at most 2 MiB"},
        {"data", "\"\"", "hash is not the transaction's"},
        {"verified", "true", "verified is not false"},
        {"validators", "{}", "validators is not an array"},
        {"validators", "[1]", "hash is not the transaction's"},
        {"hash", "\"" HASH_ONE "0\"", "hash is not the transaction's"},
        {"hash", "null", "hash is not the transaction's"},
        {"signature", "\"30\"", "signature does not hold"},
        {"signature", "[]", "signature does not hold"},
        {"more", "1", "hash is not the transaction's"},
        {"more", "{\"a\\\":1,\\\"b\":1}", NAME_IS_RAW},
        {"validators", "[{\"a\\\\\":1}]", NAME_IS_RAW},
        {"a\nb", "1", NAME_IS_RAW},
        {"from", "{}", "from.publicKey is not a public key"},
        {"from", "{\"publicKey\":\"" KEY_ONE "\"}",
         "from.address is not the address of from.publicKey"},
        {"from", "{\"publicKey\":\"" KEY_ONE "\",\"address\":\"" ADDRESS_ONE "\"}",
         "from.number is not the number of from.address"},
        {"from",
         "{\"publicKey\":\"" KEY_ONE "\",\"address\":\"" ADDRESS_ONE "\",\"number\":\"" NUMBER_ONE
         "\"}",
         "hash is not the transaction's"},
    };
    const struct transaction_plan plan = {ADDRESS_ONE, 0, 1, 1760000000000, DATA_ONE};
    struct wallet *wallet = wallet_one();
    struct transaction transaction;
    struct buffer json;

    (void)state;
    buffer_init(&json, 65536);
    assert_int_equal(transaction_sign(wallet, &plan, &json), 0);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        cJSON *tree = parse(json.data);
        const char *reason = NULL;

        cJSON_DeleteItemFromObjectCaseSensitive(tree, changes[i].member);
        cJSON_AddItemToObject(tree, changes[i].member, parse(changes[i].value));
        assert_int_equal(transaction_check(tree, &transaction, &reason), AMID_E_INVALID);
        assert_string_equal(reason, changes[i].reason);
        cJSON_Delete(tree);
    }
    buffer_free(&json);
    wallet_free(wallet);
}

static void canonical_text_is_sorted_and_shortest(void **state)
{
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"{ \"b\" : 1, \"a\" : [ true, false, null ], \"\" : { } }",
         "{\"\":{},\"a\":[true,false,null],\"b\":1}"},
        {"{\"\\uff5e\":1,\"\\ud83d\\ude00\":2,\"z\":3,\"\\ud7ff\":4,\"\\ue000\":5}",
         "{\"z\":3,\"\xed\x9f\xbf\":4,\"\xf0\x9f\x98\x80\":2,\"\xee\x80\x80\":5,\"\xef\xbd\x9e\":"
         "1}"},
        {"{\"a\\\"\\\\\\n\":\"a\\\"\\\\\\n\\u0001\\u001f\\/\\u007f\\u20ac\"}",
         "{\"a\"\\\n\":\"a\\\"\\\\\\n\\u0001\\u001f/\x7f\xe2\x82\xac\"}"},
        {"[-0,1e21,1e20,123456789012345680000,0.000001,1e-7,-1.5e-9,5e-324,1e400,0.1,100]",
         "[0,1e+21,100000000000000000000,123456789012345680000,0.000001,1e-7,-1.5e-9,5e-324,null,"
         "0.1,100]"},
        {"[1.7976931348623157e308,5.684341886080802e-14,9007199254740993,0.30000000000000004]",
         "[1.7976931348623157e+308,5.684341886080802e-14,9007199254740992,0.30000000000000004]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cJSON *json = parse(cases[i].json);
        struct buffer text;

        buffer_init(&text, 65536);
        assert_int_equal(canonical_json(json, NULL, &text), 0);
        assert_string_equal(text.data, cases[i].text);
        buffer_free(&text);
        cJSON_Delete(json);
    }
}

/* Two values with one text: nobody could tell which of them was signed. */
static void names_that_make_two_values_of_one_text_are_known(void **state)
{
    static const char *const jsons[] = {"{\"a\":1,\"b\":2}", "{\"a\\\":1,\\\"b\":2}"};
    struct buffer texts[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        cJSON *json = parse(jsons[i]);

        buffer_init(&texts[i], 100);
        assert_int_equal(canonical_json(json, NULL, &texts[i]), 0);
        assert_int_equal(canonical_names_are_plain(json), i == 0);
        cJSON_Delete(json);
    }
    assert_string_equal(texts[0].data, texts[1].data);
    for (size_t i = 0; i < 2; i++)
        buffer_free(&texts[i]);
}

static void canonical_text_is_bounded_in_depth_and_size(void **state)
{
    cJSON *json = cJSON_CreateArray();
    cJSON *inner = json;
    struct buffer text;

    (void)state;
    buffer_init(&text, 10);
    for (int i = 0; i < 100; i++) {
        cJSON *next = cJSON_CreateArray();

        cJSON_AddItemToArray(inner, next);
        inner = next;
    }
    assert_int_equal(canonical_json(json, NULL, &text), AMID_E_INVALID);
    cJSON_Delete(json);
    buffer_free(&text);
    buffer_init(&text, 10);
    json = parse("\"0123456789\"");
    assert_int_equal(canonical_json(json, NULL, &text), AMID_E_TOO_LARGE);
    cJSON_Delete(json);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_published_ones),
        cmocka_unit_test(base58_keeps_leading_zeros_and_refuses_other_letters),
        cmocka_unit_test(a_wallet_is_the_one_of_the_vectors),
        cmocka_unit_test(what_is_no_secret_is_refused),
        cmocka_unit_test(new_wallets_differ_and_sign),
        cmocka_unit_test(addresses_have_their_checksum),
        cmocka_unit_test(keys_of_both_forms_are_one_and_others_none),
        cmocka_unit_test(a_signature_with_the_higher_s_holds_too),
        cmocka_unit_test(a_transaction_is_the_one_of_the_vectors),
        cmocka_unit_test(plans_that_cannot_be_are_refused),
        cmocka_unit_test(a_changed_transaction_is_refused_and_says_why),
        cmocka_unit_test(canonical_text_is_sorted_and_shortest),
        cmocka_unit_test(names_that_make_two_values_of_one_text_are_known),
        cmocka_unit_test(canonical_text_is_bounded_in_depth_and_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
