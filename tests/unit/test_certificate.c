/* Holds: every way a process can end is told in one sentence that a newcomer understands, with the
 * limit and the system call where there was one (GOALS, promise 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "supervisor/lifecycle/certificate.h"

static const struct certificate_limits limits = {
    .heap_mib = 32, .turn_cpu_ms = 10000, .grace_ms = 5000};

static void every_end_has_its_sentence(void **state)
{
    static char fatal[] = "confinement failed at seccomp";
    static const struct {
        int code, signal, syscall;
        enum runner_kill kill;
        char *fatal;
        const char *limit, *part;
    } cases[] = {
        {0, 0, -1, RUNNER_KILL_NONE, NULL, NULL, "as it should"},
        {3, 0, -1, RUNNER_KILL_NONE, NULL, NULL, "exit code 3"},
        {65, 0, -1, RUNNER_KILL_NONE, NULL, NULL, "lost its connection"},
        {66, 0, -1, RUNNER_KILL_NONE, fatal, "confine", "failed at seccomp"},
        {67, 0, -1, RUNNER_KILL_NONE, NULL, NULL, "could not be loaded (no reason given)"},
        {68, 0, -1, RUNNER_KILL_NONE, NULL, "turn", "more than 10.0 s of CPU time"},
        {69, 0, -1, RUNNER_KILL_NONE, NULL, "heap", "32 MiB of memory"},
        {70, 0, -1, RUNNER_KILL_NONE, fatal, NULL, "engine gave up (confinement"},
        {-1, SIGSYS, SYS_socket, RUNNER_KILL_NONE, NULL, "syscall", "system call socket,"},
        {-1, SIGSYS, 4000, RUNNER_KILL_NONE, NULL, "syscall", "system call number 4000,"},
        {-1, SIGSYS, -1, RUNNER_KILL_NONE, NULL, "syscall", "a system call that no worker"},
        {-1, SIGKILL, -1, RUNNER_KILL_NONE, NULL, NULL, "killed from outside"},
        {-1, SIGSEGV, -1, RUNNER_KILL_NONE, NULL, NULL, "signal 11, SIGSEGV"},
        {-1, SIGKILL, -1, RUNNER_KILL_GRACE, NULL, "grace", "5.0 s after it was told"},
        {-1, SIGKILL, -1, RUNNER_KILL_PROTOCOL, NULL, "protocol", "(why)"},
        {-1, SIGKILL, -1, RUNNER_KILL_WATCHDOG, NULL, "watchdog", "watchdog in time (why)"},
        {-1, SIGKILL, -1, RUNNER_KILL_START, NULL, "start", "not ready in time"},
        {-1, SIGKILL, -1, RUNNER_KILL_CONFINE, NULL, "confine", "before any script was read"},
        {-1, SIGKILL, -1, RUNNER_KILL_LEASE, NULL, "lease", "another node may lead"},
        {-1, SIGKILL, -1, RUNNER_KILL_TIME, NULL, "time", "too long"},
        {-1, SIGKILL, -1, RUNNER_KILL_UNWANTED, NULL, NULL, "no longer wanted"},
        {70, 0, -1, RUNNER_KILL_WATCHDOG, NULL, NULL, "engine gave up"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct runner_end end = {.code = cases[i].code,
                                 .signal = cases[i].signal,
                                 .syscall_number = cases[i].syscall,
                                 .kill = cases[i].kill,
                                 .kill_detail = "why",
                                 .fatal_text = cases[i].fatal};
        struct exit_certificate view;
        struct certificate certificate;

        certificate_write(&certificate, &end, &limits, 99);
        certificate_view(&certificate, &view);
        if (strstr(view.sentence, cases[i].part) == NULL)
            fail_msg("case %zu says: %s", i, view.sentence);
        if (cases[i].limit == NULL)
            assert_null(view.limit);
        else
            assert_string_equal(view.limit, cases[i].limit);
        assert_true(view.known);
        assert_int_equal(view.code, cases[i].code);
        assert_int_equal(view.signal, cases[i].signal);
        assert_int_equal(view.at_ms, 99);
        assert_true((view.syscall != NULL) == (cases[i].syscall >= 0));
    }
}

static void the_error_is_what_the_runner_said_or_the_sentence(void **state)
{
    static char fatal[] = "RangeError: too much";
    struct runner_end end = {.code = -1, .signal = SIGKILL, .syscall_number = -1};
    struct certificate certificate;
    char text[400];

    (void)state;
    end.kill = RUNNER_KILL_WATCHDOG;
    certificate_write(&certificate, &end, &limits, 0);
    certificate_error(&certificate, &end, text, sizeof(text));
    assert_memory_equal(text, "Watchdog: ", 10);
    end.kill = RUNNER_KILL_NONE;
    certificate_write(&certificate, &end, &limits, 0);
    certificate_error(&certificate, &end, text, sizeof(text));
    assert_memory_equal(text, "Crash: It was killed", 20);
    end.has_fatal = true;
    end.fatal_text = fatal;
    certificate_error(&certificate, &end, text, sizeof(text));
    assert_string_equal(text, fatal);
}

static void nobody_has_died_yet(void **state)
{
    struct certificate certificate = {.known = false};
    struct exit_certificate view;

    (void)state;
    certificate_view(&certificate, &view);
    assert_false(view.known);
    assert_null(view.sentence);
    assert_null(view.syscall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_has_its_sentence),
        cmocka_unit_test(the_error_is_what_the_runner_said_or_the_sentence),
        cmocka_unit_test(nobody_has_died_yet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
