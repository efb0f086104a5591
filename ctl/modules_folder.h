#ifndef AMID_CTL_MODULES_FOLDER_H
#define AMID_CTL_MODULES_FOLDER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "ctl/pack.h"

/*
 * The modules folder (common/module.h), which amictl writes and amid watches. One amictl at a time:
 * opening for a change takes a lock. Whatever is renamed into place has reached the disk before.
 */
struct modules_folder {
    char path[1024];
    int fd;
    cJSON *index;
};

/* Each prints nothing and returns 0, or an error with a sentence in reason. */
int modules_folder_open(struct modules_folder *folder, const char *path, bool to_change,
                        char *reason, size_t reason_size);
void modules_folder_close(struct modules_folder *folder);
/* The index's entry, or NULL. */
cJSON *modules_folder_find(const struct modules_folder *folder, const char *name);
/* Writes the package's file and its entry; one of the same name is replaced. */
int modules_folder_add(struct modules_folder *folder, const struct pack *pack, char *reason,
                       size_t reason_size);
/* AMID_E_NOT_FOUND if there is none. */
int modules_folder_remove(struct modules_folder *folder, const char *name, char *reason,
                          size_t reason_size);

#endif
