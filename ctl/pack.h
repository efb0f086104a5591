#ifndef AMID_CTL_PACK_H
#define AMID_CTL_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/module.h"

/*
 * A package on its way into the modules folder: scripts and JSON are kept, other files left out,
 * what is not pure JavaScript is refused. No script of the package is ever run.
 */
#define PACK_REASON_BYTES 320

struct pack_file {
    char *path;
    char *text;
    size_t len;
};

struct pack {
    struct pack_file *files;
    size_t count;
    size_t bytes;
    size_t left_out;  /* files that are no text */
    bool has_install; /* package.json names install scripts, which are not run */
    char name[MODULE_NAME_MAX_BYTES + 1];
    char version[MODULE_VERSION_MAX_BYTES + 1];
    char
        source[MODULE_INTEGRITY_BYTES]; /* of the tarball, as npm's dist.integrity; "" = a folder */
    char reason[PACK_REASON_BYTES];
};

void pack_init(struct pack *pack);
void pack_free(struct pack *pack);
/* Each: 0, or AMID_E_INVALID and pack->reason says why, to stand behind the name of what was read.
 */
int pack_read_tarball(struct pack *pack, const char *path);
int pack_read_folder(struct pack *pack, const char *path);
/* Reads name and version; the files are sorted, so that the same package gives the same bytes. */
int pack_finish(struct pack *pack);
/* The bytes of its file in the modules folder. 0, AMID_E_TOO_LARGE or AMID_E_NOMEM. */
int pack_write(const struct pack *pack, struct buffer *out);

/* For the readers: false if the package is refused because of this file. */
bool pack_add(struct pack *pack, const char *path, const uint8_t *bytes, size_t len);
bool pack_wants(const char *path);

#endif
