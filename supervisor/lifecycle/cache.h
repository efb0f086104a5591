#ifndef AMID_LIFECYCLE_CACHE_H
#define AMID_LIFECYCLE_CACHE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Compiled scripts on disk, one file each, named by what they were made from. A value carries its
 * own hash, so a damaged file is a miss and goes; what was used least recently goes when the sum
 * passes the bound. Failing to keep something is no error for anybody.
 */
struct cache;

#define CACHE_KEY_BYTES 32

struct cache_key {
    uint8_t bytes[CACHE_KEY_BYTES];
};

struct cache_value {
    void *block; /* what the others point into, if cache_get made it; cache_value_free */
    const char *code;
    size_t code_len;
    const char *lines;
    size_t lines_len;
    const char *minified;
    size_t minified_len;
    const char *warnings;
    size_t warnings_len;
    const char *needs;
    size_t needs_len;
};

/* Makes <state_folder>/cache if it is missing. */
int cache_open(const char *state_folder, uint64_t max_bytes, struct cache **ret_cache);
void cache_close(struct cache *cache);
void cache_key_of(struct cache_key *key, const uint8_t build_id[32], const char *options,
                  const char *source, size_t source_len);
/* 0, or AMID_E_NOT_FOUND. */
int cache_get(struct cache *cache, const struct cache_key *key, struct cache_value *ret_value);
void cache_put(struct cache *cache, const struct cache_key *key, const struct cache_value *value);
void cache_value_free(struct cache_value *value);

#endif
