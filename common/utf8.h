#ifndef AMID_COMMON_UTF8_H
#define AMID_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the well-formed UTF-8 sequence (1-4 bytes, no overlong form, no surrogate) that begins
 * at text; 0 if there is none within len bytes. */
size_t utf8_width(const char *text, size_t len);
/* The code point of a sequence whose width utf8_width told. */
uint32_t utf8_char(const char *text, size_t width);
bool utf8_is_valid(const char *text, size_t len);
/* The largest length <= max_bytes that does not split a character of a well-formed text. */
size_t utf8_cut(const char *text, size_t len, size_t max_bytes);

#endif
