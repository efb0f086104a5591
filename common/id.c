#include "common/id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/error.h"

static const char hex_digits[] = "0123456789abcdef";

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_dash_place(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void id_uuid(char *out)
{
    uint8_t bytes[16];
    size_t at = 0;

    /* Up to 256 bytes are never interrupted; without the kernel's generator nothing here is safe to
     * go on with. */
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        abort();
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (is_dash_place(at))
            out[at++] = '-';
        out[at++] = hex_digits[bytes[i] >> 4];
        out[at++] = hex_digits[bytes[i] & 0x0f];
    }
    out[at] = '\0';
}

bool id_is_uuid(const char *text)
{
    if (strnlen(text, ID_UUID_LEN + 1) != ID_UUID_LEN)
        return false;
    for (size_t i = 0; i < ID_UUID_LEN; i++) {
        if (is_dash_place(i) ? text[i] != '-' : hex_value(text[i]) < 0)
            return false;
    }
    return true;
}

void id_hex(const uint8_t *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex_digits[bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[bytes[i] & 0x0f];
    }
    out[2 * len] = '\0';
}

int id_unhex(const char *text, uint8_t *ret_bytes, size_t len)
{
    if (strnlen(text, 2 * len + 1) != 2 * len)
        return AMID_E_INVALID;
    for (size_t i = 0; i < 2 * len; i++) {
        if (hex_value(text[i]) < 0)
            return AMID_E_INVALID;
    }
    for (size_t i = 0; i < len; i++)
        ret_bytes[i] = (uint8_t)(hex_value(text[2 * i]) * 16 + hex_value(text[2 * i + 1]));
    return 0;
}

uint32_t id_hash(const char *text)
{
    uint32_t hash = 2166136261u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return hash;
}
