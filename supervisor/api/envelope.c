#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/api/webfix.h"

#define WEBFIX_VERSION "1.0"

static void describe_fault(const struct json_fault *fault, char *reason, size_t size)
{
    if (fault->key[0])
        snprintf(reason, size, "Invalid WebFIX request structure: %s \"%s\" at byte %zu",
                 fault->reason, fault->key, fault->offset);
    else
        snprintf(reason, size, "Invalid WebFIX request structure: %s at byte %zu", fault->reason,
                 fault->offset);
}

int webfix_parse(const char *text, size_t len, struct webfix_envelope *ret_envelope,
                 char *ret_reason, size_t reason_size)
{
    struct webfix_envelope envelope = {0};
    struct json_fault fault;
    int error = json_parse(text, len, &envelope.json, &fault);
    if (error) {
        describe_fault(&fault, ret_reason, reason_size);
        return error;
    }
    const cJSON *method = cJSON_GetObjectItemCaseSensitive(envelope.json, "method");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(envelope.json, "webfix");
    if (!cJSON_IsObject(envelope.json) || !cJSON_IsString(method)) {
        snprintf(ret_reason, reason_size, "Invalid WebFIX request structure: %s",
                 cJSON_IsObject(envelope.json) ? "\"method\" must be a string"
                                               : "an object expected");
        cJSON_Delete(envelope.json);
        return AMID_E_INVALID;
    }
    envelope.method = method->valuestring;
    envelope.is_current =
        cJSON_IsString(version) && strcmp(version->valuestring, WEBFIX_VERSION) == 0;
    envelope.body = cJSON_GetObjectItemCaseSensitive(envelope.json, "body");
    if (cJSON_IsNull(envelope.body))
        envelope.body = NULL;
    *ret_envelope = envelope;
    return 0;
}

void webfix_append_fault(struct buffer *out, int code, const char *message)
{
    buffer_printf(out,
                  "{\"webfix\":\"" WEBFIX_VERSION "\",\"error\":{\"code\":%d,\"message\":", code);
    json_append_string(out, message, strlen(message));
    buffer_append_str(out, "}}");
}
