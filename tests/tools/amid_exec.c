/*
 * amid-exec: runs scripts as workers do, without amid. It plays the supervisor to the real
 * amid-runner: each FILE is compiled in a confined compiler clone and then run once, in mode
 * single, in a confined worker clone of its own.
 *
 *   amid-exec [--lines] [--compiled] [--jobs=N] [--timeout=MS] FILE...
 *
 * With --compiled no compiler runs: a FILE has the line table as its first line and the compiled
 * code below.
 *
 * Per file, in the order given: `=== FILE`, the script's log lines as they are, and one last line
 * if it did not end well: `Uncaught NAME: MESSAGE` (with --lines also ` [line N]`, the owner's
 * line), `Refused LINE:COLUMN MESSAGE`, `Died: …`, `Timeout`. The exit code is 0 unless the tool
 * itself failed.
 */
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "proto/wire.h"
#include "tests/tools/memory_kv.h"
#include "tests/tools/runner_client.h"

#define JOBS_MAX            16
#define JOBS_DEFAULT        2
#define TIMEOUT_DEFAULT_MS  20000
#define OUTPUT_MAX_BYTES    (64u * 1024 * 1024)
#define SOURCE_MAX_BYTES    (1000u * 1024)
#define WORKER_HEAP_BYTES   (32u * 1024 * 1024)
#define COMPILER_HEAP_BYTES (64u * 1024 * 1024)
#define TURN_MS             10000

static const char config[] =
    "{\"sid\":\"00000000-0000-4000-8000-000000000000\",\"nid\":\"s-0001\",\"network\":\"testnet\","
    "\"title\":\"amid-exec\",\"workers\":1,\"limit\":100,\"tick\":100,\"mode\":\"single\","
    "\"delayMs\":100,\"logLevel\":\"debug\",\"startTime\":1700000000000}";
static const char options[] = "{\"kind\":\"worker\",\"dependencies\":[\"gliesereum\"]}";

enum job_state { JOB_FREE, JOB_COMPILING, JOB_RUNNING };

struct job {
    enum job_state state;
    size_t file; /* index of its path and output */
    struct runner_process process;
    struct memory_kv *kv;
    int64_t deadline_ms;
    char *fatal; /* text of a FATAL frame */
};

struct run {
    struct zygote_client worker_zygote, compiler_zygote;
    char **paths;
    struct buffer *outputs;
    bool *done;
    size_t count, next, printed;
    int timeout_ms;
    bool with_lines, is_compiled;
    struct job jobs[JOBS_MAX];
    size_t job_count;
};

static void job_finish(struct run *run, struct job *job)
{
    runner_process_end(&job->process, NULL);
    if (job->kv != NULL)
        memory_kv_free(job->kv);
    free(job->fatal);
    run->done[job->file] = true;
    *job = (struct job){.state = JOB_FREE};
    while (run->printed < run->count && run->done[run->printed]) {
        struct buffer *output = &run->outputs[run->printed];

        fwrite(output->data, 1, output->len, stdout);
        buffer_free(output);
        run->printed++;
    }
}

static void fail_tool(const char *what)
{
    fprintf(stderr, "amid-exec: %s\n", what);
    exit(2);
}

static void read_source(const char *path, struct buffer *out)
{
    char block[8192];
    FILE *file = fopen(path, "rb");
    size_t len;

    buffer_init(out, SOURCE_MAX_BYTES);
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    while ((len = fread(block, 1, sizeof(block), file)) > 0)
        buffer_append(out, block, len);
    fclose(file);
    if (buffer_status(out) != 0)
        fail_tool("a script is too large");
}

static void put_program(struct buffer *payload, const uint8_t *code, size_t code_len,
                        const uint8_t *lines, size_t lines_len)
{
    buffer_init(payload, PROTO_CODE_MAX);
    wire_put_text(payload, config);
    wire_put_bytes(payload, code, code_len);
    wire_put_bytes(payload, lines, lines_len);
}

/* Takes the program of put_program(). */
static void job_run(struct run *run, struct job *job, struct buffer *program)
{
    struct buffer answer_ok;

    job->state = JOB_RUNNING;
    job->kv = memory_kv_new();
    if (job->kv == NULL || runner_process_start(&run->worker_zygote, &job->process) != 0)
        fail_tool("no worker");
    buffer_init(&answer_ok, 1);
    wire_put_u8(&answer_ok, 1);
    runner_send_go(&job->process, WORKER_HEAP_BYTES, TURN_MS);
    runner_send(&job->process, PROTO_LOAD, 0, program);
    runner_send(&job->process, PROTO_RUN, 0, &answer_ok);
}

