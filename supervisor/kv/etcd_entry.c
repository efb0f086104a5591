#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/utf8.h"
#include "supervisor/kv/etcd_space_internal.h"

#define PIECE_BYTES 768 /* a whole number of base64's groups of three */

static void append_base64(struct buffer *out, const uint8_t *bytes, size_t len)
{
    char text[PIECE_BYTES / 3 * 4 + 1];

    while (len > 0) {
        size_t piece = len < PIECE_BYTES ? len : PIECE_BYTES;
        sodium_bin2base64(text, sizeof(text), bytes, piece, sodium_base64_VARIANT_ORIGINAL);
        buffer_append_str(out, text);
        bytes += piece;
        len -= piece;
    }
}

void etcd_body_bytes(struct buffer *out, const char *name, const void *bytes, size_t len)
{
    buffer_printf(out, "\"%s\":\"", name);
    append_base64(out, bytes, len);
    buffer_append_char(out, '"');
}

void etcd_body_key(struct buffer *out, const struct etcd_space *space, const char *name,
                   const uint8_t *key, size_t len)
{
    uint8_t raw[ETCD_RAW_KEY_MAX];

    memcpy(raw, space->prefix, space->prefix_len);
    if (len > 0)
        memcpy(raw + space->prefix_len, key, len);
    etcd_body_bytes(out, name, raw, space->prefix_len + len);
}

void etcd_body_int64(struct buffer *out, const char *name, int64_t number)
{
    buffer_printf(out, "\"%s\":\"%" PRId64 "\"", name, number);
}

static void put_big_endian(uint8_t *out, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; number >>= 8)
        out[i] = (uint8_t)number;
}

void etcd_stamp(const struct etcd_space *space, int64_t revision, struct kv_versionstamp *ret_stamp)
{
    put_big_endian(ret_stamp->bytes, space->epoch, 2);
    put_big_endian(ret_stamp->bytes + 2, (uint64_t)revision, 8);
}

int64_t etcd_stamp_revision(const struct etcd_space *space, const struct kv_versionstamp *stamp)
{
    uint64_t revision = 0;

    if ((stamp->bytes[0] << 8 | stamp->bytes[1]) != space->epoch)
        return -1;
    for (size_t i = 2; i < KV_VERSIONSTAMP_BYTES; i++)
        revision = revision << 8 | stamp->bytes[i];
    return revision == 0 || revision > INT64_MAX ? -1 : (int64_t)revision;
}

static int read_key(const struct etcd_space *space, const cJSON *kv, struct etcd_entry *entry)
{
    size_t len;
    int error = etcd_member_bytes(kv, "key", ETCD_RAW_KEY_MAX, &entry->raw_key, &len);

    if (error != 0)
        return error == AMID_E_TOO_LARGE ? AMID_E_CORRUPT : error;
    if (len <= space->prefix_len || memcmp(entry->raw_key, space->prefix, space->prefix_len) != 0)
        return AMID_E_PROTOCOL;
    entry->entry.key = entry->raw_key + space->prefix_len;
    entry->entry.key_len = len - space->prefix_len;
    bool is_ours = entry->entry.key_len <= KV_KEY_MAX_BYTES &&
                   kv_key_is_valid(entry->entry.key, entry->entry.key_len);
    return is_ours ? 0 : AMID_E_CORRUPT;
}

static int read_value(const cJSON *kv, struct etcd_entry *entry)
{
    size_t len;
    int error = etcd_member_bytes(kv, "value", KV_VALUE_MAX_BYTES, &entry->value, &len);

    if (error != 0)
        return error == AMID_E_TOO_LARGE ? AMID_E_CORRUPT : error;
    entry->entry.value = (const char *)entry->value;
    entry->entry.value_len = len;
    bool is_text =
        memchr(entry->value, '\0', len) == NULL && utf8_is_valid((const char *)entry->value, len);
    return is_text ? 0 : AMID_E_CORRUPT;
}

int etcd_entry_read(const struct etcd_space *space, const cJSON *kv, bool is_deletion,
                    struct etcd_entry *ret_entry)
{
    struct etcd_entry entry = {0};
    int error = etcd_member_int64(kv, "mod_revision", &entry.revision);

    if (error == 0 && entry.revision <= 0)
        error = AMID_E_PROTOCOL;
    if (error == 0)
        error = read_key(space, kv, &entry);
    if (error == 0 && !is_deletion)
        error = read_value(kv, &entry);
    if (error != 0) {
        ret_entry->revision = entry.revision;
        etcd_entry_free(&entry);
        return error;
    }
    etcd_stamp(space, entry.revision, &entry.entry.versionstamp);
    *ret_entry = entry;
    return 0;
}

void etcd_entry_free(struct etcd_entry *entry)
{
    free(entry->raw_key);
    free(entry->value);
    entry->raw_key = NULL;
    entry->value = NULL;
}
