#include "common/kv_key.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/json.h"
#include "common/utf8.h"

#define NUMBER_BYTES 8
#define SIGN_BIT     (UINT64_C(1) << 63)
#define ESCAPED_NUL  0xff

void kv_key_clear(struct kv_key *key)
{
    key->len = 0;
}

/* Negative numbers are inverted, the others get the sign bit, so that bytes compare as values. */
static void number_encode(double number, uint8_t out[NUMBER_BYTES])
{
    uint64_t bits;
    double value = number == 0 ? 0.0 : number;
    memcpy(&bits, &value, sizeof(bits));
    bits = (bits & SIGN_BIT) != 0 ? ~bits : bits | SIGN_BIT;
    for (size_t i = 0; i < NUMBER_BYTES; i++)
        out[i] = (uint8_t)(bits >> (8 * (NUMBER_BYTES - 1 - i)));
}

/* False for the two things that no encoder writes: NaN and -0. */
static bool number_decode(const uint8_t in[NUMBER_BYTES], double *ret_number)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < NUMBER_BYTES; i++)
        bits = bits << 8 | in[i];
    bits = (bits & SIGN_BIT) != 0 ? bits & ~SIGN_BIT : ~bits;
    double number;
    memcpy(&number, &bits, sizeof(number));
    if (isnan(number) || bits == SIGN_BIT)
        return false;
    *ret_number = number;
    return true;
}

static int key_push(struct kv_key *key, const uint8_t *bytes, size_t len)
{
    if (len > KV_KEY_MAX_BYTES - key->len)
        return AMID_E_TOO_LARGE;
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
    return 0;
}

static int key_push_escaped(struct kv_key *key, const uint8_t *bytes, size_t len)
{
    static const uint8_t nul[] = {0x00, ESCAPED_NUL};
    int error = 0;
    for (size_t i = 0; i < len && error == 0; i++)
        error = bytes[i] == 0 ? key_push(key, nul, sizeof(nul)) : key_push(key, bytes + i, 1);
    return error != 0 ? error : key_push(key, nul, 1);
}

static size_t key_part_count(const struct kv_key *key)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    size_t count = 0;
    while (kv_key_next(key->bytes, key->len, &pos, &part, scratch) > 0)
        count++;
    return count;
}

static int key_push_part(struct kv_key *key, const struct kv_part *part)
{
    uint8_t number[NUMBER_BYTES];
    uint8_t type = (uint8_t)part->type;
    int error = key_push(key, &type, 1);
    if (error != 0)
        return error;
    switch (part->type) {
    case KV_PART_STRING:
        if (!utf8_is_valid((const char *)part->bytes, part->len))
            return AMID_E_INVALID;
        return key_push_escaped(key, part->bytes, part->len);
    case KV_PART_BYTES:
        return key_push_escaped(key, part->bytes, part->len);
    case KV_PART_NUMBER:
        if (isnan(part->number))
            return AMID_E_INVALID;
        number_encode(part->number, number);
        return key_push(key, number, sizeof(number));
    case KV_PART_FALSE:
    case KV_PART_TRUE:
        return 0;
    }
    return AMID_E_INVALID;
}

int kv_key_add(struct kv_key *key, const struct kv_part *part)
{
    /* Every part takes a byte at least, so short keys need no count. */
    if (key->len >= KV_KEY_MAX_PARTS && key_part_count(key) >= KV_KEY_MAX_PARTS)
        return AMID_E_TOO_LARGE;
    size_t before = key->len;
    int error = key_push_part(key, part);
    if (error != 0)
        key->len = before;
    return error;
}

int kv_key_add_string(struct kv_key *key, const char *text)
{
    struct kv_part part = {
        .type = KV_PART_STRING, .bytes = (const uint8_t *)text, .len = strlen(text)};
    return kv_key_add(key, &part);
}

int kv_key_add_number(struct kv_key *key, double number)
{
    struct kv_part part = {.type = KV_PART_NUMBER, .number = number};
    return kv_key_add(key, &part);
}

int kv_key_of(struct kv_key *key, ...)
{
    va_list list;
    int error = 0;
    kv_key_clear(key);
    va_start(list, key);
    const char *text = va_arg(list, const char *);
    while (text != NULL && error == 0) {
        error = kv_key_add_string(key, text);
        text = va_arg(list, const char *);
    }
    va_end(list);
    return error;
}

/* Undoes the escaping from *pos, just after the type byte, to the terminator. */
static int text_decode(const uint8_t *bytes, size_t len, size_t *pos, struct kv_part *part,
                       uint8_t *scratch)
{
    size_t at = *pos;
    size_t out = 0;
    while (at < len && out < KV_KEY_MAX_BYTES) {
        uint8_t byte = bytes[at++];
        if (byte == 0) {
            if (at == len || bytes[at] != ESCAPED_NUL) {
                part->bytes = scratch;
                part->len = out;
                *pos = at;
                return 0;
            }
            at++;
        }
        scratch[out++] = byte;
    }
    return AMID_E_INVALID;
}

