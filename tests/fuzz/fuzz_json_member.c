/* Holds: whatever the text is, a member that is found lies inside it, and where the text is an
 * object that cJSON reads, there is a member of that name. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/json_member.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct json_fault fault;
    struct json_span span;
    cJSON *json = NULL;
    double number;

    if (!json_member_find(text, size, "raw", &span))
        return 0;
    if (span.len == 0 || span.start >= size || span.len > size - span.start)
        abort();
    (void)json_span_number(text, &span, &number);
    if (json_parse(text, size, &json, &fault) == 0 &&
        cJSON_GetObjectItemCaseSensitive(json, "raw") == NULL)
        abort();
    cJSON_Delete(json);
    return 0;
}
