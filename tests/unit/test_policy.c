/* Holds: what counts as which class of error (RULES 16), the delays, the pauses and the ends of
 * consecutive errors for every priority (RULES 14, 15, 21), and what resets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "supervisor/lifecycle/policy.h"

static enum policy_class class_of(const char *name, const char *ancestor, const char *message)
{
    const char *ancestors[] = {"Error", ancestor};
    struct policy_error error = {.name = name,
                                 .ancestors = ancestors,
                                 .ancestor_count = ancestor == NULL ? 1 : 2,
                                 .message = message};

    return policy_classify(&error);
}

static void errors_are_of_the_class_that_the_rules_name(void **state)
{
    static const struct {
        enum policy_class expected;
        const char *name, *ancestor, *message;
    } cases[] = {
        {POLICY_CLASS_NETWORK, "RequestTimeout", NULL, ""},
        {POLICY_CLASS_NETWORK, "NetworkError", NULL, ""},
        {POLICY_CLASS_NETWORK, "RateLimitExceeded", NULL, ""},
        {POLICY_CLASS_NETWORK, "InvalidAccessError", NULL, ""},
        {POLICY_CLASS_NETWORK, "AbortError", NULL, ""},
        {POLICY_CLASS_NETWORK, "ExchangeNotAvailable", NULL, ""},
        {POLICY_CLASS_NETWORK, "DDoSProtection", "NetworkError", ""},
        {POLICY_CLASS_NETWORK, "WebSocketError", NULL, ""},
        {POLICY_CLASS_NETWORK, "Mine", "WebSocketClosed", ""},
        {POLICY_CLASS_NETWORK, "Error", NULL, "WebSocket connection failed"},
        {POLICY_CLASS_NETWORK, "Error", NULL, "blocked by CloudFront distribution"},
        {POLICY_CLASS_NETWORK, "TypeError", NULL, "answer was 403 Forbidden"},
        {POLICY_CLASS_NETWORK, "Error", NULL, "Unavailable For Legal Reasons"},
        {POLICY_CLASS_NETWORK, "Error", NULL, "451"},
        {POLICY_CLASS_NETWORK, "Error", NULL, "HTTP 451."},
        {POLICY_CLASS_NETWORK, "Error", NULL, "1451, then (451)"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "order 1451 rejected"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "4510"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "price 451.25"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "price 3.451"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "id a_451"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "id 451_b"},
        {POLICY_CLASS_CRITICAL, "TypeError", NULL, "WebSocket is not a constructor"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, "403"},
        {POLICY_CLASS_CRITICAL, "Error", NULL, ""},
        {POLICY_CLASS_CRITICAL, "networkerror", NULL, ""},
        {POLICY_CLASS_SKIP, "InsufficientFunds", NULL, "403 Forbidden"},
        {POLICY_CLASS_SKIP, "NetworkError", "InsufficientFunds", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum policy_class found = class_of(cases[i].name, cases[i].ancestor, cases[i].message);

        if (found != cases[i].expected)
            fail_msg("%s: %s is %s", cases[i].name, cases[i].message, policy_class_name(found));
    }
    assert_string_equal(policy_class_name(POLICY_CLASS_NETWORK), "network");
    assert_string_equal(policy_class_name(POLICY_CLASS_CRITICAL), "critical");
    assert_string_equal(policy_class_name(POLICY_CLASS_SKIP), "skipped");
}

static void critical_errors_wait_longer_and_end_by_priority(void **state)
{
    static const int64_t delays_ms[] = {1000, 2000, 4000, 8000, 10000};
    static const uint32_t limits[WORKER_PRIORITY_MAX] = {50, 20, 10, 5};

    (void)state;
    for (int priority = 0; priority < WORKER_PRIORITY_MAX; priority++) {
        struct policy_rules rules = {(enum worker_priority)priority, true};
        struct policy_state counts;

        policy_reset(&counts);
        assert_int_equal(policy_critical_limit(rules.priority), limits[priority]);
        for (uint32_t n = 1; n < limits[priority]; n++) {
            struct policy_decision decision =
                policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0);

            assert_int_equal(decision.verdict, POLICY_RETRY);
            assert_int_equal(decision.delay_ms, delays_ms[n < 5 ? n - 1 : 4]);
            assert_int_equal(counts.critical, n);
        }
        assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0).verdict,
                         POLICY_STOP_CRITICAL);
    }
}

static void network_errors_wait_longer_pause_twice_and_end(void **state)
{
    static const int64_t delays_ms[] = {5000, 7500, 11250, 16875, 25312, 37968, 56952, 60000};
    struct policy_rules rules = {WORKER_LOW, true};
    struct policy_state counts;

    (void)state;
    policy_reset(&counts);
    for (int n = 1; n < 50; n++) {
        struct policy_decision decision =
            policy_decide(&counts, POLICY_NETWORK_ERROR, &rules, 0, 0);

        if (n == 20 || n == 40) {
            assert_int_equal(decision.verdict, POLICY_PAUSE);
            assert_int_equal(decision.delay_ms, 5 * 60 * 1000);
        } else {
            assert_int_equal(decision.verdict, POLICY_RETRY);
            assert_int_equal(decision.delay_ms, delays_ms[n < 8 ? n - 1 : 7]);
        }
    }
    assert_int_equal(policy_decide(&counts, POLICY_NETWORK_ERROR, &rules, 0, 0).verdict,
                     POLICY_STOP_ANY);
}

static void network_errors_alone_never_end_where_the_setting_says_so(void **state)
{
    struct policy_rules rules = {WORKER_CRITICAL, false};
    struct policy_state counts;

    (void)state;
    policy_reset(&counts);
    for (int n = 1; n <= 200; n++) {
        enum policy_verdict verdict =
            policy_decide(&counts, POLICY_NETWORK_ERROR, &rules, 0, 0).verdict;

        assert_int_equal(verdict, n % 20 == 0 ? POLICY_PAUSE : POLICY_RETRY);
    }
    assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0).verdict,
                     POLICY_STOP_ANY);
}

static void each_class_is_counted_apart(void **state)
{
    struct policy_rules rules = {WORKER_NORMAL, true};
    struct policy_state counts;

    (void)state;
    policy_reset(&counts);
    for (int n = 1; n <= 9; n++) {
        assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0).verdict,
                         POLICY_RETRY);
        assert_int_equal(policy_decide(&counts, POLICY_NETWORK_ERROR, &rules, 0, 0).verdict,
                         POLICY_RETRY);
    }
    assert_int_equal(counts.any, 18);
    assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0).verdict,
                     POLICY_STOP_CRITICAL);
}

static void chance_takes_up_to_a_tenth_off(void **state)
{
    struct policy_rules rules = {WORKER_NORMAL, true};
    struct policy_state counts;

    (void)state;
    policy_reset(&counts);
    assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0.5).delay_ms, 950);
    policy_reset(&counts);
    assert_int_equal(policy_decide(&counts, POLICY_NETWORK_ERROR, &rules, 0, 0.999999).delay_ms,
                     4501);
}

static void a_success_or_a_long_run_begins_a_new_row(void **state)
{
    struct policy_rules rules = {WORKER_LOW, true};
    struct policy_state counts;

    (void)state;
    policy_reset(&counts);
    policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0);
    assert_int_equal(policy_decide(&counts, POLICY_SUCCEEDED, &rules, 0, 0).verdict,
                     POLICY_CARRY_ON);
    assert_int_equal(counts.any, 0);

    for (int n = 1; n <= 4; n++)
        policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0);
    assert_int_equal(policy_decide(&counts, POLICY_STARTED, &rules, 1000, 0).verdict,
                     POLICY_CARRY_ON);
    assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 61000, 0).delay_ms,
                     1000);
    assert_int_equal(counts.critical, 1);
    /* One millisecond less is not long enough; and what never ran does not run long. */
    policy_decide(&counts, POLICY_STARTED, &rules, 100000, 0);
    assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 159999, 0).delay_ms,
                     2000);
    assert_int_equal(policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 1000000, 0).delay_ms,
                     4000);
}

