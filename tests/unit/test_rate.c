// How often one client may try: the burst, the refill, clients apart from each other, and a table
// that a crowd fills without anybody gaining from it.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "supervisor/http/rate.h"

#define BURST       5
#define INTERVAL_MS 10000
#define CROWD       (4 * HTTP_RATE_KEYS)

static void a_burst_then_one_per_interval(void **state)
{
    struct http_rate *rate = http_rate_new(BURST, INTERVAL_MS);
    int64_t now_ms = 1000;

    (void)state;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(http_rate_take(rate, "a", now_ms), 0);
    assert_int_equal(http_rate_take(rate, "a", now_ms), INTERVAL_MS);
    assert_int_equal(http_rate_take(rate, "a", now_ms + INTERVAL_MS - 1), 1);
    assert_int_equal(http_rate_take(rate, "a", now_ms + INTERVAL_MS), 0);
    assert_int_equal(http_rate_take(rate, "a", now_ms + INTERVAL_MS), INTERVAL_MS);
    now_ms += 100 * INTERVAL_MS;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(http_rate_take(rate, "a", now_ms), 0);
    assert_true(http_rate_take(rate, "a", now_ms) > 0);
    http_rate_free(rate);
}

static void ports_are_one_client_and_addresses_are_several(void **state)
{
    struct http_rate *rate = http_rate_new(1, INTERVAL_MS);

    (void)state;
    assert_int_equal(http_rate_take_peer(rate, "10.0.0.1:1", 0), 0);
    assert_true(http_rate_take_peer(rate, "10.0.0.1:2", 0) > 0);
    assert_int_equal(http_rate_take_peer(rate, "10.0.0.2:1", 0), 0);
    assert_int_equal(http_rate_take_peer(rate, "[2001:db8::1]:1", 0), 0);
    assert_true(http_rate_take_peer(rate, "[2001:db8::ffff:2]:9", 0) > 0);
    assert_int_equal(http_rate_take_peer(rate, "[2001:db8:0:1::1]:1", 0), 0);
    assert_int_equal(http_rate_take_peer(rate, "local", 0), 0);
    assert_true(http_rate_take_peer(rate, "local", 0) > 0);
    assert_int_equal(http_rate_take_peer(rate, "", 0), 0);
    assert_int_equal(http_rate_take_peer(rate, "[", 0), 0);
    http_rate_free(rate);
}

/* Whoever has used most is kept: others who ask once each do not wash him out. */
static void a_crowd_does_not_wash_out_the_worst(void **state)
{
    struct http_rate *rate = http_rate_new(BURST, INTERVAL_MS);
    char key[32];

    (void)state;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(http_rate_take(rate, "worst", 0), 0);
    for (int i = 0; i < CROWD; i++) {
        snprintf(key, sizeof(key), "10.0.%d.%d", i / 256, i % 256);
        assert_int_equal(http_rate_take(rate, key, 0), 0);
    }
    assert_true(http_rate_take(rate, "worst", 0) > 0);
    http_rate_free(rate);
}

static void retry_after_is_in_whole_seconds(void **state)
{
    (void)state;
    assert_int_equal(http_rate_retry_s(1), 1);
    assert_int_equal(http_rate_retry_s(1000), 1);
    assert_int_equal(http_rate_retry_s(1001), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_then_one_per_interval),
        cmocka_unit_test(ports_are_one_client_and_addresses_are_several),
        cmocka_unit_test(a_crowd_does_not_wash_out_the_worst),
        cmocka_unit_test(retry_after_is_in_whole_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
