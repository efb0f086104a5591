/* Worker records as another node may have written them: what is accepted can be written and read
 * again and is then the same. */
#include <stdlib.h>
#include <string.h>

#include "supervisor/registry/worker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct worker *worker = NULL;
    struct worker *again = NULL;
    struct buffer first;
    struct buffer second;
    char reason[64];
    if (worker_from_value((const char *)data, size, &worker, reason, sizeof(reason)) != 0)
        return 0;
    buffer_init(&first, 1 << 20);
    buffer_init(&second, 1 << 20);
    if (worker_to_value(worker, &first) != 0 ||
        worker_from_value(first.data, first.len, &again, reason, sizeof(reason)) != 0 ||
        worker_to_value(again, &second) != 0 || strcmp(first.data, second.data) != 0)
        abort();
    buffer_free(&first);
    buffer_free(&second);
    worker_free(again);
    worker_free(worker);
    return 0;
}
