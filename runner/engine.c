#include "runner/engine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/wire.h"
#include "runner/host.h"
#include "runner/input.h"
#include "runner/text.h"
#include "runner/turn_stack.h"

/* Garbage that reference counts do not free (cycles) may gather to this much before a collection:
 * at first, and for a script that makes a lot of it. */
#define COLLECT_STEP_MIN_BYTES (256u * 1024)
#define COLLECT_STEP_MAX_BYTES (8u * 1024 * 1024)
/* The time between two collections, in units of what one takes. */
#define COLLECT_OFTEN  20
#define COLLECT_SELDOM 200
/* What a report of a full heap may take on top. */
#define REPORT_BYTES (1024u * 1024)
/* CPU time for telling what went wrong. */
#define REPORT_CPU_MS        500
#define FATAL_TEXT_MAX_BYTES 1024
/* One byte on the wire becomes at most three (U+FFFD), and the frame must hold both texts. */
#define FATAL_STACK_MAX_BYTES 4096

static const char *const hook_names[HOOK_MAX] = {
    [HOOK_LOAD] = "load",           [HOOK_RUN] = "run",
    [HOOK_CONFIGURE] = "configure", [HOOK_STOP] = "stop",
    [HOOK_REPLY] = "reply",         [HOOK_TIMERS] = "timers",
    [HOOK_EXIT] = "exit",           [HOOK_MAP_STACK] = "mapStack",
};

struct engine *engine_of(duk_context *ctx)
{
    duk_memory_functions functions;

    duk_get_memory_functions(ctx, &functions);
    return (struct engine *)((char *)functions.udata - offsetof(struct engine, heap));
}

void engine_die(struct engine *engine, enum proto_fatal kind, enum proto_exit exit_code,
                const char *text, const char *stack)
{
    struct buffer out;

    if (engine->channel == NULL) {
        fprintf(stderr, "amid-runner: %s\n", text);
        _exit((int)exit_code);
    }
    channel_begin(&out, PROTO_FATAL);
    wire_put_u32(&out, kind);
    wire_put_text(&out, text);
    wire_put_text(&out, stack == NULL ? "" : stack);
    channel_send(engine->channel, PROTO_FATAL, 0, &out);
    _exit((int)exit_code);
}

/* The engine lost its footing (an error outside any protected call): nothing of it is used again.
 */
static void on_engine_fatal(void *udata, const char *message)
{
    struct engine *engine = (struct engine *)((char *)udata - offsetof(struct engine, heap));

    if (engine->heap.refusals > 0)
        engine_die(engine, PROTO_FATAL_HEAP, PROTO_EXIT_HEAP, "the heap limit was hit", message);
    engine_die(engine, PROTO_FATAL_ENGINE, PROTO_EXIT_ENGINE,
               message == NULL ? "the engine failed" : message, NULL);
}

int engine_open(struct engine *engine, struct arena *arena, const void *bytecode, size_t len)
{
    *engine = (struct engine){.collect_at_bytes = SIZE_MAX, .heap.arena = arena};
    engine->ctx =
        duk_create_heap(heap_alloc, heap_realloc, heap_free, &engine->heap, on_engine_fatal);
    if (engine->ctx == NULL)
        return -1;
    input_on_expiry(turn_stack_take);
    duk_push_external_buffer(engine->ctx);
    duk_config_buffer(engine->ctx, -1, (void *)bytecode, len);
    duk_load_function(engine->ctx);
    if (duk_pcall(engine->ctx, 0) != DUK_EXEC_SUCCESS) {
        fprintf(stderr, "amid-runner: %s\n", duk_safe_to_stacktrace(engine->ctx, -1));
        return -1;
    }
    return 0;
}

int engine_boot_worker(struct engine *engine)
{
    duk_context *ctx = engine->ctx;

    host_push(ctx);
    if (duk_pcall(ctx, 1) != DUK_EXEC_SUCCESS) {
        fprintf(stderr, "amid-runner: prelude: %s\n", duk_safe_to_stacktrace(ctx, -1));
        return -1;
    }
    duk_push_global_stash(ctx);
    for (int hook = 0; hook < HOOK_MAX; hook++) {
        if (!duk_get_prop_string(ctx, -2, hook_names[hook])) {
            duk_pop(ctx);
            continue;
        }
        engine->hooks[hook] = duk_get_heapptr(ctx, -1);
        duk_put_prop_string(ctx, -2, hook_names[hook]);
    }
    duk_pop_2(ctx);
    return 0;
}

