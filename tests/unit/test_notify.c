/* Holds: systemd hears of readiness, status, the watchdog's beat, reload and stop, each in its
 * time, and nothing is sent where nobody asked. */
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

#include "supervisor/notify.h"

static char folder[] = "/tmp/amid-unit-XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static int socket_open(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    unlink(address.sun_path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static const char *heard(int fd)
{
    static char text[512];
    ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

    if (len <= 0)
        return "";
    text[len] = '\0';
    return text;
}

static void status(void *arg, char *text, size_t size)
{
    snprintf(text, size, "%d workers", *(int *)arg);
}

static void systemd_hears_each_step(void **state)
{
    struct event_base *base = event_base_new();
    int workers = 3, fd = socket_open();
    struct notify *notify;

    (void)state;
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    setenv("WATCHDOG_USEC", "20000", 1);
    notify = notify_new(base, status, &workers);
    assert_non_null(notify);
    assert_string_equal(heard(fd), "");
    notify_ready(notify);
    assert_string_equal(heard(fd), "READY=1");
    assert_string_equal(heard(fd), "STATUS=3 workers");
    event_base_loop(base, EVLOOP_ONCE);
    assert_string_equal(heard(fd), "WATCHDOG=1");
    event_base_loop(base, EVLOOP_ONCE);
    assert_string_equal(heard(fd), "WATCHDOG=1");
    notify_reloading(notify);
    assert_non_null(strstr(heard(fd), "RELOADING=1\nMONOTONIC_USEC="));
    notify_ready(notify);
    assert_string_equal(heard(fd), "READY=1");
    assert_string_equal(heard(fd), ""); /* the status is as it was */
    notify_stopping(notify);
    assert_non_null(strstr(heard(fd), "STOPPING=1"));
    notify_free(notify);
    event_base_free(base);
    close(fd);
    unlink(address.sun_path);
}

static void nothing_is_sent_where_nobody_asked(void **state)
{
    struct event_base *base = event_base_new();
    int workers = 0;
    struct notify *notify;

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    notify = notify_new(base, status, &workers);
    assert_non_null(notify);
    notify_ready(notify);
    assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1); /* no event at all */
    notify_free(notify);
    notify_free(NULL);
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(systemd_hears_each_step),
        cmocka_unit_test(nothing_is_sent_where_nobody_asked),
    };
    int failed;

    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
