/* Holds: ids are well formed and read back, every error number has its row whatever is asked, the
 * clocks move forward together unless one is stepped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/id.h"
#include "common/peer.h"
#include "common/trace.h"

static void uuids_are_version_4_and_differ(void **state)
{
    char first[ID_UUID_LEN + 1], second[ID_UUID_LEN + 1];

    (void)state;
    id_uuid(first);
    id_uuid(second);
    assert_true(id_is_uuid(first));
    assert_string_not_equal(first, second);
    for (int i = 0; i < 1000; i++) {
        id_uuid(first);
        assert_int_equal(strlen(first), ID_UUID_LEN);
        assert_int_equal(first[14], '4');
        assert_non_null(strchr("89ab", first[19]));
    }
}

static void only_uuids_are_uuids(void **state)
{
    static const char *const bad[] = {
        "",
        "3f2a81c0-0000-4000-8000-00000000000",
        "3f2a81c0-0000-4000-8000-0000000000000",
        "3f2a81c0x0000-4000-8000-000000000000",
        "3f2a81c0-0000-4000-8000-00000000000g",
        "3f2a81c-00000-4000-8000-000000000000",
        "{f2a81c0-0000-4000-8000-000000000000",
    };

    (void)state;
    assert_true(id_is_uuid("3F2A81C0-0000-1000-8000-00000000000f"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(id_is_uuid(bad[i]));
}

static void hex_reads_back(void **state)
{
    const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0xff, 0x0a};
    uint8_t back[sizeof(bytes)] = {1, 1, 1, 1, 1};
    char text[2 * sizeof(bytes) + 1];

    (void)state;
    id_hex(bytes, sizeof(bytes), text);
    assert_string_equal(text, "007f80ff0a");
    assert_int_equal(id_unhex("007F80fF0a", back, sizeof(back)), 0);
    assert_memory_equal(bytes, back, sizeof(bytes));
    memset(back, 1, sizeof(back));
    assert_int_equal(id_unhex("007f80ff0", back, sizeof(back)), AMID_E_INVALID);
    assert_int_equal(id_unhex("007f80ff0a0", back, sizeof(back)), AMID_E_INVALID);
    assert_int_equal(id_unhex("007f80ff0x", back, sizeof(back)), AMID_E_INVALID);
    assert_int_equal(back[0], 1); /* untouched on failure */
}

static void addresses_stand_for_clients(void **state)
{
    static const char *const cases[][2] = {
        {"127.0.0.1:51234", "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1"},
        {"[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::"},
        {"2001:db8:1:2:ffff::1", "2001:db8:1:2::"},
        {"[::1]:3000", "::"},
        {"6f1d0a7e-0000-4000-8000-000000000001", "6f1d0a7e-0000-4000-8000-000000000001"},
        {"local", "local"},
        {"", ""},
        {"[", ""},
        {":", ""}};
    char client[PEER_CLIENT_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        peer_client(cases[i][0], client);
        assert_string_equal(client, cases[i][1]);
        assert_int_equal(peer_is_loopback(client), i < 2 || i == 4);
    }
}

static void every_error_has_its_row(void **state)
{
    (void)state;
#define X(name, number, http, js, text)                                                            \
    assert_int_equal(AMID_E_##name, -(number));                                                    \
    assert_string_equal(error_id(AMID_E_##name), #name);                                           \
    assert_string_equal(error_text(AMID_E_##name), text);                                          \
    assert_string_equal(error_js_name(AMID_E_##name), js);                                         \
    assert_int_equal(error_http_status(AMID_E_##name), http);
    AMID_ERROR_LIST(X)
#undef X
    assert_string_equal(error_id(-9999), "INTERNAL");
    assert_string_equal(error_id(1), "INTERNAL");
    assert_string_equal(error_id(INT32_MIN), "INTERNAL");
    assert_int_equal(error_from_errno(ENOSPC), AMID_E_DISK_FULL);
    assert_int_equal(error_from_errno(EDQUOT), AMID_E_DISK_FULL);
    assert_int_equal(error_from_errno(EIO), AMID_E_IO);
    assert_int_equal(error_from_errno(0), 0);
}

static void clocks_do_not_go_back(void **state)
{
    int64_t mono = clock_mono_ms(), boot = clock_boot_ms();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t next_mono = clock_mono_ms(), next_boot = clock_boot_ms();

        assert_true(next_mono >= mono && next_boot >= boot);
        mono = next_mono;
        boot = next_boot;
    }
    assert_true(clock_real_ms() > INT64_C(1600000000000));
}

#ifdef AMID_TEST_HOOKS
static void the_virtual_clock_moves_all_three(void **state)
{
    int64_t mono, boot, real;

    (void)state;
    clock_freeze(1);
    mono = clock_mono_ms();
    boot = clock_boot_ms();
    real = clock_real_ms();
    clock_advance_ms(86400000);
    clock_advance_ms(-5);
    assert_true(clock_mono_ms() == mono + 86400000);
    assert_true(clock_boot_ms() == boot + 86400000);
    assert_true(clock_real_ms() == real + 86400000);
    clock_freeze(1);
    assert_true(clock_mono_ms() == mono + 86400000);
    clock_freeze(0);
    assert_true(clock_mono_ms() >= mono + 86400000);
    assert_true(clock_real_ms() >= real + 86400000);
    clock_advance_ms(1000);
    assert_true(clock_mono_ms() >= mono + 86401000);
}

static char traced[128];

static void clocks_move_apart_as_on_a_step_and_a_suspend(void **state)
{
    int64_t mono, boot, real;

    (void)state;
    clock_freeze(1);
    mono = clock_mono_ms();
    boot = clock_boot_ms();
    real = clock_real_ms();
    clock_step_real_ms(-5000);
    assert_int_equal(clock_real_ms() - real, -5000);
    clock_step_real_ms(5000);
    clock_suspend_ms(700);
    assert_int_equal(clock_mono_ms(), mono);
    assert_int_equal(clock_boot_ms() - boot, 700);
    assert_int_equal(clock_real_ms() - real, 700);
    clock_suspend_ms(-1);
    assert_int_equal(clock_boot_ms() - boot, 700);
    clock_freeze(0);
}

static void trace_to_text(void *arg, const char *event, const char *members)
{
    (void)arg;
    snprintf(traced, sizeof(traced), "%s|%s", event, members);
}

static void trace_reaches_its_sink(void **state)
{
    static char big[8192];

    (void)state;
    trace_event("nobody", "\"listens\":%d", 1);
    trace_set_sink(trace_to_text, NULL);
    trace_event("state", "\"sid\":\"%s\"", "x");
    assert_string_equal(traced, "state|\"sid\":\"x\"");
    memset(big, 'b', sizeof(big) - 1);
    trace_event("state", "\"sid\":\"%s\"", big);
    assert_string_equal(traced, "state|\"tooLong\":true");
    trace_set_sink(NULL, NULL);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_are_version_4_and_differ),
        cmocka_unit_test(only_uuids_are_uuids),
        cmocka_unit_test(hex_reads_back),
        cmocka_unit_test(addresses_stand_for_clients),
        cmocka_unit_test(every_error_has_its_row),
        cmocka_unit_test(clocks_do_not_go_back),
#ifdef AMID_TEST_HOOKS
        cmocka_unit_test(the_virtual_clock_moves_all_three),
        cmocka_unit_test(clocks_move_apart_as_on_a_step_and_a_suspend),
        cmocka_unit_test(trace_reaches_its_sink),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
