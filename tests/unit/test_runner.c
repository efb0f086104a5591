/*
 * The promise: a runner lives by the protocol. It ends with the exit code of proto/message.h when
 * amid goes or speaks nonsense and when a script passes a limit, answers while it lives, stops when
 * told, and its zygote survives every bad request. Everything here is the real amid-runner.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/wire.h"
#include "proto/zygote.h"
#include "tests/tools/memory_kv.h"
#include "tests/tools/runner_client.h"

#define HEAP_BYTES (32u * 1024 * 1024)
#define TURN_MS    1000 /* a collection under sanitizers may take some hundred */
#define WAIT_MS    20000

static struct zygote_client zygote, compiler;

static int start_zygotes(void **state)
{
    (void)state;
    return zygote_client_start(&zygote, false) | zygote_client_start(&compiler, true);
}

static int stop_zygotes(void **state)
{
    (void)state;
    zygote_client_stop(&zygote);
    zygote_client_stop(&compiler);
    return 0;
}

static void expect_frame(struct runner_process *process, enum proto_message type,
                         struct runner_frame *ret_frame)
{
    assert_int_equal(runner_wait(process, WAIT_MS, ret_frame), 1);
    assert_string_equal(proto_message_find((uint16_t)ret_frame->type)->name,
                        proto_message_find((uint16_t)type)->name);
}

static void expect_exit(struct runner_process *process, int expected)
{
    int code = -1000;

    assert_int_equal(runner_process_wait(process, WAIT_MS, &code), 0);
    assert_int_equal(code, expected);
    runner_process_end(process, NULL);
}

static void begin(struct runner_process *process)
{
    struct runner_frame frame;
    struct wire_reader in;
    size_t len;

    assert_int_equal(runner_process_start(&zygote, process), 0);
    runner_send_go(process, HEAP_BYTES, TURN_MS);
    expect_frame(process, PROTO_HELLO, &frame);
    wire_read(&in, frame.payload, frame.len);
    assert_int_equal(wire_get_u32(&in), PROTO_VERSION);
    assert_non_null(wire_get_bytes(&in, 32, &len));
    assert_int_equal(len, 32);
    assert_true((wire_get_u32(&in) & PROTO_CONFINED_SECCOMP) != 0);
    assert_true(wire_end(&in));
}

static void load(struct runner_process *process, const char *mode, const char *body)
{
    struct buffer payload;
    char text[4096];

    buffer_init(&payload, PROTO_CODE_MAX);
    snprintf(text, sizeof(text),
             "{\"sid\":\"x\",\"nid\":\"s-0001\",\"network\":\"n\",\"title\":\"t\",\"workers\":1,"
             "\"mode\":\"%s\",\"delayMs\":1,\"logLevel\":\"debug\"}",
             mode);
    wire_put_text(&payload, text);
    snprintf(text, sizeof(text), "(function body() {%s\n})", body);
    wire_put_text(&payload, text);
    wire_put_text(&payload, "10,20,30");
    runner_send(process, PROTO_LOAD, 0, &payload);
}

static void run(struct runner_process *process, uint8_t answer_ok)
{
    struct buffer payload;

    buffer_init(&payload, 1);
    wire_put_u8(&payload, answer_ok);
    runner_send(process, PROTO_RUN, 0, &payload);
}

static void stop(struct runner_process *process)
{
    struct buffer payload;

    buffer_init(&payload, 1);
    wire_put_u8(&payload, PROTO_STOP_OWNER);
    runner_send(process, PROTO_STOP, 0, &payload);
}

static void start(struct runner_process *process, const char *mode, const char *body)
{
    struct runner_frame frame;

    begin(process);
    load(process, mode, body);
    expect_frame(process, PROTO_READY, &frame);
    run(process, 1);
}

static void expect_log(struct runner_process *process, const char *expected)
{
    struct runner_frame frame;
    struct wire_reader in;
    const char *text;
    size_t len;

    expect_frame(process, PROTO_LOG, &frame);
    wire_read(&in, frame.payload, frame.len);
    (void)wire_get_u8(&in);
    text = (const char *)wire_get_bytes(&in, frame.len, &len);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
}

static void expect_fatal(struct runner_process *process, enum proto_fatal kind, const char *needle)
{
    struct runner_frame frame;
    struct wire_reader in;
    char text[2048];
    size_t len;
    const void *bytes;

    expect_frame(process, PROTO_FATAL, &frame);
    wire_read(&in, frame.payload, frame.len);
    assert_int_equal(wire_get_u32(&in), kind);
    bytes = wire_get_bytes(&in, sizeof(text) - 1, &len);
    assert_non_null(bytes);
    memcpy(text, bytes, len);
    text[len] = '\0';
    if (strstr(text, needle) == NULL)
        fail_msg("\"%s\" does not tell of \"%s\"", text, needle);
}

