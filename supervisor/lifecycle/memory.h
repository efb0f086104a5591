#ifndef AMID_LIFECYCLE_MEMORY_H
#define AMID_LIFECYCLE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "supervisor/lifecycle/fleet.h"

/* That a worker has completed or was given up, in which generation (RULES 7, 13, 17): what must
 * outlive amid, so that a reboot does not run it again. */
struct memory {
    uint64_t generation;
    enum instance_state state; /* COMPLETED, FAILED, or anything else = nothing to remember */
    int64_t at_ms;
    char *reason; /* owned; may be NULL */
};

void memory_free(struct memory *memory);
/* True if this generation is not to run again. */
bool memory_forbids(const struct memory *memory, uint64_t generation);
/* Keeps the old one when out of memory. */
int memory_set(struct memory *memory, enum instance_state state, uint64_t generation,
               const char *reason, int64_t at_ms);
void memory_to_json(const struct memory *memory, struct buffer *out);
/* AMID_E_INVALID leaves memory untouched. */
int memory_from_json(struct memory *memory, const char *text, size_t len);

#endif
