#ifndef AMID_FILES_FILE_PATH_H
#define AMID_FILES_FILE_PATH_H

#include <stddef.h>

/*
 * A script's path as what it means below its own folder. "/" is that folder, so "/data/x", "data/x"
 * and "./tmp/../data/x" are the same. Where it leads is decided by the text alone: there are no
 * links that ".." could follow.
 */
#define FILE_PATH_MAX_BYTES 1024
#define FILE_PATH_DEPTH_MAX 16
#define FILE_NAME_MAX_BYTES 255 /* the kernel's, for one name */

/* Names that amid makes for itself inside a worker's folder begin so; scripts cannot name them. */
#define FILE_PATH_OWN_PREFIX ".amid-"

struct file_path {
    char text[FILE_PATH_MAX_BYTES + 1]; /* without a slash at either end; "" = the folder itself */
    size_t depth;                       /* names in it */
};

/*
 * 0; AMID_E_DENIED for a path that leaves the folder or names what is amid's; AMID_E_INVALID for
 * one with control characters; AMID_E_TOO_LARGE. text ends with a NUL.
 */
int file_path_parse(const char *text, struct file_path *ret_path);
/* The last name, within path->text. */
const char *file_path_name(const struct file_path *path);

#endif
