#ifndef AMID_CHAIN_H
#define AMID_CHAIN_H

#include <stddef.h>
#include <stdint.h>

/*
 * The chain of the audit table: each row's hash is BLAKE2b-256 over the hash before it and the
 * row's canonical text, so a row that is changed, taken out or moved breaks it. The daemon's writer
 * computes it, amictl recomputes it.
 */
#define CHAIN_HASH_BYTES  32
#define CHAIN_STAMP_BYTES 10 /* a versionstamp's, supervisor/kv/kv.h */

struct chain_row {
    uint64_t seq;                     /* 1, 2, 3 … without gaps */
    int64_t real_ms;                  /* wall clock */
    uint8_t stamp[CHAIN_STAMP_BYTES]; /* of the commit it is part of */
    const char *text;                 /* JSON object, NUL-terminated */
    size_t text_len;
    uint8_t hash[CHAIN_HASH_BYTES];
};

/* A place in the chain: the last row so far or the last that was trimmed. 0 and zeros before the
 * first. */
struct chain_end {
    uint64_t seq;
    uint8_t hash[CHAIN_HASH_BYTES];
};

/* What row's hash must be when it comes after before. */
void chain_hash(const struct chain_end *before, const struct chain_row *row,
                uint8_t out[CHAIN_HASH_BYTES]);

enum chain_fault { CHAIN_OK, CHAIN_GAP, CHAIN_CHANGED, CHAIN_FAULT_MAX };
/* Whether row continues end; if so end becomes row's. */
enum chain_fault chain_follow(struct chain_end *end, const struct chain_row *row);

#endif
