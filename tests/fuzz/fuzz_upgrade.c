/* A server's answer to the opening handshake: whatever it is, reading it ends, and only consent
 * passes, with a protocol that was offered. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/fetch/upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *key = "dGhlIHNhbXBsZSBub25jZQ==", *protocol = NULL;
    struct answer_head head;
    size_t used;

    answer_head_init(&head);
    if (upgrade_read_head((const char *)data, size, &head, &used) == 0 && used > 0) {
        if (used > size || used > UPGRADE_HEAD_MAX_BYTES)
            abort();
        if (upgrade_fault(&head, key, "chat, superchat", &protocol) == NULL &&
            (head.status != 101 || protocol == NULL ||
             (*protocol != '\0' && strcmp(protocol, "chat") != 0 &&
              strcmp(protocol, "superchat") != 0)))
            abort();
    }
    answer_head_free(&head);
    return 0;
}
