/*
 * runner-measure: what a runner costs without amid around it. Starts COUNT workers (default 100)
 * with one script (default: a loop that sleeps a second) and prints private and proportional memory
 * per idle worker and the time from the clone request, and from GO, to the script's first
 * statement.
 *
 *   runner-measure [COUNT [FILE]]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/wire.h"
#include "tests/tools/runner_client.h"

#define COUNT_DEFAULT 100
#define COUNT_MAX     2000
#define HEAP_BYTES    (32u * 1024 * 1024)
#define TURN_MS       10000
#define WAIT_MS       20000
#define SETTLE_MS     2500

static const char idle_script[] = "let runs = 0;\nconsole.log('first');\nwhile (true) {\n  await "
                                  "Stels.sleep(1000);\n  runs++;\n}";
static const char config[] = "{\"sid\":\"00000000-0000-4000-8000-000000000000\",\"nid\":\"s-0001\","
                             "\"network\":\"testnet\",\"title\":\"measure\",\"workers\":1,"
                             "\"limit\":100,\"tick\":100,\"mode\":\"loop\",\"delayMs\":100,"
                             "\"logLevel\":\"info\",\"startTime\":1700000000000}";

static double now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "runner-measure: %s\n", what);
    exit(2);
}

static void read_script(const char *path, struct buffer *out)
{
    char block[8192];
    FILE *file;
    size_t len;

    buffer_init(out, 1024 * 1024);
    if (path == NULL) {
        buffer_append_str(out, idle_script);
        return;
    }
    file = fopen(path, "rb");
    if (file == NULL)
        die("cannot read the script");
    while ((len = fread(block, 1, sizeof(block), file)) > 0)
        buffer_append(out, block, len);
    fclose(file);
}

static void wait_for(struct runner_process *process, enum proto_message type,
                     struct runner_frame *ret_frame)
{
    while (runner_wait(process, WAIT_MS, ret_frame) == 1) {
        if (ret_frame->type == type)
            return;
    }
    die("the runner ended or did not answer");
}

/* The payload of LOAD. */
static void compile(const char *path, struct buffer *ret_load)
{
    struct zygote_client zygote;
    struct runner_process process;
    struct runner_frame frame;
    struct buffer source, payload;
    struct wire_reader in;
    const uint8_t *code, *lines;
    size_t code_len, lines_len;

    if (zygote_client_start(&zygote, true) != 0 || runner_process_start(&zygote, &process) != 0)
        die("no compiler");
    read_script(path, &source);
    buffer_init(&payload, 1024 * 1024);
    wire_put_bytes(&payload, source.data, source.len);
    wire_put_text(&payload, "{\"kind\":\"worker\",\"dependencies\":[]}");
    buffer_free(&source);
    runner_send_go(&process, 2 * HEAP_BYTES, TURN_MS);
    runner_send(&process, PROTO_COMPILE, 0, &payload);
    wait_for(&process, PROTO_COMPILED, &frame);
    wire_read(&in, frame.payload, frame.len);
    if (wire_get_u8(&in) != 1)
        die("the script is refused");
    code = wire_get_bytes(&in, PROTO_CODE_MAX, &code_len);
    lines = wire_get_bytes(&in, PROTO_CODE_MAX, &lines_len);
    buffer_init(ret_load, PROTO_CODE_MAX);
    wire_put_text(ret_load, config);
    wire_put_bytes(ret_load, code, code_len);
    wire_put_bytes(ret_load, lines, lines_len);
    runner_process_end(&process, NULL);
    zygote_client_stop(&zygote);
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void print_times(const char *what, double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    printf("%s: median %.2f ms, p95 %.2f ms\n", what, values[count / 2], values[count * 95 / 100]);
}

struct memory {
    long private_kib, pss_kib, rss_kib;
};

static void read_memory(pid_t pid, struct memory *memory)
{
    char path[64], line[256];
    FILE *file;
    long kib;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    file = fopen(path, "r");
    if (file == NULL)
        die("cannot read smaps_rollup (root only)");
    while (fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "Private_Dirty: %ld", &kib) == 1 ||
            sscanf(line, "Private_Clean: %ld", &kib) == 1)
            memory->private_kib += kib;
        else if (sscanf(line, "Pss: %ld", &kib) == 1)
            memory->pss_kib += kib;
        else if (sscanf(line, "Rss: %ld", &kib) == 1)
            memory->rss_kib += kib;
    }
    fclose(file);
}

static void start_one(struct zygote_client *zygote, const struct buffer *load,
                      struct runner_process *process, double *ret_from_clone, double *ret_from_go)
{
    struct runner_frame frame;
    struct buffer copy, answer;
    double begun = now_ms(), go;

    buffer_init(&copy, PROTO_CODE_MAX);
    buffer_append(&copy, load->data, load->len);
    buffer_init(&answer, 1);
    wire_put_u8(&answer, 0);
    if (runner_process_start(zygote, process) != 0)
        die("no worker");
    go = now_ms();
    runner_send_go(process, HEAP_BYTES, TURN_MS);
    runner_send(process, PROTO_LOAD, 0, &copy);
    runner_send(process, PROTO_RUN, 0, &answer);
    wait_for(process, PROTO_LOG, &frame);
    *ret_from_clone = now_ms() - begun;
    *ret_from_go = now_ms() - go;
}

int main(int argc, char **argv)
{
    static struct runner_process processes[COUNT_MAX];
    static double from_clone[COUNT_MAX], from_go[COUNT_MAX];
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : COUNT_DEFAULT;
    struct memory memory = {0}, zygote_memory = {0};
    struct zygote_client zygote;
    struct buffer load;

    if (count < 1 || count > COUNT_MAX)
        die("COUNT is from 1 to 2000");
    compile(argc > 2 ? argv[2] : NULL, &load);
    if (zygote_client_start(&zygote, false) != 0)
        return 2;
    for (size_t i = 0; i < count; i++)
        start_one(&zygote, &load, &processes[i], &from_clone[i], &from_go[i]);
    poll(NULL, 0, SETTLE_MS);
    for (size_t i = 0; i < count; i++)
        read_memory(processes[i].pid, &memory);
    read_memory(zygote.pid, &zygote_memory);
    printf("private per worker: %ld KiB, PSS %ld KiB, RSS %ld KiB (zygote RSS %ld KiB)\n",
           memory.private_kib / (long)count, memory.pss_kib / (long)count,
           memory.rss_kib / (long)count, zygote_memory.rss_kib);
    print_times("clone request to first statement", from_clone, count);
    print_times("GO to first statement", from_go, count);
    if (getenv("RUNNER_MEASURE_HOLD") != NULL) {
        printf("pid %d\n", (int)processes[0].pid);
        fflush(stdout);
        poll(NULL, 0, -1);
    }
    for (size_t i = 0; i < count; i++)
        runner_process_end(&processes[i], NULL);
    buffer_free(&load);
    zygote_client_stop(&zygote);
    return 0;
}
