#include "ctl/audit_page.h"

#include <string.h>

#include "common/id.h"

#define NUMBER_MAX 9007199254740991.0 /* what a double counts exactly */

const char *audit_page_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static bool number_of(const cJSON *object, const char *name, uint64_t *ret_number)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= NUMBER_MAX))
        return false;
    *ret_number = (uint64_t)item->valuedouble;
    return true;
}

static bool read_hex(const cJSON *object, const char *name, uint8_t *out, size_t len)
{
    const char *text = audit_page_text(object, name);
    return strlen(text) == 2 * len && id_unhex(text, out, len) == 0;
}

bool audit_page_end(const cJSON *answer, const char *name, struct chain_end *ret_end)
{
    const cJSON *end = cJSON_GetObjectItemCaseSensitive(answer, name);
    return number_of(end, "seq", &ret_end->seq) &&
           read_hex(end, "hash", ret_end->hash, CHAIN_HASH_BYTES);
}

bool audit_page_row(const cJSON *json, struct chain_row *ret_row)
{
    uint64_t real_ms;
    if (!number_of(json, "seq", &ret_row->seq) || !number_of(json, "time", &real_ms) ||
        !read_hex(json, "stamp", ret_row->stamp, CHAIN_STAMP_BYTES) ||
        !read_hex(json, "hash", ret_row->hash, CHAIN_HASH_BYTES))
        return false;
    ret_row->real_ms = (int64_t)real_ms;
    ret_row->text = audit_page_text(json, "text");
    ret_row->text_len = strlen(ret_row->text);
    return true;
}
