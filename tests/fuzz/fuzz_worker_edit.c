/* Bodies of setWorker and updateWorker: a refusal says why and leaves nothing behind; what is
 * accepted is a record that the registry can write and read. */
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "supervisor/registry/worker_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(int error, struct worker *worker, const char *reason)
{
    struct buffer value;
    struct worker *read = NULL;
    char why[128];
    if (error != 0) {
        if (worker != NULL || reason[0] == '\0')
            abort();
        return;
    }
    buffer_init(&value, 1 << 20);
    if (worker_to_value(worker, &value) != 0 ||
        worker_from_value(value.data, value.len, &read, why, sizeof(why)) != 0)
        abort();
    buffer_free(&value);
    worker_free(read);
    worker_free(worker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct worker *current = NULL;
    struct worker *worker = NULL;
    struct json_fault fault;
    const char *source = NULL;
    char reason[256] = "";
    cJSON *json = NULL;
    if (json_parse((const char *)data, size, &json, &fault) != 0)
        return 0;
    if (worker_edit_create(NULL, "s-0001", 1, &current, &source, reason, sizeof(reason)) != 0)
        abort();
    int error = worker_edit_create(json, "s-0001", 1, &worker, &source, reason, sizeof(reason));
    judge(error, worker, reason);
    worker = NULL;
    reason[0] = '\0';
    error = worker_edit_update(current, json, 2, &worker, &source, reason, sizeof(reason));
    judge(error, worker, reason);
    worker_free(current);
    cJSON_Delete(json);
    return 0;
}
