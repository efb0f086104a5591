#ifndef AMID_RUNNER_TURN_STACK_H
#define AMID_RUNNER_TURN_STACK_H

/*
 * Where a turn was when its CPU time ran out. The engine's own error tells the place where it was
 * caught last, which is often the prelude; so the call stack is written down at the first check
 * that fails, as the engine writes traces: "    at name (file:line)" per line.
 */
void turn_stack_clear(void);
/* For input_on_expiry: thread is the running duk_context. */
void turn_stack_take(void *thread);
const char *turn_stack_text(void);

#endif