static void a_skipped_error_changes_no_count(void **state)
{
    struct policy_rules rules = {WORKER_LOW, true};
    struct policy_state counts;

    (void)state;
    policy_reset(&counts);
    policy_decide(&counts, POLICY_CRITICAL_ERROR, &rules, 0, 0);
    policy_decide(&counts, POLICY_STARTED, &rules, 0, 0);
    assert_int_equal(policy_decide(&counts, POLICY_SKIPPED_ERROR, &rules, 0, 0).verdict,
                     POLICY_CARRY_ON);
    assert_int_equal(counts.critical, 1);
    assert_int_equal(counts.any, 1);
}

static void priorities_set_delay_and_nice(void **state)
{
    static const uint32_t delays_ms[WORKER_PRIORITY_MAX] = {1, 10, 100, 1000};

    (void)state;
    for (int priority = 0; priority < WORKER_PRIORITY_MAX; priority++) {
        assert_int_equal(policy_delay_ms((enum worker_priority)priority), delays_ms[priority]);
        if (priority > 0)
            assert_true(policy_nice((enum worker_priority)priority) >
                        policy_nice((enum worker_priority)(priority - 1)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_of_the_class_that_the_rules_name),
        cmocka_unit_test(critical_errors_wait_longer_and_end_by_priority),
        cmocka_unit_test(network_errors_wait_longer_pause_twice_and_end),
        cmocka_unit_test(network_errors_alone_never_end_where_the_setting_says_so),
        cmocka_unit_test(each_class_is_counted_apart),
        cmocka_unit_test(chance_takes_up_to_a_tenth_off),
        cmocka_unit_test(a_success_or_a_long_run_begins_a_new_row),
        cmocka_unit_test(a_skipped_error_changes_no_count),
        cmocka_unit_test(priorities_set_delay_and_nice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
