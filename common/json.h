#ifndef AMID_COMMON_JSON_H
#define AMID_COMMON_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

#define JSON_DEPTH_MAX 32

struct json_fault {
    const char
        *reason;   /* static English text: "duplicate key", "bad UTF-8", "nested too deeply", … */
    char key[64];  /* the member concerned, if any, cut to fit */
    size_t offset; /* byte offset in the text */
};

/*
 * Strict RFC 8259 check before anything is built from a text: UTF-8, depth <= JSON_DEPTH_MAX, no
 * duplicate keys when unique_keys, no NUL escape (\u0000) in keys, nothing after the value. 0 or
 * AMID_E_INVALID with *ret_fault filled.
 */
int json_check(const char *text, size_t len, bool unique_keys, struct json_fault *ret_fault);
/* json_check with unique keys + cJSON_ParseWithLength. Also refuses what a cJSON tree would change
 * silently: NUL escapes in any string, half surrogate pairs, numbers of more than 63 characters.
 * Look members up with cJSON_GetObjectItemCaseSensitive. Free with cJSON_Delete. */
int json_parse(const char *text, size_t len, cJSON **ret_json, struct json_fault *ret_fault);

/* Appends a JSON string literal for len bytes of UTF-8 (bad sequences become U+FFFD), quotes
 * included. */
void json_append_string(struct buffer *out, const char *text, size_t len);
/* Shortest text that reads back as the same double, integers without a fraction; NaN and infinities
 * as null. */
void json_append_number(struct buffer *out, double number);
void json_append_int(struct buffer *out, int64_t number);

#endif
