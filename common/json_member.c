#include "common/json_member.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX_BYTES 63 /* longer ones are written by nobody */

struct cursor {
    const char *text;
    size_t len;
    size_t pos;
};

static char peek(const struct cursor *cursor)
{
    return cursor->pos < cursor->len ? cursor->text[cursor->pos] : '\0';
}

static void skip_space(struct cursor *cursor)
{
    while (cursor->pos < cursor->len && strchr(" \t\r\n", peek(cursor)) != NULL)
        cursor->pos++;
}

static bool take(struct cursor *cursor, char wanted)
{
    skip_space(cursor);
    if (peek(cursor) != wanted)
        return false;
    cursor->pos++;
    return true;
}

/* Past the closing quote of a string that begins here. */
static bool skip_string(struct cursor *cursor)
{
    if (!take(cursor, '"'))
        return false;
    while (cursor->pos < cursor->len) {
        char c = cursor->text[cursor->pos++];
        if (c == '"')
            return true;
        if (c == '\\')
            cursor->pos++;
    }
    return false;
}

/* Past the value that begins here; brackets are counted, not matched: the text was checked when it
 * was written. */
static bool skip_value(struct cursor *cursor)
{
    size_t depth = 0;
    skip_space(cursor);
    while (cursor->pos < cursor->len) {
        char c = peek(cursor);
        bool closes = c == '}' || c == ']';
        if (depth == 0 && (closes || c == ',' || strchr(" \t\r\n", c) != NULL))
            return true;
        if (c == '"') {
            if (!skip_string(cursor))
                return false;
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= closes;
        cursor->pos++;
    }
    return false; /* an object's member is followed by its end at least */
}

bool json_member_find(const char *text, size_t len, const char *name, struct json_span *ret_value)
{
    struct cursor cursor = {.text = text, .len = len};
    size_t name_len = strlen(name);
    bool found = false;
    struct json_span value = {0};
    if (!take(&cursor, '{'))
        return false;
    do {
        skip_space(&cursor);
        size_t key = cursor.pos;
        if (!skip_string(&cursor))
            break;
        bool wanted = cursor.pos - key == name_len + 2 && cursor.pos <= len &&
                      memcmp(text + key + 1, name, name_len) == 0;
        if (!take(&cursor, ':'))
            return false;
        skip_space(&cursor);
        size_t start = cursor.pos;
        if (!skip_value(&cursor) || cursor.pos == start)
            return false;
        if (wanted)
            value = (struct json_span){start, cursor.pos - start};
        found = found || wanted;
    } while (take(&cursor, ','));
    if (!found || !take(&cursor, '}'))
        return false;
    *ret_value = value;
    return true;
}

bool json_span_number(const char *text, const struct json_span *span, double *ret_number)
{
    char digits[NUMBER_MAX_BYTES + 1];
    char *end;
    if (span->len == 0 || span->len > NUMBER_MAX_BYTES)
        return false;
    memcpy(digits, text + span->start, span->len);
    digits[span->len] = '\0';
    if (strspn(digits, "+-.0123456789eE") != span->len)
        return false;
    double number = strtod(digits, &end);
    if (*end != '\0' || !isfinite(number))
        return false;
    *ret_number = number;
    return true;
}
