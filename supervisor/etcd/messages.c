#include "supervisor/etcd/messages.h"

#include <string.h>

#include "common/error.h"

void messages_init(struct messages *messages, size_t max_bytes)
{
    *messages = (struct messages){0};
    buffer_init(&messages->bytes, max_bytes);
}

void messages_free(struct messages *messages)
{
    buffer_free(&messages->bytes);
}

int messages_add(struct messages *messages, const char *bytes, size_t len)
{
    struct buffer *held = &messages->bytes;

    if (messages->start > 0) {
        memmove(held->data, held->data + messages->start, held->len - messages->start);
        held->len -= messages->start;
        held->data[held->len] = '\0';
        messages->at -= messages->start;
        messages->start = 0;
    }
    buffer_append(held, bytes, len);
    return buffer_status(held);
}

static void scan_in_string(struct messages *messages, char c)
{
    if (messages->is_escaped)
        messages->is_escaped = false;
    else if (c == '\\')
        messages->is_escaped = true;
    else if (c == '"')
        messages->in_string = false;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int messages_next(struct messages *messages, const char **ret_text, size_t *ret_len)
{
    const struct buffer *held = &messages->bytes;

    while (messages->at == messages->start && messages->start < held->len &&
           is_white(held->data[messages->start]))
        messages->at = ++messages->start;
    if (messages->start < held->len && held->data[messages->start] != '{')
        return AMID_E_PROTOCOL;
    while (messages->at < held->len) {
        char c = held->data[messages->at++];
        if (messages->in_string)
            scan_in_string(messages, c);
        else if (c == '"')
            messages->in_string = true;
        else if (c == '{')
            messages->depth++;
        else if (c == '}' && --messages->depth == 0) {
            *ret_text = held->data + messages->start;
            *ret_len = messages->at - messages->start;
            messages->start = messages->at;
            return 1;
        }
    }
    return 0;
}
