#ifndef AMID_COMMON_BUFFER_H
#define AMID_COMMON_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growing byte buffer with an upper bound. Once an append fails the buffer stays failed and
 * further appends do nothing, so that a writer checks once at the end. Owned by whoever holds the
 * struct; freed with buffer_free.
 */
struct buffer {
    char *data; /* NUL-terminated when not NULL */
    size_t len;
    size_t capacity;
    size_t max_bytes;
    bool failed;
    bool out_of_memory; /* why it failed; otherwise max_bytes was reached */
};

void buffer_init(struct buffer *buffer, size_t max_bytes);
void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
void buffer_append(struct buffer *buffer, const void *data, size_t len);
void buffer_append_str(struct buffer *buffer, const char *text);
void buffer_append_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* 0, or AMID_E_TOO_LARGE / AMID_E_NOMEM if any append failed. */
int buffer_status(const struct buffer *buffer);
/* Hands the bytes (NUL-terminated, to be freed with free) to the caller and empties the buffer.
 * NULL if failed: then they are freed, and the buffer has failed still. */
char *buffer_take(struct buffer *buffer, size_t *ret_len);

#endif