/* A text that was compiled before: the table of lines is its first line. */
static void job_run_compiled(struct run *run, struct job *job, const struct buffer *text)
{
    const uint8_t *data = (const uint8_t *)text->data;
    const uint8_t *end = memchr(data, '\n', text->len);
    struct buffer program;

    if (end == NULL)
        fail_tool("a compiled file begins with its table of lines");
    put_program(&program, end + 1, text->len - (size_t)(end + 1 - data), data,
                (size_t)(end - data));
    job_run(run, job, &program);
}

static void job_start(struct run *run, struct job *job)
{
    struct buffer source, payload;

    *job = (struct job){.state = JOB_COMPILING, .file = run->next++};
    job->deadline_ms = clock_mono_ms() + run->timeout_ms;
    buffer_printf(&run->outputs[job->file], "=== %s\n", run->paths[job->file]);
    read_source(run->paths[job->file], &source);
    if (run->is_compiled) {
        job_run_compiled(run, job, &source);
        buffer_free(&source);
        return;
    }
    if (runner_process_start(&run->compiler_zygote, &job->process) != 0)
        fail_tool("no compiler");
    buffer_init(&payload, 1024 * 1024);
    wire_put_bytes(&payload, source.data, source.len);
    wire_put_text(&payload, options);
    buffer_free(&source);
    runner_send_go(&job->process, COMPILER_HEAP_BYTES, TURN_MS);
    runner_send(&job->process, PROTO_COMPILE, 0, &payload);
}

/* Goes from the compiler's answer to a worker. */
static void job_run_answer(struct run *run, struct job *job, struct wire_reader *in)
{
    size_t code_len, lines_len;
    const uint8_t *code = wire_get_bytes(in, PROTO_CODE_MAX, &code_len);
    const uint8_t *lines = wire_get_bytes(in, PROTO_CODE_MAX, &lines_len);
    struct buffer program;

    put_program(&program, code, code_len, lines, lines_len);
    runner_process_end(&job->process, NULL);
    job_run(run, job, &program);
}

static void on_compiled(struct run *run, struct job *job, const struct runner_frame *frame)
{
    struct wire_reader in;

    wire_read(&in, frame->payload, frame->len);
    if (wire_get_u8(&in) == 1) {
        job_run_answer(run, job, &in);
    } else {
        size_t len;
        const char *message = (const char *)wire_get_bytes(&in, frame->len, &len);
        uint32_t line = wire_get_u32(&in);
        uint32_t column = wire_get_u32(&in);

        buffer_printf(&run->outputs[job->file], "Refused %u:%u %.*s\n", line, column, (int)len,
                      message == NULL ? "" : message);
        job_finish(run, job);
    }
}

static const char *member(const cJSON *json, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    return text == NULL ? "" : text;
}

static void on_error(struct run *run, struct job *job, const struct runner_frame *frame)
{
    struct buffer *output = &run->outputs[job->file];
    struct wire_reader in;
    const char *text;
    cJSON *json, *line;
    size_t len;

    wire_read(&in, frame->payload, frame->len);
    text = (const char *)wire_get_bytes(&in, frame->len, &len);
    json = cJSON_ParseWithLength(text == NULL ? "" : text, len);
    buffer_printf(output, "Uncaught %s: %s", member(json, "name"), member(json, "message"));
    line = cJSON_GetObjectItemCaseSensitive(json, "line");
    if (run->with_lines && cJSON_IsNumber(line))
        buffer_printf(output, " [line %d]", line->valueint);
    buffer_append_char(output, '\n');
    cJSON_Delete(json);
    job_finish(run, job);
}

static void on_log(struct run *run, struct job *job, const struct runner_frame *frame)
{
    struct wire_reader in;
    const uint8_t *text;
    size_t len;

    wire_read(&in, frame->payload, frame->len);
    (void)wire_get_u8(&in);
    text = wire_get_bytes(&in, frame->len, &len);
    buffer_append(&run->outputs[job->file], text, len);
    buffer_append_char(&run->outputs[job->file], '\n');
}

