#ifndef AMID_LIFECYCLE_ZYGOTE_H
#define AMID_LIFECYCLE_ZYGOTE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "supervisor/lifecycle/child.h"

/*
 * One warm amid-runner from which runners are cloned. It is forked and executed here, from the main
 * thread only (PDEATHSIG follows the thread that forks), with nothing of amid's but its control
 * socket. When it dies it is started again, with backoff; runners live on.
 */
struct zygote;
enum zygote_kind { ZYGOTE_WORKER, ZYGOTE_COMPILER };

struct zygote_needs {
    struct event_base *base;
    struct children *children;
    enum zygote_kind kind;
    int runner_fd;       /* O_PATH of amid-runner; borrowed */
    int node_fd;         /* of the node's page, -1 = none; borrowed */
    unsigned runner_uid; /* (unsigned)-1 = keep ours */
    unsigned runner_gid;
    /* It has become warm, or has died. */
    void (*changed)(void *arg, bool is_ready);
    void *arg;
};

/* Spawn timeout, time to become warm, and the respawn backoff. */
#define ZYGOTE_SPAWN_MS       10000
#define ZYGOTE_READY_MS       60000
#define ZYGOTE_BACKOFF_MS     100
#define ZYGOTE_BACKOFF_MAX_MS 5000
#define ZYGOTE_PENDING_MAX    64

int zygote_open(const struct zygote_needs *needs, struct zygote **ret_zygote);
void zygote_close(struct zygote *zygote);
bool zygote_is_ready(const struct zygote *zygote);
/* 32 bytes; what prelude and compiler it holds. Zeros until it was ready once. */
const uint8_t *zygote_build_id(const struct zygote *zygote);

/* error 0: pidfd belongs to the callee. AMID_E_CLOSED or AMID_E_TIMEOUT: the zygote died or hung,
 * which says nothing about the worker. Others: the system refused a process. */
typedef void (*zygote_spawn_fn)(void *arg, int error, pid_t pid, int pidfd);
/* Clones a runner that gets copies of both descriptors. 0: fn is called once, later. AMID_E_BUSY:
 * not warm, or too many asked for. */
int zygote_spawn(struct zygote *zygote, int channel_fd, int page_fd, zygote_spawn_fn fn, void *arg);
/* fn will not be called; a runner that still comes is killed. */
void zygote_cancel(struct zygote *zygote, zygote_spawn_fn fn, void *arg);

#endif
