#ifndef AMID_API_CONTROL_H
#define AMID_API_CONTROL_H

#include "supervisor/api/call.h"
#include "supervisor/api/change.h"

/* What start, stop, restart and delete do to a record, for WebFIX and the operator's routes. */
enum control_action {
    CONTROL_START,
    CONTROL_STOP,
    CONTROL_RESTART, /* RULES 7: a new generation, and active */
    CONTROL_ACTION_MAX
};

/* A change_edit_fn; arg: enum control_action *. */
int control_edit(void *action, const struct registry_entry *entry, struct change_edit *ret_edit);

/* Answers with the entry, with the instance's state if asked for. */
void control_change(struct api_call *call, const char *sid, enum control_action action,
                    bool with_state);
/* Answers {"success":true,"sid":…}. */
void control_delete(struct api_call *call, const char *sid);

#endif
