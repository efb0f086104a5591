/* The folders below the thread: links that somebody planted lead nowhere, with and without openat2;
 * what is removed never follows them; the account agrees with a scan; forgetting goes in steps; a
 * queue that is full and a closing refuse what they cannot do. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "supervisor/files/beneath.h"
#include "supervisor/files/depot.h"
#include "supervisor/files/files.h"

#define SID       "11111111-2222-4333-8444-555555555555"
#define OTHER_SID "11111111-2222-4333-8444-666666666666"

static char base[64];
static int base_fd = -1;

static int setup(void **state)
{
    (void)state;
    snprintf(base, sizeof(base), "/tmp/amid-files-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return base_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    unsigned left = 100000;
    struct usage removed;

    (void)state;
    beneath_without_openat2(false);
    file_empty(base_fd, &left, &removed);
    close(base_fd);
    return rmdir(base);
}

static struct depot *depot_make(void)
{
    struct depot *depot = depot_new(fcntl(base_fd, F_DUPFD_CLOEXEC, 0));

    assert_non_null(depot);
    return depot;
}

static struct file_op *op_make(enum file_op_kind kind, const char *path, const char *text)
{
    struct file_op *op =
        file_op_new(kind, SID, (const uint8_t *)text, text == NULL ? 0 : strlen(text));

    assert_non_null(op);
    assert_int_equal(file_path_parse(path, &op->path), 0);
    op->limits = (struct usage_limits){.bytes = 1000, .count = 600};
    op->create = true;
    return op;
}

static int run(struct depot *depot, struct file_op *op)
{
    int error;

    depot_run(depot, op);
    error = op->error;
    file_op_free(op);
    return error;
}

static int simple(struct depot *depot, enum file_op_kind kind, const char *path, const char *text)
{
    return run(depot, op_make(kind, path, text));
}

static void plant(void)
{
    int root = openat(base_fd, SID, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int secret = openat(base_fd, "secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(root >= 0 && secret >= 0);
    assert_int_equal(write(secret, "secret", 6), 6);
    close(secret);
    assert_int_equal(symlinkat("../secret", root, "link"), 0);
    assert_int_equal(symlinkat("..", root, "up"), 0);
    assert_int_equal(symlinkat("/", root, "slash"), 0);
    assert_int_equal(symlinkat("/proc/self/root", root, "magic"), 0);
    assert_int_equal(linkat(base_fd, "secret", root, "hard", 0), 0);
    assert_int_equal(mkfifoat(root, "fifo", 0600), 0);
    close(root);
}

static void check_planted(struct depot *depot)
{
    static const char *const paths[] = {"link", "up/secret", "slash/etc/passwd", "magic/etc/passwd",
                                        "hard", "fifo"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct file_op *op = op_make(FILE_OP_WRITE, paths[i], "x");
        int error = simple(depot, FILE_OP_READ, paths[i], NULL);

        /* Without openat2 a link in the middle is not a folder, which is as good a refusal. */
        assert_true(error == AMID_E_DENIED || error == AMID_E_NOT_DIRECTORY);
        op->append = true;
        error = run(depot, op);
        assert_true(error == AMID_E_DENIED || error == AMID_E_NOT_DIRECTORY);
    }
    assert_int_equal(simple(depot, FILE_OP_LIST, "/", NULL), 0);
    assert_true(simple(depot, FILE_OP_LIST, "up", NULL) != 0);
    assert_true(simple(depot, FILE_OP_MKDIR, "up/new", NULL) != 0);
    assert_true(simple(depot, FILE_OP_REMOVE, "up/secret", NULL) != 0);
    assert_int_equal(faccessat(base_fd, "secret", F_OK, 0), 0);
}

static void test_planted_links(void **state)
{
    struct depot *depot = depot_make();
    struct stat info;

    (void)state;
    assert_int_equal(simple(depot, FILE_OP_WRITE, "own", "mine"), 0);
    plant();
    check_planted(depot);
    beneath_without_openat2(true);
    check_planted(depot);
    assert_int_equal(simple(depot, FILE_OP_READ, "own", NULL), 0);
    /* Forgetting unlinks the links themselves. */
    assert_int_equal(depot_forget(depot, SID), 0);
    assert_int_equal(depot_clear(depot, 1000), 0);
    assert_int_equal(fstatat(base_fd, "secret", &info, 0), 0);
    assert_int_equal(info.st_size, 6);
    assert_int_equal(info.st_nlink, 1);
    depot_free(depot);
}

