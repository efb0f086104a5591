#include "supervisor/cluster/member.h"

#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/cluster/record.h"

void member_to_json(const struct member *member, struct buffer *out)
{
    char settled[KV_VERSIONSTAMP_HEX + 1];

    kv_versionstamp_to_hex(&member->settled, settled);
    buffer_append_char(out, '{');
    record_add_text(out, "nid", member->nid);
    record_add_text(out, "instance", member->instance);
    record_add_lease(out, member->lease);
    record_add_text(out, "address", member->address);
    record_add_text(out, "version", member->version);
    record_add_int(out, "started", member->started_ms);
    record_add_int(out, "heartbeat", member->heartbeat_ms);
    record_add_int(out, "running", member->running);
    record_add_int(out, "limit", member->limit);
    record_add_text(out, "settled", settled);
    buffer_append_char(out, '}');
}

static bool take_all(const cJSON *json, struct member *member)
{
    char settled[KV_VERSIONSTAMP_HEX + 1];
    int64_t running, limit;

    if (!record_text(json, "nid", member->nid, sizeof(member->nid)) ||
        !record_text(json, "instance", member->instance, sizeof(member->instance)) ||
        !id_is_uuid(member->instance) || !record_lease(json, &member->lease) ||
        !record_text(json, "address", member->address, sizeof(member->address)) ||
        !record_text(json, "version", member->version, sizeof(member->version)) ||
        !record_int(json, "started", RECORD_TIME_MOST, &member->started_ms) ||
        !record_int(json, "heartbeat", RECORD_TIME_MOST, &member->heartbeat_ms) ||
        !record_int(json, "running", UINT32_MAX, &running) ||
        !record_int(json, "limit", UINT32_MAX, &limit) ||
        !record_text(json, "settled", settled, sizeof(settled)) ||
        kv_versionstamp_from_hex(settled, &member->settled) != 0)
        return false;
    member->running = (uint32_t)running;
    member->limit = (uint32_t)limit;
    return true;
}

int member_from_json(const char *text, size_t len, const char *nid, struct member *ret_member)
{
    struct member member = {.lease = 0};
    struct json_fault fault;
    cJSON *json;
    bool is_good;

    if (len > MEMBER_VALUE_MAX || json_parse(text, len, &json, &fault) != 0)
        return AMID_E_INVALID;
    is_good = take_all(json, &member) && strcmp(member.nid, nid) == 0;
    cJSON_Delete(json);
    if (!is_good)
        return AMID_E_INVALID;
    *ret_member = member;
    return 0;
}
