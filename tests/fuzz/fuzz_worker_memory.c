/* Holds: what an earlier amid wrote down about a worker (totals, outcome, lease) and a cached
 * compile are read whatever the bytes, and what was read can be written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/lifecycle/memory.h"
#include "supervisor/lifecycle/stats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void totals(const char *text, size_t len)
{
    struct stats stats = {0}, again = {0};
    struct buffer json;

    if (stats_from_json(&stats, text, len) == 0) {
        buffer_init(&json, 1 << 20);
        stats_to_json(&stats, &json);
        if (buffer_status(&json) != 0 || stats_from_json(&again, json.data, json.len) != 0 ||
            again.executions != stats.executions || again.errors != stats.errors)
            abort();
        buffer_free(&json);
    }
    stats_free(&stats);
    stats_free(&again);
}

static void outcome(const char *text, size_t len)
{
    struct memory memory = {.state = INSTANCE_INACTIVE}, again = {.state = INSTANCE_INACTIVE};
    struct buffer json;

    if (memory_from_json(&memory, text, len) == 0) {
        buffer_init(&json, 1 << 20);
        memory_to_json(&memory, &json);
        if (buffer_status(&json) != 0 || memory_from_json(&again, json.data, json.len) != 0 ||
            again.generation != memory.generation || again.state != memory.state)
            abort();
        buffer_free(&json);
    }
    memory_free(&memory);
    memory_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size > 8192)
        return 0;
    text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    totals(text, size);
    outcome(text, size);
    free(text);
    return 0;
}
