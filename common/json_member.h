#ifndef AMID_COMMON_JSON_MEMBER_H
#define AMID_COMMON_JSON_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Where a member's value stands in a text, first byte to last. */
struct json_span {
    size_t start;
    size_t len;
};

/*
 * Finds a member of the object that text is, without building anything from it: the last of that
 * name, as JSON.parse takes it. The name is compared as it is written, so one written with escapes
 * is not found. False if there is none, if text is no object, or if it is not well formed as far as
 * it was read; nothing outside of text is touched whatever it holds.
 */
bool json_member_find(const char *text, size_t len, const char *name, struct json_span *ret_value);
/* The number that a span holds, and nothing but a number. */
bool json_span_number(const char *text, const struct json_span *span, double *ret_number);

#endif
