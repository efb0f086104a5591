#ifndef AMID_FILES_FILES_H
#define AMID_FILES_FILES_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "supervisor/files/file_op.h"

/*
 * The workers' own folders, <state>/files/<sid>: one thread does what is asked, in order, and the
 * loop never waits for a disk. A folder is made at the first write and removed with its worker.
 */
struct files;

/* Operations submitted and not yet handed back; more is AMID_E_BUSY. */
#define FILES_QUEUE_MAX       1024
#define FILES_QUEUE_MAX_BYTES (64u * 1024 * 1024)
/* Entries of a forgotten folder that are removed at a time: in between others have their turn. */
#define FILES_FORGET_STEP 256

int files_open(const char *state, struct event_base *base, struct files **ret_files, char *reason,
               size_t reason_size);
/* Ends the thread after the operation under way; the others are done with AMID_E_STOPPED. NULL is
 * fine. */
void files_close(struct files *files);

/* 0: op is the thread's, op->done is called once, from the loop, and owns it again. Else
 * AMID_E_BUSY or AMID_E_INVALID for a sid that cannot name a folder, and op stays the caller's. */
int files_submit(struct files *files, struct file_op *op);
/* The worker is gone for good: its folder is removed in the background. One asked for later under
 * the same sid is a new one. */
void files_forget(struct files *files, const char *sid);
/* At start: forgets what belongs to no worker that is known. */
void files_sweep(struct files *files, bool (*is_known)(void *arg, const char *sid), void *arg);

#endif
