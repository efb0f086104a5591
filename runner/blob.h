#ifndef AMID_RUNNER_BLOB_H
#define AMID_RUNNER_BLOB_H

#include <stddef.h>
#include <stdint.h>

/* Bytecode that was built with this program and stands inside it (ARCHITECTURE 1). */
struct blob {
    const char *name;
    const uint8_t *bytes;
    size_t len;
    const uint8_t *sha256; /* as it was when the program was linked */
};

#define BLOB_HASH_BYTES 32

extern const struct blob blob_prelude;
extern const struct blob blob_compiler;
/* The text of runner/rehearsal.js; no hash. */
extern const struct blob blob_rehearsal;

/* SHA-256 of engine configuration, engine sources, prelude and compiler. */
extern const uint8_t blob_build_id[BLOB_HASH_BYTES];

/* 0, or -1 if the bytes are not those that were linked: the engine does not validate bytecode. */
int blob_check(const struct blob *blob);

#endif
