#include "runner/turn_stack.h"

#include <duktape.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runner/heap.h"

#define DEPTH_MAX  16
#define ROOM_BYTES (64u * 1024)
#define HEADLINE   "Call stack"

static char stack_text[2048];

void turn_stack_clear(void)
{
    stack_text[0] = '\0';
}

const char *turn_stack_text(void)
{
    return stack_text;
}

/* An own data property only: a getter would run the script's code in the middle of an instruction.
 */
static const char *own_text(duk_context *ctx, const char *name)
{
    const char *text = NULL;

    duk_push_string(ctx, name);
    duk_get_prop_desc(ctx, -2, 0);
    if (duk_is_object(ctx, -1)) {
        duk_get_prop_string(ctx, -1, "value");
        text = duk_get_string(ctx, -1); /* stays reachable through the function's property */
        duk_pop(ctx);
    }
    duk_pop(ctx);
    return text;
}

static duk_ret_t describe_frames(duk_context *ctx, void *udata)
{
    size_t used = sizeof(HEADLINE) - 1;

    (void)udata;
    memcpy(stack_text, HEADLINE, sizeof(HEADLINE));
    /* Frames without a file are the engine's own functions. */
    for (int level = -1; level >= -DEPTH_MAX; level--) {
        const char *file, *name;
        int line, n;

        duk_inspect_callstack_entry(ctx, level);
        if (!duk_is_object(ctx, -1))
            break;
        duk_get_prop_string(ctx, -1, "lineNumber");
        line = duk_get_int(ctx, -1);
        duk_pop(ctx);
        duk_get_prop_string(ctx, -1, "function");
        if (duk_is_object(ctx, -1)) {
            file = own_text(ctx, "fileName");
            name = own_text(ctx, "name");
            n = file == NULL
                    ? 0
                    : snprintf(stack_text + used, sizeof(stack_text) - used,
                               "\n    at %.60s (%.60s:%d)",
                               name == NULL || name[0] == '\0' ? "[anon]" : name, file, line);
            if (n < 0 || (size_t)n >= sizeof(stack_text) - used) {
                stack_text[used] = '\0';
                break;
            }
            used += (size_t)n;
        }
        duk_pop_2(ctx);
    }
    return 0;
}

void turn_stack_take(void *thread)
{
    duk_context *ctx = thread;
    duk_memory_functions functions;
    struct heap *heap;
    size_t limit_bytes;

    /* A turn that struggles for memory is where most time goes: there must be room to say so. */
    duk_get_memory_functions(ctx, &functions);
    heap = functions.udata;
    limit_bytes = heap->limit_bytes;
    if (limit_bytes != 0)
        heap->limit_bytes += ROOM_BYTES;
    /* Protected, because the engine does not expect its check to throw. */
    if (duk_safe_call(ctx, describe_frames, NULL, 0, 1) != DUK_EXEC_SUCCESS)
        stack_text[0] = '\0';
    duk_pop(ctx);
    heap->limit_bytes = limit_bytes;
}
