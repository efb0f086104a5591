#ifndef AMID_LIFECYCLE_COMPILER_H
#define AMID_LIFECYCLE_COMPILER_H

#include <stdbool.h>

#include "supervisor/config.h"
#include "supervisor/lifecycle/cache.h"
#include "supervisor/lifecycle/compile.h"
#include "supervisor/lifecycle/runner.h"
#include "supervisor/loop/defer.h"
#include "supervisor/loop/timer.h"

/* What lifecycle itself does with the queue that compile.h shows to others. */
struct compiler_needs {
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    struct children *children;
    struct zygote *zygote;
    const struct config *config;
};

#define COMPILE_TIME_MS 30000

int compiler_open(const struct compiler_needs *needs, struct compiler **ret_compiler);
/* The zygote has become warm, or died. */
void compiler_zygote_is(struct compiler *compiler, bool is_ready);
/* Everybody who waits is told AMID_E_STOPPED; what runs is killed. */
void compiler_stop(struct compiler *compiler);
bool compiler_is_idle(const struct compiler *compiler);
/* Compiles killed for what they said. */
uint64_t compiler_frames_refused(const struct compiler *compiler);
/* Nobody is told anything. */
void compiler_close(struct compiler *compiler);

#endif
