#include "common/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

#define BUFFER_FIRST_BYTES 64

void buffer_init(struct buffer *buffer, size_t max_bytes)
{
    *buffer = (struct buffer){.max_bytes = max_bytes};
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->max_bytes);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
    buffer->out_of_memory = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

/* Makes room for `more` bytes and the terminator. */
static bool buffer_grow(struct buffer *buffer, size_t more)
{
    size_t capacity = buffer->capacity;
    char *data;

    if (buffer->failed)
        return false;
    if (more > buffer->max_bytes - buffer->len) {
        buffer->failed = true;
        return false;
    }
    if (buffer->data != NULL && buffer->len + more < capacity)
        return true;
    if (capacity == 0)
        capacity = BUFFER_FIRST_BYTES;
    while (capacity <= buffer->len + more) {
        if (capacity > SIZE_MAX / 2)
            goto no_memory;
        capacity *= 2;
    }
    data = realloc(buffer->data, capacity);
    if (data == NULL)
        goto no_memory;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
no_memory:
    buffer->failed = true;
    buffer->out_of_memory = true;
    return false;
}

void buffer_append(struct buffer *buffer, const void *data, size_t len)
{
    if (!buffer_grow(buffer, len))
        return;
    if (len > 0)
        memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
    buffer->data[buffer->len] = '\0';
}

void buffer_append_str(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buffer->failed = true;
        return;
    }
    if (!buffer_grow(buffer, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(buffer->data + buffer->len, (size_t)len + 1, format, args);
    va_end(args);
    buffer->len += (size_t)len;
}

int buffer_status(const struct buffer *buffer)
{
    if (!buffer->failed)
        return 0;
    return buffer->out_of_memory ? AMID_E_NOMEM : AMID_E_TOO_LARGE;
}

char *buffer_take(struct buffer *buffer, size_t *ret_len)
{
    char *data;

    if (!buffer->failed && buffer->data == NULL)
        buffer_append(buffer, "", 0);
    if (buffer->failed) {
        free(buffer->data);
        buffer->data = NULL;
        buffer->len = 0;
        buffer->capacity = 0;
        return NULL;
    }
    data = buffer->data;
    if (ret_len != NULL)
        *ret_len = buffer->len;
    buffer_init(buffer, buffer->max_bytes);
    return data;
}
