#ifndef AMID_COMMON_TRACE_H
#define AMID_COMMON_TRACE_H

/* Lifecycle events for the test builds' debug socket; nothing in a release. json_members:
 * `"sid":"…","to":"running"`. */
#ifdef AMID_TEST_HOOKS
void trace_set_sink(void (*sink)(void *arg, const char *event, const char *json_members),
                    void *arg);
void trace_event(const char *event, const char *members_format, ...)
    __attribute__((format(printf, 2, 3)));
#else
#define trace_event(...) ((void)0)
#endif

#endif
