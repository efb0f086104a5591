#ifndef AMID_COMMON_MODULE_H
#define AMID_COMMON_MODULE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Packages of JavaScript as a node keeps them, for amictl that installs them and amid that runs
 * them. The modules folder holds index.json,
 *   {"format":1,"packages":{"<name>":{"version":…,"integrity":"sha512-…","files":…,"bytes":…,
 *    "installedAt":…}}}
 * and each package as one file named by its hash (module_file_name),
 *   {"format":1,"name":…,"version":…,"files":{"package.json":"…","lib/a.js":"…",…}}
 * so that installing is one rename, and what is loaded is what was verified: the file is read once,
 * hashed, and used from memory. integrity is the SHA-512 of that file, written as npm does.
 */
#define MODULE_FORMAT            1
#define MODULE_INDEX             "index.json"
#define MODULE_NAME_MAX_BYTES    214 /* npm's */
#define MODULE_VERSION_MAX_BYTES 128
#define MODULE_PATH_MAX_BYTES    255
#define MODULE_FILES_MAX         2000 /* scripts and JSON of one package */
#define MODULE_FILE_MAX_BYTES    (1024 * 1024)
#define MODULE_BYTES_MAX         (8 * 1024 * 1024)  /* of one package's files */
#define MODULE_PACK_MAX_BYTES    (20 * 1024 * 1024) /* the same as JSON, escapes included */
#define MODULE_INDEX_MAX_BYTES   (1024 * 1024)
#define MODULE_PACKAGES_MAX      1000

/* "sha512-" and 64 bytes in base64, with the terminator. */
#define MODULE_INTEGRITY_BYTES 96
#define MODULE_FILE_NAME_BYTES 40

/* npm's rule: "name" or "@scope/name", letters, digits, '.', '_', '-' and '~', neither beginning
 * with '.' or '_'; "node_modules" is no name. */
bool module_name_is_valid(const char *name);
/* Relative, with '/', no empty part, no "." and "..", no control characters or backslashes. */
bool module_path_is_valid(const char *path);
/* How many bytes of a specifier are the name of a package; 0 for a path, a URL and the like. */
size_t module_specifier_name(const char *specifier);
/* Provided by every node; not to be installed. */
bool module_is_built_in(const char *name);
/* SHA-512 of bytes as "sha512-…"; libsodium must be ready. */
void module_integrity(const void *bytes, size_t len, char out[MODULE_INTEGRITY_BYTES]);
/* The name of the file with this integrity; false if it is none. */
bool module_file_name(const char *integrity, char out[MODULE_FILE_NAME_BYTES]);

#endif
