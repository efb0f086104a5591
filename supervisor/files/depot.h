#ifndef AMID_FILES_DEPOT_H
#define AMID_FILES_DEPOT_H

#include "supervisor/files/file_op.h"

/* The folder of all workers' folders, and what each holds. The files' thread alone uses it. */
struct depot;

/* Takes the descriptor of the folder over. NULL when out of memory. */
struct depot *depot_new(int folder_fd);
void depot_free(struct depot *depot);

/* Carries out any operation but FILE_OP_FORGET. */
void depot_run(struct depot *depot, struct file_op *op);
/* Puts the worker's folder out of the way at once; depot_clear removes it. 0 also if there is none.
 */
int depot_forget(struct depot *depot, const char *sid);
/* Removes at most `entries` of what was put out of the way. 0 when nothing of it is left,
 * AMID_E_BUSY when there may be more, or why it cannot be done; then the next start tries again. */
int depot_clear(struct depot *depot, unsigned entries);

#endif