static void test_single(void **state)
{
    struct runner_process process;
    struct runner_frame frame;

    (void)state;
    start(&process, "single", "console.log('one');");
    expect_log(&process, "one");
    expect_frame(&process, PROTO_DONE, &frame);
    assert_int_equal(process.status->magic, STATUS_PAGE_MAGIC);
    assert_true(process.status->iterations == 1);
    assert_true(process.status->last_run_ms > 1600000000000);
    runner_send(&process, PROTO_PING, 0, NULL);
    expect_frame(&process, PROTO_PONG, &frame);
    stop(&process);
    expect_frame(&process, PROTO_STOPPED, &frame);
    expect_exit(&process, PROTO_EXIT_CLEAN);
}

static void test_loop_answers_once(void **state)
{
    struct runner_process process;
    struct runner_frame frame;

    (void)state;
    start(&process, "loop", "globalThis.n = (globalThis.n || 0) + 1; console.log('n' + n);");
    expect_log(&process, "n1");
    expect_frame(&process, PROTO_ITERATION_OK, &frame);
    expect_log(&process, "n2");
    expect_log(&process, "n3");
    runner_process_end(&process, NULL);
}

static void test_error_keeps_the_heap(void **state)
{
    struct runner_process process;
    struct runner_frame frame;

    (void)state;
    start(&process, "loop",
          "globalThis.n = (globalThis.n || 0) + 1;\nif (n === 1) null.x;\nconsole.log('n' + n);");
    expect_frame(&process, PROTO_ITERATION_ERROR, &frame);
    assert_non_null(memmem(frame.payload, frame.len, "\"TypeError\"", 11));
    assert_non_null(memmem(frame.payload, frame.len, "\"line\":20", 9));
    run(&process, 1);
    expect_log(&process, "n2");
    expect_frame(&process, PROTO_ITERATION_OK, &frame);
    runner_process_end(&process, NULL);
}

static void test_turn_limit(void **state)
{
    struct runner_process process;

    (void)state;
    start(&process, "loop", "\ntry { for (;;); } catch (e) { for (;;); } finally { for (;;); }");
    expect_fatal(&process, PROTO_FATAL_TURN, "at worker.js:20");
    expect_exit(&process, PROTO_EXIT_TURN);
}

static void test_heap_limit(void **state)
{
    struct runner_process process;
    struct runner_frame frame;

    (void)state;
    start(&process, "single",
          "var all = []; try { for (;;) all.push(new Uint8Array(1e6)); } catch (e) { all = null; "
          "console.log('caught'); }");
    expect_log(&process, "caught");
    expect_frame(&process, PROTO_DONE, &frame);
    runner_process_end(&process, NULL);
    start(&process, "single", "var all = []; for (;;) all.push(new Uint8Array(1e6));");
    expect_fatal(&process, PROTO_FATAL_HEAP, "heap limit");
    expect_exit(&process, PROTO_EXIT_HEAP);
}

static void test_code_that_does_not_load(void **state)
{
    struct runner_process process;

    (void)state;
    begin(&process);
    load(&process, "single", "this is no script");
    expect_fatal(&process, PROTO_FATAL_LOAD, "SyntaxError");
    expect_exit(&process, PROTO_EXIT_LOAD);
}

static void test_stop_before_load(void **state)
{
    struct runner_process process;
    struct runner_frame frame;

    (void)state;
    begin(&process);
    stop(&process);
    expect_frame(&process, PROTO_STOPPED, &frame);
    expect_exit(&process, PROTO_EXIT_CLEAN);
}

static void test_amid_goes(void **state)
{
    struct runner_process process;

    (void)state;
    begin(&process);
    close(process.fd);
    process.fd = -1;
    expect_exit(&process, PROTO_EXIT_CHANNEL);
    assert_int_equal(runner_process_start(&zygote, &process), 0);
    close(process.fd);
    process.fd = -1;
    expect_exit(&process, PROTO_EXIT_CHANNEL);
}

static void go_as_spare(struct runner_process *process, uint32_t heap_bytes, const char *flags)
{
    struct buffer payload;

    assert_int_equal(runner_process_start(&zygote, process), 0);
    buffer_init(&payload, 64);
    wire_put_u32(&payload, heap_bytes);
    wire_put_u32(&payload, TURN_MS);
    wire_put_u32(&payload, 0);
    for (; *flags != '\0'; flags++)
        wire_put_u8(&payload, (uint8_t)*flags);
    runner_send(process, PROTO_GO, 0, &payload);
}

