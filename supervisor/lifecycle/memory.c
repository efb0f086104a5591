#include "supervisor/lifecycle/memory.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"

void memory_free(struct memory *memory)
{
    free(memory->reason);
    *memory = (struct memory){.state = INSTANCE_INACTIVE};
}

bool memory_forbids(const struct memory *memory, uint64_t generation)
{
    return (memory->state == INSTANCE_COMPLETED || memory->state == INSTANCE_FAILED) &&
           memory->generation == generation;
}

int memory_set(struct memory *memory, enum instance_state state, uint64_t generation,
               const char *reason, int64_t at_ms)
{
    char *copy = strdup(reason);

    if (copy == NULL)
        return AMID_E_NOMEM;
    free(memory->reason);
    *memory =
        (struct memory){.generation = generation, .state = state, .at_ms = at_ms, .reason = copy};
    return 0;
}

void memory_to_json(const struct memory *memory, struct buffer *out)
{
    const char *reason = memory->reason == NULL ? "" : memory->reason;

    buffer_printf(out, "{\"generation\":%llu,\"state\":\"%s\",\"at\":%lld,\"reason\":",
                  (unsigned long long)memory->generation, instance_state_name(memory->state),
                  (long long)memory->at_ms);
    json_append_string(out, reason, strlen(reason));
    buffer_append_char(out, '}');
}

static bool is_count(const cJSON *member)
{
    return cJSON_IsNumber(member) && member->valuedouble >= 0 &&
           member->valuedouble <= (double)((uint64_t)1 << 53);
}

int memory_from_json(struct memory *memory, const char *text, size_t len)
{
    const cJSON *generation, *state, *at, *reason;
    enum instance_state found;
    struct json_fault fault;
    int error = AMID_E_INVALID;
    cJSON *json;

    if (json_parse(text, len, &json, &fault) != 0)
        return AMID_E_INVALID;
    generation = cJSON_GetObjectItemCaseSensitive(json, "generation");
    state = cJSON_GetObjectItemCaseSensitive(json, "state");
    at = cJSON_GetObjectItemCaseSensitive(json, "at");
    reason = cJSON_GetObjectItemCaseSensitive(json, "reason");
    if (!is_count(generation) || !is_count(at) || !cJSON_IsString(state))
        goto cleanup;
    found = strcmp(state->valuestring, "completed") == 0 ? INSTANCE_COMPLETED : INSTANCE_FAILED;
    if (strcmp(state->valuestring, instance_state_name(found)) != 0)
        goto cleanup;
    error = memory_set(memory, found, (uint64_t)generation->valuedouble,
                       cJSON_IsString(reason) ? reason->valuestring : "", (int64_t)at->valuedouble);
cleanup:
    cJSON_Delete(json);
    return error;
}
