#include "common/utf8.h"

size_t utf8_width(const char *text, size_t len)
{
    const unsigned char *byte = (const unsigned char *)text;
    unsigned char least = 0x80, most = 0xbf; /* bounds of the second byte */
    size_t width;
    if (len == 0)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    if (byte[0] >= 0xc2 && byte[0] <= 0xdf) {
        width = 2;
    } else if ((byte[0] & 0xf0) == 0xe0) {
        width = 3;
        if (byte[0] == 0xe0)
            least = 0xa0;
        if (byte[0] == 0xed)
            most = 0x9f;
    } else if (byte[0] >= 0xf0 && byte[0] <= 0xf4) {
        width = 4;
        if (byte[0] == 0xf0)
            least = 0x90;
        if (byte[0] == 0xf4)
            most = 0x8f;
    } else {
        return 0;
    }
    if (len < width || byte[1] < least || byte[1] > most)
        return 0;
    for (size_t i = 2; i < width; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    }
    return width;
}

uint32_t utf8_char(const char *text, size_t width)
{
    static const unsigned char lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)text[0] & lead_mask[width];
    for (size_t i = 1; i < width; i++)
        code = (code << 6) | ((unsigned char)text[i] & 0x3fU);
    return code;
}

bool utf8_is_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t width = utf8_width(text + i, len - i);
        if (width == 0)
            return false;
        i += width;
    }
    return true;
}

size_t utf8_cut(const char *text, size_t len, size_t max_bytes)
{
    if (len <= max_bytes)
        return len;
    size_t cut = max_bytes;
    while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}
