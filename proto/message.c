#include "proto/message.h"

#include <stddef.h>

static const struct proto_message_info messages[] = {
#define X(name, number, direction, max, phases) {#name, PROTO_##name, direction, max, phases},
    PROTO_MESSAGES(X)
#undef X
};

const struct proto_message_info *proto_message_find(uint16_t type)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].type == type)
            return &messages[i];
    }
    return NULL;
}