int kv_key_next(const uint8_t *bytes, size_t len, size_t *pos, struct kv_part *ret_part,
                uint8_t *scratch)
{
    if (*pos >= len)
        return 0;
    size_t at = *pos + 1;
    struct kv_part part = {.type = (enum kv_part_type)bytes[*pos]};
    switch (part.type) {
    case KV_PART_BYTES:
    case KV_PART_STRING:
        if (text_decode(bytes, len, &at, &part, scratch) != 0)
            return AMID_E_INVALID;
        if (part.type == KV_PART_STRING && !utf8_is_valid((const char *)part.bytes, part.len))
            return AMID_E_INVALID;
        break;
    case KV_PART_NUMBER:
        if (len - at < NUMBER_BYTES || !number_decode(bytes + at, &part.number))
            return AMID_E_INVALID;
        at += NUMBER_BYTES;
        break;
    case KV_PART_FALSE:
    case KV_PART_TRUE:
        break;
    default:
        return AMID_E_INVALID;
    }
    *pos = at;
    *ret_part = part;
    return 1;
}

size_t kv_key_part_end(const uint8_t *bytes, size_t len, size_t pos)
{
    if (pos >= len)
        return len;
    uint8_t type = bytes[pos++];
    if (type == KV_PART_FALSE || type == KV_PART_TRUE)
        return pos;
    if (type == KV_PART_NUMBER)
        return len - pos < NUMBER_BYTES ? len : pos + NUMBER_BYTES;
    while (pos < len) {
        if (bytes[pos++] != 0)
            continue;
        if (pos == len || bytes[pos] != ESCAPED_NUL)
            return pos;
        pos++;
    }
    return len;
}

bool kv_key_is_valid(const uint8_t *bytes, size_t len)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    size_t count = 0;
    if (len > KV_KEY_MAX_BYTES)
        return false;
    int more = kv_key_next(bytes, len, &pos, &part, scratch);
    while (more > 0 && ++count <= KV_KEY_MAX_PARTS)
        more = kv_key_next(bytes, len, &pos, &part, scratch);
    return more == 0;
}

bool kv_key_starts_with(const uint8_t *bytes, size_t len, const char *first)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    if (kv_key_next(bytes, len, &pos, &part, scratch) <= 0)
        return false;
    return part.type == KV_PART_STRING && part.len == strlen(first) &&
           memcmp(part.bytes, first, part.len) == 0;
}

int kv_key_prefix_end(const struct kv_key *prefix, struct kv_key *ret_end)
{
    struct kv_key end = *prefix;
    if (end.len < KV_KEY_MAX_BYTES) {
        end.bytes[end.len++] = KV_PART_TRUE + 1;
        *ret_end = end;
        return 0;
    }
    /* Nothing longer than the prefix exists, so its successor of the same length will do. */
    while (end.len > 0 && end.bytes[end.len - 1] == 0xff)
        end.len--;
    if (end.len == 0)
        return AMID_E_INVALID;
    end.bytes[end.len - 1]++;
    *ret_end = end;
    return 0;
}

static void part_to_hex(const struct kv_part *part, struct buffer *out)
{
    char pair[3];
    for (size_t i = 0; i < part->len; i++) {
        id_hex(part->bytes + i, 1, pair);
        buffer_append(out, pair, 2);
    }
}

static void part_to_json(const struct kv_part *part, struct buffer *out)
{
    if (part->type == KV_PART_STRING) {
        json_append_string(out, (const char *)part->bytes, part->len);
    } else if (part->type == KV_PART_NUMBER) {
        json_append_number(out, part->number);
    } else if (part->type == KV_PART_BYTES) {
        buffer_append_str(out, "{\"bytes\":\"");
        part_to_hex(part, out);
        buffer_append_str(out, "\"}");
    } else {
        buffer_append_str(out, part->type == KV_PART_TRUE ? "true" : "false");
    }
}

int kv_key_to_json(const uint8_t *bytes, size_t len, struct buffer *out)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    int more;
    buffer_append_char(out, '[');
    for (size_t i = 0; (more = kv_key_next(bytes, len, &pos, &part, scratch)) > 0; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        part_to_json(&part, out);
    }
    buffer_append_char(out, ']');
    return more != 0 ? more : buffer_status(out);
}

static void part_to_channel(const struct kv_part *part, struct buffer *out)
{
    if (part->type == KV_PART_STRING)
        buffer_append(out, part->bytes, part->len);
    else if (part->type == KV_PART_BYTES)
        part_to_hex(part, out);
    else if (part->type == KV_PART_NUMBER && isinf(part->number))
        buffer_append_str(out, part->number < 0 ? "-Infinity" : "Infinity");
    else
        part_to_json(part, out);
}

int kv_key_to_channel(const uint8_t *bytes, size_t len, struct buffer *out)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t pos = 0;
    int more;
    for (size_t i = 0; (more = kv_key_next(bytes, len, &pos, &part, scratch)) > 0; i++) {
        if (i > 0)
            buffer_append_char(out, '.');
        part_to_channel(&part, out);
    }
    return more != 0 ? more : buffer_status(out);
}