int engine_boot_compiler(struct engine *engine)
{
    duk_context *ctx = engine->ctx;

    if (!duk_is_function(ctx, -1)) {
        fprintf(stderr, "amid-runner: the compiler is not a function\n");
        return -1;
    }
    engine->compile = duk_get_heapptr(ctx, -1);
    duk_push_global_stash(ctx);
    duk_insert(ctx, -2);
    duk_put_prop_string(ctx, -2, "compile");
    duk_pop(ctx);
    return 0;
}

int engine_settle(struct engine *engine)
{
    /* Twice: the second frees what finalizers of the first let go. */
    duk_gc(engine->ctx, DUK_GC_COMPACT);
    duk_gc(engine->ctx, DUK_GC_COMPACT);
    engine->collect_step_bytes = COLLECT_STEP_MIN_BYTES;
    engine->collect_at_bytes = engine->heap.used_bytes + COLLECT_STEP_MIN_BYTES;
    return engine->heap.arena == NULL ? 0 : arena_seal(engine->heap.arena);
}

void engine_push_hook(struct engine *engine, enum engine_hook hook)
{
    duk_push_heapptr(engine->ctx, engine->hooks[hook]);
}

/* A collection writes to every object, so an idle worker should seldom need one, and a busy one not
 * spend its time on them. */
static void collect_if_grown(struct engine *engine)
{
    double begun_ms, took_ms, since_ms;

    if (engine->heap.used_bytes < engine->collect_at_bytes)
        return;
    begun_ms = input_mono_ms();
    duk_gc(engine->ctx, 0);
    heap_give_back(&engine->heap);
    took_ms = input_mono_ms() - begun_ms;
    since_ms = begun_ms - engine->collected_ms;
    engine->collected_ms = begun_ms + took_ms;
    if (since_ms > COLLECT_SELDOM * took_ms)
        engine->collect_step_bytes = COLLECT_STEP_MIN_BYTES;
    else if (since_ms < COLLECT_OFTEN * took_ms &&
             engine->collect_step_bytes < COLLECT_STEP_MAX_BYTES)
        engine->collect_step_bytes *= 2;
    engine->collect_at_bytes = engine->heap.used_bytes + engine->collect_step_bytes;
}

bool engine_is_heap_error(const struct engine *engine, const char *text)
{
    /* The last is the engine's when an error could not be made for want of memory. */
    return engine->heap.refusals > 0 &&
           (strstr(text, "alloc failed") != NULL || strstr(text, "Out of memory") != NULL ||
            strstr(text, "DoubleError") != NULL);
}

struct report {
    struct engine *engine;
    const char *what;
    char text[FATAL_TEXT_MAX_BYTES];
    char stack[FATAL_STACK_MAX_BYTES];
    bool is_heap;
};

static void copy_text(duk_context *ctx, size_t max_bytes, char *out)
{
    struct buffer text;

    buffer_init(&text, max_bytes - 1);
    if (text_get_cut(ctx, -1, (max_bytes - 1) / 3, &text) == 0 && text.data != NULL) {
        memcpy(out, text.data, text.len + 1);
        for (char *at = out; *at != '\0'; at++) {
            if (*at == '\n' && max_bytes == FATAL_TEXT_MAX_BYTES)
                *at = ' ';
        }
    }
    buffer_free(&text);
}

/* Raw stack text on top of the value stack becomes the owner's lines, if the prelude can do that.
 */
static void map_stack(struct engine *engine)
{
    duk_context *ctx = engine->ctx;

    if (engine->hooks[HOOK_MAP_STACK] == NULL)
        return;
    engine_push_hook(engine, HOOK_MAP_STACK);
    duk_dup(ctx, -2);
    if (duk_pcall(ctx, 1) == DUK_EXEC_SUCCESS && duk_is_string(ctx, -1))
        duk_replace(ctx, -2);
    else
        duk_pop(ctx);
}

