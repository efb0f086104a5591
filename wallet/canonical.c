#include "wallet/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/number.h"

#define FIRST_SURROGATE_LEAD 0xf0 /* UTF-8 of U+10000 and above begins so */
#define PRIVATE_USE_LEAD     0xee /* U+E000 to U+FFFF begin with this or the next */

struct member { /* what is sorted */
    const cJSON *item;
};

/* In UTF-16 what lies beyond the basic plane begins with a surrogate, and so comes before U+E000 to
 * U+FFFF; otherwise the order is that of UTF-8's bytes. */
static int compare_names(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    const unsigned char *x = (const unsigned char *)a->item->string;
    const unsigned char *y = (const unsigned char *)b->item->string;

    while (*x == *y && *x != '\0') {
        x++;
        y++;
    }
    if (*x >= PRIVATE_USE_LEAD && *y >= PRIVATE_USE_LEAD &&
        (*x >= FIRST_SURROGATE_LEAD) != (*y >= FIRST_SURROGATE_LEAD))
        return *x >= FIRST_SURROGATE_LEAD ? -1 : 1;
    return (int)*x - (int)*y;
}

/* Between quotes it stands for itself. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static void append_string(struct buffer *out, const char *text)
{
    static const char *const names[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};

    buffer_append_char(out, '"');
    while (*text != '\0') {
        size_t plain = 0;
        unsigned char c;

        for (;; plain++) {
            c = (unsigned char)text[plain];
            if (!is_plain(c))
                break;
        }
        buffer_append(out, text, plain);
        text += plain;
        if (c == '\0')
            break;
        if (names[c] != NULL)
            buffer_append_str(out, names[c]);
        else
            buffer_printf(out, "\\u%04x", c);
        text++;
    }
    buffer_append_char(out, '"');
}

static bool is_left_out(const char *name, const char *const *without)
{
    for (; without != NULL && *without != NULL; without++)
        if (strcmp(*without, name) == 0)
            return true;
    return false;
}

static int append_value(const cJSON *value, const char *const *without, int depth,
                        struct buffer *out);

static int append_array(const cJSON *array, int depth, struct buffer *out)
{
    const cJSON *item;
    int error = 0;

    buffer_append_char(out, '[');
    cJSON_ArrayForEach(item, array)
    {
        if (item != array->child)
            buffer_append_char(out, ',');
        error = append_value(item, NULL, depth, out);
        if (error != 0)
            return error;
    }
    buffer_append_char(out, ']');
    return 0;
}

static int append_object(const cJSON *object, const char *const *without, int depth,
                         struct buffer *out)
{
    size_t count = 0;
    struct member *members = calloc((size_t)cJSON_GetArraySize(object) + 1, sizeof(*members));
    const cJSON *member;
    int error = 0;

    if (members == NULL)
        return AMID_E_NOMEM;
    cJSON_ArrayForEach(member, object) if (!is_left_out(member->string, without)) members[count++]
        .item = member;
    qsort(members, count, sizeof(*members), compare_names);
    buffer_append_char(out, '{');
    for (size_t i = 0; i < count && error == 0; i++) {
        buffer_append_str(out, i == 0 ? "\"" : ",\"");
        buffer_append_str(out, members[i].item->string);
        buffer_append_str(out, "\":");
        error = append_value(members[i].item, NULL, depth, out);
    }
    buffer_append_char(out, '}');
    free(members);
    return error;
}

static int append_value(const cJSON *value, const char *const *without, int depth,
                        struct buffer *out)
{
    char number[NUMBER_TEXT_MAX];

    if (depth == JSON_DEPTH_MAX + 1)
        return AMID_E_INVALID;
    if (cJSON_IsObject(value))
        return append_object(value, without, depth + 1, out);
    if (cJSON_IsArray(value))
        return append_array(value, depth + 1, out);
    if (cJSON_IsString(value)) {
        append_string(out, value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        number_text(value->valuedouble, number);
        buffer_append_str(out, number);
    } else if (cJSON_IsBool(value)) {
        buffer_append_str(out, cJSON_IsTrue(value) ? "true" : "false");
    } else {
        buffer_append_str(out, "null");
    }
    return 0;
}

int canonical_json(const cJSON *value, const char *const *without, struct buffer *out)
{
    int error = append_value(value, without, 0, out);

    return error != 0 ? error : buffer_status(out);
}

bool canonical_names_are_plain(const cJSON *value)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, value)
    {
        for (const char *at = member->string; at != NULL && *at != '\0'; at++) {
            if (!is_plain((unsigned char)*at))
                return false;
        }
        if (!canonical_names_are_plain(member))
            return false;
    }
    return true;
}
