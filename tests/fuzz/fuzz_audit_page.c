/* Any JSON as an answer of /api/audit, as amictl audit --verify reads it: every row is followed or
 * the chain is broken, and nothing else happens. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "ctl/audit_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chain_end at = {.seq = 0}, head;
    cJSON *json = NULL;
    const cJSON *item;

    if (json_parse((const char *)data, size, &json, NULL) != 0)
        return 0;
    if (audit_page_end(json, "trimmed", &at) && audit_page_end(json, "head", &head)) {
        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "rows"))
        {
            struct chain_row row = {.seq = 0};
            uint64_t before = at.seq;

            if (!audit_page_row(item, &row) || chain_follow(&at, &row) != CHAIN_OK)
                break;
            if (at.seq != before + 1 || row.text_len != strlen(row.text))
                abort();
            cJSON *said = cJSON_Parse(row.text);
            (void)audit_page_text(said, "event");
            cJSON_Delete(said);
        }
    }
    cJSON_Delete(json);
    return 0;
}
