/* Any bytes: no crash, and what json_parse accepts prints and parses to the same text again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_fault fault = {0};
    cJSON *json = NULL, *again = NULL;
    struct buffer literal;
    const char *text = (const char *)data;
    int checked = json_check(text, size, true, &fault);
    int parsed = json_parse(text, size, &json, &fault);

    if (parsed == 0 && checked != 0)
        abort();
    if (parsed == 0) {
        char *first = cJSON_PrintUnformatted(json);
        if (!first || json_parse(first, strlen(first), &again, &fault) != 0)
            abort();
        char *second = cJSON_PrintUnformatted(again);
        if (!second || strcmp(first, second) != 0)
            abort();
        cJSON_free(first);
        cJSON_free(second);
        cJSON_Delete(again);
    } else if (!fault.reason || fault.offset > size) {
        abort();
    }
    cJSON_Delete(json);

    buffer_init(&literal, 8 * size + 16);
    json_append_string(&literal, text, size);
    if (buffer_status(&literal) != 0 || json_check(literal.data, literal.len, true, &fault) != 0)
        abort();
    buffer_free(&literal);
    return 0;
}
