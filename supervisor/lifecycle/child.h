#ifndef AMID_LIFECYCLE_CHILD_H
#define AMID_LIFECYCLE_CHILD_H

#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "supervisor/loop/timer.h"

/*
 * The processes that are amid's children: zygotes, workers and compiles, each known by its pidfd
 * and reaped through it, never by waitpid(-1).
 */
struct children;

struct child {
    struct children *owner; /* NULL = no process */
    struct child *previous, *next;
    pid_t pid;
    int pidfd;
    struct event *exit_event;
    void (*exited)(void *arg, const siginfo_t *info);
    void *arg;
};

struct children *children_new(struct event_base *base, struct timers *timers);
/* Every child must be gone or forgotten. */
void children_free(struct children *children);

/* True if pidfd is a pidfd of a child of ours with this pid. */
bool child_is_ours(pid_t pid, int pidfd);
/* Takes over pidfd (closed on failure too). exited is called once, from the loop; the process is
 * reaped and forgotten then. */
int child_watch(struct children *children, struct child *child, pid_t pid, int pidfd,
                void (*exited)(void *arg, const siginfo_t *info), void *arg);
/* A process nobody waits for any longer: killed, reaped, forgotten. Takes over pidfd. */
void children_discard(struct children *children, pid_t pid, int pidfd);
void child_signal(const struct child *child, int signal_number);
/* Kills the process and waits for its end; only for closing down. */
void child_finish(struct child *child);
/* After a zygote died in the middle of a clone: reaps, a moment later, children that nobody was
 * told about. */
void children_sweep(struct children *children);

#endif
