#include "supervisor/cluster/seat.h"

#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/cluster/record.h"

int seat_key(struct kv_key *key, const char *sid)
{
    return kv_key_of(key, "ami", "leader", sid, NULL);
}

int leader_info_key(struct kv_key *key, const char *sid)
{
    return kv_key_of(key, "leader", "info", sid, NULL);
}

void seat_to_json(const struct seat *seat, struct buffer *out)
{
    buffer_append_char(out, '{');
    record_add_text(out, "nid", seat->nid);
    record_add_text(out, "instance", seat->instance);
    record_add_lease(out, seat->lease);
    record_add_int(out, "elected", seat->elected_ms);
    record_add_int(out, "generation", (int64_t)seat->generation);
    buffer_append_char(out, '}');
}

int seat_from_json(const char *text, size_t len, struct seat *ret_seat)
{
    struct seat seat = {.elected_ms = 0};
    struct json_fault fault;
    int64_t generation;
    cJSON *json;
    bool is_good;

    if (len > SEAT_VALUE_MAX || json_parse(text, len, &json, &fault) != 0)
        return AMID_E_INVALID;
    is_good = record_text(json, "nid", seat.nid, sizeof(seat.nid)) && seat.nid[0] != '\0' &&
              record_text(json, "instance", seat.instance, sizeof(seat.instance)) &&
              record_lease(json, &seat.lease) &&
              record_int(json, "elected", RECORD_TIME_MOST, &seat.elected_ms) &&
              record_int(json, "generation", RECORD_INT_MOST, &generation);
    cJSON_Delete(json);
    if (!is_good)
        return AMID_E_INVALID;
    seat.generation = (uint64_t)generation;
    *ret_seat = seat;
    return 0;
}

void leader_info_to_json(const struct leader_info *info, const char *sid, struct buffer *out)
{
    buffer_printf(out,
                  "{\"channel\":\"leader.info.%s\",\"module\":\"leader\",\"widget\":\"\","
                  "\"raw\":{\"nid\":",
                  sid);
    json_append_string(out, info->leader, strlen(info->leader));
    buffer_append_str(out, ",\"leader\":");
    json_append_string(out, info->leader, strlen(info->leader));
    buffer_printf(out,
                  ",\"workerId\":\"%s\",\"timestamp\":%lld,\"renewedAt\":%lld,\"expiresAt\":%lld},"
                  "\"timestamp\":%lld}",
                  sid, (long long)info->elected_ms, (long long)info->renewed_ms,
                  (long long)info->expires_ms, (long long)info->renewed_ms);
}

int leader_info_from_json(const char *text, size_t len, struct leader_info *ret_info)
{
    struct leader_info info = {.elected_ms = 0};
    struct json_fault fault;
    const cJSON *raw;
    cJSON *json;
    bool is_good;

    if (len > SEAT_VALUE_MAX || json_parse(text, len, &json, &fault) != 0)
        return AMID_E_INVALID;
    raw = cJSON_GetObjectItemCaseSensitive(json, "raw");
    is_good = record_text(raw, "leader", info.leader, sizeof(info.leader)) &&
              record_int(raw, "timestamp", RECORD_TIME_MOST, &info.elected_ms) &&
              record_int(raw, "renewedAt", RECORD_TIME_MOST, &info.renewed_ms) &&
              record_int(raw, "expiresAt", RECORD_TIME_MOST, &info.expires_ms);
    cJSON_Delete(json);
    if (!is_good)
        return AMID_E_INVALID;
    *ret_info = info;
    return 0;
}
