#include "supervisor/journal/audit_limit.h"

#include <stdio.h>
#include <string.h>

static void count(uint32_t *number)
{
    if (*number < UINT32_MAX)
        ++*number;
}

bool audit_limit_admits(struct audit_limit *limit, const char *who)
{
    struct audit_slot *slot = NULL;

    for (size_t i = 0; i < limit->used && slot == NULL; i++) {
        if (strcmp(limit->slots[i].who, who) == 0)
            slot = &limit->slots[i];
    }
    if (slot == NULL && limit->used == AUDIT_SLOTS) {
        count(&limit->others);
        return false;
    }
    if (slot == NULL) {
        slot = &limit->slots[limit->used++];
        snprintf(slot->who, sizeof(slot->who), "%s", who);
        slot->count = 0;
    }
    count(&slot->count);
    return slot->count <= AUDIT_REFUSALS_PER_SLOT;
}

void audit_limit_flush(struct audit_limit *limit,
                       void (*each)(void *arg, const char *who, uint32_t suppressed), void *arg)
{
    for (size_t i = 0; i < limit->used; i++) {
        if (limit->slots[i].count > AUDIT_REFUSALS_PER_SLOT)
            each(arg, limit->slots[i].who, limit->slots[i].count - AUDIT_REFUSALS_PER_SLOT);
    }
    if (limit->others > 0)
        each(arg, NULL, limit->others);
    limit->used = 0;
    limit->others = 0;
}
