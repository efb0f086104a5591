#include "runner/blob.h"

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

#include "runner/build_id.h"

_Static_assert(BLOB_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

#define EMBED(symbol, path)                                                                        \
    __asm__(".section .rodata." #symbol ",\"a\",@progbits\n"                                       \
            ".balign 16\n" #symbol "_begin:\n"                                                     \
            ".incbin \"" path "\"\n" #symbol "_end:\n"                                             \
            ".previous\n");                                                                        \
    extern const uint8_t symbol##_begin[] __attribute__((visibility("hidden")));                   \
    extern const uint8_t symbol##_end[] __attribute__((visibility("hidden")))

EMBED(blob_prelude_file, AMID_PRELUDE_BIN);
EMBED(blob_compiler_file, AMID_COMPILER_BIN);
EMBED(blob_rehearsal_file, AMID_REHEARSAL_JS);

/* The length comes from the build too, so that both are constants. */
const struct blob blob_prelude = {"prelude", blob_prelude_file_begin, BUILD_PRELUDE_BYTES,
                                  (const uint8_t[])BUILD_PRELUDE_SHA256};
const struct blob blob_compiler = {"compiler", blob_compiler_file_begin, BUILD_COMPILER_BYTES,
                                   (const uint8_t[])BUILD_COMPILER_SHA256};
const struct blob blob_rehearsal = {"rehearsal", blob_rehearsal_file_begin, BUILD_REHEARSAL_BYTES,
                                    NULL};
const uint8_t blob_build_id[BLOB_HASH_BYTES] = BUILD_ID;

int blob_check(const struct blob *blob)
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, blob->bytes, blob->len);
    return memcmp(hash, blob->sha256, sizeof(hash)) == 0 ? 0 : -1;
}
