#include "supervisor/lifecycle/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/log_line.h"
#include "common/utf8.h"
#include "proto/message.h"
#include "proto/wire.h"

#define NAME_MAX_BYTES    96
#define MESSAGE_MAX_BYTES 480
#define ANCESTORS_MAX     16
#define ERROR_MAX_BYTES   16384
#define LINE_MAX_NUMBER   10000000

/* One line of foreign words, cut and made safe to show. */
static void shown(const char *text, size_t len, char *out, size_t size)
{
    struct buffer clean;

    buffer_init(&clean, 8 * size);
    log_line_escape(&clean, text, len < size ? len : utf8_cut(text, len, size - 1));
    len = clean.data == NULL ? 0 : utf8_cut(clean.data, clean.len, size - 1);
    memcpy(out, clean.data == NULL ? "" : clean.data, len);
    out[len] = '\0';
    buffer_free(&clean);
}

int words_hello_read(const uint8_t *payload, size_t len, struct words_hello *ret_hello)
{
    struct words_hello hello;
    struct wire_reader reader;
    size_t id_len;

    wire_read(&reader, payload, len);
    hello.version = wire_get_u32(&reader);
    hello.build_id = wire_get_bytes(&reader, WORDS_BUILD_ID_BYTES, &id_len);
    hello.confined = wire_get_u32(&reader);
    if (!wire_end(&reader) || id_len != WORDS_BUILD_ID_BYTES)
        return AMID_E_PROTOCOL;
    *ret_hello = hello;
    return 0;
}

static char *stack_copy(const char *stack, size_t len)
{
    if (stack == NULL || len == 0 || !utf8_is_valid(stack, len) || memchr(stack, 0, len) != NULL)
        return NULL;
    return strndup(stack, len);
}

int words_fatal_read(const uint8_t *payload, size_t len, struct words_fatal *ret_fatal)
{
    struct wire_reader reader;
    const char *text, *stack;
    size_t text_len, stack_len;
    uint32_t kind;

    wire_read(&reader, payload, len);
    kind = wire_get_u32(&reader);
    text = (const char *)wire_get_bytes(&reader, len, &text_len);
    stack = (const char *)wire_get_bytes(&reader, len, &stack_len);
    if (!wire_end(&reader) || kind >= PROTO_FATAL_MAX)
        return AMID_E_PROTOCOL;
    ret_fatal->kind = kind;
    shown(text, text_len, ret_fatal->text, sizeof(ret_fatal->text));
    ret_fatal->stack = stack_copy(stack, stack_len);
    return 0;
}

static const char *text_member(const cJSON *json, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);

    return cJSON_IsString(member) ? member->valuestring : NULL;
}

static enum policy_class classify(const cJSON *json, const char *name, const char *message)
{
    const char *ancestors[ANCESTORS_MAX];
    struct policy_error error = {.name = name, .message = message, .ancestors = ancestors};
    const cJSON *ancestor;

    cJSON_ArrayForEach(ancestor, cJSON_GetObjectItemCaseSensitive(json, "ancestors"))
    {
        if (cJSON_IsString(ancestor) && error.ancestor_count < ANCESTORS_MAX)
            ancestors[error.ancestor_count++] = ancestor->valuestring;
    }
    return policy_classify(&error);
}

static void describe(const cJSON *json, const char *name, const char *message, char *out,
                     size_t size)
{
    const cJSON *line = cJSON_GetObjectItemCaseSensitive(json, "line");
    char short_message[MESSAGE_MAX_BYTES];
    char short_name[NAME_MAX_BYTES];
    char where[32] = "";

    shown(name, strlen(name), short_name, sizeof(short_name));
    shown(message, strlen(message), short_message, sizeof(short_message));
    if (cJSON_IsNumber(line) && line->valuedouble >= 1 && line->valuedouble <= LINE_MAX_NUMBER)
        snprintf(where, sizeof(where), " (line %d)", line->valueint);
    snprintf(out, size, "%s%s%s%s", short_name, short_message[0] == '\0' ? "" : ": ", short_message,
             where);
}

int words_error_read(const uint8_t *payload, size_t len, struct words_error *ret_error)
{
    const char *name, *message, *stack;
    struct wire_reader reader;
    struct json_fault fault;
    const char *bytes;
    size_t bytes_len;
    cJSON *json;

    wire_read(&reader, payload, len);
    bytes = (const char *)wire_get_bytes(&reader, ERROR_MAX_BYTES, &bytes_len);
    if (!wire_end(&reader) || json_parse(bytes, bytes_len, &json, &fault) != 0)
        return AMID_E_PROTOCOL;
    name = text_member(json, "name");
    message = text_member(json, "message");
    if (name == NULL || message == NULL) {
        cJSON_Delete(json);
        return AMID_E_PROTOCOL;
    }
    ret_error->class_of_error = classify(json, name, message);
    describe(json, name, message, ret_error->text, sizeof(ret_error->text));
    stack = text_member(json, "stack");
    ret_error->stack = stack_copy(stack, stack == NULL ? 0 : strlen(stack));
    cJSON_Delete(json);
    return 0;
}
