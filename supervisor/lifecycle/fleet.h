#ifndef AMID_LIFECYCLE_FLEET_H
#define AMID_LIFECYCLE_FLEET_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/config.h"
#include "supervisor/journal/journal.h"
#include "supervisor/kv/kv.h"
#include "supervisor/lifecycle/compile.h"
#include "supervisor/loop/defer.h"
#include "supervisor/loop/timer.h"
#include "supervisor/registry/registry.h"

/*
 * What does run on this node: follows the registry, places workers, owns their instances, the
 * zygotes and the compiler. One instance slot per worker; its state machine is
 * lifecycle/instance.h.
 */
struct fleet;
struct membership;
struct wallet;

enum instance_state {
    INSTANCE_INACTIVE, /* the owner does not want it */
    INSTANCE_WAITING,  /* wanted, but not here or not yet: reason says why */
    INSTANCE_COMPILING,
    INSTANCE_STARTING, /* cloned, confining itself, loading */
    INSTANCE_RUNNING,
    INSTANCE_BACKOFF, /* an error; the next try is timed */
    INSTANCE_PAUSED,  /* 20 or 40 consecutive network errors: 5 minutes */
    INSTANCE_STOPPING,
    INSTANCE_COMPLETED, /* a single worker finished */
    INSTANCE_FAILED,    /* stopped by rule; needs a new generation */
    INSTANCE_STATE_MAX
};

/* How the last process of a worker ended: its death certificate. */
struct exit_certificate {
    bool known;
    int code;             /* exit code, -1 if killed */
    int signal;           /* 0 if it exited */
    const char *syscall;  /* the refused system call after SIGSYS, else NULL */
    const char *limit;    /* "heap", "turn", "watchdog", "protocol", … or NULL */
    const char *sentence; /* one sentence that a newcomer understands */
    int64_t at_ms;        /* wall clock */
};

/* For display; pointers are valid until the next loop turn. */
struct fleet_view {
    const char *sid;
    enum instance_state state;
    const char *reason;     /* why waiting, failed, stopped …; NULL if there is nothing to say */
    uint64_t instance;      /* number of the current or last process of this worker on this node */
    int pid;                /* 0 = none */
    bool is_running;        /* RULES 9: true in backoff and pause too */
    int64_t started_ms;     /* wall clock of the current run's start, 0 = never */
    int64_t next_try_in_ms; /* in backoff and pause, else -1 */
    uint64_t restarts; /* processes started beyond the first, since the record's last generation */
    uint64_t executions, ticks, errors, network_errors, critical_errors, skipped_errors,
        frames_refused; /* totals, survive amid */
    uint64_t heap_bytes;
    uint32_t consecutive_errors;
    const char *last_error;      /* "Name: message" or NULL */
    const char *last_error_type; /* "network", "critical" or NULL */
    int64_t last_run_ms;         /* 0 = never */
    char script_hash[9];
    struct exit_certificate last_exit;
};

struct fleet_lease { /* of a leader worker, wherever it runs */
    bool held;
    int64_t elected_ms, renewed_ms, expires_ms; /* wall clock */
    const char *leader;                         /* nid; valid until the turn ends */
};

struct fleet_needs {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    const struct config *config;
    struct kv *local;
    struct kv *net;
    struct membership *membership;
    struct registry *registry;
    struct journal *journal;
    struct audit *audit;
    struct secrets *secrets;
    struct files *files; /* NULL = there are none */
    struct fetch *fetch;
    size_t fetch_files; /* descriptors that all of its connections may take */
    struct serve *serve;
    const struct wallet *wallet; /* the node's */
    int runner_fd;               /* O_PATH of amid-runner */
    unsigned runner_uid;         /* (unsigned)-1 = keep ours */
    unsigned runner_gid;
};

int fleet_open(const struct fleet_needs *needs, struct fleet **ret_fleet);
/* Starts following the registry (complete by now). */
int fleet_start(struct fleet *fleet);
/* Every instance is told to stop; done is called when none is left (grace, then SIGKILL) and totals
 * are stored. */
void fleet_stop(struct fleet *fleet, void (*done)(void *arg), void *arg);
void fleet_close(struct fleet *fleet);
/* After SIGHUP: limits and levels that apply live. */
void fleet_config_changed(struct fleet *fleet);

struct compiler *fleet_compiler(struct fleet *fleet);
/* AMID_E_NOT_FOUND if the registry does not know the worker. */
int fleet_view(struct fleet *fleet, const char *sid, struct fleet_view *ret_view);
int fleet_lease(struct fleet *fleet, const char *sid, struct fleet_lease *ret_lease);
size_t fleet_running(const struct fleet *fleet);
/* Processes killed since amid started for a frame that no runner may send, compiles included. */
uint64_t fleet_frames_refused(const struct fleet *fleet);
/* True once the zygotes are warm (readyz). */
bool fleet_is_ready(const struct fleet *fleet);
const char *instance_state_name(enum instance_state state);

#endif
