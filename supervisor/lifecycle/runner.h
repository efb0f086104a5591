#ifndef AMID_LIFECYCLE_RUNNER_H
#define AMID_LIFECYCLE_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/lifecycle/channel.h"
#include "supervisor/lifecycle/child.h"
#include "supervisor/lifecycle/status.h"
#include "supervisor/lifecycle/zygote.h"
#include "supervisor/loop/defer.h"

/*
 * One process cloned from a zygote, from the request to its last word: a worker's instance or a
 * compile. Whoever asked gets exactly one `ended`; the runner frees itself after it.
 */
enum runner_kill { /* why amid killed it */
                   RUNNER_KILL_NONE,
                   RUNNER_KILL_GRACE,    /* told to stop, did not in time */
                   RUNNER_KILL_PROTOCOL, /* said what no runner may say */
                   RUNNER_KILL_WATCHDOG, /* does not answer */
                   RUNNER_KILL_START,    /* was not ready in time */
                   RUNNER_KILL_CONFINE,  /* is not what it should be: no filter, another build */
                   RUNNER_KILL_LEASE,    /* another node may lead by now */
                   RUNNER_KILL_TIME,     /* a compile that takes too long */
                   RUNNER_KILL_UNWANTED, /* nobody needs it any longer */
                   RUNNER_KILL_MAX
};

struct runner_end {
    int spawn_error; /* AMID_E_CLOSED, AMID_E_TIMEOUT: the zygote's fault; 0 = there was a process
                      */
    int code;        /* exit code, -1 if killed by signal */
    int signal;
    int syscall_number; /* after SIGSYS, -1 = unknown */
    enum runner_kill kill;
    char kill_detail[96];
    bool has_fatal; /* it said what it died of */
    uint32_t fatal_kind;
    char *fatal_text; /* owned by the runner, like the next; may be NULL */
    char *fatal_stack;
};

struct runner_handler {
    void (*confined)(void *arg); /* ready for LOAD or COMPILE */
    int (*frame)(void *arg, const struct proto_message_info *message, uint32_t id,
                 const uint8_t *payload, size_t len);
    void (*ended)(void *arg, const struct runner_end *end);
    void *arg;
};

struct runner_plan {
    struct event_base *base;
    struct defer *defer;
    struct children *children;
    struct zygote *zygote;
    uint32_t heap_bytes;
    uint32_t turn_cpu_ms;
    int nice;
    bool is_spare; /* nobody has asked for it yet */
};

struct runner {
    struct runner_plan plan;
    struct runner_handler handler;
    struct channel *channel; /* NULL until spawned */
    struct child child;
    struct status status;
    struct event *start_limit;
    struct runner_end end;
    uint32_t confined; /* enum proto_confined bits of its HELLO; for display beyond seccomp's */
    pid_t pid;         /* 0 = not cloned yet */
    int runner_fd;     /* the other end of the channel, until it is passed on */
    bool is_over;
    bool was_spare;
    /* For lifecycle/watchdog: */
    struct runner *watch_previous, *watch_next;
    bool is_watched;
    bool is_pinged;
    int64_t pinged_cpu_ms, seen_cpu_ms;
    int64_t waited_wall_ms, since_ping_ms;
};

#define RUNNER_START_MS 20000

/* 0, AMID_E_BUSY (the zygote takes no more now) or another error; nothing is left then. */
int runner_spawn(const struct runner_plan *plan, const struct runner_handler *handler,
                 struct runner **ret_runner);
/* A spare that has said HELLO becomes the runner of this plan, whose limits it has, and speaks to
 * this handler; confined is not called again. */
void runner_hand_over(struct runner *runner, const struct runner_plan *plan,
                      const struct runner_handler *handler);
void runner_set_phase(struct runner *runner, enum proto_phase phase);
int runner_send(struct runner *runner, enum proto_message type, uint32_t id,
                const struct buffer *payload);
/* The first reason counts. `ended` follows, even if there is no process yet. */
void runner_kill(struct runner *runner, enum runner_kill why, const char *detail);
/* Closing down: kills, waits and frees without a word. */
void runner_destroy(struct runner *runner);
const char *runner_kill_name(enum runner_kill why);

#endif
