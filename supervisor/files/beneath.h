#ifndef AMID_FILES_BENEATH_H
#define AMID_FILES_BENEATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "supervisor/files/file_path.h"

/*
 * Opening things below a folder without ever following a link or leaving it, whatever somebody else
 * put there meanwhile: openat2 where the kernel has it, else name by name. Errors are negative
 * amid errors; a link on the way is AMID_E_DENIED. Every descriptor is close-on-exec.
 */

/* flags: of open(2). */
int beneath_open(int root_fd, const struct file_path *path, int flags, mode_t mode, int *ret_fd);
/* The folder that holds the path's last name, for calls that take a folder and a name.
 * AMID_E_DENIED for the root itself. */
int beneath_open_parent(int root_fd, const struct file_path *path, int *ret_fd);
/* A regular file that nothing else names, by any other path: hard links are refused. flags must not
 * create. ret_size may be NULL. */
int beneath_open_file(int root_fd, const struct file_path *path, int flags, int *ret_fd,
                      off_t *ret_size);

/* From now on as on a kernel without openat2; for tests. */
void beneath_without_openat2(bool is_off);

#endif
