/*
 * kill -9 of a writing process at random moments, on one database again and again: every write that
 * was acknowledged is there, of every pair written together both or neither, a record that moves
 * between the spaces is in exactly one of them, and no versionstamp is ever given out twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "kv_harness.h"

#define ROUNDS    40
#define LANES     16 /* writes in flight */
#define ACKED_MAX 400

struct acked { /* what the child tells after each acknowledgement; smaller than PIPE_BUF */
    int lane;
    uint64_t number;
    struct kv_versionstamp stamp;
};

struct lane {
    struct child *child;
    int index;
    uint64_t number;
};

struct child {
    struct harness harness;
    int out;
    uint64_t base;
    struct lane lanes[LANES];
};

static void lane_write(struct lane *lane);

static void lane_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct lane *lane = arg;
    if (error != 0)
        _exit(3);
    struct acked acked = {.lane = lane->index, .number = lane->number, .stamp = *stamp};
    if (write(lane->child->out, &acked, sizeof(acked)) != (ssize_t)sizeof(acked))
        _exit(4);
    lane_write(lane);
}

static void lane_key(int index, const char *half, struct kv_key *key)
{
    char name[16];
    snprintf(name, sizeof(name), "%d", index);
    if (kv_key_of(key, "lane", name, half, NULL) != 0)
        _exit(5);
}

/* Both halves get the number; the mover goes to the space that the number says. */
static void lane_write(struct lane *lane)
{
    struct kv *local = store_local(lane->child->harness.store);
    struct kv *net = store_net(lane->child->harness.store);
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    char value[24];
    lane->number++;
    snprintf(value, sizeof(value), "%llu", (unsigned long long)lane->number);
    lane_key(lane->index, "a", &key);
    kv_atomic_set(atomic, &key, value, strlen(value), 0);
    lane_key(lane->index, "b", &key);
    kv_atomic_set(atomic, &key, value, strlen(value), 0);
    lane_key(lane->index, "mover", &key);
    kv_atomic_target(atomic, lane->number % 2 == 0 ? local : net);
    kv_atomic_set(atomic, &key, value, strlen(value), 0);
    kv_atomic_target(atomic, lane->number % 2 == 0 ? net : local);
    kv_atomic_delete(atomic, &key);
    if (kv_commit(local, atomic, lane_done, lane) != 0)
        _exit(6);
}

static void child_run(const char *folder, int out, uint64_t base)
{
    struct child child = {.out = out, .base = base};
    harness_make(&child.harness);
    (void)rmdir(child.harness.folder);
    snprintf(child.harness.folder, sizeof(child.harness.folder), "%s", folder);
    if (harness_open(&child.harness) != 0) {
        fprintf(stderr, "child: %s\n", child.harness.reason);
        _exit(7);
    }
    for (int i = 0; i < LANES; i++) {
        child.lanes[i] = (struct lane){.child = &child, .index = i, .number = base};
        lane_write(&child.lanes[i]);
    }
    event_base_dispatch(child.harness.base);
    _exit(8);
}

static uint64_t number_in(struct harness *harness, struct kv *kv, int lane, const char *half)
{
    struct answer answer = {0};
    struct kv_key key;
    lane_key(lane, half, &key);
    assert_int_equal(kv_get(kv, &key, answer_get, &answer), 0);
    harness_wait(harness, &answer.done);
    assert_int_equal(answer.error, 0);
    return answer.found ? strtoull(answer.value, NULL, 10) : 0;
}

static int stamp_order(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* Returns the highest number found. */
static uint64_t verify(struct harness *harness, const uint64_t *acked_numbers)
{
    struct kv *local = store_local(harness->store);
    struct kv *net = store_net(harness->store);
    uint64_t highest = 0;
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t a = number_in(harness, local, lane, "a");
        assert_true(a >= acked_numbers[lane]);
        assert_int_equal(a, number_in(harness, local, lane, "b"));
        uint64_t here = number_in(harness, local, lane, "mover");
        uint64_t there = number_in(harness, net, lane, "mover");
        assert_int_equal(a % 2 == 0 ? here : there, a);
        assert_int_equal(a % 2 == 0 ? there : here, 0);
        highest = a > highest ? a : highest;
    }
    return highest;
}

static void test_kill_at_random_moments(void **state)
{
    (void)state;
    struct harness harness;
    struct kv_versionstamp last = {.bytes = {0}};
    uint64_t base = 0;
    harness_make(&harness);
    srand((unsigned)getpid());
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t acked_numbers[LANES] = {0};
        struct acked acked;
        int ends[2];
        int left = rand() % ACKED_MAX;
        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            child_run(harness.folder, ends[1], base);
        }
        close(ends[1]);
        if (round % 4 == 0) { /* while it opens, recovers or has begun */
            for (volatile int spin = rand() % 4000000; spin > 0;)
                spin = spin - 1;
            assert_int_equal(kill(pid, SIGKILL), 0);
        }
        while (read(ends[0], &acked, sizeof(acked)) == (ssize_t)sizeof(acked)) {
            acked_numbers[acked.lane] = acked.number;
            assert_true(stamp_order(&acked.stamp, &last) > 0);
            last = acked.stamp;
            if (left-- == 0 && round % 4 != 0)
                assert_int_equal(kill(pid, SIGKILL), 0);
        }
        close(ends[0]);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

        if (harness_open(&harness) != 0)
            fail_msg("%s", harness.reason);
        base = verify(&harness, acked_numbers);
        struct answer after = harness_set(&harness, store_net(harness.store), "parent", "1");
        assert_int_equal(after.error, 0);
        assert_true(stamp_order(&after.stamp, &last) > 0);
        last = after.stamp;
        harness_close(&harness);
    }
    harness_drop(&harness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill_at_random_moments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
