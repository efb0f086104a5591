#ifndef AMID_LIFECYCLE_INSTANCE_H
#define AMID_LIFECYCLE_INSTANCE_H

#include "supervisor/broker/broker.h"
#include "supervisor/cluster/election.h"
#include "supervisor/lifecycle/certificate.h"
#include "supervisor/lifecycle/cgroup.h"
#include "supervisor/lifecycle/compiler.h"
#include "supervisor/lifecycle/fleet.h"
#include "supervisor/lifecycle/gate.h"
#include "supervisor/lifecycle/lease.h"
#include "supervisor/lifecycle/memory.h"
#include "supervisor/lifecycle/module_graph.h"
#include "supervisor/lifecycle/placement.h"
#include "supervisor/lifecycle/policy.h"
#include "supervisor/lifecycle/runner.h"
#include "supervisor/lifecycle/spare.h"
#include "supervisor/lifecycle/stats.h"
#include "supervisor/lifecycle/watchdog.h"

/*
 * One worker's life on this node. instance.c holds its table[state][event]; instance_work.c what
 * the table's actions do, instance_frames.c what the process says, fleet.c what the owner wants.
 */
enum instance_event {
    EVENT_WANTED,   /* the worker is to run here */
    EVENT_UNWANTED, /* it is not; also: it rests for another reason than before */
    EVENT_RENEWED,  /* it is to run as something else: another script, mode or generation */
    EVENT_COMPILED, /* its code is at hand */
    EVENT_RELAUNCH, /* the zygote or a spare failed, not the worker: clone again */
    EVENT_LOADED,   /* the process has taken the code in */
    EVENT_AGAIN,    /* the next iteration is due, in the process that is there */
    EVENT_FRESH,    /* a process is due, and none is there */
    EVENT_DONE,     /* a single worker has finished */
    EVENT_RETRY,    /* an error: try again after a delay */
    EVENT_PAUSE,    /* an error: after a long one */
    EVENT_GIVE_UP,  /* an error: no more */
    EVENT_GONE,     /* the process has ended, and none is wanted */
    INSTANCE_EVENT_MAX
};

enum instance_action {
    ACTION_IGNORE,  /* and stay */
    ACTION_COMPILE, /* get in line for the compiled code */
    ACTION_LAUNCH,  /* get in line for a process */
    ACTION_RUN,     /* begin an iteration */
    ACTION_WAIT,    /* for the delay that was decided */
    ACTION_END,     /* tell the process to stop; SIGKILL after the grace */
    ACTION_REST,    /* let go of everything */
    INSTANCE_ACTION_MAX
};

struct instance_step {
    enum instance_action action;
    enum instance_state next; /* of ACTION_REST: whatever the instance rests as */
};

struct instance;
struct source_wait;

struct instance_needs { /* shared by all instances of a fleet */
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    const struct config *config;
    struct registry *registry;
    struct kv *local, *net;
    struct children *children;
    struct zygote *zygote;
    struct spare *spare;
    struct compiler *compiler;
    struct modules *modules;
    struct watchdog *watchdog;
    struct broker broker;
    struct cgroup cgroup;
    struct gate compile_gate, spawn_gate;
    uint64_t frames_refused; /* processes killed for what they said, of deleted workers too */
    size_t wanted;           /* instances that are to run here */
    size_t awake;            /* instances that do not rest */
    /* Completed or failed: to be written down. */
    void (*memory_changed)(void *arg, struct instance *instance);
    /* Everything is let go of; called inside instance_fire. */
    void (*rested)(void *arg, struct instance *instance);
    /* A reason to wait is gone. */
    void (*reconsider)(void *arg, struct instance *instance);
    void *arg;
};

#define INSTANCE_REASON_MAX_BYTES 256

struct instance {
    struct instance_needs *needs;
    struct instance *bucket_next; /* for the fleet */
    char sid[ID_UUID_LEN + 1];
    char script_hash[9];
    enum worker_priority priority;
    enum worker_mode mode;
    enum worker_execution execution;
    enum worker_scope scope;
    uint64_t generation;

