#include "supervisor/lifecycle/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/error.h"
#include "common/log.h"
#include "common/trace.h"
#include "proto/wire.h"
#include "supervisor/lifecycle/compile_answer.h"
#include "supervisor/lifecycle/compiler.h"

#define COMPILE_NICE      5
#define COMPILE_ATTEMPTS  2
#define COMPILE_AGAIN_MS  100
#define OPTIONS_MAX_BYTES 8192
#define REQUEST_MAX_BYTES (1024u * 1024)

enum job_state {
    JOB_WAITING,
    JOB_RUNNING, /* has a runner, answered or not */
    JOB_FOUND    /* in the cache; answered at the end of this turn */
};

struct compile_job {
    TAILQ_ENTRY(compile_job) link;
    struct compiler *compiler; /* NULL once that is closed */
    enum job_state state;
    enum worker_priority priority;
    compile_fn fn; /* NULL = cancelled or answered */
    void *arg;
    char *source;
    size_t source_len;
    char *options;
    struct cache_value found;
    struct runner *runner;
    struct event *limit;
    unsigned attempts;
};

struct compiler {
    struct compiler_needs needs;
    struct cache *cache; /* NULL = compiled scripts are not kept */
    TAILQ_HEAD(, compile_job) jobs;
    size_t waiting;
    size_t running;
    uint64_t frames_refused;
    bool is_ready;
    bool was_ready; /* the build is known */
    bool is_stopped;
    struct timer again;
};

static const struct log_about about = {.event = "compile"};

static void compiler_pump(void *arg);

static void job_free(struct compile_job *job)
{
    struct compiler *compiler = job->compiler;

    if (compiler != NULL)
        TAILQ_REMOVE(&compiler->jobs, job, link);
    if (compiler != NULL && job->state == JOB_WAITING)
        compiler->waiting--;
    if (compiler != NULL && job->state == JOB_RUNNING)
        compiler->running--;
    if (job->limit != NULL)
        event_free(job->limit);
    cache_value_free(&job->found);
    free(job->source);
    free(job->options);
    free(job);
}

static void job_answer(struct compile_job *job, int error, const struct compile_result *result)
{
    compile_fn fn = job->fn;

    job->fn = NULL;
    if (fn != NULL)
        fn(job->arg, error, result);
}

static void job_succeed(struct compile_job *job, const struct cache_value *value)
{
    struct compile_result result = {
        .code = value->code,
        .code_len = value->code_len,
        .lines = value->lines,
        .lines_len = value->lines_len,
        .minified = value->minified,
        .minified_len = value->minified_len,
        .warnings = value->warnings,
        .warnings_len = value->warnings_len,
        .needs = value->needs,
        .needs_len = value->needs_len,
    };

    job_answer(job, 0, &result);
}

static bool job_look_up(struct compile_job *job)
{
    struct compiler *compiler = job->compiler;
    struct cache_key key;

    if (compiler->cache == NULL || !compiler->was_ready)
        return false;
    cache_key_of(&key, zygote_build_id(compiler->needs.zygote), job->options, job->source,
                 job->source_len);
    return cache_get(compiler->cache, &key, &job->found) == 0;
}

static void job_keep(struct compile_job *job, const struct cache_value *value)
{
    struct compiler *compiler = job->compiler;
    struct cache_key key;

    if (compiler->cache == NULL)
        return;
    cache_key_of(&key, zygote_build_id(compiler->needs.zygote), job->options, job->source,
                 job->source_len);
    cache_put(compiler->cache, &key, value);
}

static void job_confined(void *arg)
{
    struct compile_job *job = arg;
    struct buffer request;

    runner_set_phase(job->runner, PROTO_PHASE_COMPILING);
    buffer_init(&request, REQUEST_MAX_BYTES);
    wire_put_bytes(&request, job->source, job->source_len);
    wire_put_text(&request, job->options);
    if (runner_send(job->runner, PROTO_COMPILE, 0, &request) == AMID_E_TOO_LARGE) {
        job_answer(job, AMID_E_TOO_LARGE, NULL);
        runner_kill(job->runner, RUNNER_KILL_UNWANTED, "the source is too large");
    }
    buffer_free(&request);
}

static int job_frame(void *arg, const struct proto_message_info *message, uint32_t id,
                     const uint8_t *payload, size_t len)
{
    struct compile_job *job = arg;
    struct compile_answer answer;
    struct compile_result failure;

    (void)id;
    if (message->type != PROTO_COMPILED || job->attempts == 0 ||
        compile_answer_read(payload, len, &answer) != 0)
        return AMID_E_PROTOCOL;
    job->attempts = 0; /* answered: a second answer is one too many */
    trace_event("compile", "\"ok\":%s", answer.ok ? "true" : "false");
    if (answer.ok) {
        job_keep(job, &answer.value);
        job_succeed(job, &answer.value);
        return 0;
    }
    failure = (struct compile_result){
        .message = answer.message, .line = answer.line, .column = answer.column};
    job_answer(job, AMID_E_SYNTAX, &failure);
    return 0;
}

