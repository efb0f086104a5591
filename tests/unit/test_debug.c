/* Holds (test builds): the debug socket moves the clock from deadline to deadline, answers each
 * line once and in order, and tells every event to those who listen and to those who come late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/trace.h"
#include "supervisor/debug.h"

#ifdef AMID_TEST_HOOKS

struct fixture {
    struct event_base *base;
    struct timers *timers;
    struct debug_socket *debug;
    char folder[64];
    int client;
};

static int client_open(const struct fixture *fixture)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/debug.sock", fixture->folder);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static int fixture_open(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    strcpy(fixture->folder, "/tmp/amid-unit-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    fixture->base = event_base_new();
    fixture->timers = timers_new(fixture->base);
    assert_int_equal(debug_open(fixture->base, fixture->timers, fixture->folder, &fixture->debug),
                     0);
    fixture->client = client_open(fixture);
    *state = fixture;
    return 0;
}

static int fixture_close(void **state)
{
    struct fixture *fixture = *state;

    close(fixture->client);
    debug_close(fixture->debug);
    timers_free(fixture->timers);
    event_base_free(fixture->base);
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}

static void say(int client, const char *text)
{
    assert_int_equal(write(client, text, strlen(text)), (ssize_t)strlen(text));
}

/* Turns the loop until the client has got as many lines. */
static const char *hear(const struct fixture *fixture, int client, int lines)
{
    static char text[65536];
    size_t len = 0;

    for (int turn = 0; turn < 1000 && lines > 0; turn++) {
        ssize_t n;

        event_base_loop(fixture->base, EVLOOP_NONBLOCK);
        n = read(client, text + len, sizeof(text) - len - 1);
        for (ssize_t i = 0; i < n; i++)
            lines -= text[len + (size_t)i] == '\n';
        len += n > 0 ? (size_t)n : 0;
    }
    text[len] = '\0';
    assert_int_equal(lines, 0);
    return text;
}

struct chain {
    struct timer timer;
    int links;
};

static void next_link(void *arg)
{
    struct chain *chain = arg;

    trace_event("link", "\"left\":%d", --chain->links);
    if (chain->links > 0)
        timer_start(&chain->timer, 1000);
}

static void advancing_visits_each_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct chain chain = {.links = 3};
    char expected[512];
    int64_t start_ms;

    say(fixture->client, "{\"freeze\":true}\n");
    assert_string_equal(hear(fixture, fixture->client, 1), "{\"ok\":true}\n");
    start_ms = clock_mono_ms();
    timer_init(&chain.timer, fixture->timers, next_link, &chain);
    timer_start(&chain.timer, 1000);
    say(fixture->client, "{\"advance\":2500}\n{\"ping\":1}\n");
    snprintf(expected, sizeof(expected),
             "{\"event\":\"link\",\"n\":1,\"at\":%jd,\"left\":2}\n"
             "{\"event\":\"link\",\"n\":2,\"at\":%jd,\"left\":1}\n"
             "{\"ok\":true}\n{\"ok\":true}\n",
             (intmax_t)start_ms + 1000, (intmax_t)start_ms + 2000);
    assert_string_equal(hear(fixture, fixture->client, 4), expected);
    assert_true(clock_mono_ms() == start_ms + 2500);
    say(fixture->client, "{\"advance\":500}\n");
    hear(fixture, fixture->client, 2);
    assert_int_equal(chain.links, 0);
}

static void a_late_client_asks_for_what_was(void **state)
{
    struct fixture *fixture = *state;
    int late;

    for (int i = 1; i <= DEBUG_EVENTS_KEPT + 5; i++)
        trace_event("e", "%s", "");
    late = client_open(fixture);
    say(late, "{\"since\":10003}\n");
    assert_non_null(strstr(hear(fixture, late, 3), "\"n\":10004,"));
    say(late, "{\"ping\":1}\n");
    assert_string_equal(hear(fixture, late, 1), "{\"ok\":true}\n");
    trace_event("e", "\"x\":%d", 1);
    assert_non_null(strstr(hear(fixture, late, 1), "{\"event\":\"e\",\"n\":10006,"));
    close(late);
}

static void nonsense_is_answered(void **state)
{
    struct fixture *fixture = *state;

    say(fixture->client, "hello\n{}\n{\"advance\":-1}\n{\"advance\":\"x\"}\n");
    assert_string_equal(hear(fixture, fixture->client, 4),
                        "{\"ok\":false,\"error\":\"not JSON\"}\n"
                        "{\"ok\":false,\"error\":\"unknown command\"}\n"
                        "{\"ok\":false,\"error\":\"advance out of range\"}\n"
                        "{\"ok\":false,\"error\":\"advance out of range\"}\n");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(advancing_visits_each_deadline),
        TEST(a_late_client_asks_for_what_was),
        TEST(nonsense_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int main(void)
{
    return 0; /* a release has no debug socket */
}
#endif
