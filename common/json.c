#include "common/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/number.h"
#include "common/utf8.h"

/* cJSON copies a number into a buffer of this many bytes before it converts it. */
#define TREE_NUMBER_MAX_BYTES 63

struct key_span {
    uint32_t start; /* of the content, without the quotes */
    uint32_t len;
};

struct checker {
    const char *text;
    size_t len;
    size_t pos;
    bool unique_keys;
    bool for_tree; /* also refuse what a cJSON tree cannot hold */
    struct json_fault *fault;
    size_t depth;
    bool in_object[JSON_DEPTH_MAX];
    size_t first_key[JSON_DEPTH_MAX]; /* index into keys of the container's first member */
    struct key_span *keys;            /* of all open objects, innermost last */
    size_t key_count;
    size_t key_capacity;
};

static int fault_at(struct checker *c, size_t offset, const char *reason)
{
    c->fault->reason = reason;
    c->fault->offset = offset;
    return AMID_E_INVALID;
}

static void fault_name_key(struct checker *c, const struct key_span *key)
{
    size_t len = utf8_cut(c->text + key->start, key->len, sizeof c->fault->key - 1);
    memcpy(c->fault->key, c->text + key->start, len);
    c->fault->key[len] = '\0';
}

static bool at_end(const struct checker *c)
{
    return c->pos >= c->len;
}

static char peek(const struct checker *c)
{
    return at_end(c) ? '\0' : c->text[c->pos];
}

