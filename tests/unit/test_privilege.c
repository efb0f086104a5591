/* Holds: script never runs as root: amid becomes another user before it starts anything, keeps only
 * the capabilities that runners of a user of their own need, and leaves folders that are not its
 * own alone. What needs root to try is skipped without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/privilege.h"

static char reason[512];

static void an_ordinary_user_stays_himself(void **state)
{
    struct privilege plan;

    (void)state;
    if (geteuid() == 0)
        skip();
    assert_int_equal(privilege_plan("amid", &plan, reason, sizeof(reason)), 0);
    assert_false(plan.drops);
    assert_false(plan.has_runner_user);
    assert_int_equal(plan.uid, geteuid());
}

static void root_becomes_somebody_else(void **state)
{
    struct privilege plan;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(privilege_plan("no-such-user-here", &plan, reason, sizeof(reason)), 0);
    assert_true(plan.drops);
    assert_int_not_equal(plan.uid, 0);
    assert_int_equal(privilege_plan("root", &plan, reason, sizeof(reason)), AMID_E_DENIED);
    assert_non_null(strstr(reason, "node.user"));
}

static uint64_t capabilities(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    uint64_t set = UINT64_MAX;

    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            set = strtoull(line + strlen(name) + 1, NULL, 16);
    }
    if (status != NULL)
        fclose(status);
    return set;
}

/* The number of the first thing that is not as it should be. */
static int drop_and_look(const struct privilege *plan)
{
    const uint64_t both = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID |
                          UINT64_C(1) << CAP_KILL | UINT64_C(1) << CAP_SYS_NICE;
    const uint64_t allowed = plan->has_runner_user ? both : UINT64_C(1) << CAP_SYS_NICE;

    if (privilege_drop(plan, reason, sizeof(reason)) != 0)
        return 1;
    if (getuid() != plan->uid || geteuid() != plan->uid || getgid() != plan->gid)
        return 2;
    if (getgroups(0, NULL) != 0)
        return 3;
    if ((capabilities("CapEff:") & ~allowed) != 0 || (capabilities("CapPrm:") & ~allowed) != 0)
        return 4;
    if (capabilities("CapInh:") != 0 || capabilities("CapAmb:") != 0)
        return 5;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 6;
#ifndef AMID_SANITIZE
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return 7;
#endif
    if (!plan->has_runner_user && setuid(0) == 0)
        return 8;
    return 0;
}

static void dropping_leaves_what_the_plan_says(void **state)
{
    struct privilege plans[] = {
        {.drops = true, .uid = 12345, .gid = 12346},
        {.drops = true,
         .uid = 12345,
         .gid = 12346,
         .has_runner_user = true,
         .runner_uid = 12347,
         .runner_gid = 12347},
    };

    (void)state;
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < 2; i++) {
        pid_t child = fork();
        int status;

        if (child == 0)
            _exit(drop_and_look(&plans[i]));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void a_plan_that_stays_root_is_refused(void **state)
{
    struct privilege plan = {.drops = false};
    pid_t child;
    int status;

    (void)state;
    if (geteuid() != 0)
        skip();
    child = fork();
    if (child == 0)
        _exit(privilege_drop(&plan, reason, sizeof(reason)) == AMID_E_DENIED ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void the_state_folder_is_made_and_given_away(void **state)
{
    const struct privilege plan = {.drops = true, .uid = 12345, .gid = 12346};
    char root[] = "/tmp/amid-unit-XXXXXX", path[128], file[160], command[160];
    struct stat stat_now;
    int fd = -1;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_non_null(mkdtemp(root));
    snprintf(path, sizeof(path), "%s/deep/state", root);
    assert_int_equal(privilege_open_state(&plan, path, &fd, reason, sizeof(reason)), 0);
    assert_int_equal(fstat(fd, &stat_now), 0);
    assert_int_equal(stat_now.st_uid, 12345);
    close(fd);
    assert_int_equal(privilege_open_state(&plan, path, &fd, reason, sizeof(reason)), 0);
    close(fd);

    /* Somebody else's folder, or one of root's that is in use, stays as it is. */
    snprintf(path, sizeof(path), "%s/used", root);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(file, sizeof(file), "%s/file", path);
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(privilege_open_state(&plan, path, &fd, reason, sizeof(reason)), AMID_E_DENIED);
    assert_non_null(strstr(reason, "in use by others"));
    assert_int_equal(stat(path, &stat_now), 0);
    assert_int_equal(stat_now.st_uid, 0);
    unlink(file);
    assert_int_equal(chown(path, 1, 1), 0);
    assert_int_equal(privilege_open_state(&plan, path, &fd, reason, sizeof(reason)), AMID_E_DENIED);
    assert_int_equal(privilege_open_state(&plan, "/dev/null/x", &fd, reason, sizeof(reason)),
                     AMID_E_NOT_DIRECTORY);
    snprintf(command, sizeof(command), "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_user_stays_himself),
        cmocka_unit_test(root_becomes_somebody_else),
        cmocka_unit_test(dropping_leaves_what_the_plan_says),
        cmocka_unit_test(a_plan_that_stays_root_is_refused),
        cmocka_unit_test(the_state_folder_is_made_and_given_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