static duk_ret_t describe_error(duk_context *ctx, void *udata)
{
    struct report *report = udata;

    duk_dup(ctx, -1);
    duk_safe_to_string(ctx, -1);
    report->is_heap = engine_is_heap_error(report->engine, duk_get_string(ctx, -1));
    duk_push_sprintf(ctx, "%s: %s", report->what, duk_get_string(ctx, -1));
    copy_text(ctx, sizeof(report->text), report->text);
    duk_pop_2(ctx);
    duk_dup(ctx, -1);
    duk_safe_to_stacktrace(ctx, -1);
    map_stack(report->engine);
    copy_text(ctx, sizeof(report->stack), report->stack);
    return 0;
}

static duk_ret_t describe_turn(duk_context *ctx, void *udata)
{
    struct report *report = udata;
    const char *place = "";
    size_t len;

    duk_push_string(ctx, turn_stack_text());
    map_stack(report->engine);
    copy_text(ctx, sizeof(report->stack), report->stack);
    place = strstr(report->stack, "worker.js:");
    len = place == NULL ? 0 : strcspn(place, ")\n");
    snprintf(report->text, sizeof(report->text), "a turn used up its %u ms of CPU time%s%.*s",
             report->engine->turn_cpu_ms, len > 0 ? " at " : "", (int)len,
             place == NULL ? "" : place);
    return 0;
}

/* Room for the report where the heap is full to the brim. */
static void allow_report(struct engine *engine)
{
    if (engine->heap.limit_bytes != 0)
        engine->heap.limit_bytes += REPORT_BYTES;
    input_turn_begin(REPORT_CPU_MS);
}

void engine_die_of_error(struct engine *engine, enum proto_fatal kind, enum proto_exit exit_code,
                         const char *what)
{
    static struct report report;

    report = (struct report){.engine = engine, .what = what};
    allow_report(engine);
    duk_safe_call(engine->ctx, describe_error, &report, 1, 1);
    if (report.is_heap)
        engine_die(engine, PROTO_FATAL_HEAP, PROTO_EXIT_HEAP, "the heap limit was hit",
                   report.stack);
    engine_die(engine, kind, exit_code, report.text[0] == '\0' ? what : report.text, report.stack);
}

static _Noreturn void die_of_turn(struct engine *engine)
{
    static struct report report;

    report = (struct report){.engine = engine};
    allow_report(engine);
    if (duk_safe_call(engine->ctx, describe_turn, &report, 0, 1) != DUK_EXEC_SUCCESS ||
        report.text[0] == '\0')
        snprintf(report.text, sizeof(report.text), "a turn used up its %u ms of CPU time",
                 engine->turn_cpu_ms);
    engine_die(engine, PROTO_FATAL_TURN, PROTO_EXIT_TURN, report.text, report.stack);
}

static duk_ret_t call_exit(duk_context *ctx, void *udata)
{
    struct engine *engine = udata;

    engine_push_hook(engine, HOOK_EXIT);
    duk_push_int(ctx, engine->host->exit_code);
    duk_call(ctx, 1);
    return 0;
}

/* True if the turn was undone because the script asked for its end. */
static bool turn_run(struct engine *engine, duk_safe_call_function fn, void *arg)
{
    duk_int_t rc;
    bool is_exit;

    turn_stack_clear();
    input_turn_begin(engine->turn_cpu_ms);
    rc = duk_safe_call(engine->ctx, fn, arg, 0, 1);
    is_exit = engine->host != NULL && engine->host->exit_asked;
    if (!is_exit && input_turn_expired(NULL))
        die_of_turn(engine);
    input_turn_end();
    if (rc != DUK_EXEC_SUCCESS && !is_exit)
        engine_die_of_error(engine, PROTO_FATAL_ENGINE, PROTO_EXIT_ENGINE, "the runtime failed");
    duk_pop(engine->ctx);
    if (is_exit)
        engine->host->exit_asked = false;
    return is_exit;
}

void engine_turn(struct engine *engine, duk_safe_call_function fn, void *arg)
{
    /* The second could only be asked for by getters of what describes an error. */
    if (turn_run(engine, fn, arg) && turn_run(engine, call_exit, engine))
        engine_die(engine, PROTO_FATAL_ENGINE, PROTO_EXIT_ENGINE, "Deno.exit inside Deno.exit",
                   NULL);
    collect_if_grown(engine);
}
