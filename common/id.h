#ifndef AMID_COMMON_ID_H
#define AMID_COMMON_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_UUID_LEN 36 /* without the terminator */

/* A random (version 4) UUID in lower case; out must hold ID_UUID_LEN + 1 bytes. */
void id_uuid(char *out);
/* Accepts any version, lower or upper case, exactly ID_UUID_LEN characters. */
bool id_is_uuid(const char *text);
/* Lower-case hex of len bytes plus terminator: out must hold 2 * len + 1. */
void id_hex(const uint8_t *bytes, size_t len, char *out);
/* Parses exactly 2 * len hex digits. Returns 0 or AMID_E_INVALID. */
int id_unhex(const char *text, uint8_t *ret_bytes, size_t len);
/* For tables: FNV-1a of a text that no stranger chooses at will, such as a sid. */
uint32_t id_hash(const char *text);

#endif
