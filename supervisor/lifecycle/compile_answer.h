#ifndef AMID_LIFECYCLE_COMPILE_ANSWER_H
#define AMID_LIFECYCLE_COMPILE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/lifecycle/cache.h"

#define COMPILE_MESSAGE_MAX_BYTES 1024

/* A compiler's COMPILED frame, as far as it may be believed. */
struct compile_answer {
    int ok;
    struct cache_value value; /* borrowed from the payload */
    char message[COMPILE_MESSAGE_MAX_BYTES];
    uint32_t line;
    uint32_t column;
};

/* AMID_E_PROTOCOL for anything that no honest compiler writes. */
int compile_answer_read(const uint8_t *payload, size_t len, struct compile_answer *ret_answer);

#endif