static void on_fatal(struct job *job, const struct runner_frame *frame)
{
    struct wire_reader in;
    const char *text;
    size_t len;

    wire_read(&in, frame->payload, frame->len);
    (void)wire_get_u32(&in);
    text = (const char *)wire_get_bytes(&in, frame->len, &len);
    free(job->fatal);
    job->fatal = strndup(text == NULL ? "" : text, len);
}

static void job_died(struct run *run, struct job *job)
{
    struct buffer *output = &run->outputs[job->file];
    int code = 0;

    if (runner_process_wait(&job->process, 1000, &code) != 0)
        runner_process_end(&job->process, &code);
    if (job->fatal != NULL)
        buffer_printf(output, "Died: %s\n", job->fatal);
    else if (code < 0)
        buffer_printf(output, "Died: signal %d\n", -code);
    else
        buffer_printf(output, "Died: exit code %d\n", code);
    job_finish(run, job);
}

static void on_frame(struct run *run, struct job *job, const struct runner_frame *frame)
{
    switch (frame->type) {
    case PROTO_COMPILED:
        on_compiled(run, job, frame);
        break;
    case PROTO_DONE:
        job_finish(run, job);
        break;
    case PROTO_ITERATION_ERROR:
        on_error(run, job, frame);
        break;
    case PROTO_LOG:
        on_log(run, job, frame);
        break;
    case PROTO_FATAL:
        on_fatal(job, frame);
        break;
    default:
        if (job->kv != NULL && memory_kv_answer(job->kv, &job->process, frame) < 0)
            job_died(run, job);
        break;
    }
}

static void job_serve(struct run *run, struct job *job)
{
    struct runner_frame frame;
    int rc = 0;

    while (job->state != JOB_FREE && (rc = runner_next(&job->process, &frame)) > 0)
        on_frame(run, job, &frame);
    if (job->state != JOB_FREE && rc < 0)
        job_died(run, job);
    if (job->state != JOB_FREE && clock_mono_ms() >= job->deadline_ms) {
        buffer_append_str(&run->outputs[job->file], "Timeout\n");
        job_finish(run, job);
    }
}

static void run_all(struct run *run)
{
    while (run->printed < run->count) {
        struct pollfd polls[JOBS_MAX];

        for (size_t i = 0; i < run->job_count; i++) {
            struct job *job = &run->jobs[i];

            if (job->state == JOB_FREE && run->next < run->count)
                job_start(run, job);
            polls[i] = (struct pollfd){
                .fd = job->state == JOB_FREE ? -1 : job->process.fd,
                .events = POLLIN,
            };
        }
        /* Deadlines are looked at this often. */
        poll(polls, run->job_count, 100);
        for (size_t i = 0; i < run->job_count; i++) {
            if (run->jobs[i].state != JOB_FREE)
                job_serve(run, &run->jobs[i]);
        }
    }
}

int main(int argc, char **argv)
{
    static struct run run = {.timeout_ms = TIMEOUT_DEFAULT_MS, .job_count = JOBS_DEFAULT};
    int at = 1;

    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strcmp(argv[at], "--lines") == 0)
            run.with_lines = true;
        else if (strcmp(argv[at], "--compiled") == 0)
            run.is_compiled = true;
        else if (strncmp(argv[at], "--jobs=", 7) == 0)
            run.job_count = strtoul(argv[at] + 7, NULL, 10);
        else if (strncmp(argv[at], "--timeout=", 10) == 0)
            run.timeout_ms = (int)strtol(argv[at] + 10, NULL, 10);
        else
            fail_tool("usage: amid-exec [--lines] [--compiled] [--jobs=N] [--timeout=MS] FILE...");
    }
    if (run.job_count < 1 || run.job_count > JOBS_MAX)
        fail_tool("--jobs is from 1 to 16");
    run.paths = argv + at;
    run.count = (size_t)(argc - at);
    run.outputs = calloc(run.count + 1, sizeof(*run.outputs));
    run.done = calloc(run.count + 1, sizeof(*run.done));
    if (run.outputs == NULL || run.done == NULL)
        fail_tool("out of memory");
    for (size_t i = 0; i < run.count; i++)
        buffer_init(&run.outputs[i], OUTPUT_MAX_BYTES);
    if (zygote_client_start(&run.worker_zygote, false) != 0 ||
        zygote_client_start(&run.compiler_zygote, true) != 0)
        return 2;
    run_all(&run);
    zygote_client_stop(&run.worker_zygote);
    zygote_client_stop(&run.compiler_zygote);
    free(run.outputs);
    free(run.done);
    return 0;
}
