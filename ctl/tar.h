#ifndef AMID_CTL_TAR_H
#define AMID_CTL_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a tar archive in memory, as npm writes them: ustar headers, pax and GNU long names. Nothing
 * is extracted; each regular file is handed over. An archive with a link, a device, a fifo, a path
 * that is absolute or has "..", a wrong checksum or a member that goes beyond its end is refused.
 */
#define TAR_MEMBERS_MAX 20000

/* path: as module_path_is_valid has it, without the archive's top folder; bytes are borrowed. False
 * ends the reading; fn has said why. */
typedef bool (*tar_file_fn)(void *arg, const char *path, const uint8_t *bytes, size_t len);

/* 0; AMID_E_INVALID with a reason; AMID_E_STOPPED when fn ended it. */
int tar_read(const uint8_t *bytes, size_t len, tar_file_fn fn, void *arg, char *reason,
             size_t reason_size);

#endif
