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

static int64_t take(struct http_rate *rate, const char *key, int64_t now_ms)
{
    const struct http_rate_limit limit = {.burst = BURST, .interval_ms = INTERVAL_MS};
    int64_t wait_ms = http_rate_wait(rate, &limit, key, now_ms);

    if (wait_ms == 0)
        http_rate_count(rate, &limit, key, now_ms);
    return wait_ms;
}

static void a_burst_then_one_per_interval(void **state)
{
    struct http_rate *rate = http_rate_new();
    int64_t now_ms = 1000;

    (void)state;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(take(rate, "a", now_ms), 0);
    assert_int_equal(take(rate, "a", now_ms), INTERVAL_MS);
    assert_int_equal(take(rate, "a", now_ms + INTERVAL_MS - 1), 1);
    assert_int_equal(take(rate, "a", now_ms + INTERVAL_MS), 0);
    assert_int_equal(take(rate, "a", now_ms + INTERVAL_MS), INTERVAL_MS);
    now_ms += 100 * INTERVAL_MS;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(take(rate, "a", now_ms), 0);
    assert_true(take(rate, "a", now_ms) > 0);
    http_rate_free(rate);
}

static void looking_counts_nothing(void **state)
{
    const struct http_rate_limit limit = {.burst = 1, .interval_ms = INTERVAL_MS};
    struct http_rate *rate = http_rate_new();

    (void)state;
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(http_rate_wait(rate, &limit, "a", 0), 0);
    http_rate_count(rate, &limit, "a", 0);
    assert_int_equal(http_rate_wait(rate, &limit, "a", 0), INTERVAL_MS);
    assert_int_equal(http_rate_wait(rate, &limit, "b", 0), 0);
    http_rate_free(rate);
}

static void limits_per_minute(void **state)
{
    struct http_rate_limit limit = http_rate_per_minute(30);

    (void)state;
    assert_int_equal(limit.burst, 30);
    assert_int_equal(limit.interval_ms, 2000);
    limit = http_rate_per_minute(100000);
    assert_int_equal(limit.interval_ms, 1);
    limit = http_rate_per_minute(0);
    assert_int_equal(limit.burst, 1);
    assert_int_equal(limit.interval_ms, 60000);
}

/* Whoever has used most is kept: others who ask once each do not wash him out. */
static void a_crowd_does_not_wash_out_the_worst(void **state)
{
    struct http_rate *rate = http_rate_new();
    char key[32];

    (void)state;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(take(rate, "worst", 0), 0);
    for (int i = 0; i < CROWD; i++) {
        snprintf(key, sizeof(key), "10.0.%d.%d", i / 256, i % 256);
        assert_int_equal(take(rate, key, 0), 0);
    }
    assert_true(take(rate, "worst", 0) > 0);
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
        cmocka_unit_test(looking_counts_nothing),
        cmocka_unit_test(limits_per_minute),
        cmocka_unit_test(a_crowd_does_not_wash_out_the_worst),
        cmocka_unit_test(retry_after_is_in_whole_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
