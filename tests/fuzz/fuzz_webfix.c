/* Any bytes: an envelope is taken apart or refused with a sentence; a fault is valid JSON. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "supervisor/api/webfix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct webfix_envelope envelope = {0};
    struct json_fault fault;
    struct buffer out;
    char reason[256] = "";
    int error = webfix_parse((const char *)data, size, &envelope, reason, sizeof reason);
    if (error == 0) {
        if (!cJSON_IsObject(envelope.json) || !envelope.method || cJSON_IsNull(envelope.body))
            abort();
        strcpy(reason, "none");
        cJSON_Delete(envelope.json);
    }
    if (reason[0] == '\0')
        abort();
    buffer_init(&out, 8192);
    webfix_append_fault(&out, 400, reason);
    if (buffer_status(&out) != 0 || json_check(out.data, out.len, true, &fault) != 0)
        abort();
    buffer_free(&out);
    return 0;
}
