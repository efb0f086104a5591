/* Any bytes, in any pieces: the parser ends or asks for more, reads the same messages whatever the
 * pieces are, and what it accepts respects the limits. The first byte says how to cut. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/http/parser.h"
#include "supervisor/http/server.h"
#include "supervisor/http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    unsigned messages;
    int status;
    uint64_t hash; /* of targets and bodies */
};

static void mix(struct outcome *outcome, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        outcome->hash = (outcome->hash ^ (unsigned char)bytes[i]) * 1099511628211U;
}

static void check_head(const struct http_message *message)
{
    struct http_target target;
    const char *reason = NULL;
    if (message->header_count > HTTP_HEADERS_MAX || message->target_len > HTTP_TARGET_MAX_BYTES)
        abort();
    int status = http_message_check(message, &reason);
    if (status != 0 && !reason)
        abort();
    if (http_target_parse(message->text.data, message->target_len, &target) == 0) {
        if (target.path[0] != '/' && target.path[0] != '*')
            abort();
        http_target_free(&target);
    }
    http_token_is_listed(http_message_header(message, "connection"), "close");
}

static struct outcome run(const char *data, size_t size, size_t piece)
{
    struct outcome outcome = {0};
    struct http_parser parser;
    struct http_message message;
    size_t at = 0;
    bool more = true;

    http_message_init(&message);
    http_parser_init(&parser);
    http_parser_begin(&parser, &message);
    while (more) {
        size_t len = size - at < piece ? size - at : piece;
        size_t consumed = 0;
        enum http_parse result = http_parser_feed(&parser, data + at, len, &consumed);
        if (consumed > len)
            abort();
        at += consumed;
        more = at < size;
        switch (result) {
        case HTTP_PARSE_MORE:
            break;
        case HTTP_PARSE_HEAD:
            check_head(&message);
            more = true;
            break;
        case HTTP_PARSE_DONE:
            if (message.body.len > HTTP_BODY_MAX_BYTES)
                abort();
            outcome.messages++;
            mix(&outcome, message.text.data, message.target_len);
            mix(&outcome, message.body.data, message.body.len);
            http_message_free(&message);
            http_message_init(&message);
            http_parser_begin(&parser, &message);
            break;
        case HTTP_PARSE_FAILED:
            if (parser.status < 400 || !parser.reason)
                abort();
            outcome.status = parser.status;
            more = false;
            break;
        }
    }
    http_message_free(&message);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    struct outcome whole = run(text, size - 1, SIZE_MAX);
    struct outcome pieces = run(text, size - 1, (size_t)data[0] % 16 + 1);
    if (whole.messages != pieces.messages || whole.hash != pieces.hash ||
        (whole.status == 0) != (pieces.status == 0))
        abort();
    return 0;
}
