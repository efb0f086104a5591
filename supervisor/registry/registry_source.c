#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/utf8.h"
#include "supervisor/registry/registry_internal.h"

#define ESCAPED_MAX_BYTES 6 /* one byte as \u00XX */

int source_key(const char *sid, struct kv_key *ret_key)
{
    return kv_key_of(ret_key, "ami", "source", sid, NULL);
}

static size_t escaped_bytes(const char *text)
{
    unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == 0x7f)
        return ESCAPED_MAX_BYTES;
    return c == '"' || c == '\\' || c == '/' ? 2 : 1;
}

/* How much of the text fits one value as a JSON string, without splitting a character. */
static size_t piece_len(const char *text, size_t len)
{
    size_t used = 2; /* the quotes */
    size_t end = 0;
    while (end < len) {
        size_t bytes = escaped_bytes(text + end);
        if (used + bytes > KV_VALUE_MAX_BYTES)
            return utf8_cut(text, len, end);
        used += bytes;
        end++;
    }
    return len;
}

static int piece_put(struct kv_atomic *atomic, const struct kv_key *key, const char *text,
                     size_t len)
{
    struct buffer value;
    buffer_init(&value, KV_VALUE_MAX_BYTES + 1);
    json_append_string(&value, text, len);
    int error = buffer_status(&value);
    if (error == 0)
        error = kv_atomic_set(atomic, key, value.data, value.len, 0);
    buffer_free(&value);
    return error;
}

int source_put(struct kv_atomic *atomic, const char *sid, const char *source, size_t len)
{
    size_t pos = 0;
    for (int n = 0; n < REGISTRY_PIECES_MAX; n++) {
        struct kv_key key;
        int error = source_key(sid, &key);
        if (error == 0)
            error = kv_key_add_number(&key, n);
        size_t piece = source == NULL ? 0 : piece_len(source + pos, len - pos);
        if (error == 0 && piece == 0)
            error = kv_atomic_delete(atomic, &key);
        else if (error == 0)
            error = piece_put(atomic, &key, source + pos, piece);
        if (error != 0)
            return error;
        pos += piece;
    }
    return source == NULL || pos == len ? 0 : AMID_E_TOO_LARGE;
}

static int piece_join(const struct kv_entry *entry, struct buffer *out)
{
    struct json_fault fault;
    cJSON *json = NULL;
    int error = json_parse(entry->value, entry->value_len, &json, &fault);
    if (error != 0 || !cJSON_IsString(json))
        error = AMID_E_CORRUPT;
    else
        buffer_append_str(out, json->valuestring);
    cJSON_Delete(json);
    return error;
}

int source_join(const struct kv_entry *entries, size_t count, char **ret_text, size_t *ret_len)
{
    struct buffer text;
    int error = 0;
    buffer_init(&text, (size_t)REGISTRY_PIECES_MAX * KV_VALUE_MAX_BYTES);
    for (size_t i = 0; i < count && error == 0; i++)
        error = piece_join(&entries[i], &text);
    if (error == 0)
        error = buffer_status(&text);
    if (error == 0 && count == 0)
        *ret_text = NULL;
    else if (error == 0)
        *ret_text = buffer_take(&text, ret_len);
    buffer_free(&text);
    return error;
}
