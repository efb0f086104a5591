/* Holds: what the runner gives the prelude for bytes and digests computes what the standards say,
 * of any view of a buffer, and throws TypeError for what is no bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <duktape.h>
#include <string.h>

#include "runner/host.h"

static const char helpers[] = "function bytes(text) {"
                              "  var all = new Uint8Array(text.length);"
                              "  for (var i = 0; i < text.length; i++) all[i] = text.charCodeAt(i);"
                              "  return all;"
                              "}"
                              "function hex(found) {"
                              "  return Array.prototype.map.call(found, function (b) { return (256 "
                              "+ b).toString(16).slice(1); })"
                              "    .join('');"
                              "}"
                              "function refusal(act) {"
                              "  try { act(); } catch (error) { return error.name; }"
                              "  return 'none';"
                              "}";

static int open_engine(void **state)
{
    duk_context *ctx = duk_create_heap_default();

    duk_push_object(ctx);
    host_push_bytes(ctx);
    host_push_crypto(ctx);
    duk_put_global_string(ctx, "host");
    duk_eval_string_noresult(ctx, helpers);
    *state = ctx;
    return 0;
}

static int close_engine(void **state)
{
    duk_destroy_heap(*state);
    return 0;
}

struct expectation {
    const char *expression;
    const char *value;
};

static void check_all(duk_context *ctx, const struct expectation *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *found;

        if (duk_peval_string(ctx, list[i].expression) != 0)
            fail_msg("%s: %s", list[i].expression, duk_safe_to_string(ctx, -1));
        found = duk_safe_to_string(ctx, -1);
        if (strcmp(found, list[i].value) != 0)
            fail_msg("%s is %s, not %s", list[i].expression, found, list[i].value);
        duk_pop(ctx);
    }
}

#define CHECK_ALL(state, list) check_all(*(state), list, sizeof(list) / sizeof(*(list)))

/* FIPS 180-4's message, and the empty one. */
static void digests(void **state)
{
    static const struct expectation list[] = {
        {"hex(host.digest(0, bytes('abc')))", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"hex(host.digest(1, bytes('abc')))",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"hex(host.digest(2, bytes('abc')))", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b"
                                              "605a43ff5bed8086072ba1e7cc2358baeca134"
                                              "c825a7"},
        {"hex(host.digest(3, bytes('abc')))", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9e"
                                              "eee64b55d39a2192992a274fc1a836ba3c23a3"
                                              "feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {"hex(host.digest(1, new Uint8Array(0)))",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"hex(host.digest(0, bytes('xabcx').subarray(1, 4)))",
         "a9993e364706816aba3e25717850c26c9cd0d89d"},
    };

    CHECK_ALL(state, list);
}

/* RFC 2202 and RFC 4231, test case 2; a key longer than a block, case 6. */
static void authentication(void **state)
{
    static const struct expectation list[] = {
        {"hex(host.hmac(0, bytes('Jefe'), bytes('what do ya want for nothing?')))",
         "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {"hex(host.hmac(1, bytes('Jefe'), bytes('what do ya want for nothing?')))",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"hex(host.hmac(2, bytes('Jefe'), bytes('what do ya want for nothing?')))",
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecf"
         "a"
         "b21649"},
        {"hex(host.hmac(3, bytes('Jefe'), bytes('what do ya want for nothing?')))",
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f"
         "8"
         "f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        {"var key = new Uint8Array(131); for (var i = 0; i < 131; i++) key[i] = 0xaa;"
         "hex(host.hmac(1, key, bytes('Test Using Larger Than Block-Size Key - Hash Key First')))",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"host.hmac(1, new Uint8Array(0), new Uint8Array(0)).length", "32"},
    };

    CHECK_ALL(state, list);
}

static void comparison_and_search(void **state)
{
    static const struct expectation list[] = {
        {"host.sameBytes(bytes('abc'), bytes('abc'))", "true"},
        {"host.sameBytes(bytes('abc'), bytes('abd'))", "false"},
        {"host.sameBytes(bytes('abc'), bytes('ab'))", "false"},
        {"host.sameBytes(new Uint8Array(0), new Uint8Array(0))", "true"},
        {"host.bytesFind(bytes('abcabc'), bytes('bc'), 0)", "1"},
        {"host.bytesFind(bytes('abcabc'), bytes('bc'), 2)", "4"},
        {"host.bytesFind(bytes('abcabc'), bytes('bc'), 5)", "-1"},
        {"host.bytesFind(bytes('abc'), bytes(''), 3)", "3"},
        {"host.bytesFind(bytes('abc'), bytes('a'), 4)", "-1"},
        {"host.bytesFind(bytes('abc'), bytes('abcd'), 0)", "-1"},
        {"host.base64Encode(bytes('\\u0000\\u00ffab'))", "AP9hYg=="},
        {"hex(host.base64Decode('AP9hYg=='))", "00ff6162"},
        {"host.base64Decode('').length", "0"},
    };

    CHECK_ALL(state, list);
}

static void what_is_no_bytes_is_refused(void **state)
{
    static const struct expectation list[] = {
        {"refusal(function () { host.digest(4, bytes('')); })", "TypeError"},
        {"refusal(function () { host.digest(-1, bytes('')); })", "TypeError"},
        {"refusal(function () { host.digest('1', bytes('')); })", "TypeError"},
        {"refusal(function () { host.digest(1, 'abc'); })", "TypeError"},
        {"refusal(function () { host.digest(1); })", "TypeError"},
        {"refusal(function () { host.hmac(1, bytes('')); })", "TypeError"},
        {"refusal(function () { host.hmac(1, [], bytes('')); })", "TypeError"},
        {"refusal(function () { host.sameBytes(bytes(''), null); })", "TypeError"},
        {"refusal(function () { host.bytesFind(bytes(''), {}, 0); })", "TypeError"},
        {"refusal(function () { host.bytesFind(bytes(''), bytes(''), 'x'); })", "TypeError"},
        {"refusal(function () { host.base64Encode(7); })", "TypeError"},
        {"refusal(function () { host.base64Decode(bytes('')); })", "TypeError"},
        {"refusal(function () { host.base64Decode('*'); })", "TypeError"},
    };

    CHECK_ALL(state, list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests),
        cmocka_unit_test(authentication),
        cmocka_unit_test(comparison_and_search),
        cmocka_unit_test(what_is_no_bytes_is_refused),
    };

    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
