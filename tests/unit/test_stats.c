/* Holds: a status page full of nonsense changes nothing but what is shown for its worker, and that
 * within bounds; totals only grow, over several processes and over a restart of amid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/status_page.h"
#include "supervisor/lifecycle/memory.h"
#include "supervisor/lifecycle/stats.h"

#define HEAP_BYTES 1000000u

static void a_page_is_read_clamped_and_never_backwards(void **state)
{
    struct status_reading reading;
    struct status status;
    struct status_page *page;

    (void)state;
    assert_int_equal(status_open(&status), 0);
    page = mmap(NULL, STATUS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, status.fd, 0);
    assert_ptr_not_equal(page, MAP_FAILED);
    assert_int_not_equal(ftruncate(status.fd, 0), 0);
    assert_int_not_equal(ftruncate(status.fd, 1 << 20), 0);
    status_passed(&status);

    status_read(&status, HEAP_BYTES, &reading);
    assert_int_equal(reading.iterations, 0);
    page->magic = STATUS_PAGE_MAGIC;
    page->iterations = 7;
    page->ticks = 3;
    page->heap_bytes = 4096;
    page->last_run_ms = 1000;
    status_read(&status, HEAP_BYTES, &reading);
    assert_int_equal(reading.iterations, 7);
    assert_int_equal(reading.ticks, 3);
    assert_int_equal(reading.heap_bytes, 4096);
    assert_int_equal(reading.last_run_ms, 1000);

    page->iterations = 2;
    page->ticks = UINT64_MAX;
    page->heap_bytes = UINT64_MAX;
    page->last_run_ms = INT64_MAX;
    status_read(&status, HEAP_BYTES, &reading);
    assert_int_equal(reading.iterations, 7);
    assert_true(reading.ticks < (uint64_t)1000 * 3600 * 1000);
    assert_int_equal(reading.heap_bytes, HEAP_BYTES);
    assert_true(reading.last_run_ms > 1000 && reading.last_run_ms < INT64_MAX);
    page->last_run_ms = INT64_MIN;
    status_read(&status, HEAP_BYTES, &reading);
    assert_int_equal(reading.last_run_ms, 0);
    page->magic = 0;
    status_read(&status, HEAP_BYTES, &reading);
    assert_int_equal(reading.iterations, 7);

    assert_int_equal(status_syscall(&status), -1);
    page->refused_syscall = 42;
    assert_int_equal(status_syscall(&status), 41);
    page->refused_syscall = UINT32_MAX;
    assert_int_equal(status_syscall(&status), -1);
    munmap(page, STATUS_PAGE_BYTES);
    status_close(&status);
    assert_int_equal(status_syscall(&status), -1);
}

static void totals_add_up_over_processes(void **state)
{
    struct stats stats = {0};

    (void)state;
    stats_process_begins(&stats);
    stats_sample(&stats, &(struct status_reading){.iterations = 10, .ticks = 4});
    stats_sample(&stats, &(struct status_reading){.iterations = 12, .ticks = 4});
    stats_process_begins(&stats);
    stats_sample(&stats, &(struct status_reading){.iterations = 3, .last_run_ms = 9});
    assert_int_equal(stats.executions, 15);
    assert_int_equal(stats.ticks, 4);
    assert_int_equal(stats.instances, 2);
    assert_int_equal(stats.last_run_ms, 9);
    stats_error(&stats, POLICY_CLASS_NETWORK, "NetworkError: gone");
    stats_error(&stats, POLICY_CLASS_CRITICAL, "TypeError: x");
    stats_error(&stats, POLICY_CLASS_SKIP, "InsufficientFunds");
    assert_int_equal(stats.errors, 2);
    assert_int_equal(stats.network_errors, 1);
    assert_int_equal(stats.critical_errors, 1);
    assert_int_equal(stats.skipped_errors, 1);
    assert_string_equal(stats.last_error, "TypeError: x");
    stats_free(&stats);
}

static void totals_survive_as_json(void **state)
{
    struct stats stats = {.executions = 15, .ticks = 4, .instances = 2, .last_run_ms = 99};
    struct stats again = {0};
    struct buffer json;

    (void)state;
    stats_error(&stats, POLICY_CLASS_NETWORK, "NetworkError: \"quoted\"\n");
    stats_refused(&stats);
    stats_refused(&stats);
    buffer_init(&json, 65536);
    stats_to_json(&stats, &json);
    assert_int_equal(stats_from_json(&again, json.data, json.len), 0);
    assert_int_equal(again.executions, 15);
    assert_int_equal(again.ticks, 4);
    assert_int_equal(again.instances, 2);
    assert_int_equal(again.last_run_ms, 99);
    assert_int_equal(again.network_errors, 1);
    assert_int_equal(again.frames_refused, 2);
    assert_string_equal(again.last_error, stats.last_error);
    assert_int_equal(again.last_class, POLICY_CLASS_NETWORK);
    assert_int_equal(stats_from_json(&again, "{", 1), AMID_E_INVALID);
    assert_int_equal(stats_from_json(&again, "{\"executions\":-1,\"ticks\":1e300}", 31), 0);
    assert_int_equal(again.executions, 15);
    assert_int_equal(again.ticks, 4);
    buffer_free(&json);
    stats_free(&stats);
    stats_free(&again);
}

static void outcomes_survive_as_json_and_forbid_their_generation_only(void **state)
{
    static const char *const nonsense[] = {
        "", "[]", "{\"generation\":1,\"state\":\"running\",\"at\":1,\"reason\":\"\"}",
        "{\"generation\":-1,\"state\":\"failed\",\"at\":1}", "{\"state\":\"failed\",\"at\":1}"};
    struct memory memory = {.state = INSTANCE_INACTIVE};
    struct memory again = {.state = INSTANCE_INACTIVE};
    struct buffer json;

    (void)state;
    assert_false(memory_forbids(&memory, 0));
    assert_int_equal(memory_set(&memory, INSTANCE_FAILED, 3, "because \"x\"", 77), 0);
    assert_true(memory_forbids(&memory, 3));
    assert_false(memory_forbids(&memory, 4));
    buffer_init(&json, 65536);
    memory_to_json(&memory, &json);
    assert_int_equal(memory_from_json(&again, json.data, json.len), 0);
    assert_int_equal(again.state, INSTANCE_FAILED);
    assert_int_equal(again.generation, 3);
    assert_int_equal(again.at_ms, 77);
    assert_string_equal(again.reason, "because \"x\"");
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
        assert_int_equal(memory_from_json(&again, nonsense[i], strlen(nonsense[i])),
                         AMID_E_INVALID);
    assert_true(memory_forbids(&again, 3));
    buffer_free(&json);
    memory_free(&memory);
    memory_free(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_read_clamped_and_never_backwards),
        cmocka_unit_test(totals_add_up_over_processes),
        cmocka_unit_test(totals_survive_as_json),
        cmocka_unit_test(outcomes_survive_as_json_and_forbid_their_generation_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
