/* Holds: amid divides a cgroup only if it is amid's alone and has the controller, says why not, and
 * then changes nothing; and where it may, it moves itself first and processes after. Run as root on
 * a machine with cgroup v2, against the kernel; the weights themselves only where its hierarchy has
 * the cpu controller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/lifecycle/cgroup.h"

#define TEXT_MAX 4096

static char root_path[PATH_MAX / 2]; /* of the hierarchy */
static char test_path[PATH_MAX];

static bool read_file(const char *folder, const char *name, char text[TEXT_MAX])
{
    char path[2 * PATH_MAX];
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, text, TEXT_MAX - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return true;
}

static bool write_file(const char *folder, const char *name, const char *text)
{
    char path[2 * PATH_MAX];
    bool ok;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool find_root(void)
{
    static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    char text[TEXT_MAX];

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (read_file(places[i], "cgroup.controllers", text)) {
            snprintf(root_path, sizeof(root_path), "%s", places[i]);
            return true;
        }
    }
    return false;
}

/* A cgroup of the test's own below the root, or skips. */
static void own_cgroup(void)
{
    if (geteuid() != 0 || !find_root()) {
        print_message("needs root and cgroup v2\n");
        skip();
    }
    snprintf(test_path, sizeof(test_path), "%s/amid-test-%d", root_path, (int)getpid());
    if (mkdir(test_path, 0755) != 0) {
        print_message("no cgroup can be made here: %s\n", strerror(errno));
        skip();
    }
}

static void remove_cgroup(void)
{
    static const char *const children[] = {"supervisor", "critical", "high", "normal", "low"};
    char path[2 * PATH_MAX];

    for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", test_path, children[i]);
        rmdir(path);
    }
    assert_int_equal(rmdir(test_path), 0);
}

/* In a process of its own, which lives in the test's cgroup; its exit code tells. */
static int run_inside(int (*body)(void))
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(write_file(test_path, "cgroup.procs", "0") ? body() : 100);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

static int divide_without_controller(void)
{
    char reason[CGROUP_REASON_MAX_BYTES] = "", text[TEXT_MAX];
    struct cgroup cgroup;
    int folder = -1;

    if (cgroup_find(&folder, reason) != 0)
        return 1;
    if (cgroup_divide(folder, "nonesuch", &cgroup, reason) != AMID_E_UNSUPPORTED ||
        strcmp(reason, "the own cgroup has no nonesuch controller") != 0)
        return 2;
    /* A part of a controller's name is none. */
    if (cgroup_divide(folder, "p", &cgroup, reason) != AMID_E_UNSUPPORTED)
        return 3;
    if (!read_file("/proc/self", "cgroup", text) || strstr(text, "supervisor") != NULL)
        return 4;
    close(folder);
    return 0;
}

static void without_the_controller_nothing_changes(void **state)
{
    (void)state;
    own_cgroup();
    assert_int_equal(run_inside(divide_without_controller), 0);
    remove_cgroup();
}

static int find_with_company(void)
{
    char reason[CGROUP_REASON_MAX_BYTES] = "";
    int folder = -1, code = 0;
    int pipes[2];
    pid_t pid;
    char byte;

    if (pipe(pipes) != 0)
        return 1;
    pid = fork();
    if (pid == 0) {
        close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) < 0);
    }
    if (cgroup_find(&folder, reason) != AMID_E_UNSUPPORTED ||
        strcmp(reason, "other processes are in the same cgroup") != 0)
        code = 2;
    close(pipes[1]);
    waitpid(pid, NULL, 0);
    if (code == 0 && cgroup_find(&folder, reason) != 0)
        code = 3;
    return code;
}

static void a_cgroup_with_others_in_it_is_left_alone(void **state)
{
    (void)state;
    own_cgroup();
    assert_int_equal(run_inside(find_with_company), 0);
    remove_cgroup();
}

static void the_root_is_left_alone(void **state)
{
    char reason[CGROUP_REASON_MAX_BYTES] = "", text[TEXT_MAX];
    int folder = -1;

    (void)state;
    if (!read_file("/proc/self", "cgroup", text) || strstr(text, "0::/\n") == NULL) {
        print_message("this process is not in the root cgroup\n");
        skip();
    }
    assert_int_equal(cgroup_find(&folder, reason), AMID_E_UNSUPPORTED);
    assert_string_equal(reason,
                        find_root() ? "amid is in the root cgroup" : "there is no cgroup v2 here");
}

