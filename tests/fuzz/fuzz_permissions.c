/* raw.permissions: a refusal says why; what is accepted reads back as it was written, and its
 * prefixes cover themselves and nothing that comes before them. */
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "supervisor/registry/permissions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_space(const struct permissions *permissions, bool is_net)
{
    const struct permission_prefix *prefixes;
    size_t count;

    if (!permissions_prefixes(permissions, is_net, &prefixes, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (!permissions_kv(permissions, is_net, prefixes[i].bytes, prefixes[i].len) ||
            !kv_key_is_valid(prefixes[i].bytes, prefixes[i].len))
            abort();
        if (i > 0 && permissions_kv(permissions, is_net, prefixes[i].bytes, 0))
            abort(); /* the empty prefix takes all others in */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct permissions *permissions = NULL;
    struct permissions *again = NULL;
    struct json_fault fault;
    char reason[256] = "";
    cJSON *json = NULL;

    if (json_parse((const char *)data, size, &json, &fault) != 0)
        return 0;
    if (permissions_parse(json, "raw", &permissions, reason, sizeof(reason)) != 0) {
        if (permissions != NULL || strncmp(reason, "raw.permissions", 15) != 0)
            abort();
        cJSON_Delete(json);
        return 0;
    }
    cJSON_Delete(json);
    check_space(permissions, true);
    check_space(permissions, false);
    (void)permissions_fetch(permissions, "www.example.com", 443);
    (void)permissions_fetch(permissions, "::1", 80);
    json = cJSON_Parse(permissions_json(permissions));
    if (json == NULL || permissions_parse(json, "raw", &again, reason, sizeof(reason)) != 0 ||
        strcmp(permissions_json(again), permissions_json(permissions)) != 0)
        abort();
    cJSON_Delete(json);
    permissions_unref(permissions);
    permissions_unref(again);
    return 0;
}