/* The worker's folder itself replaced by a link, or by something else. */
static void test_replaced_root(void **state)
{
    struct depot *depot = depot_make();

    (void)state;
    assert_int_equal(symlinkat("/tmp", base_fd, SID), 0);
    assert_int_equal(simple(depot, FILE_OP_WRITE, "x", "x"), AMID_E_DENIED);
    assert_int_equal(unlinkat(base_fd, SID, 0), 0);
    close(openat(base_fd, SID, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(simple(depot, FILE_OP_READ, "x", NULL), AMID_E_DENIED);
    depot_free(depot);
}

static void test_account_agrees_with_a_scan(void **state)
{
    struct depot *depot = depot_make();
    struct usage usage;
    int root;

    (void)state;
    assert_int_equal(simple(depot, FILE_OP_WRITE, "a", "12345"), 0);
    assert_int_equal(simple(depot, FILE_OP_MKDIR, "d", NULL), 0);
    assert_int_equal(simple(depot, FILE_OP_WRITE, "d/b", "123"), 0);
    root = openat(base_fd, SID, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    close(openat(root, FILE_PATH_OWN_PREFIX "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(usage_scan(root, &usage), 0);
    assert_int_equal(usage.bytes, 8);
    assert_int_equal(usage.count, 3);
    assert_int_equal(faccessat(root, FILE_PATH_OWN_PREFIX "new", F_OK, 0), -1);
    close(root);
    depot_free(depot);

    /* As after a restart: what is there counts, to the byte. */
    depot = depot_make();
    struct file_op *op = op_make(FILE_OP_TRUNCATE, "a", NULL);

    op->length = 998;
    assert_int_equal(run(depot, op), AMID_E_QUOTA);
    op = op_make(FILE_OP_TRUNCATE, "a", NULL);
    op->length = 997;
    assert_int_equal(run(depot, op), 0);
    depot_free(depot);
}

static void test_forgetting_goes_in_steps(void **state)
{
    struct depot *depot = depot_make();
    unsigned steps = 0;

    (void)state;
    for (int i = 0; i < 500; i++) {
        char name[16];

        snprintf(name, sizeof(name), "f%d", i);
        assert_int_equal(simple(depot, FILE_OP_WRITE, name, "x"), 0);
    }
    assert_int_equal(depot_forget(depot, SID), 0);
    assert_int_equal(faccessat(base_fd, SID, F_OK, 0), -1);
    /* The same sid begins anew meanwhile. */
    assert_int_equal(simple(depot, FILE_OP_WRITE, "fresh", "x"), 0);
    while (depot_clear(depot, 100) == AMID_E_BUSY)
        steps++;
    assert_in_range(steps, 4, 8);
    assert_int_equal(simple(depot, FILE_OP_READ, "fresh", NULL), 0);
    assert_int_equal(simple(depot, FILE_OP_READ, "f1", NULL), AMID_E_NOT_FOUND);
    assert_int_equal(depot_forget(depot, OTHER_SID), 0);
    depot_free(depot);
}

static int finished, stopped;

static void count_done(struct file_op *op, void *arg)
{
    (void)arg;
    finished++;
    stopped += op->error == AMID_E_STOPPED;
    file_op_free(op);
}

static void test_queue_and_close(void **state)
{
    struct event_base *loop = event_base_new();
    struct files *files = NULL;
    struct file_op *op;
    char reason[128];
    int taken = 0;

    (void)state;
    finished = stopped = 0;
    assert_int_equal(files_open(base, loop, &files, reason, sizeof(reason)), 0);
    op = op_make(FILE_OP_WRITE, "x", "x");
    snprintf(op->sid, sizeof(op->sid), "../x");
    assert_int_equal(files_submit(files, op), AMID_E_INVALID);
    file_op_free(op);
    for (;;) {
        op = op_make(FILE_OP_STAT, "/", NULL);
        op->done = count_done;
        if (files_submit(files, op) != 0)
            break;
        taken++;
    }
    file_op_free(op);
    assert_int_equal(taken, FILES_QUEUE_MAX);
    while (finished == 0)
        event_base_loop(loop, EVLOOP_ONCE);
    files_close(files);
    assert_int_equal(finished, taken);
    assert_true(stopped < taken);
    event_base_free(loop);
    assert_int_equal(files_open("/nowhere", NULL, &files, reason, sizeof(reason)),
                     AMID_E_NOT_FOUND);
    assert_non_null(strstr(reason, "/nowhere/files"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_planted_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replaced_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_account_agrees_with_a_scan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgetting_goes_in_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queue_and_close, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
