#ifndef AMID_RUNNER_ENGINE_H
#define AMID_RUNNER_ENGINE_H

#include <duktape.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"
#include "runner/channel.h"
#include "runner/heap.h"

struct host;

/* What the prelude gives us to call; see runner/host.h for what it gets. */
enum engine_hook {
    HOOK_LOAD,
    HOOK_RUN,
    HOOK_CONFIGURE,
    HOOK_STOP,
    HOOK_REPLY,
    HOOK_TIMERS,
    HOOK_EXIT,      /* the code: after a turn that Deno.exit had undone */
    HOOK_MAP_STACK, /* optional: raw stack text in, the owner's lines out */
    HOOK_MAX
};

/* The one script heap of a process. Made warm in the zygote, inherited by its children. */
struct engine {
    duk_context *ctx;
    struct heap heap;
    size_t collect_at_bytes;   /* a collection is due when the heap holds this much */
    size_t collect_step_bytes; /* garbage that may gather until then */
    double collected_ms;       /* monotonic time of the last one */
    uint32_t turn_cpu_ms;
    void *hooks[HOOK_MAX];   /* kept alive by the stash */
    void *compile;           /* in a compiler zygote: its one function */
    struct channel *channel; /* NULL in the zygote */
    struct host *host;
};

/* Boots the prelude (or the compiler) from bytecode that we built, in the arena (borrowed) if there
 * is one. 0, or -1 with a line on stderr. */
int engine_open(struct engine *engine, struct arena *arena, const void *bytecode, size_t len);
int engine_boot_worker(struct engine *engine);
int engine_boot_compiler(struct engine *engine);
/* Collects garbage and seals the arena: what follows is children's. 0 or -1. */
int engine_settle(struct engine *engine);

struct engine *engine_of(duk_context *ctx);

/*
 * Runs fn protected, as one turn with the CPU limit. If it throws, runs out of memory or time, the
 * process reports FATAL and ends; so a return means that all went well. A turn that called
 * Deno.exit is undone, whatever it caught, and followed by the hook for that.
 */
void engine_turn(struct engine *engine, duk_safe_call_function fn, void *arg);
/* Inside a turn: pushes the hook's function. */
void engine_push_hook(struct engine *engine, enum engine_hook hook);

/* True for the text of an error that a full heap made: the engine's own words or the prelude's, and
 * an allocation was refused (so an error that only looks like one is told apart). */
bool engine_is_heap_error(const struct engine *engine, const char *text);

/* Sends FATAL and ends the process with the exit code. stack may be NULL. */
_Noreturn void engine_die(struct engine *engine, enum proto_fatal kind, enum proto_exit exit_code,
                          const char *text, const char *stack);
/* Ends the process after a failed protected call whose error is on top of the stack. */
_Noreturn void engine_die_of_error(struct engine *engine, enum proto_fatal kind,
                                   enum proto_exit exit_code, const char *what);

#endif
