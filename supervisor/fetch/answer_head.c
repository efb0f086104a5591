#include "supervisor/fetch/answer_head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"

void answer_head_init(struct answer_head *head)
{
    *head = (struct answer_head){0};
    buffer_init(&head->fields, ANSWER_HEAD_MAX_BYTES);
}

void answer_head_free(struct answer_head *head)
{
    buffer_free(&head->fields);
}

/* "HTTP/1.1 200 OK", and "HTTP/2 200 " as curl writes it. */
static int take_status(struct answer_head *head, const char *line, size_t len)
{
    const char *at = memchr(line, ' ', len), *end = line + len;

    if (at == NULL || end - at < 4)
        return AMID_E_PROTOCOL;
    at++;
    if (!isdigit((unsigned char)at[0]) || !isdigit((unsigned char)at[1]) ||
        !isdigit((unsigned char)at[2]) || (at + 3 < end && at[3] != ' '))
        return AMID_E_PROTOCOL;
    head->status = (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
    if (head->status < 100)
        return AMID_E_PROTOCOL;
    at += at + 3 < end ? 4 : 3;
    len = (size_t)(end - at);
    if (len > ANSWER_REASON_MAX_BYTES)
        len = ANSWER_REASON_MAX_BYTES;
    memcpy(head->reason, at, len);
    head->reason[len] = '\0';
    head->count = 0;
    buffer_clear(&head->fields);
    return 0;
}

static bool is_token_char(unsigned char c)
{
    return isalnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static int take_field(struct answer_head *head, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    const char *value, *end = line + len;

    if (colon == NULL || colon == line)
        return AMID_E_PROTOCOL;
    for (const char *at = colon; at < end; at++) {
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
            return AMID_E_PROTOCOL;
    }
    if (++head->count > ANSWER_HEADERS_MAX)
        return AMID_E_TOO_LARGE;
    for (const char *at = line; at < colon; at++) {
        if (!is_token_char((unsigned char)*at))
            return AMID_E_PROTOCOL;
        buffer_append_char(&head->fields, (char)tolower((unsigned char)*at));
    }
    value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    buffer_append_char(&head->fields, '\0');
    buffer_append(&head->fields, value, (size_t)(end - value));
    buffer_append_char(&head->fields, '\0');
    return buffer_status(&head->fields);
}

int answer_head_line(struct answer_head *head, const char *line, size_t len)
{
    if (head->is_complete)
        return 0;
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    if (len == 0) {
        if (head->status == 0)
            return AMID_E_PROTOCOL;
        head->is_complete = head->status >= 200 || head->status == 101;
        return 0;
    }
    if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
        return take_status(head, line, len);
    return head->status == 0 ? AMID_E_PROTOCOL : take_field(head, line, len);
}

bool answer_head_next(const struct answer_head *head, const char **at, const char **ret_name,
                      const char **ret_value)
{
    const char *begin = head->fields.data, *next = *at;

    if (begin == NULL)
        return false;
    if (next == NULL)
        next = begin;
    if (next >= begin + head->fields.len)
        return false;
    *ret_name = next;
    *ret_value = next + strlen(next) + 1;
    *at = *ret_value + strlen(*ret_value) + 1;
    return true;
}

const char *answer_head_field(const struct answer_head *head, const char *name)
{
    const char *at = NULL, *found, *value;

    while (answer_head_next(head, &at, &found, &value)) {
        if (strcmp(found, name) == 0)
            return value;
    }
    return NULL;
}