/* It warms up before there is a script, and runs it like any other. */
static void test_spare(void **state)
{
    struct runner_process process;
    struct runner_frame frame;

    (void)state;
    go_as_spare(&process, HEAP_BYTES, "\1");
    expect_frame(&process, PROTO_HELLO, &frame);
    load(&process, "loop",
         "var from = performance.now(); setTimeout(function () { logger.info("
         "performance.now() - from >= 5); }, 5); logger.info('one');");
    expect_frame(&process, PROTO_READY, &frame);
    run(&process, 0);
    expect_log(&process, "one");
    expect_log(&process, "true");
    stop(&process);
    do /* of iterations that had begun */
        assert_int_equal(runner_wait(&process, WAIT_MS, &frame), 1);
    while (frame.type == PROTO_LOG);
    assert_int_equal(frame.type, PROTO_STOPPED);
    expect_exit(&process, PROTO_EXIT_CLEAN);
    go_as_spare(&process, 1, "\1"); /* no room for anything */
    expect_frame(&process, PROTO_HELLO, &frame);
    expect_fatal(&process, PROTO_FATAL_HEAP, "heap limit");
    expect_exit(&process, PROTO_EXIT_HEAP);
    go_as_spare(&process, HEAP_BYTES, "\1\1");
    expect_exit(&process, PROTO_EXIT_CHANNEL);
}

