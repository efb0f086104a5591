/* Holds: whatever a script logs, what stderr gets is one line of UTF-8 without control characters.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log_line.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_record record = {.level = LOG_LEVEL_INFO, .text = (const char *)data};
    struct buffer out;

    if (size > LOG_TEXT_MAX_BYTES)
        return 0;
    record.text_len = size;
    buffer_init(&out, LOG_LINE_MAX_BYTES);
    log_line_format(&out, &record);
    if (buffer_status(&out) != 0 || !utf8_is_valid(out.data, out.len))
        abort();
    for (size_t i = 0; i + 1 < out.len; i++) {
        if ((unsigned char)out.data[i] < 0x20 || out.data[i] == 0x7f)
            abort();
    }
    if (out.data[out.len - 1] != '\n')
        abort();
    buffer_free(&out);
    return 0;
}
