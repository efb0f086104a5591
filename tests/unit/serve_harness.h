#ifndef AMID_TESTS_SERVE_HARNESS_H
#define AMID_TESTS_SERVE_HARNESS_H

#include "supervisor/broker/broker_serve.h"
#include "supervisor/serve/serve.h"

/* Ports of workers on a real loop, one process of a worker that speaks to the broker, and clients
 * with real sockets. Time moves only when the test says so. */
struct serve_harness {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    struct config config;
    struct serve *serve;
    struct broker broker;
    struct broker_worker worker;
    uint16_t port; /* free when the harness was opened */
    char ports[16];
    uint32_t last_id;
    size_t answers; /* so far */
    /* The last answer: */
    uint32_t answered; /* its id */
    uint32_t error;
    char message[256];
    char json[64 * 1024];
    size_t data_len;
    size_t data_total; /* of all answers */
    char data[256 * 1024];
};

int serve_harness_open(void **state);
int serve_harness_close(void **state);
/* The process ends, and another of the same worker begins. */
void serve_harness_next_process(struct serve_harness *harness);
/* Runs the loop until nothing happens any more. */
void serve_harness_settle(struct serve_harness *harness);
void serve_harness_advance(struct serve_harness *harness, int64_t ms);
/* Sends a host call, settles, and returns its id. */
uint32_t serve_call(struct serve_harness *harness, enum proto_message type, const char *data,
                    size_t len, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* SERVE_LISTEN on the harness's port; the resource's number, or 0. */
uint32_t serve_listen(struct serve_harness *harness);

/* The number of the first request in the last answer, 0 if there is none. */
uint32_t serve_first_request(const struct serve_harness *harness);
/* Answers 200 with this text. */
void serve_answer_text(struct serve_harness *harness, uint32_t rid, uint32_t id, const char *text);

/* A client's socket, never blocking. */
int serve_client(struct serve_harness *harness);
void serve_send(struct serve_harness *harness, int fd, const char *text);
/* What has come since; false once the server has closed. */
bool serve_receive(struct serve_harness *harness, int fd, char *out, size_t size);

#endif
