// The unix socket: what may lie in its place, and whom the kernel's word lets in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "supervisor/http/local.h"

static char folder[] = "/tmp/amid-local-XXXXXX";
static char path[64];
static char reason[256];

static int make_folder(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "%s/amid.sock", mkdtemp(folder));
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void a_dead_socket_is_replaced_and_a_live_one_is_not(void **state)
{
    struct stat stat_before, stat_after;
    gid_t group;
    int fd, second;

    (void)state;
    umask(077);
    assert_int_equal(http_local_bind(path, &fd, &group, reason, sizeof(reason)), 0);
    assert_int_equal(stat(path, &stat_before), 0);
    assert_true(S_ISSOCK(stat_before.st_mode));
    assert_int_equal(stat_before.st_mode & 0117, 0);
    assert_int_equal(http_local_bind(path, &second, &group, reason, sizeof(reason)),
                     AMID_E_ADDR_IN_USE);
    assert_non_null(strstr(reason, "another program listens there"));
    close(fd);
    assert_int_equal(http_local_bind(path, &second, &group, reason, sizeof(reason)), 0);
    assert_int_equal(stat(path, &stat_after), 0);
    close(second);
    unlink(path);
}

static void what_is_no_socket_stays(void **state)
{
    FILE *file = fopen(path, "w");
    gid_t group;
    int fd;

    (void)state;
    assert_non_null(file);
    fclose(file);
    assert_int_equal(http_local_bind(path, &fd, &group, reason, sizeof(reason)), AMID_E_INVALID);
    assert_non_null(strstr(reason, "there is something that is no socket"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/nowhere", path), 0);
    assert_int_equal(http_local_bind(path, &fd, &group, reason, sizeof(reason)), AMID_E_INVALID);
    assert_int_equal(unlink(path), 0);
}

static void a_place_that_cannot_be_is_refused(void **state)
{
    char name[256];
    gid_t group;
    int fd;

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(http_local_bind(name, &fd, &group, reason, sizeof(reason)), AMID_E_INVALID);
    assert_true(http_local_bind("/nowhere/amid.sock", &fd, &group, reason, sizeof(reason)) < 0);
    assert_non_null(strstr(reason, "/nowhere/amid.sock: "));
}

static void the_user_of_the_runners_is_never_let_in(void **state)
{
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_true(http_local_admits(pair[0], getegid(), HTTP_LOCAL_NONE));
    assert_false(http_local_admits(pair[0], getegid(), geteuid()));
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(socketpair(AF_INET, SOCK_STREAM, 0, pair), -1);
    assert_false(http_local_admits(-1, getegid(), HTTP_LOCAL_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_socket_is_replaced_and_a_live_one_is_not),
        cmocka_unit_test(what_is_no_socket_stays),
        cmocka_unit_test(a_place_that_cannot_be_is_refused),
        cmocka_unit_test(the_user_of_the_runners_is_never_let_in),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