static int error_of_end(const struct runner_end *end)
{
    if (end->spawn_error != 0)
        return AMID_E_CLOSED;
    if (end->code == PROTO_EXIT_HEAP || (end->has_fatal && end->fatal_kind == PROTO_FATAL_HEAP))
        return AMID_E_TOO_LARGE;
    if (end->kill == RUNNER_KILL_TIME || end->code == PROTO_EXIT_TURN)
        return AMID_E_TIMEOUT;
    return AMID_E_CLOSED;
}

static void job_ended(void *arg, const struct runner_end *end)
{
    struct compile_job *job = arg;
    struct compiler *compiler = job->compiler;
    int error = error_of_end(end);

    job->runner = NULL;
    if (end->kill == RUNNER_KILL_PROTOCOL)
        compiler->frames_refused++;
    if (job->fn != NULL && error == AMID_E_CLOSED && job->attempts < COMPILE_ATTEMPTS &&
        !compiler->is_stopped) {
        log_warn(&about, "A compiler ended before its answer (%s %d); the compile is repeated",
                 end->signal != 0 ? "signal" : "exit code",
                 end->signal != 0 ? end->signal : end->code);
        event_del(job->limit);
        job->state = JOB_WAITING;
        compiler->running--;
        compiler->waiting++;
    } else {
        job_answer(job, error, NULL);
        job_free(job);
    }
    compiler_pump(compiler);
}

static void job_late(evutil_socket_t fd, short what, void *arg)
{
    struct compile_job *job = arg;

    (void)fd;
    (void)what;
    runner_kill(job->runner, RUNNER_KILL_TIME, "compile");
}

static int job_start(struct compile_job *job)
{
    const struct timeval limit = {.tv_sec = COMPILE_TIME_MS / 1000};
    struct compiler *compiler = job->compiler;
    const struct compiler_needs *needs = &compiler->needs;
    struct runner_handler handler = {job_confined, job_frame, job_ended, job};
    struct runner_plan plan = {
        .base = needs->base,
        .defer = needs->defer,
        .children = needs->children,
        .zygote = needs->zygote,
        .heap_bytes = needs->config->compile_heap_mib * 1024 * 1024,
        .turn_cpu_ms = COMPILE_TIME_MS,
        .nice = COMPILE_NICE,
    };
    int error;

    if (job->limit == NULL)
        job->limit = evtimer_new(needs->base, job_late, job);
    if (job->limit == NULL)
        return AMID_E_NOMEM;
    error = runner_spawn(&plan, &handler, &job->runner);
    if (error != 0)
        return error;
    job->attempts++;
    job->state = JOB_RUNNING;
    compiler->waiting--;
    compiler->running++;
    event_add(job->limit, &limit);
    return 0;
}

static struct compile_job *job_next(struct compiler *compiler)
{
    struct compile_job *best = NULL;
    struct compile_job *job;

    TAILQ_FOREACH(job, &compiler->jobs, link)
    {
        if (job->state == JOB_WAITING && (best == NULL || job->priority < best->priority))
            best = job;
    }
    return best;
}

static void job_found(void *arg)
{
    struct compile_job *job = arg;

    job_succeed(job, &job->found);
    job_free(job);
}

static void compiler_pump(void *arg)
{
    struct compiler *compiler = arg;

    while (compiler->is_ready && compiler->waiting > 0 &&
           compiler->running < compiler->needs.config->compile_parallel) {
        struct compile_job *job = job_next(compiler);

        /* Another caller may have had the same compiled while this one waited. */
        if (job->attempts == 0 && job_look_up(job)) {
            job->state = JOB_FOUND;
            compiler->waiting--;
            if (defer_call(compiler->needs.defer, job_found, job) != 0)
                job_found(job);
        } else if (job_start(job) != 0) {
            timer_start(&compiler->again, COMPILE_AGAIN_MS);
            return;
        }
    }
}

