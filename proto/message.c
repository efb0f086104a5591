#include "proto/message.h"

#include <stddef.h>
#include <string.h>

#define ANSWER_MAX(max) ((max) < PROTO_ANSWER_LEAST ? PROTO_ANSWER_LEAST : (max))

static const struct proto_message_info messages[] = {
#define X(name, number, direction, max, phases) {#name, PROTO_##name, direction, max, phases},
    PROTO_MESSAGES(X)
#undef X
#define X(name, number, request_max, answer_max, units)                                            \
    {#name, PROTO_##name, PROTO_FROM_RUNNER, request_max, PROTO_IN_SCRIPT},                        \
        {#name "_DONE", PROTO_##name##_DONE, PROTO_TO_RUNNER, ANSWER_MAX(answer_max), 0},
        PROTO_CALLS(X)
#undef X
};

/* The last row ends the list. */
static const struct proto_call_info calls[] = {
#define X(name, number, request_max, answer_max, units) {#name, PROTO_##name, units},
    PROTO_CALLS(X)
#undef X
        {NULL, 0, 0},
};

const struct proto_message_info *proto_message_find(uint16_t type)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].type == type)
            return &messages[i];
    }
    return NULL;
}

const struct proto_call_info *proto_call_find(enum proto_message type)
{
    for (const struct proto_call_info *call = calls; call->name != NULL; call++) {
        if (call->type == type)
            return call;
    }
    return NULL;
}

const struct proto_call_info *proto_call_named(const char *name)
{
    for (const struct proto_call_info *call = calls; call->name != NULL; call++) {
        if (strcmp(call->name, name) == 0)
            return call;
    }
    return NULL;
}
