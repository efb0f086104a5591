#include "common/module.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/id.h"
#include "common/utf8.h"

#define INTEGRITY_PREFIX "sha512-"
#define FILE_HASH_BYTES  16 /* of 64: enough to tell the few packages of a node apart */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '~';
}

static size_t part_len(const char *text)
{
    size_t len = 0;

    if (*text == '.' || *text == '_')
        return 0;
    while (is_name_char(text[len]))
        len++;
    return len;
}

size_t module_specifier_name(const char *specifier)
{
    size_t len, scope = 0;

    if (*specifier == '@') {
        scope = part_len(specifier + 1) + 1;
        if (scope == 1 || specifier[scope++] != '/')
            return 0;
    }
    len = part_len(specifier + scope);
    if (len == 0 || scope + len > MODULE_NAME_MAX_BYTES ||
        (specifier[scope + len] != '\0' && specifier[scope + len] != '/'))
        return 0;
    if (scope == 0 && len == strlen("node_modules") && strncmp(specifier, "node_modules", len) == 0)
        return 0;
    return scope + len;
}

bool module_name_is_valid(const char *name)
{
    size_t len = module_specifier_name(name);

    return len > 0 && name[len] == '\0';
}

bool module_path_is_valid(const char *path)
{
    size_t len = strlen(path);

    if (len == 0 || len > MODULE_PATH_MAX_BYTES || !utf8_is_valid(path, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f || path[i] == '\\')
            return false;
    }
    for (const char *part = path; part != NULL;) {
        size_t part_bytes = strcspn(part, "/");

        if (part_bytes == 0 || (part_bytes == 1 && part[0] == '.') ||
            (part_bytes == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        part = part[part_bytes] == '/' ? part + part_bytes + 1 : NULL;
    }
    return true;
}

bool module_is_built_in(const char *name)
{
    return strcmp(name, "gliesereum") == 0;
}

void module_integrity(const void *bytes, size_t len, char out[MODULE_INTEGRITY_BYTES])
{
    unsigned char hash[crypto_hash_sha512_BYTES];

    crypto_hash_sha512(hash, bytes, len);
    memcpy(out, INTEGRITY_PREFIX, sizeof(INTEGRITY_PREFIX));
    sodium_bin2base64(out + sizeof(INTEGRITY_PREFIX) - 1,
                      MODULE_INTEGRITY_BYTES - sizeof(INTEGRITY_PREFIX) + 1, hash, sizeof(hash),
                      sodium_base64_VARIANT_ORIGINAL);
}

bool module_file_name(const char *integrity, char out[MODULE_FILE_NAME_BYTES])
{
    unsigned char hash[crypto_hash_sha512_BYTES];
    char hex[2 * FILE_HASH_BYTES + 1];
    size_t len = 0;

    if (strncmp(integrity, INTEGRITY_PREFIX, sizeof(INTEGRITY_PREFIX) - 1) != 0)
        return false;
    integrity += sizeof(INTEGRITY_PREFIX) - 1;
    if (sodium_base642bin(hash, sizeof(hash), integrity, strlen(integrity), NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        len != sizeof(hash))
        return false;
    id_hex(hash, FILE_HASH_BYTES, hex);
    snprintf(out, MODULE_FILE_NAME_BYTES, "%s.json", hex);
    return true;
}
