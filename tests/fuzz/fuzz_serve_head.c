/* Holds: whatever a runner gives for its answer's headers, what goes out is header lines alone:
 * each ends with the only CR LF in it, none is about framing, and no more than were announced. The
 * first byte is the count. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "supervisor/serve/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line, size_t len)
{
    static const char *const ours[] = {
        "connection:", "transfer-encoding:", "content-length:", "upgrade:"};
    const char *colon = memchr(line, ':', len);

    if (colon == NULL || colon == line || colon[1] != ' ')
        abort();
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)line[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            abort();
    }
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strncasecmp(line, ours[i], strlen(ours[i])) == 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct serve_head head;
    size_t lines = 0;

    if (size < 1 || serve_head_read((const char *)data + 1, size - 1, data[0], &head) != 0)
        return 0;
    for (size_t at = 0; at < head.lines.len; lines++) {
        const char *line = head.lines.data + at;
        const char *end = memmem(line, head.lines.len - at, "\r\n", 2);

        if (end == NULL)
            abort();
        check_line(line, (size_t)(end - line));
        at += (size_t)(end - line) + 2;
    }
    if (lines > data[0] || head.lines.len > SERVE_HEAD_MAX_BYTES)
        abort();
    serve_head_free(&head);
    return 0;
}
