#ifndef AMID_BROKER_H
#define AMID_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/log.h"
#include "proto/message.h"
#include "supervisor/broker/resource.h"
#include "supervisor/config.h"
#include "supervisor/kv/kv.h"
#include "supervisor/loop/timer.h"
#include "supervisor/registry/worker.h"
#include "supervisor/serve/serve.h"

struct election;
struct secrets;
struct wallet;

/*
 * Everything a script can do beyond computing and sleeping is a host call: a frame that ends here.
 * The broker checks what the worker may, bounds what it may ask for at once, and answers. It knows
 * a worker only by what lifecycle hands it, one struct per process.
 */
struct broker {
    struct kv *local;
    struct kv *net;
    struct timers *timers;
    const struct config *config; /* what the node allows */
    struct files *files;         /* NULL = there are none */
    struct fetch *fetch;         /* NULL = there is no network */
    const struct wallet *wallet; /* the node's */
    struct serve *serve;         /* NULL = nobody may serve */
    struct secrets *secrets;
    struct audit *audit; /* NULL = refusals are not noted there */
};

/* What a worker may have under way, in units: a get costs 1, an atomic 1 and another for every
 * 16 KiB of it, a list 8. Beyond that its frames wait in the socket, and so at last does the
 * script. */
#define BROKER_UNITS_MAX 64

struct broker_call;

struct broker_worker {
    const struct broker *broker;
    const char *sid; /* borrowed */
    uint64_t instance;
    enum worker_priority priority;
    enum log_level level;                  /* lines below are dropped */
    const struct permissions *permissions; /* borrowed; NULL = all that the node allows */
    /* Answers go out, and reading is held up, through these. */
    int (*send)(void *arg, enum proto_message type, uint32_t id, const struct buffer *payload);
    void (*hold)(void *arg, bool is_held);
    /* NULL = bound by no lease; else this worker leads by it: what is felt outside is fenced and
     * ends with it (term.h). */
    const struct election *election;
    struct kv_versionstamp
        seat; /* under which the process began: it never acts under a later one */
    /* It cannot lead any more. */
    void (*lease_lost)(void *arg);
    void *arg;

    /* The broker's own: */
    uint32_t units;
    bool is_held;
    bool is_flooding;
    struct broker_call *calls;
    struct resource_table resources;
    struct fetch_client *fetch_client; /* NULL until something is fetched */
    struct timer window;               /* of the log rate; pending while lines are counted */
    uint32_t window_lines;
    uint32_t suppressed;
    int64_t denied_since_ms; /* refusals noted or counted since then */
    uint32_t denied_lines;
};

/* Fill in the public members first. */
void broker_worker_begin(struct broker_worker *worker);
/* The process is about to be told to stop: its servers take no more. Their ports stay open if the
 * worker comes back at once. */
void broker_worker_stops(struct broker_worker *worker, bool comes_back);
/* The process has ended: its resources are closed, answers that still come go nowhere. */
void broker_worker_end(struct broker_worker *worker);
/* True for messages that are host calls. */
bool broker_takes(enum proto_message type);
/* 0, or AMID_E_PROTOCOL for a payload that no honest runner sends. */
int broker_handle(struct broker_worker *worker, enum proto_message type, uint32_t id,
                  const uint8_t *payload, size_t len);
/* Lines a second before suppression (RULES 21). */
uint32_t broker_log_rate(enum worker_priority priority);

#endif
