#include "supervisor/lifecycle/compile_answer.h"

#include <stdbool.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log_line.h"
#include "common/utf8.h"
#include "proto/message.h"
#include "proto/wire.h"

#define WARNINGS_MAX_BYTES (64 * 1024)
#define WARNINGS_MAX       1000
#define NEEDS_MAX_BYTES    (256 * 1024)
#define NEEDS_MAX          2000

static bool is_text(const char *text, size_t len)
{
    return text != NULL && utf8_is_valid(text, len) && memchr(text, 0, len) == NULL;
}

static bool is_line_table(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ',' && (text[i] < '0' || text[i] > '9'))
            return false;
    }
    return text != NULL;
}

static bool is_warning(const cJSON *warning)
{
    return cJSON_IsObject(warning) &&
           cJSON_IsString(cJSON_GetObjectItemCaseSensitive(warning, "message")) &&
           cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(warning, "line")) &&
           cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(warning, "column"));
}

static bool is_warning_list(const char *text, size_t len)
{
    struct json_fault fault;
    const cJSON *warning;
    cJSON *json;
    bool is_list;

    if (text == NULL || len > WARNINGS_MAX_BYTES || json_parse(text, len, &json, &fault) != 0)
        return false;
    is_list = cJSON_IsArray(json) && cJSON_GetArraySize(json) <= WARNINGS_MAX;
    cJSON_ArrayForEach(warning, json)
    {
        is_list = is_list && is_warning(warning);
    }
    cJSON_Delete(json);
    return is_list;
}

/* What a text asks of modules: "i" or "r" and a specifier each. */
static bool is_need_list(const char *text, size_t len)
{
    struct json_fault fault;
    const cJSON *need;
    cJSON *json;
    bool is_list;

    if (text == NULL || len > NEEDS_MAX_BYTES || json_parse(text, len, &json, &fault) != 0)
        return false;
    is_list = cJSON_IsArray(json) && cJSON_GetArraySize(json) <= NEEDS_MAX;
    cJSON_ArrayForEach(need, json)
    {
        is_list = is_list && cJSON_IsString(need) &&
                  (need->valuestring[0] == 'i' || need->valuestring[0] == 'r');
    }
    cJSON_Delete(json);
    return is_list;
}

static const char *get_text(struct wire_reader *reader, size_t *ret_len)
{
    return (const char *)wire_get_bytes(reader, PROTO_CODE_MAX, ret_len);
}

static int read_success(struct wire_reader *reader, struct cache_value *value)
{
    value->code = get_text(reader, &value->code_len);
    value->lines = get_text(reader, &value->lines_len);
    value->minified = get_text(reader, &value->minified_len);
    value->warnings = get_text(reader, &value->warnings_len);
    value->needs = get_text(reader, &value->needs_len);
    if (!wire_end(reader) || !is_text(value->code, value->code_len) ||
        !is_line_table(value->lines, value->lines_len) ||
        !is_text(value->minified, value->minified_len) ||
        !is_warning_list(value->warnings, value->warnings_len) ||
        !is_need_list(value->needs, value->needs_len))
        return AMID_E_PROTOCOL;
    return 0;
}

static int read_failure(struct wire_reader *reader, struct compile_answer *answer)
{
    struct buffer clean;
    const char *message;
    size_t len;

    message = get_text(reader, &len);
    answer->line = wire_get_u32(reader);
    answer->column = wire_get_u32(reader);
    if (!wire_end(reader) || !is_text(message, len))
        return AMID_E_PROTOCOL;
    len = utf8_cut(message, len, COMPILE_MESSAGE_MAX_BYTES / 4);
    buffer_init(&clean, 8 * COMPILE_MESSAGE_MAX_BYTES);
    log_line_escape(&clean, message, len);
    len = clean.data == NULL ? 0 : utf8_cut(clean.data, clean.len, COMPILE_MESSAGE_MAX_BYTES - 1);
    memcpy(answer->message, clean.data == NULL ? "" : clean.data, len);
    answer->message[len] = '\0';
    buffer_free(&clean);
    return 0;
}

int compile_answer_read(const uint8_t *payload, size_t len, struct compile_answer *ret_answer)
{
    struct wire_reader reader;
    uint8_t ok;

    *ret_answer = (struct compile_answer){0};
    wire_read(&reader, payload, len);
    ok = wire_get_u8(&reader);
    if (reader.failed || ok > 1)
        return AMID_E_PROTOCOL;
    ret_answer->ok = ok;
    return ok == 1 ? read_success(&reader, &ret_answer->value) : read_failure(&reader, ret_answer);
}