static void skip_space(struct checker *c)
{
    while (!at_end(c) && strchr(" \t\n\r", c->text[c->pos]) && c->text[c->pos] != '\0')
        c->pos++;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Four hex digits at text, which holds at least that many bytes; -1 if they are not. */
static int32_t unit_at(const char *text)
{
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* pos stands on the backslash. */
static int check_escape(struct checker *c, bool is_key)
{
    size_t start = c->pos;
    c->pos++;
    if (at_end(c))
        return fault_at(c, c->pos, "unexpected end");
    char kind = c->text[c->pos++];
    if (kind != '\0' && strchr("\"\\/bfnrt", kind))
        return 0;
    if (kind != 'u' || c->len - c->pos < 4)
        return fault_at(c, start, "bad escape");
    int32_t unit = unit_at(c->text + c->pos);
    if (unit < 0)
        return fault_at(c, start, "bad escape");
    c->pos += 4;
    if (unit == 0 && (is_key || c->for_tree))
        return fault_at(c, start, "NUL character");
    if (!c->for_tree)
        return 0;
    if (is_low(unit))
        return fault_at(c, start, "half of a surrogate pair");
    if (!is_high(unit))
        return 0;
    if (c->len - c->pos < 6 || c->text[c->pos] != '\\' || c->text[c->pos + 1] != 'u' ||
        !is_low(unit_at(c->text + c->pos + 2)))
        return fault_at(c, start, "half of a surrogate pair");
    c->pos += 6;
    return 0;
}

/* pos stands on the opening quote. */
static int check_string(struct checker *c, bool is_key, struct key_span *ret_span)
{
    size_t start = ++c->pos;
    for (;;) {
        if (at_end(c))
            return fault_at(c, c->pos, "unexpected end");
        unsigned char byte = (unsigned char)c->text[c->pos];
        if (byte == '"')
            break;
        if (byte == '\\') {
            int error = check_escape(c, is_key);
            if (error)
                return error;
        } else if (byte < 0x20) {
            return fault_at(c, c->pos, "control character in a string");
        } else if (byte < 0x80) {
            c->pos++;
        } else {
            size_t width = utf8_width(c->text + c->pos, c->len - c->pos);
            if (width == 0)
                return fault_at(c, c->pos, "bad UTF-8");
            c->pos += width;
        }
    }
    if (ret_span)
        *ret_span = (struct key_span){(uint32_t)start, (uint32_t)(c->pos - start)};
    c->pos++;
    return 0;
}

static size_t skip_digits(struct checker *c)
{
    size_t start = c->pos;
    while (peek(c) >= '0' && peek(c) <= '9')
        c->pos++;
    return c->pos - start;
}

static int check_number(struct checker *c)
{
    size_t start = c->pos;
    if (peek(c) == '-')
        c->pos++;
    if (peek(c) == '0')
        c->pos++;
    else if (skip_digits(c) == 0)
        return fault_at(c, c->pos, "malformed number");
    if (peek(c) == '.') {
        c->pos++;
        if (skip_digits(c) == 0)
            return fault_at(c, c->pos, "malformed number");
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        c->pos++;
        if (peek(c) == '+' || peek(c) == '-')
            c->pos++;
        if (skip_digits(c) == 0)
            return fault_at(c, c->pos, "malformed number");
    }
    if (c->for_tree && c->pos - start > TREE_NUMBER_MAX_BYTES)
        return fault_at(c, start, "number too long");
    return 0;
}

static int check_word(struct checker *c, const char *word)
{
    size_t len = strlen(word);
    if (c->len - c->pos < len || memcmp(c->text + c->pos, word, len) != 0)
        return fault_at(c, c->pos, "unexpected character");
    c->pos += len;
    return 0;
}

/* Reads one UTF-16 unit or UTF-8 byte of a checked key as a number in which equal keys are equal:
 * escapes resolved, so that "\u0061" and "a" are one key. */
static size_t key_next(const char *text, size_t len, size_t pos, uint32_t *ret_char)
{
    if (text[pos] != '\\') {
        unsigned char lead = (unsigned char)text[pos];
        size_t width = lead < 0x80 ? 1 : utf8_width(text + pos, len - pos);
        *ret_char = utf8_char(text + pos, width);
        return pos + width;
    }
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (text[pos + 1] != 'u') {
        *ret_char = (uint32_t)values[strchr(names, text[pos + 1]) - names];
        return pos + 2;
    }
    int32_t unit = unit_at(text + pos + 2);
    *ret_char = (uint32_t)unit;
    pos += 6;
    if (is_high(unit) && len - pos >= 6 && text[pos] == '\\' && text[pos + 1] == 'u') {
        int32_t low = unit_at(text + pos + 2);
        if (is_low(low)) {
            *ret_char = 0x10000U + (((uint32_t)unit - 0xd800U) << 10) + ((uint32_t)low - 0xdc00U);
            pos += 6;
        }
    }
    return pos;
}

static int key_compare(const char *text, const struct key_span *a, const struct key_span *b)
{
    size_t i = 0, j = 0;
    while (i < a->len && j < b->len) {
        uint32_t x, y;
        i = key_next(text + a->start, a->len, i, &x);
        j = key_next(text + b->start, b->len, j, &y);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (i < a->len) - (j < b->len);
}

static int key_order(const void *a, const void *b, void *checker)
{
    const struct key_span *x = a, *y = b;
    int order = key_compare(((const struct checker *)checker)->text, x, y);
    return order ? order : (x->start > y->start) - (x->start < y->start);
}

static int push_key(struct checker *c, const struct key_span *key)
{
    if (c->key_count == c->key_capacity) {
        size_t capacity = c->key_capacity ? c->key_capacity * 2 : 64;
        struct key_span *keys = realloc(c->keys, capacity * sizeof *keys);
        if (!keys) {
            c->fault->reason = "out of memory";
            return AMID_E_NOMEM;
        }
        c->keys = keys;
        c->key_capacity = capacity;
    }
    c->keys[c->key_count++] = *key;
    return 0;
}

/* Sorting finds duplicates in n log n whatever the keys are, where a hash could be attacked. */
static int close_object(struct checker *c)
{
    size_t first = c->first_key[c->depth - 1];
    size_t count = c->key_count - first;
    struct key_span *keys;

    c->key_count = first;
    if (count < 2)
        return 0;
    keys = c->keys + first;
    qsort_r(keys, count, sizeof *keys, key_order, c);
    for (size_t i = 1; i < count; i++) {
        if (key_compare(c->text, &keys[i - 1], &keys[i]) == 0) {
            fault_name_key(c, &keys[i]);
            return fault_at(c, keys[i].start - 1, "duplicate key");
        }
    }
    return 0;
}

/* pos stands where a member's key must begin; leaves it behind the colon. */
static int check_key(struct checker *c)
{
    struct key_span key;
    skip_space(c);
    if (at_end(c))
        return fault_at(c, c->pos, "unexpected end");
    if (peek(c) != '"')
        return fault_at(c, c->pos, "unexpected character");
    int error = check_string(c, true, &key);
    if (!error && c->unique_keys)
        error = push_key(c, &key);
    if (error)
        return error;
    skip_space(c);
    if (peek(c) != ':') {
        fault_name_key(c, &key);
        return fault_at(c, c->pos, at_end(c) ? "unexpected end" : "unexpected character");
    }
    c->pos++;
    return 0;
}

static int open_container(struct checker *c, bool is_object)
{
    if (c->depth == JSON_DEPTH_MAX)
        return fault_at(c, c->pos, "nested too deeply");
    c->pos++;
    c->in_object[c->depth] = is_object;
    c->first_key[c->depth] = c->key_count;
    c->depth++;
    return 0;
}

/* Reads a scalar, or opens a container and says so; an empty container is read whole. */
static int check_value_start(struct checker *c, bool *ret_opened)
{
    *ret_opened = false;
    skip_space(c);
    if (at_end(c))
        return fault_at(c, c->pos, "unexpected end");
    char first = peek(c);
    if (first == '{' || first == '[') {
        int error = open_container(c, first == '{');
        if (error)
            return error;
        skip_space(c);
        if (peek(c) == (first == '{' ? '}' : ']') && !at_end(c)) {
            c->pos++;
            c->depth--;
            return 0;
        }
        *ret_opened = true;
        return first == '{' ? check_key(c) : 0;
    }
    if (first == '"')
        return check_string(c, false, NULL);
    if (first == '-' || (first >= '0' && first <= '9'))
        return check_number(c);
    if (first == 't')
        return check_word(c, "true");
    if (first == 'f')
        return check_word(c, "false");
    return check_word(c, "null");
}

/* After a value: closes what ends here; leaves pos where the next value must begin, or depth 0. */
static int check_value_end(struct checker *c)
{
    while (c->depth > 0) {
        skip_space(c);
        if (at_end(c))
            return fault_at(c, c->pos, "unexpected end");
        bool in_object = c->in_object[c->depth - 1];
        char next = c->text[c->pos];
        if (next == ',') {
            c->pos++;
            return in_object ? check_key(c) : 0;
        }
        if (next != (in_object ? '}' : ']'))
            return fault_at(c, c->pos, "unexpected character");
        c->pos++;
        int error = in_object ? close_object(c) : 0;
        if (error)
            return error;
        c->depth--;
    }
    return 0;
}

static int check(struct checker *c)
{
    int error;
    do {
        bool opened;
        error = check_value_start(c, &opened);
        if (!error && !opened)
            error = check_value_end(c);
        if (error)
            return error;
    } while (c->depth > 0);
    skip_space(c);
    return at_end(c) ? 0 : fault_at(c, c->pos, "text after the value");
}

static int check_text(const char *text, size_t len, bool unique_keys, bool for_tree,
                      struct json_fault *ret_fault)
{
    struct json_fault fault = {.reason = "", .offset = 0};
    struct checker c = {.text = text,
                        .len = len,
                        .unique_keys = unique_keys,
                        .for_tree = for_tree,
                        .fault = &fault};
    int error = len > UINT32_MAX ? fault_at(&c, 0, "too long") : check(&c);
    free(c.keys);
    if (error && ret_fault)
        *ret_fault = fault;
    return error;
}

int json_check(const char *text, size_t len, bool unique_keys, struct json_fault *ret_fault)
{
    return check_text(text, len, unique_keys, false, ret_fault);
}

int json_parse(const char *text, size_t len, cJSON **ret_json, struct json_fault *ret_fault)
{
    int error = check_text(text, len, true, true, ret_fault);
    if (error)
        return error;
    cJSON *json = cJSON_ParseWithLength(text, len);
    if (!json) {
        if (ret_fault)
            *ret_fault = (struct json_fault){.reason = "out of memory"};
        return AMID_E_NOMEM;
    }
    *ret_json = json;
    return 0;
}

static void append_escape(struct buffer *out, unsigned char byte)
{
    static const char names[] = "\"\\bfnrt", values[] = "\"\\\b\f\n\r\t";
    const char *found = byte ? strchr(values, byte) : NULL;
    if (found) {
        buffer_append_char(out, '\\');
        buffer_append_char(out, names[found - values]);
    } else {
        buffer_printf(out, "\\u%04x", byte);
    }
}

void json_append_string(struct buffer *out, const char *text, size_t len)
{
    size_t plain = 0; /* start of the run that can be copied as it is */
    buffer_append_char(out, '"');
    for (size_t i = 0; i < len;) {
        unsigned char byte = (unsigned char)text[i];
        size_t width = byte < 0x80 ? 1 : utf8_width(text + i, len - i);
        if (width > 0 && byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) {
            i += width;
            continue;
        }
        buffer_append(out, text + plain, i - plain);
        if (width == 0)
            buffer_append_str(out, "\xef\xbf\xbd");
        else
            append_escape(out, byte);
        plain = ++i;
    }
    buffer_append(out, text + plain, len - plain);
    buffer_append_char(out, '"');
}

void json_append_int(struct buffer *out, int64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, number);
    buffer_append(out, digits, (size_t)len);
}

void json_append_number(struct buffer *out, double number)
{
    char text[NUMBER_TEXT_MAX];

    buffer_append(out, text, number_text(number, text));
}
