#include "supervisor/lifecycle/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/log.h"

#define LEASE_VALUE_MAX_BYTES 4096

/* A write under way; outlives the lease it speaks of. */
struct lease_write {
    struct lease *lease; /* NULL = detached */
    int64_t renewed_ms;
    bool is_release;
};

int lease_key(struct kv_key *key, const char *sid)
{
    return kv_key_of(key, "leader", "info", sid, NULL);
}

static void lease_to_json(const struct lease *lease, int64_t renewed_ms, int64_t expires_ms,
                          struct buffer *out)
{
    buffer_printf(out,
                  "{\"channel\":\"leader.info.%s\",\"module\":\"leader\",\"widget\":\"\","
                  "\"raw\":{\"nid\":",
                  lease->sid);
    json_append_string(out, lease->nid, strlen(lease->nid));
    buffer_append_str(out, ",\"leader\":");
    json_append_string(out, lease->nid, strlen(lease->nid));
    buffer_printf(out,
                  ",\"workerId\":\"%s\",\"timestamp\":%lld,\"renewedAt\":%lld,\"expiresAt\":%lld},"
                  "\"timestamp\":%lld}",
                  lease->sid, (long long)(lease->elected_ms == 0 ? renewed_ms : lease->elected_ms),
                  (long long)renewed_ms, (long long)expires_ms, (long long)renewed_ms);
}

static void lease_renewed(struct lease *lease, int64_t renewed_ms,
                          const struct kv_versionstamp *stamp)
{
    bool is_new = !lease->is_held;

    if (is_new) {
        lease->elected_ms = renewed_ms;
        lease->token = *stamp;
    }
    lease->is_held = true;
    lease->renewed_ms = renewed_ms;
    lease->expires_ms = renewed_ms + LEASE_TTL_MS;
    timer_start(&lease->renew, LEASE_RENEW_MS);
    if (is_new)
        lease->held(lease->arg);
}

static void lease_written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct lease_write *write = arg;
    struct lease *lease = write->lease;

    if (lease != NULL) {
        struct log_about about = {.event = "lease", .sid = lease->sid};

        lease->writing = NULL;
        if (error != 0) {
            log_warn(&about, "The lease record could not be written: %s", error_text(error));
            timer_start(&lease->renew, LEASE_RETRY_MS);
        } else if (write->is_release != lease->is_wanted) {
            if (!write->is_release)
                lease_renewed(lease, write->renewed_ms, stamp);
        } else {
            timer_start(&lease->renew, 0); /* the wish changed while this was written */
        }
    }
    free(write);
}

static int lease_commit(struct lease *lease, struct lease_write *write)
{
    int64_t expires_ms = write->is_release ? lease->expires_ms : write->renewed_ms + LEASE_TTL_MS;
    struct kv_atomic *atomic = kv_atomic_new();
    struct buffer value;
    struct kv_key key;
    int error;

    if (atomic == NULL)
        return AMID_E_NOMEM;
    buffer_init(&value, LEASE_VALUE_MAX_BYTES);
    lease_to_json(lease, write->renewed_ms, expires_ms, &value);
    error = buffer_status(&value);
    if (error == 0)
        error = lease_key(&key, lease->sid);
    if (error == 0)
        error = kv_atomic_set(atomic, &key, value.data, value.len, 0);
    if (error == 0)
        error = kv_commit(lease->kv, atomic, lease_written, write);
    else
        kv_atomic_free(atomic);
    buffer_free(&value);
    return error;
}

static void lease_write_down(void *arg)
{
    struct lease *lease = arg;
    struct lease_write *write;

    if (lease->writing != NULL)
        return;
    write = calloc(1, sizeof(*write));
    if (write != NULL) {
        /* Counted from before the write is sent (RULES 20). */
        *write = (struct lease_write){.lease = lease,
                                      .is_release = !lease->is_wanted,
                                      .renewed_ms =
                                          lease->is_wanted ? clock_real_ms() : lease->renewed_ms};
        if (lease_commit(lease, write) == 0) {
            lease->writing = write;
            return;
        }
        free(write);
    }
    timer_start(&lease->renew, LEASE_RETRY_MS);
}

void lease_init(struct lease *lease, const char *sid, const char *nid, struct timers *timers,
                void (*held)(void *arg), void *arg)
{
    *lease = (struct lease){.nid = nid, .held = held, .arg = arg};
    snprintf(lease->sid, sizeof(lease->sid), "%s", sid);
    timer_init(&lease->renew, timers, lease_write_down, lease);
}

void lease_take(struct lease *lease, struct kv *kv)
{
    if (lease->is_wanted)
        return;
    lease->is_wanted = true;
    lease->kv = kv;
    lease_write_down(lease);
}

void lease_release(struct lease *lease)
{
    if (!lease->is_wanted)
        return;
    lease->is_wanted = false;
    if (lease->is_held) {
        lease->is_held = false;
        lease->expires_ms = clock_real_ms();
    }
    lease_write_down(lease);
}

void lease_detach(struct lease *lease)
{
    timer_stop(&lease->renew);
    if (lease->writing != NULL)
        lease->writing->lease = NULL;
    lease->writing = NULL;
}

static int64_t time_member(const cJSON *raw, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(raw, name);

    if (!cJSON_IsNumber(member) || !(member->valuedouble >= 0) || !(member->valuedouble < 1e15))
        return 0;
    return (int64_t)member->valuedouble;
}

void lease_recall(struct lease *lease, const char *value, size_t len)
{
    struct json_fault fault;
    const cJSON *raw;
    cJSON *json;

    if (lease->is_wanted || json_parse(value, len, &json, &fault) != 0)
        return;
    raw = cJSON_GetObjectItemCaseSensitive(json, "raw");
    lease->elected_ms = time_member(raw, "timestamp");
    lease->renewed_ms = time_member(raw, "renewedAt");
    lease->expires_ms = time_member(raw, "expiresAt");
    cJSON_Delete(json);
}
