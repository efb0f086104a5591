/* Heads of answers, lines cut at line feeds as curl does: limits hold, fields can be walked, names
 * are tokens in lower case and nothing holds what could break a line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/fetch/answer_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct answer_head *head)
{
    const char *at = NULL, *name, *value;
    unsigned count = 0;

    while (answer_head_next(head, &at, &name, &value)) {
        count++;
        if (*name == '\0' || strpbrk(name, " :\r\n\tABCXYZ") != NULL ||
            strpbrk(value, "\r\n") != NULL)
            abort();
    }
    if (count != head->count || count > ANSWER_HEADERS_MAX ||
        head->fields.len > ANSWER_HEAD_MAX_BYTES || strlen(head->reason) > ANSWER_REASON_MAX_BYTES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct answer_head head;
    int error = 0;

    answer_head_init(&head);
    while (size > 0 && error == 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end == NULL ? size : (size_t)(end - data) + 1;

        error = answer_head_line(&head, (const char *)data, len);
        data += len;
        size -= len;
    }
    if (error == 0)
        check(&head);
    answer_head_free(&head);
    return 0;
}