/* The first controller that the kernel gives to children, cpu if it is one of them. */
static const char *some_controller(void)
{
    static char text[TEXT_MAX];

    if (!read_file(test_path, "cgroup.controllers", text) || text[0] == '\0' || text[0] == '\n')
        return NULL;
    if (strstr(text, "cpu ") != NULL || strstr(text, "cpu\n") != NULL)
        return "cpu";
    text[strcspn(text, " \n")] = '\0';
    return text;
}

static int check_weights(struct cgroup *cgroup)
{
    char text[TEXT_MAX], folder[PATH_MAX + 16];
    int pipes[2], code = 0;
    pid_t pid;
    char byte;

    if (pipe(pipes) != 0)
        return 10;
    pid = fork();
    if (pid == 0) {
        close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) < 0);
    }
    snprintf(folder, sizeof(folder), "%s/low", test_path);
    if (!read_file(folder, "cpu.weight", text) || strcmp(text, "25\n") != 0)
        code = 11;
    if (code == 0 && (cgroup_place(cgroup, WORKER_LOW, pid) != 0 ||
                      !read_file(folder, "cgroup.procs", text) || strtol(text, NULL, 10) != pid))
        code = 12;
    snprintf(folder, sizeof(folder), "%s/critical", test_path);
    if (code == 0 && (cgroup_place(cgroup, WORKER_CRITICAL, pid) != 0 ||
                      !read_file(folder, "cgroup.procs", text) || strtol(text, NULL, 10) != pid))
        code = 13;
    close(pipes[1]);
    waitpid(pid, NULL, 0);
    if (code == 0 && cgroup_place(cgroup, WORKER_LOW, pid) == 0)
        code = 14; /* there is no such process any more */
    cgroup_close(cgroup);
    return cgroup_place(cgroup, WORKER_LOW, getpid()) == 0 ? code : 15;
}

static int divide(void)
{
    char reason[CGROUP_REASON_MAX_BYTES] = "", text[TEXT_MAX];
    const char *controller = some_controller();
    struct cgroup cgroup;
    int folder = -1, error;

    if (cgroup_find(&folder, reason) != 0)
        return 1;
    error = cgroup_divide(folder, controller, &cgroup, reason);
    close(folder);
    /* Out of the parent first, or its controller could not be handed on. */
    if (!read_file("/proc/self", "cgroup", text) || strstr(text, "/supervisor\n") == NULL)
        return 2;
    if (!read_file(test_path, "cgroup.subtree_control", text) || strstr(text, controller) == NULL)
        return 3;
    if (strcmp(controller, "cpu") == 0)
        return error == 0 ? check_weights(&cgroup) : 4;
    /* Another controller brings no weights: the next step is refused, and says so. */
    return error == AMID_E_UNSUPPORTED && strstr(reason, "cannot be divided") != NULL ? 0 : 5;
}

static void it_moves_out_and_divides(void **state)
{
    char text[TEXT_MAX], lent[TEXT_MAX] = "";

    (void)state;
    own_cgroup();
    if (some_controller() == NULL) {
        /* Where the root hands none on. */
        if (read_file(root_path, "cgroup.controllers", text) && text[0] != '\n' &&
            text[0] != '\0') {
            text[strcspn(text, " \n")] = '\0';
            snprintf(lent, sizeof(lent), "+%.4000s", text);
            if (!write_file(root_path, "cgroup.subtree_control", lent))
                lent[0] = '\0';
        }
    }
    if (some_controller() == NULL) {
        remove_cgroup();
        print_message("this hierarchy has no controller to hand on\n");
        skip();
    }
    print_message("with the controller %s\n", some_controller());
    assert_int_equal(run_inside(divide), 0);
    remove_cgroup();
    if (lent[0] != '\0') { /* the machine as it was */
        lent[0] = '-';
        assert_true(write_file(root_path, "cgroup.subtree_control", lent));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_left_alone),
        cmocka_unit_test(a_cgroup_with_others_in_it_is_left_alone),
        cmocka_unit_test(without_the_controller_nothing_changes),
        cmocka_unit_test(it_moves_out_and_divides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
