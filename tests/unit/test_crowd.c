// Connections counted per client address: who counts as one client, who is not counted, and that
// leaving in any order keeps the count.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "supervisor/http/crowd.h"

#define SEATS 3000

static struct http_crowd crowd;
static struct http_crowd_seat seats[SEATS];

static struct sockaddr *v4(const char *text)
{
    static struct sockaddr_in in;

    in = (struct sockaddr_in){.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
    return (struct sockaddr *)&in;
}

static struct sockaddr *v6(const char *text)
{
    static struct sockaddr_in6 in6;

    in6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return (struct sockaddr *)&in6;
}

static void each_address_has_its_count(void **state)
{
    (void)state;
    http_crowd_init(&crowd);
    memset(seats, 0, sizeof(seats));
    for (size_t i = 0; i < SEATS; i++)
        http_crowd_join(&crowd, &seats[i],
                        i % 3 == 0   ? v4("10.0.0.1")
                        : i % 3 == 1 ? v4("10.0.0.2")
                                     : v6(i % 2 == 0 ? "2001:db8::1" : "2001:db8::2"));
    assert_int_equal(http_crowd_count(&crowd, v4("10.0.0.1")), SEATS / 3);
    assert_int_equal(http_crowd_count(&crowd, v6("2001:db8::3")), SEATS / 3);
    assert_int_equal(http_crowd_count(&crowd, v6("2001:db8:0:1::1")), 0);
    for (size_t i = 0; i < SEATS; i += 2)
        http_crowd_leave(&seats[i]);
    assert_int_equal(http_crowd_count(&crowd, v4("10.0.0.1")), SEATS / 6);
    for (size_t i = SEATS; i-- > 0;)
        http_crowd_leave(&seats[i]);
    assert_int_equal(http_crowd_count(&crowd, v4("10.0.0.1")), 0);
    assert_int_equal(http_crowd_count(&crowd, v4("10.0.0.2")), 0);
}

static void loopback_is_not_counted(void **state)
{
    const struct sockaddr local = {.sa_family = AF_UNIX};

    (void)state;
    http_crowd_init(&crowd);
    memset(seats, 0, sizeof(seats));
    http_crowd_join(&crowd, &seats[0], v4("127.0.0.1"));
    http_crowd_join(&crowd, &seats[1], v6("::1"));
    http_crowd_join(&crowd, &seats[2], &local);
    http_crowd_join(&crowd, &seats[3], v4("127.0.0.2"));
    assert_int_equal(http_crowd_count(&crowd, v4("127.0.0.1")), 0);
    assert_int_equal(http_crowd_count(&crowd, v6("::1")), 0);
    assert_int_equal(http_crowd_count(&crowd, &local), 0);
    assert_int_equal(http_crowd_count(&crowd, v4("127.0.0.2")), 1);
    for (size_t i = 0; i < 4; i++)
        http_crowd_leave(&seats[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_has_its_count),
        cmocka_unit_test(loopback_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
