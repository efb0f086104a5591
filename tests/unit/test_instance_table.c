/* Holds: a worker's life as table[state][event]. Every pair is checked against what must be true of
 * it: nothing runs without having been compiled and loaded, nothing starts while an old process may
 * live, and no state is a trap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "supervisor/lifecycle/instance.h"

#define EACH_PAIR(state, event)                                                                    \
    for (int state = 0; state < INSTANCE_STATE_MAX; state++)                                       \
        for (int event = 0; event < INSTANCE_EVENT_MAX; event++)

static const struct instance_step *step_of(int state, int event)
{
    return instance_step((enum instance_state)state, (enum instance_event)event);
}

static bool is_rest(int state)
{
    return state == INSTANCE_INACTIVE || state == INSTANCE_WAITING || state == INSTANCE_COMPLETED ||
           state == INSTANCE_FAILED;
}

static void every_action_leads_to_the_state_in_which_it_makes_sense(void **unused)
{
    static const enum instance_state next_of[INSTANCE_ACTION_MAX] = {
        [ACTION_COMPILE] = INSTANCE_COMPILING, [ACTION_LAUNCH] = INSTANCE_STARTING,
        [ACTION_RUN] = INSTANCE_RUNNING,       [ACTION_END] = INSTANCE_STOPPING,
        [ACTION_REST] = INSTANCE_INACTIVE,
    };

    (void)unused;
    EACH_PAIR(state, event)
    {
        const struct instance_step *step = step_of(state, event);

        if (step->action == ACTION_WAIT)
            assert_int_equal(step->next, event == EVENT_PAUSE ? INSTANCE_PAUSED : INSTANCE_BACKOFF);
        else if (step->action != ACTION_IGNORE)
            assert_int_equal(step->next, next_of[step->action]);
    }
}

static void only_what_is_loaded_runs_and_only_what_is_compiled_is_launched(void **unused)
{
    (void)unused;
    EACH_PAIR(state, event)
    {
        const struct instance_step *step = step_of(state, event);

        if (step->action == ACTION_RUN)
            assert_true((state == INSTANCE_STARTING && event == EVENT_LOADED) ||
                        event == EVENT_AGAIN);
        if (step->action == ACTION_LAUNCH)
            assert_true((state == INSTANCE_COMPILING && event == EVENT_COMPILED) ||
                        (state == INSTANCE_STARTING && event == EVENT_RELAUNCH));
    }
}

/* Old ends, then new starts, never both (RULES 6). */
static void nothing_new_begins_where_a_process_may_live(void **unused)
{
    (void)unused;
    EACH_PAIR(state, event)
    {
        bool may_live = !is_rest(state) && state != INSTANCE_COMPILING;

        if (may_live && step_of(state, event)->action == ACTION_COMPILE)
            assert_int_equal(event, EVENT_FRESH);
        if (may_live && step_of(state, event)->action == ACTION_REST)
            assert_int_equal(event, EVENT_GONE);
    }
}

static void an_owner_can_stop_and_renew_from_everywhere(void **unused)
{
    (void)unused;
    for (int state = 0; state < INSTANCE_STATE_MAX; state++) {
        enum instance_action stop = step_of(state, EVENT_UNWANTED)->action;
        enum instance_action renew = step_of(state, EVENT_RENEWED)->action;

        if (state == INSTANCE_STOPPING) { /* its end looks at what is wanted then */
            assert_int_equal(stop, ACTION_IGNORE);
            assert_int_equal(renew, ACTION_IGNORE);
            continue;
        }
        assert_true(stop == ACTION_REST || stop == ACTION_END);
        assert_true(renew == ACTION_COMPILE || renew == ACTION_END);
        if (is_rest(state))
            assert_int_equal(step_of(state, EVENT_WANTED)->action, ACTION_COMPILE);
    }
}

static void an_error_is_answered_wherever_one_can_happen(void **unused)
{
    static const int working[] = {INSTANCE_COMPILING, INSTANCE_STARTING, INSTANCE_RUNNING,
                                  INSTANCE_BACKOFF, INSTANCE_PAUSED};

    (void)unused;
    for (size_t i = 0; i < sizeof(working) / sizeof(working[0]); i++) {
        assert_int_equal(step_of(working[i], EVENT_RETRY)->next, INSTANCE_BACKOFF);
        assert_int_equal(step_of(working[i], EVENT_PAUSE)->next, INSTANCE_PAUSED);
        assert_true(step_of(working[i], EVENT_GIVE_UP)->action == ACTION_END ||
                    step_of(working[i], EVENT_GIVE_UP)->action == ACTION_REST);
    }
    assert_int_equal(step_of(INSTANCE_STOPPING, EVENT_RETRY)->action, ACTION_IGNORE);
    assert_int_equal(step_of(INSTANCE_FAILED, EVENT_RETRY)->action, ACTION_IGNORE);
}

/* The line of docs/lifecycle.md that tells what a state does with its events. */
static void row_of(int state, char *out, size_t size)
{
    size_t used =
        (size_t)snprintf(out, size, "| %s |", instance_state_name((enum instance_state)state));
    const char *separator = " ";

    for (int event = 0; event < INSTANCE_EVENT_MAX; event++) {
        const struct instance_step *step = step_of(state, event);

        if (step->action == ACTION_IGNORE)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s: %s%s", separator,
                                 instance_event_name((enum instance_event)event),
                                 instance_action_name(step->action),
                                 step->action != ACTION_WAIT     ? ""
                                 : step->next == INSTANCE_PAUSED ? " (paused)"
                                                                 : " (backoff)");
        separator = ", ";
    }
    snprintf(out + used, size - used, " |\n");
}

static void the_manual_prints_this_table(void **unused)
{
    static char manual[65536];
    FILE *file = fopen(AMID_SOURCE_DIR "/docs/lifecycle.md", "r");

    (void)unused;
    assert_non_null(file);
    manual[fread(manual, 1, sizeof(manual) - 1, file)] = '\0';
    fclose(file);
    for (int state = 0; state < INSTANCE_STATE_MAX; state++) {
        char row[1024];

        row_of(state, row, sizeof(row));
        if (strstr(manual, row) == NULL)
            fail_msg("docs/lifecycle.md lacks: %s", row);
    }
}

static void names_are_there_and_differ(void **unused)
{
    (void)unused;
    for (int i = 0; i < INSTANCE_STATE_MAX; i++) {
        for (int j = 0; j < i; j++)
            assert_string_not_equal(instance_state_name((enum instance_state)i),
                                    instance_state_name((enum instance_state)j));
    }
    for (int i = 0; i < INSTANCE_EVENT_MAX; i++) {
        for (int j = 0; j < i; j++)
            assert_string_not_equal(instance_event_name((enum instance_event)i),
                                    instance_event_name((enum instance_event)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_leads_to_the_state_in_which_it_makes_sense),
        cmocka_unit_test(only_what_is_loaded_runs_and_only_what_is_compiled_is_launched),
        cmocka_unit_test(nothing_new_begins_where_a_process_may_live),
        cmocka_unit_test(an_owner_can_stop_and_renew_from_everywhere),
        cmocka_unit_test(an_error_is_answered_wherever_one_can_happen),
        cmocka_unit_test(the_manual_prints_this_table),
        cmocka_unit_test(names_are_there_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