/* options: to be freed here, NULL if there was no memory for them. */
static int submit(struct compiler *compiler, enum worker_priority priority, const char *source,
                  size_t len, char *options, compile_fn fn, void *arg)
{
    struct compile_job *job;

    job = compiler->is_stopped ? NULL : calloc(1, sizeof(*job));
    if (job == NULL) {
        free(options);
        return compiler->is_stopped ? AMID_E_BUSY : AMID_E_NOMEM;
    }
    *job = (struct compile_job){.compiler = compiler,
                                .state = JOB_WAITING,
                                .priority = priority,
                                .fn = fn,
                                .arg = arg,
                                .source_len = len};
    job->options = options;
    job->source = malloc(len + 1);
    TAILQ_INSERT_TAIL(&compiler->jobs, job, link);
    compiler->waiting++;
    if (job->options == NULL || job->source == NULL) {
        job_free(job);
        return AMID_E_NOMEM;
    }
    memcpy(job->source, source, len);
    job->source[len] = '\0';
    if (job_look_up(job)) {
        job->state = JOB_FOUND;
        compiler->waiting--;
        if (defer_call(compiler->needs.defer, job_found, job) == 0)
            return 0;
        job_free(job);
        return AMID_E_NOMEM;
    }
    /* Places inside count too: many may ask in one turn, before any is let in. */
    if (compiler->waiting + compiler->running >
        compiler->needs.config->compile_queue + compiler->needs.config->compile_parallel) {
        job_free(job);
        return AMID_E_BUSY;
    }
    timer_start(&compiler->again, 0);
    return 0;
}

int compile_submit(struct compiler *compiler, enum worker_priority priority, const char *source,
                   size_t len, const char *dependencies_json, compile_fn fn, void *arg)
{
    struct buffer options;

    buffer_init(&options, OPTIONS_MAX_BYTES);
    buffer_printf(&options, "{\"kind\":\"worker\",\"dependencies\":%s}", dependencies_json);
    return submit(compiler, priority, source, len, buffer_take(&options, NULL), fn, arg);
}

int compile_submit_module(struct compiler *compiler, enum worker_priority priority,
                          const char *source, size_t len, bool is_module, compile_fn fn, void *arg)
{
    char *options = strdup(is_module ? "{\"kind\":\"module\"}" : "{\"kind\":\"commonjs\"}");

    return submit(compiler, priority, source, len, options, fn, arg);
}

void compile_cancel(struct compiler *compiler, compile_fn fn, void *arg)
{
    struct compile_job *job;

    TAILQ_FOREACH(job, &compiler->jobs, link)
    {
        if (job->fn != fn || job->arg != arg)
            continue;
        job->fn = NULL;
        if (job->state == JOB_WAITING)
            job_free(job);
        else if (job->runner != NULL)
            runner_kill(job->runner, RUNNER_KILL_UNWANTED, "cancelled");
        return;
    }
}

int compiler_open(const struct compiler_needs *needs, struct compiler **ret_compiler)
{
    struct compiler *compiler = calloc(1, sizeof(*compiler));
    int error;

    if (compiler == NULL)
        return AMID_E_NOMEM;
    compiler->needs = *needs;
    TAILQ_INIT(&compiler->jobs);
    timer_init(&compiler->again, needs->timers, compiler_pump, compiler);
    error = cache_open(needs->config->node_state,
                       (uint64_t)needs->config->compile_cache_mib * 1024 * 1024, &compiler->cache);
    if (error != 0)
        log_warn(&about, "Compiled scripts cannot be kept: %s", error_text(error));
    *ret_compiler = compiler;
    return 0;
}

void compiler_zygote_is(struct compiler *compiler, bool is_ready)
{
    compiler->is_ready = is_ready;
    compiler->was_ready = compiler->was_ready || is_ready;
    if (is_ready)
        compiler_pump(compiler);
}

void compiler_stop(struct compiler *compiler)
{
    struct compile_job *job;
    struct compile_job *next;

    compiler->is_stopped = true;
    for (job = TAILQ_FIRST(&compiler->jobs); job != NULL; job = next) {
        next = TAILQ_NEXT(job, link);
        job_answer(job, AMID_E_STOPPED, NULL);
        if (job->state == JOB_WAITING)
            job_free(job);
        else if (job->runner != NULL)
            runner_kill(job->runner, RUNNER_KILL_UNWANTED, "shutdown");
    }
}

uint64_t compiler_frames_refused(const struct compiler *compiler)
{
    return compiler->frames_refused;
}

bool compiler_is_idle(const struct compiler *compiler)
{
    return TAILQ_EMPTY(&compiler->jobs);
}

void compiler_close(struct compiler *compiler)
{
    struct compile_job *job;
    struct compile_job *next;

    if (compiler == NULL)
        return;
    timer_stop(&compiler->again);
    for (job = TAILQ_FIRST(&compiler->jobs); job != NULL; job = next) {
        next = TAILQ_NEXT(job, link);
        runner_destroy(job->runner);
        job->fn = NULL;
        if (job->state == JOB_FOUND)
            job->compiler = NULL; /* job_found frees it */
        else
            job_free(job);
    }
    cache_close(compiler->cache);
    free(compiler);
}
