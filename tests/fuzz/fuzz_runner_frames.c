/* Holds: whatever a runner writes into its channel, in any phase, amid reads within bounds, hands
 * on only what the list of messages allows, and ends the channel at the first frame that is not.
 * The first byte chooses the phase; the rest is the stream. Host calls reach a real store. */
#include <event2/event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/broker/broker.h"
#include "supervisor/kv/store.h"
#include "supervisor/lifecycle/channel.h"
#include "supervisor/lifecycle/compile_answer.h"
#include "supervisor/lifecycle/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STREAM_MAX_BYTES 65536

struct bench {
    struct event_base *base;
    struct defer *defer;
    struct timers *timers;
    struct store *store;
    struct broker broker;
    struct broker_worker worker;
    struct channel *channel;
    bool has_ended;
};

static int nowhere(void *arg, enum proto_message type, uint32_t id, const struct buffer *payload)
{
    const struct bench *bench = arg;

    return bench->channel == NULL ? AMID_E_CLOSED : channel_send(bench->channel, type, id, payload);
}

static void hold(void *arg, bool is_held)
{
    const struct bench *bench = arg;

    if (bench->channel != NULL)
        channel_hold(bench->channel, CHANNEL_HOLD_CALLS, is_held);
}

static void silence(void *arg, const struct log_record *record)
{
    (void)arg;
    (void)record;
}

static char folder[] = "/tmp/amid-fuzz-XXXXXX";

static void folder_remove(void)
{
    char command[64];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    if (system(command) != 0)
        perror(folder);
}

static struct bench *bench_open(void)
{
    static struct bench bench;
    char reason[256];

    if (bench.base != NULL)
        return &bench;
    log_set_sink(silence, NULL);
    signal(SIGPIPE, SIG_IGN); /* as amid does */
    bench.base = event_base_new();
    bench.defer = defer_new(bench.base);
    bench.timers = timers_new(bench.base);
    if (mkdtemp(folder) == NULL || store_open(folder, bench.base, bench.defer, bench.timers,
                                              &bench.store, reason, sizeof(reason)) != 0)
        abort();
    atexit(folder_remove);
    bench.broker = (struct broker){
        .local = store_local(bench.store), .net = store_net(bench.store), .timers = bench.timers};
    return &bench;
}

static int read_frame(struct bench *bench, const struct proto_message_info *message, uint32_t id,
                      const uint8_t *payload, size_t len)
{
    struct compile_answer answer;
    struct words_hello hello;
    struct words_fatal fatal;
    struct words_error script;
    int error = 0;

    if (broker_takes(message->type))
        return broker_handle(&bench->worker, message->type, id, payload, len);
    if (message->type == PROTO_HELLO)
        return words_hello_read(payload, len, &hello);
    if (message->type == PROTO_COMPILED)
        return compile_answer_read(payload, len, &answer);
    if (message->type == PROTO_FATAL) {
        error = words_fatal_read(payload, len, &fatal);
        if (error == 0)
            free(fatal.stack);
    }
    if (message->type == PROTO_ITERATION_ERROR) {
        error = words_error_read(payload, len, &script);
        if (error == 0)
            free(script.stack);
    }
    return error;
}

static int frame(void *arg, const struct proto_message_info *message, uint32_t id,
                 const uint8_t *payload, size_t len)
{
    struct bench *bench = arg;

    if (bench->has_ended || len > message->max_bytes)
        abort();
    return read_frame(bench, message, id, payload, len);
}

static void ended(void *arg, enum channel_end reason, const struct proto_message_info *message,
                  uint32_t number)
{
    struct bench *bench = arg;

    (void)message;
    (void)number;
    if (bench->has_ended || channel_end_name(reason) == NULL)
        abort();
    bench->has_ended = true;
}

static void stream_through(struct bench *bench, uint8_t phase, const uint8_t *data, size_t size)
{
    struct channel_handler handler = {frame, ended, bench};
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0 ||
        channel_new(bench->base, pair[0], &handler, &bench->channel) != 0)
        abort();
    channel_set_phase(bench->channel, (enum proto_phase)(1 << (phase % 6)));
    if (write(pair[1], data, size) != (ssize_t)size)
        abort();
    close(pair[1]);
    for (int i = 0; i < 100 && !bench->has_ended; i++)
        event_base_loop(bench->base, EVLOOP_NONBLOCK);
    channel_drain(bench->channel);
    if (!bench->has_ended)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench *bench = bench_open();

    if (size < 1 || size > STREAM_MAX_BYTES)
        return 0;
    bench->has_ended = false;
    bench->worker = (struct broker_worker){.broker = &bench->broker,
                                           .sid = "fuzz",
                                           .instance = 1,
                                           .send = nowhere,
                                           .hold = hold,
                                           .arg = bench};
    broker_worker_begin(&bench->worker);
    stream_through(bench, data[0], data + 1, size - 1);
    broker_worker_end(&bench->worker);
    channel_free(bench->channel);
    bench->channel = NULL;
    for (int i = 0; i < 4; i++)
        event_base_loop(bench->base, EVLOOP_NONBLOCK);
    return 0;
}
