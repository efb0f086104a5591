#ifndef AMID_API_CHANGE_H
#define AMID_API_CHANGE_H

#include "supervisor/api/call.h"
#include "supervisor/kv/kv.h"

/* Read, modify, write of one worker's record, repeated while others win the race (RULES 2). */
struct change;

#define CHANGE_TRIES_MAX 16

struct change_edit {
    struct worker *worker; /* the new record; NULL = it is as wished already */
    const char *source;    /* new owner's text, or NULL; must live until done */
    size_t source_len;
    const char *event;  /* what the audit calls it */
    const char *detail; /* for the audit, or NULL; must live until the edit's next call or done */
};

/* Makes the new record from the current one. 0, or an error that ends the change. */
typedef int (*change_edit_fn)(void *arg, const struct registry_entry *entry,
                              struct change_edit *ret_edit);
/* entry: the record after the change (valid in the call), NULL on error: AMID_E_NOT_FOUND,
 * AMID_E_CONFLICT or what the edit or the registry said. */
typedef void (*change_done_fn)(void *arg, int error, const struct registry_entry *entry);

/*
 * call: who asks; answered by the caller, not before done. right: what he needs for the record that
 * is changed in the end (AMID_E_UNAUTHORIZED, AMID_E_DENIED: he has lost it while he waited). lock
 * NULL = any version. done is called once, perhaps from inside this call. *ret_change (may be NULL)
 * is for change_abandon. AMID_E_NOMEM: done is not called.
 */
int change_start(struct api_call *call, enum right right, const char *sid,
                 const struct kv_versionstamp *lock, change_edit_fn edit, change_done_fn done,
                 void *arg, struct change **ret_change);
/* For api_close: done will not be called, and the registry is about to forget its callers; a write
 * under way goes on. */
void change_abandon(struct change *change);

#endif
