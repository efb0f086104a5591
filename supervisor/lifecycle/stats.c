#include "supervisor/lifecycle/stats.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/utf8.h"

/* The largest integer every reader of JSON keeps exactly. */
#define COUNT_MAX ((uint64_t)1 << 53)

void stats_free(struct stats *stats)
{
    free(stats->last_error);
    stats->last_error = NULL;
}

static void add(uint64_t *total, uint64_t more)
{
    *total = more > COUNT_MAX - *total ? COUNT_MAX : *total + more;
}

void stats_process_begins(struct stats *stats)
{
    stats->seen_iterations = 0;
    stats->seen_ticks = 0;
    stats->heap_bytes = 0;
    add(&stats->instances, 1);
    stats->is_changed = true;
}

static void add_growth(uint64_t *total, uint64_t *seen, uint64_t value)
{
    if (value <= *seen)
        return;
    add(total, value - *seen);
    *seen = value;
}

void stats_sample(struct stats *stats, const struct status_reading *reading)
{
    uint64_t before = stats->executions + stats->ticks;

    add_growth(&stats->executions, &stats->seen_iterations, reading->iterations);
    add_growth(&stats->ticks, &stats->seen_ticks, reading->ticks);
    stats->heap_bytes = reading->heap_bytes;
    if (reading->last_run_ms > stats->last_run_ms)
        stats->last_run_ms = reading->last_run_ms;
    if (stats->executions + stats->ticks != before)
        stats->is_changed = true;
}

void stats_refused(struct stats *stats)
{
    add(&stats->frames_refused, 1);
    stats->is_changed = true;
}

void stats_cut_off(struct stats *stats)
{
    add(&stats->executions, 1);
    stats->is_changed = true;
}

void stats_error(struct stats *stats, enum policy_class class_of_error, const char *text)
{
    stats->is_changed = true;
    if (class_of_error == POLICY_CLASS_SKIP) {
        add(&stats->skipped_errors, 1);
        return;
    }
    add(&stats->errors, 1);
    add(class_of_error == POLICY_CLASS_NETWORK ? &stats->network_errors : &stats->critical_errors,
        1);
    free(stats->last_error);
    stats->last_error = strndup(text, utf8_cut(text, strlen(text), STATS_ERROR_TEXT_MAX_BYTES));
    stats->last_class = class_of_error;
}

static const struct {
    const char *name;
    size_t offset;
} counters[] = {
    {"executions", offsetof(struct stats, executions)},
    {"ticks", offsetof(struct stats, ticks)},
    {"errors", offsetof(struct stats, errors)},
    {"networkErrors", offsetof(struct stats, network_errors)},
    {"criticalErrors", offsetof(struct stats, critical_errors)},
    {"skippedErrors", offsetof(struct stats, skipped_errors)},
    {"framesRefused", offsetof(struct stats, frames_refused)},
    {"instances", offsetof(struct stats, instances)},
    {"lastRun", offsetof(struct stats, last_run_ms)},
};
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

void stats_to_json(const struct stats *stats, struct buffer *out)
{
    for (size_t i = 0; i < COUNTERS; i++) {
        uint64_t value;

        memcpy(&value, (const char *)stats + counters[i].offset, sizeof(value));
        buffer_printf(out, "%s\"%s\":%llu", i == 0 ? "{" : ",", counters[i].name,
                      (unsigned long long)value);
    }
    if (stats->last_error != NULL) {
        buffer_append_str(out, ",\"lastError\":");
        json_append_string(out, stats->last_error, strlen(stats->last_error));
        buffer_printf(out, ",\"lastErrorType\":\"%s\"", policy_class_name(stats->last_class));
    }
    buffer_append_char(out, '}');
}

int stats_from_json(struct stats *stats, const char *text, size_t len)
{
    struct json_fault fault;
    const cJSON *error;
    const cJSON *type;
    cJSON *json;

    if (json_parse(text, len, &json, &fault) != 0)
        return AMID_E_INVALID;
    for (size_t i = 0; i < COUNTERS; i++) {
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, counters[i].name);
        uint64_t value;

        if (!cJSON_IsNumber(member) || !(member->valuedouble >= 0) ||
            !(member->valuedouble <= (double)COUNT_MAX))
            continue;
        value = (uint64_t)member->valuedouble;
        memcpy((char *)stats + counters[i].offset, &value, sizeof(value));
    }
    error = cJSON_GetObjectItemCaseSensitive(json, "lastError");
    type = cJSON_GetObjectItemCaseSensitive(json, "lastErrorType");
    if (cJSON_IsString(error)) {
        free(stats->last_error);
        stats->last_error = strdup(error->valuestring);
        stats->last_class = cJSON_IsString(type) && strcmp(type->valuestring, "network") == 0
                                ? POLICY_CLASS_NETWORK
                                : POLICY_CLASS_CRITICAL;
    }
    cJSON_Delete(json);
    return 0;
}
