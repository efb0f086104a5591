#ifndef AMID_COMMON_KV_KEY_H
#define AMID_COMMON_KV_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/*
 * Keys are arrays of byte strings, strings, numbers and booleans, encoded so that comparing the
 * bytes gives Deno's order: Uint8Array < string < number < false < true; numbers by value, NaN
 * refused, -0 as 0. Encoded form per part: a type byte, then the content: byte strings and strings
 * with 0x00 written as 0x00 0xff and ended by 0x00; numbers as 8 big-endian bytes of the IEEE value
 * with the sign trick; booleans nothing.
 */
#define KV_KEY_MAX_BYTES 2048
#define KV_KEY_MAX_PARTS 64

enum kv_part_type {
    KV_PART_BYTES = 0x01,
    KV_PART_STRING = 0x02,
    KV_PART_NUMBER = 0x03,
    KV_PART_FALSE = 0x04,
    KV_PART_TRUE = 0x05
};

struct kv_part {
    enum kv_part_type type;
    const uint8_t *bytes; /* BYTES and STRING (UTF-8): borrowed */
    size_t len;
    double number;
};

struct kv_key {
    size_t len;
    uint8_t bytes[KV_KEY_MAX_BYTES];
};

void kv_key_clear(struct kv_key *key);
/* Each appends one part. 0, AMID_E_TOO_LARGE (KV_KEY_MAX_BYTES) or AMID_E_INVALID (NaN, bad UTF-8).
 */
int kv_key_add(struct kv_key *key, const struct kv_part *part);
int kv_key_add_string(struct kv_key *key, const char *text);
int kv_key_add_number(struct kv_key *key, double number);
/* A key of strings: kv_key_of(&key, "ami", "worker", sid, NULL). */
int kv_key_of(struct kv_key *key, ...) __attribute__((sentinel));

/*
 * Takes the next part of an encoded key, starting with *pos = 0. Returns 1 and fills *ret_part
 * (content decoded into scratch, which must hold KV_KEY_MAX_BYTES), 0 at the end, AMID_E_INVALID
 * for bytes that no encoder of ours wrote.
 */
int kv_key_next(const uint8_t *bytes, size_t len, size_t *pos, struct kv_part *ret_part,
                uint8_t *scratch);
/* Where the part that begins at pos ends; len for bytes that no encoder of ours wrote. */
size_t kv_key_part_end(const uint8_t *bytes, size_t len, size_t pos);
/* True if every part of the encoded key is well formed and in its one canonical form. */
bool kv_key_is_valid(const uint8_t *bytes, size_t len);
/* True if the key's first part is the string `first`. */
bool kv_key_starts_with(const uint8_t *bytes, size_t len, const char *first);
/* The smallest byte string above every key with this prefix. */
int kv_key_prefix_end(const struct kv_key *prefix, struct kv_key *ret_end);
/* ["a","b",1,true] as JSON; bytes as {"bytes":"<hex>"}. For display. */
int kv_key_to_json(const uint8_t *bytes, size_t len, struct buffer *out);
/* Parts joined by "." as in a channel name: strings as they are, numbers in decimal. */
int kv_key_to_channel(const uint8_t *bytes, size_t len, struct buffer *out);

#endif
