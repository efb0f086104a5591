#ifndef AMID_RUNNER_CHILD_H
#define AMID_RUNNER_CHILD_H

#include "proto/node_page.h"
#include "proto/status_page.h"
#include "runner/confine.h"
#include "runner/engine.h"

/* What a cloned child is and does until its process ends. */
struct child {
    struct engine *engine;
    const struct confine *confine; /* NULL in a rehearsal, which runs our own script */
    const uint8_t *build_id;       /* 32 bytes */
    struct channel channel;
    bool is_spare;                /* no script waits for it: time to warm up */
    const struct node_page *node; /* NULL likewise */
    struct status_page *status;   /* NULL if it could not be mapped */
};

/* Waits for GO, confines itself and says HELLO. Returns only when that is done. */
void child_start(struct child *child);
/* The next frame, whenever it comes. Ends the process when amid has gone or speaks nonsense. */
struct frame child_wait_frame(struct child *child);
/* Ends the process: amid has closed the channel or spoken nonsense. */
_Noreturn void child_channel_lost(void);

/* The life of a worker: LOAD, then iterations until it is stopped. */
_Noreturn void worker_main(struct child *child);
/* The life of a compiler: one COMPILE, its answer, the end. */
_Noreturn void compile_main(struct child *child);

#endif
