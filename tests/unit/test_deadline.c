/* Holds: for how long a node may act as a leader after its last confirmed renewal, to the
 * millisecond: effects until TTL - margin, the process until TTL - 2/3 margin, and nothing without
 * a lease (RULES 20). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "supervisor/cluster/deadline.h"

struct row {
    struct deadline deadline;
    int64_t now_ms;
    enum deadline_phase phase;
    int64_t next_ms, effect_ms;
};

#define MINUTE                                                                                     \
    {                                                                                              \
        1000, 60000, 15000                                                                         \
    }
#define SHORT                                                                                      \
    {                                                                                              \
        7, 5000, 1250                                                                              \
    }

static const struct row rows[] = {
    {{0, 60000, 15000}, 0, DEADLINE_KILL, 0, 0}, /* no lease */
    {{0, 0, 15000}, 5, DEADLINE_KILL, 0, 0},
    {MINUTE, 0, DEADLINE_FREE, 46000, 51000}, /* before it was sent: a clock cannot, a table may */
    {MINUTE, 1000, DEADLINE_FREE, 45000, 50000},
    {MINUTE, 45999, DEADLINE_FREE, 1, 5001},
    {MINUTE, 46000, DEADLINE_STOP, 5000, 0},
    {MINUTE, 50999, DEADLINE_STOP, 1, 0},
    {MINUTE, 51000, DEADLINE_KILL, 0, 0},
    {MINUTE, 61000, DEADLINE_KILL, 0, 0},
    {MINUTE, INT64_MAX, DEADLINE_KILL, 0, 0},
    {SHORT, 3756, DEADLINE_FREE, 1, 418},
    {SHORT, 3757, DEADLINE_STOP, 417, 0},
    {SHORT, 4173, DEADLINE_STOP, 1, 0},
    {SHORT, 4174, DEADLINE_KILL, 0, 0}, /* 5007 - 1250 * 2/3, cut: earlier rather than later */
    {{1000, 5000, 1}, 5999, DEADLINE_STOP, 1, 0},
    {{1000, 5000, 5000}, 1000, DEADLINE_STOP, 1667, 0}, /* a margin that leaves nothing */
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        assert_int_equal(deadline_phase(&row->deadline, row->now_ms), row->phase);
        assert_int_equal(deadline_next_ms(&row->deadline, row->now_ms), row->next_ms);
        assert_int_equal(deadline_effect_ms(&row->deadline, row->now_ms), row->effect_ms);
    }
}

/* Whatever the lease: an effect that starts ends before another node can lead. */
static void test_effects_end_before_the_lease(void **state)
{
    (void)state;
    for (int64_t margin_ms = 1; margin_ms <= 5000; margin_ms += 7) {
        const struct deadline deadline = {1000, 5000, margin_ms};

        for (int64_t now_ms = 1000; now_ms <= 6000; now_ms += 13) {
            int64_t effect_ms = deadline_effect_ms(&deadline, now_ms);

            assert_true(effect_ms >= 0);
            assert_true(effect_ms == 0 || now_ms + effect_ms <= 6000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_effects_end_before_the_lease),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
