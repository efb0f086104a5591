#include "supervisor/cluster/record.h"

#include <math.h>
#include <string.h>

#include "common/json.h"

#define LEASE_DIGITS 16

static void add_name(struct buffer *out, const char *name)
{
    bool is_first = out->len > 0 && out->data[out->len - 1] == '{';

    buffer_printf(out, "%s\"%s\":", is_first ? "" : ",", name);
}

void record_add_text(struct buffer *out, const char *name, const char *text)
{
    add_name(out, name);
    json_append_string(out, text, strlen(text));
}

void record_add_int(struct buffer *out, const char *name, int64_t number)
{
    add_name(out, name);
    json_append_int(out, number);
}

void record_add_lease(struct buffer *out, int64_t lease)
{
    add_name(out, "lease");
    buffer_printf(out, "\"%llx\"", (unsigned long long)lease);
}

bool record_text(const cJSON *json, const char *name, char *out, size_t size)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    if (!cJSON_IsString(member) || strlen(member->valuestring) >= size)
        return false;
    memcpy(out, member->valuestring, strlen(member->valuestring) + 1);
    return true;
}

bool record_int(const cJSON *json, const char *name, double most, int64_t *ret_number)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    if (!cJSON_IsNumber(member) || !(member->valuedouble >= 0 && member->valuedouble <= most) ||
        member->valuedouble != floor(member->valuedouble))
        return false;
    *ret_number = (int64_t)member->valuedouble;
    return true;
}

bool record_lease(const cJSON *json, int64_t *ret_lease)
{
    char text[LEASE_DIGITS + 1];
    uint64_t lease = 0;

    if (!record_text(json, "lease", text, sizeof(text)) || text[0] == '\0' || text[0] == '0' ||
        text[strspn(text, "0123456789abcdef")] != '\0')
        return false;
    for (const char *at = text; *at != '\0'; at++)
        lease = lease << 4 | (uint64_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    if (lease > INT64_MAX)
        return false;
    *ret_lease = (int64_t)lease;
    return true;
}
