#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"

static void answer_none(struct api_call *call, const char *sid, const char *message)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"workerId\":");
    view_append_text(&body, sid);
    buffer_append_str(&body, ",\"hasLeader\":false");
    view_append_member_text(&body, "message", message);
    buffer_append_char(&body, '}');
    api_call_answer(call, 200, &body);
}

static void answer_lease(struct api_call *call, const char *sid, const struct fleet_lease *lease,
                         int64_t now_ms)
{
    bool is_expired = lease->expires_ms <= now_ms;
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"workerId\":");
    view_append_text(&body, sid);
    buffer_printf(&body, ",\"hasLeader\":%s", is_expired ? "false" : "true");
    view_append_member_text(&body, "leader", lease->leader);
    view_append_member_int(&body, "timestamp", lease->elected_ms);
    view_append_member_int(&body, "expiresAt", lease->expires_ms);
    view_append_member_int(&body, "renewedAt", lease->renewed_ms);
    view_append_member_int(&body, "expiresIn", is_expired ? 0 : lease->expires_ms - now_ms);
    buffer_printf(&body, ",\"isExpired\":%s}", is_expired ? "true" : "false");
    api_call_answer(call, 200, &body);
}

void method_get_leader_info(struct api_call *call)
{
    const char *text = api_call_string(call, "workerId");
    char sid[ID_UUID_LEN + 1];
    if (!text || !api_sid_normalize(text, strlen(text), sid)) {
        api_call_refuse(call, 400, "Invalid workerId");
        return;
    }
    const struct registry_entry *entry = registry_find(call->api->needs.registry, sid);
    struct fleet_lease lease = {0};
    int64_t now_ms = clock_real_ms();
    if (!entry) {
        answer_none(call, sid, "Worker not found");
    } else if (!session_may(call->request, RIGHT_WORKER_READ, entry)) {
        session_refuse_call(call);
    } else if (entry->worker->execution != WORKER_LEADER) {
        answer_none(call, sid, "Worker does not run in leader mode");
    } else if (fleet_lease(call->api->needs.fleet, sid, &lease) != 0 || lease.expires_ms == 0 ||
               (!lease.held && lease.expires_ms > now_ms)) {
        /* A lease given up before its time leaves nobody in the lead. */
        answer_none(call, sid, "No leader elected yet");
    } else {
        answer_lease(call, sid, &lease, now_ms);
    }
}