    bool is_wanted;
    bool is_refused;          /* this node runs as many as it may */
    bool is_in_cluster_way;   /* waits for something that other nodes do or are */
    bool is_unsettled;        /* its process is of before a change that others wait for */
    bool is_deleted;          /* the record is gone; so is this, once it rests */
    bool is_dropped;          /* about to be freed */
    bool is_recalled;         /* what it did before is known */
    enum instance_state rest; /* what it is while nothing is wanted */
    enum proto_stop stop_why;

    enum instance_state state;
    char reason[INSTANCE_REASON_MAX_BYTES];
    struct policy_state policy;
    int64_t delay_ms;   /* of ACTION_WAIT */
    struct timer timer; /* of the state */
    struct gate_ticket compile_ticket, spawn_ticket;
    struct source_wait *source; /* the owner's text is on its way */
    bool is_compiling;
    struct module_graph *graph; /* while the files of its packages are gathered */
    /* What its packages lack on this node; cleared when something is installed or the record
     * changes. */
    char lacks[INSTANCE_REASON_MAX_BYTES];
    char *code, *lines, *modules; /* between compile and READY; modules may be NULL */
    size_t code_len, lines_len, modules_len;

    struct runner *runner;
    enum proto_phase phase; /* of the runner */
    struct broker_worker broker;
    struct permissions *permissions; /* of the record; a reference */
    uint64_t starts;                 /* processes started in this generation */
    int64_t started_ms;
    struct stats stats;
    struct memory memory;
    bool memory_is_written;
    bool is_telling;          /* that it has completed: not every node can know that yet */
    struct lease lease;       /* of a leader: this, */
    struct election election; /* or, if is_elected, this */
    bool is_elected;
    bool is_lease_over; /* the process there is, or was, ends because this node may not lead */
    struct certificate certificate;
};

void instance_init(struct instance *instance, struct instance_needs *needs, const char *sid);
/* Kills what runs, without a word to anybody. */
void instance_release(struct instance *instance);
void instance_fire(struct instance *instance, enum instance_event event);
void instance_because(struct instance *instance, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct log_about instance_about(const struct instance *instance, const char *event);
const struct instance_step *instance_step(enum instance_state state, enum instance_event event);
const char *instance_event_name(enum instance_event event);
const char *instance_action_name(enum instance_action action);

/* The wish alone; the event that follows is the caller's. */
void instance_want(struct instance *instance, bool is_wanted);
bool instance_rests(const struct instance *instance);

/* instance_work.c: what the table's actions do. */
void instance_do(struct instance *instance, enum instance_action action);

/* instance_compile.c: from the owner's text to code and lines; fires COMPILED. */
void instance_compile(void *arg);
void instance_drop_compile(struct instance *instance);
void instance_drop_code(struct instance *instance);

/* instance_process.c */
void instance_launch(void *arg);
void instance_set_phase(struct instance *instance, enum proto_phase phase);
int instance_send_config(struct instance *instance);
void instance_sample(struct instance *instance);

/* instance_lead.c */
void instance_lead_init(struct instance *instance);
void instance_lead_detach(struct instance *instance);
/* Stands for the lead, by election or, elections NULL, by the lease in kv. Of another kind than
 * before: once it rests. */
void instance_stand(struct instance *instance, struct kv *kv, struct elections *elections);
/* Only while it rests. */
void instance_withdraw(struct instance *instance);
bool instance_leads(const struct instance *instance, bool is_elected);
/* The broker was asked for what the worker may not do any more. */
void instance_lease_lost(void *arg);
/* The fencing token; false and "" for what does not lead. */
bool instance_token(const struct instance *instance, char out[KV_VERSIONSTAMP_HEX + 1]);

/* instance_frames.c */
int instance_frame(void *arg, const struct proto_message_info *message, uint32_t id,
                   const uint8_t *payload, size_t len);
/* What policy makes of an error: the delay, the reason and the event to fire. */
void instance_failed(struct instance *instance, enum policy_class class_of_error, const char *text);
/* A single worker has finished. */
void instance_done(struct instance *instance);

#endif
