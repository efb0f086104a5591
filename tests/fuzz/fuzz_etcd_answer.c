/* What an etcd server, or whoever stands in its place, sends: taken apart into messages however it
 * is cut into pieces, judged, and its numbers and bytes read. The first byte says how it is cut. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "supervisor/etcd/answer.h"
#include "supervisor/etcd/messages.h"

#define HELD_MAX_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_members(const cJSON *object)
{
    static const char *const numbers[] = {"mod_revision", "ID", "TTL", "revision", "code"};
    static const char *const texts[] = {"key", "value"};
    int64_t number;
    uint8_t *bytes;
    size_t len;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)etcd_member_int64(object, numbers[i], &number);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (etcd_member_bytes(object, texts[i], 64, &bytes, &len) != 0)
            continue;
        if (len > 64 || bytes[len] != '\0')
            abort();
        free(bytes);
    }
    if (etcd_header_revision(object) < 0)
        abort();
}

static void judge(const char *text, size_t len)
{
    enum etcd_verdict verdict;
    struct json_fault fault;
    const char *why;
    char printable[32];
    cJSON *json;

    if (json_parse(text, len, &json, &fault) != 0)
        return;
    for (int kind = ETCD_READ; kind <= ETCD_WRITE; kind++) {
        for (long status = 200; status <= 500; status += 300) {
            int error = etcd_answer_judge(status, json, (enum etcd_kind)kind, &verdict, &why);
            if (verdict >= ETCD_VERDICT_MAX || (error == 0 && verdict != ETCD_VERDICT_FINAL))
                abort();
            etcd_fault_copy(printable, sizeof(printable), why);
        }
    }
    read_members(json);
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(json, "result");
    read_members(result);
    const cJSON *events = cJSON_GetObjectItemCaseSensitive(result, "events");
    for (const cJSON *event = cJSON_IsArray(events) ? events->child : NULL; event != NULL;
         event = event->next)
        read_members(cJSON_GetObjectItemCaseSensitive(event, "kv"));
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct messages messages;
    const char *text;
    size_t len;
    int error = 0;

    if (size == 0)
        return 0;
    judge((const char *)data + 1, size - 1);
    messages_init(&messages, HELD_MAX_BYTES);
    for (size_t at = 1, piece = data[0] % 64 + 1; at < size && error >= 0; at += piece) {
        error =
            messages_add(&messages, (const char *)data + at, piece < size - at ? piece : size - at);
        while (error >= 0 && (error = messages_next(&messages, &text, &len)) == 1) {
            if (len < 2 || text[0] != '{' || text[len - 1] != '}')
                abort();
            judge(text, len);
        }
    }
    messages_free(&messages);
    return 0;
}
