#include "supervisor/serve/head.h"

#include <string.h>
#include <strings.h>

#include "common/error.h"

#define LENGTH_DIGITS_MAX 18

static bool is_token_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_token_char((uint8_t)text[i]))
            return false;
    }
    return len > 0;
}

static bool is_named(const char *name, size_t len, const char *wanted)
{
    return strlen(wanted) == len && strncasecmp(name, wanted, len) == 0;
}

/* RFC 9110 7.6.1: they are about one connection, which is ours. */
static bool is_hop_by_hop(const char *name, size_t len)
{
    static const char *const names[] = {"connection", "keep-alive",        "proxy-connection", "te",
                                        "trailer",    "transfer-encoding", "upgrade"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_named(name, len, names[i]))
            return true;
    }
    return false;
}

/* A value in Latin-1. False for what is none, or a control character. */
static bool append_value(struct buffer *out, const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)value[i];

        if ((c == 0xc2 || c == 0xc3) && i + 1 < len && ((uint8_t)value[i + 1] & 0xc0) == 0x80)
            c = (uint8_t)((c & 0x03) << 6 | ((uint8_t)value[++i] & 0x3f));
        else if (c >= 0x80)
            return false;
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
        buffer_append_char(out, (char)c);
    }
    return true;
}

static int take_length(struct serve_head *head, const char *value, size_t len)
{
    uint64_t length = 0;

    if (head->has_length || len == 0 || len > LENGTH_DIGITS_MAX)
        return AMID_E_INVALID;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9')
            return AMID_E_INVALID;
        length = length * 10 + (uint64_t)(value[i] - '0');
    }
    head->has_length = true;
    head->length = length;
    return 0;
}

static int take_header(struct serve_head *head, const char *name, size_t name_len,
                       const char *value, size_t value_len)
{
    if (!is_token(name, name_len))
        return AMID_E_INVALID;
    if (is_named(name, name_len, "content-length"))
        return take_length(head, value, value_len);
    if (is_hop_by_hop(name, name_len))
        return 0;
    if (is_named(name, name_len, "date"))
        head->has_date = true;
    buffer_append(&head->lines, name, name_len);
    buffer_append_str(&head->lines, ": ");
    if (!append_value(&head->lines, value, value_len))
        return AMID_E_INVALID;
    buffer_append_str(&head->lines, "\r\n");
    return 0;
}

/* The next line of *text, which then stands behind it; false when there is none left. The last has
 * no line feed behind it. */
static bool next_line(const char **text, const char *end, const char **ret_line, size_t *ret_len)
{
    const char *feed;

    if (*text == NULL)
        return false;
    feed = memchr(*text, '\n', (size_t)(end - *text));
    *ret_line = *text;
    *ret_len = (size_t)((feed == NULL ? end : feed) - *text);
    *text = feed == NULL ? NULL : feed + 1;
    return true;
}

int serve_head_read(const char *text, size_t len, size_t count, struct serve_head *ret_head)
{
    struct serve_head head = {0};
    const char *end = text + len, *name, *value;
    size_t name_len, value_len;
    int error = 0;

    buffer_init(&head.lines, SERVE_HEAD_MAX_BYTES);
    if (len == 0)
        text = NULL;
    while (error == 0 && next_line(&text, end, &name, &name_len)) {
        if (count-- == 0 || !next_line(&text, end, &value, &value_len))
            error = AMID_E_INVALID;
        else
            error = take_header(&head, name, name_len, value, value_len);
    }
    if (error == 0 && count != 0)
        error = AMID_E_INVALID;
    if (error == 0)
        error = buffer_status(&head.lines);
    if (error != 0) {
        buffer_free(&head.lines);
        return error;
    }
    *ret_head = head;
    return 0;
}

void serve_head_free(struct serve_head *head)
{
    buffer_free(&head->lines);
}
