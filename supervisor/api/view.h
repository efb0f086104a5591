#ifndef AMID_API_VIEW_H
#define AMID_API_VIEW_H

#include "common/buffer.h"
#include "supervisor/lifecycle/fleet.h"
#include "supervisor/registry/registry.h"

/* {"known":…}: how a worker's last process ended; null if none has. */
void view_append_exit(struct buffer *out, const struct exit_certificate *exit);
/* The whole entry; without scripts its raw.script is "". */
void view_append_record(struct buffer *out, const struct registry_entry *entry, bool with_script);
/* The entry with "state" (its name) and "instance" (what runs, or why nothing does). */
void view_append_entry(struct buffer *out, const struct registry_entry *entry, bool with_script,
                       struct fleet *fleet);
/* The text as a JSON string, NULL as null. */
void view_append_text(struct buffer *out, const char *text);
/* ,"name":number and the like: the comma comes first. */
void view_append_member_int(struct buffer *out, const char *name, int64_t number);
void view_append_member_text(struct buffer *out, const char *name, const char *text);
/* number, or null where it says "never" or "unknown" by being <= 0. */
void view_append_member_time(struct buffer *out, const char *name, int64_t number);

#endif
