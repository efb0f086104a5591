/* Holds: where a worker belongs (RULES 5), for every execution mode, and that the reason says why
 * it does not run here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "supervisor/lifecycle/placement.h"

static void each_mode_has_its_place(void **state)
{
    static char here[] = "s-0001", elsewhere[] = "s-0002";
    static const struct {
        bool active;
        enum worker_execution execution;
        enum worker_scope scope;
        char *node;
        enum placement expected;
        const char *reason;
    } cases[] = {
        {false, WORKER_PARALLEL, WORKER_NETWORK, NULL, PLACEMENT_INACTIVE, "not active"},
        {false, WORKER_EXCLUSIVE, WORKER_NETWORK, here, PLACEMENT_INACTIVE, "not active"},
        {true, WORKER_PARALLEL, WORKER_NETWORK, NULL, PLACEMENT_HERE, ""},
        {true, WORKER_PARALLEL, WORKER_LOCAL, NULL, PLACEMENT_HERE, ""},
        {true, WORKER_PARALLEL, WORKER_NETWORK, elsewhere, PLACEMENT_HERE, ""},
        {true, WORKER_LEADER, WORKER_NETWORK, NULL, PLACEMENT_LEADER, ""},
        {true, WORKER_LEADER, WORKER_LOCAL, NULL, PLACEMENT_LEADER, ""},
        {true, WORKER_EXCLUSIVE, WORKER_NETWORK, here, PLACEMENT_HERE, ""},
        {true, WORKER_EXCLUSIVE, WORKER_NETWORK, elsewhere, PLACEMENT_ELSEWHERE,
         "assigned to node s-0002"},
        {true, WORKER_EXCLUSIVE, WORKER_NETWORK, NULL, PLACEMENT_ELSEWHERE,
         "exclusive, but assigned to no node"},
    };
    char reason[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct worker worker = {.active = cases[i].active,
                                .execution = cases[i].execution,
                                .scope = cases[i].scope,
                                .assigned_node = cases[i].node};

        assert_int_equal(placement_of(&worker, "s-0001", reason, sizeof(reason)),
                         cases[i].expected);
        assert_string_equal(reason, cases[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_mode_has_its_place)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
