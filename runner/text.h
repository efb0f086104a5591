#ifndef AMID_RUNNER_TEXT_H
#define AMID_RUNNER_TEXT_H

#include <duktape.h>
#include <stddef.h>

#include "common/buffer.h"

/*
 * Text at the engine's boundary. Outside all text is UTF-8; the engine keeps a character beyond the
 * basic plane as two surrogates of three bytes each, and may hold a surrogate that stands alone.
 */
enum text_lone {
    TEXT_LONE_REPLACE, /* a lone surrogate becomes U+FFFD: logs */
    TEXT_LONE_ESCAPE,  /* … becomes \udXXX: JSON text, where it can only stand inside a string */
    TEXT_LONE_REFUSE   /* … makes the conversion fail with AMID_E_INVALID: parts of keys */
};

/* Pushes a string; bytes that are not UTF-8 become U+FFFD. Throws when the heap is full. */
void text_push(duk_context *ctx, const void *utf8, size_t len);

/* Appends the string at idx as UTF-8. 0, AMID_E_INVALID (not a string, or a refused surrogate),
 * AMID_E_TOO_LARGE or AMID_E_NOMEM. */
int text_get(duk_context *ctx, duk_idx_t idx, enum text_lone lone, struct buffer *out);

/* The same, cut on a character boundary when it is longer than max_bytes. */
int text_get_cut(duk_context *ctx, duk_idx_t idx, size_t max_bytes, struct buffer *out);

#endif
