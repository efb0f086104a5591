#include "runner/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/error.h"
#include "common/utf8.h"

#define SURROGATE_BYTES 3
#define PAIR_BYTES      6

/* U+FFFD */
static const uint8_t replacement[] = {0xef, 0xbf, 0xbd};

static bool is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

static void surrogate_write(uint8_t *out, uint32_t unit)
{
    out[0] = (uint8_t)(0xe0 | (unit >> 12));
    out[1] = (uint8_t)(0x80 | ((unit >> 6) & 0x3f));
    out[2] = (uint8_t)(0x80 | (unit & 0x3f));
}

/* One pass measures (out NULL), the next one writes. */
static size_t convert_in(const char *text, size_t len, uint8_t *out)
{
    size_t used = 0;

    for (size_t at = 0; at < len;) {
        size_t width = utf8_width(text + at, len - at);

        if (width == 0) {
            if (out != NULL)
                memcpy(out + used, replacement, sizeof(replacement));
            used += sizeof(replacement);
            at++;
            continue;
        }
        if (width == 4) {
            if (out != NULL) {
                uint32_t point = utf8_char(text + at, width) - 0x10000;

                surrogate_write(out + used, 0xd800 + (point >> 10));
                surrogate_write(out + used + SURROGATE_BYTES, 0xdc00 + (point & 0x3ff));
            }
            used += PAIR_BYTES;
        } else {
            if (out != NULL)
                memcpy(out + used, text + at, width);
            used += width;
        }
        at += width;
    }
    return used;
}

static bool is_plain(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] >= 0x80)
            return false;
    }
    return true;
}

void text_push(duk_context *ctx, const void *utf8, size_t len)
{
    size_t size;
    uint8_t *out;

    if (is_plain(utf8, len)) {
        duk_push_lstring(ctx, utf8, len);
        return;
    }
    size = convert_in(utf8, len, NULL);
    out = duk_push_fixed_buffer(ctx, size);
    convert_in(utf8, len, out);
    duk_buffer_to_string(ctx, -1);
}

/* The UTF-16 unit of a surrogate written as three bytes at text, or 0. */
static uint32_t surrogate_read(const uint8_t *text, size_t len)
{
    if (len < SURROGATE_BYTES || text[0] != 0xed || text[1] < 0xa0 || text[1] > 0xbf ||
        (text[2] & 0xc0) != 0x80)
        return 0;
    return 0xd000u | (uint32_t)(text[1] & 0x3f) << 6 | (text[2] & 0x3f);
}

static size_t put_lone(uint32_t unit, enum text_lone lone, struct buffer *out)
{
    if (lone == TEXT_LONE_ESCAPE)
        buffer_printf(out, "\\u%04x", unit);
    else
        buffer_append(out, replacement, sizeof(replacement));
    return SURROGATE_BYTES;
}

/* Appends what begins at text and returns how many bytes of it were used. */
static size_t put_odd(const uint8_t *text, size_t len, enum text_lone lone, struct buffer *out)
{
    uint32_t unit = surrogate_read(text, len);
    uint32_t next;
    uint8_t wide[4];
    uint32_t point;

    if (unit == 0) {
        buffer_append(out, replacement, sizeof(replacement));
        return 1;
    }
    if (!is_high(unit))
        return put_lone(unit, lone, out);
    next = surrogate_read(text + SURROGATE_BYTES, len - SURROGATE_BYTES);
    if (!is_low(next))
        return put_lone(unit, lone, out);
    point = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
    wide[0] = (uint8_t)(0xf0 | (point >> 18));
    wide[1] = (uint8_t)(0x80 | ((point >> 12) & 0x3f));
    wide[2] = (uint8_t)(0x80 | ((point >> 6) & 0x3f));
    wide[3] = (uint8_t)(0x80 | (point & 0x3f));
    buffer_append(out, wide, sizeof(wide));
    return PAIR_BYTES;
}

/* The longest prefix, at most max_bytes, that splits neither a character nor a surrogate pair. */
static size_t cut_at(const uint8_t *text, size_t len, size_t max_bytes)
{
    size_t cut = max_bytes;

    if (len <= max_bytes)
        return len;
    while (cut > 0 && (text[cut] & 0xc0) == 0x80)
        cut--;
    if (cut >= SURROGATE_BYTES &&
        is_high(surrogate_read(text + cut - SURROGATE_BYTES, SURROGATE_BYTES)))
        cut -= SURROGATE_BYTES;
    return cut;
}

static int get(duk_context *ctx, duk_idx_t idx, size_t max_bytes, enum text_lone lone,
               struct buffer *out)
{
    size_t len = 0;
    const char *text;
    size_t before = out->len;

    if (!duk_is_string(ctx, idx) || duk_is_symbol(ctx, idx))
        return AMID_E_INVALID;
    text = duk_get_lstring(ctx, idx, &len);
    len = cut_at((const uint8_t *)text, len, max_bytes);
    for (size_t at = 0, run = 0; at < len; run = at) {
        size_t width = 0;

        while (at < len && (width = utf8_width(text + at, len - at)) != 0)
            at += width;
        buffer_append(out, text + run, at - run);
        if (at < len) {
            width = put_odd((const uint8_t *)text + at, len - at, lone, out);
            if (lone == TEXT_LONE_REFUSE && width != PAIR_BYTES) {
                out->len = before;
                out->data[before] = '\0';
                return AMID_E_INVALID;
            }
            at += width;
        }
    }
    return buffer_status(out);
}

int text_get(duk_context *ctx, duk_idx_t idx, enum text_lone lone, struct buffer *out)
{
    return get(ctx, idx, SIZE_MAX, lone, out);
}

int text_get_cut(duk_context *ctx, duk_idx_t idx, size_t max_bytes, struct buffer *out)
{
    return get(ctx, idx, max_bytes, TEXT_LONE_REPLACE, out);
}
