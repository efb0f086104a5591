#include "common/trace.h"

#ifdef AMID_TEST_HOOKS
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define TRACE_MEMBERS_MAX_BYTES 4096

static void (*trace_sink)(void *arg, const char *event, const char *json_members);
static void *trace_arg;

void trace_set_sink(void (*sink)(void *arg, const char *event, const char *json_members), void *arg)
{
    trace_sink = sink;
    trace_arg = arg;
}

void trace_event(const char *event, const char *members_format, ...)
{
    char members[TRACE_MEMBERS_MAX_BYTES];
    va_list args;
    int len;

    if (trace_sink == NULL)
        return;
    va_start(args, members_format);
    len = vsnprintf(members, sizeof(members), members_format, args);
    va_end(args);
    /* A cut member list would not be JSON; better an event that says so. */
    if (len < 0 || (size_t)len >= sizeof(members))
        snprintf(members, sizeof(members), "\"tooLong\":true");
    trace_sink(trace_arg, event, members);
}
#else
/* ISO C wants at least one declaration in a file. */
typedef int trace_is_for_tests;
#endif