/* Every malformed or misplaced frame ends the runner with 65 and nothing else. */
static void test_nonsense(void **state)
{
    static const struct {
        uint16_t type;
        uint32_t length;
        uint16_t zero;
        const char *payload;
    } frames[] = {
        {0x7777, 0, 0, ""},           {PROTO_HELLO, 0, 0, ""},    {PROTO_LOG, 3, 0, "abc"},
        {PROTO_PING, 0, 9, ""},       {PROTO_PING, 4, 0, "abcd"}, {PROTO_LOAD, 0xffffffff, 0, ""},
        {PROTO_LOAD, 4, 0, "\4\0\0"}, {PROTO_RUN, 1, 0, "\1"},    {PROTO_RUN, 0, 0, ""},
        {PROTO_GO, 4, 0, "abcd"},     {PROTO_CONFIG, 2, 0, "{}"}, {PROTO_KV_GOT, 4, 0, "\0\0\0"},
        {PROTO_COMPILE, 1, 0, "x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct proto_header header = {
            .length = frames[i].length,
            .type = frames[i].type,
            .zero = frames[i].zero,
        };
        struct runner_process process;
        struct runner_frame frame;
        uint8_t bytes[PROTO_HEADER_BYTES];

        begin(&process);
        wire_header_encode(&header, bytes);
        assert_int_equal(send(process.fd, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
        if (header.length < 100)
            send(process.fd, frames[i].payload, header.length, MSG_NOSIGNAL);
        assert_int_equal(runner_wait(&process, WAIT_MS, &frame), -1);
        expect_exit(&process, PROTO_EXIT_CHANNEL);
    }
}

static void test_unasked_answer(void **state)
{
    struct runner_process process;
    struct runner_frame frame;
    struct buffer payload;

    (void)state;
    begin(&process);
    load(&process, "single", "");
    expect_frame(&process, PROTO_READY, &frame);
    buffer_init(&payload, 100);
    wire_put_u32(&payload, 0);
    wire_put_text(&payload, "");
    wire_put_u8(&payload, 0);
    runner_send(&process, PROTO_KV_GOT, 5, &payload);
    expect_exit(&process, PROTO_EXIT_CHANNEL);
}

static void test_kv(void **state)
{
    static const char body[] =
        "return Stels.local.set(['a', 1, true, new Uint8Array([0, 255])], {x: '\\ud83d\\ude00'})"
        ".then(function () { return Stels.local.set(['a', 2], 'two'); })"
        ".then(function () { return Stels.local.get(['a', 2]); })"
        ".then(function (e) { console.log(e.key.join() + ' ' + e.value.raw);"
        " return Stels.local.list({prefix: ['a']}).next(); })"
        ".then(function (n) { console.log(n.value.value.raw.x + n.value.key[3][1]); });";
    struct memory_kv *kv = memory_kv_new();
    struct runner_process process;
    struct runner_frame frame;
    unsigned logs = 0;

    (void)state;
    start(&process, "single", body);
    while (runner_wait(&process, WAIT_MS, &frame) == 1 && frame.type != PROTO_DONE) {
        if (memory_kv_answer(kv, &process, &frame) == 1)
            continue;
        assert_int_equal(frame.type, PROTO_LOG);
        if (logs++ == 0)
            assert_non_null(memmem(frame.payload, frame.len, "a,2 two", 7));
        else
            assert_non_null(memmem(frame.payload, frame.len, "\U0001F600255", 7));
    }
    assert_int_equal(logs, 2);
    assert_int_equal(frame.type, PROTO_DONE);
    runner_process_end(&process, NULL);
    memory_kv_free(kv);
}

static void compile(const char *source, struct runner_frame *ret_frame,
                    struct runner_process *process)
{
    struct buffer payload;

    assert_int_equal(runner_process_start(&compiler, process), 0);
    runner_send_go(process, 2 * HEAP_BYTES, 10000);
    buffer_init(&payload, 1024 * 1024);
    wire_put_text(&payload, source);
    wire_put_text(&payload, "{\"kind\":\"worker\",\"dependencies\":[]}");
    runner_send(process, PROTO_COMPILE, 0, &payload);
    expect_frame(process, PROTO_HELLO, ret_frame);
    expect_frame(process, PROTO_COMPILED, ret_frame);
}

static void test_compile(void **state)
{
    struct runner_process process;
    struct runner_frame frame;
    struct wire_reader in;
    size_t len;

    (void)state;
    compile("const x = await 5;", &frame, &process);
    assert_int_equal(frame.payload[0], 1);
    expect_exit(&process, PROTO_EXIT_CLEAN);
    compile("let a = 1;\nlet b = ;", &frame, &process);
    wire_read(&in, frame.payload, frame.len);
    assert_int_equal(wire_get_u8(&in), 0);
    assert_non_null(wire_get_bytes(&in, 4096, &len));
    assert_int_equal(wire_get_u32(&in), 2);
    assert_int_equal(wire_get_u32(&in), 9);
    assert_true(wire_end(&in));
    expect_exit(&process, PROTO_EXIT_CLEAN);
}

static void test_zygote_survives_bad_requests(void **state)
{
    struct zygote_request request = {ZYGOTE_MAGIC, 7};
    struct zygote_reply reply;
    struct runner_process process;

    (void)state;
    assert_int_equal(send(zygote.control_fd, &request, sizeof(request), 0), sizeof(request));
    assert_int_equal(recv(zygote.control_fd, &reply, sizeof(reply), 0), sizeof(reply));
    assert_int_equal(reply.id, 7);
    assert_int_not_equal(reply.error, 0);
    assert_int_equal(send(zygote.control_fd, "x", 1, 0), 1);
    assert_int_equal(recv(zygote.control_fd, &reply, sizeof(reply), 0), sizeof(reply));
    assert_int_not_equal(reply.error, 0);
    request.magic = 1;
    assert_int_equal(send(zygote.control_fd, &request, sizeof(request), 0), sizeof(request));
    assert_int_equal(recv(zygote.control_fd, &reply, sizeof(reply), 0), sizeof(reply));
    assert_int_not_equal(reply.error, 0);
    begin(&process);
    runner_process_end(&process, NULL);
}

/* What a zygote has to say at its start goes to stderr: a failed rehearsal, for one. */
static void test_zygote_starts_silently(void **state)
{
    struct zygote_client other;
    int saved = dup(STDERR_FILENO);
    char text[500] = "";
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    dup2(fds[1], STDERR_FILENO);
    assert_int_equal(zygote_client_start(&other, false), 0);
    dup2(saved, STDERR_FILENO);
    zygote_client_stop(&other);
    close(fds[1]);
    assert_int_equal(read(fds[0], text, sizeof(text) - 1), 0);
    assert_string_equal(text, "");
    close(fds[0]);
    close(saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_loop_answers_once),
        cmocka_unit_test(test_error_keeps_the_heap),
        cmocka_unit_test(test_turn_limit),
        cmocka_unit_test(test_heap_limit),
        cmocka_unit_test(test_code_that_does_not_load),
        cmocka_unit_test(test_stop_before_load),
        cmocka_unit_test(test_amid_goes),
        cmocka_unit_test(test_spare),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_unasked_answer),
        cmocka_unit_test(test_kv),
        cmocka_unit_test(test_compile),
        cmocka_unit_test(test_zygote_survives_bad_requests),
        cmocka_unit_test(test_zygote_starts_silently),
    };

    return cmocka_run_group_tests(tests, start_zygotes, stop_zygotes);
}
