/* Any bytes, in pieces of two sizes: the same events come of both, a message keeps to its limit,
 * text is UTF-8, and every code is one that may be told. The first byte says which side and how to
 * cut. */
#include <stdint.h>
#include <stdlib.h>

#include "common/utf8.h"
#include "supervisor/http/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE_MAX_BYTES 300

static void check(const struct websocket_parser *parser, enum websocket_event event)
{
    if (parser->message.len > MESSAGE_MAX_BYTES ||
        parser->control_len > WEBSOCKET_CONTROL_MAX_BYTES)
        abort();
    if (event == WEBSOCKET_EVENT_MESSAGE && parser->is_text &&
        !utf8_is_valid(parser->message.data, parser->message.len))
        abort();
    if (event == WEBSOCKET_EVENT_CLOSE && parser->code != WEBSOCKET_CODE_NONE &&
        !websocket_code_is_valid(parser->code))
        abort();
    if (event == WEBSOCKET_EVENT_FAILED && parser->fault == NULL)
        abort();
}

static uint64_t run(const uint8_t *data, size_t size, bool expects_mask, size_t piece)
{
    struct websocket_parser parser;
    uint64_t hash = 14695981039346656037U;
    enum websocket_event event = WEBSOCKET_EVENT_MORE;

    websocket_parser_init(&parser, expects_mask, MESSAGE_MAX_BYTES);
    for (size_t at = 0; at < size && event != WEBSOCKET_EVENT_FAILED;) {
        size_t len = size - at < piece ? size - at : piece, used;

        event = websocket_parser_feed(&parser, data + at, len, &used);
        if (used > len || (used == 0 && event == WEBSOCKET_EVENT_MORE))
            abort();
        at += used;
        check(&parser, event);
        if (event != WEBSOCKET_EVENT_MORE)
            hash = (hash ^ (uint64_t)event ^ parser.message.len << 8) * 1099511628211U;
    }
    websocket_parser_free(&parser);
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool expects_mask;
    size_t piece;

    if (size == 0)
        return 0;
    expects_mask = (data[0] & 1) != 0;
    piece = (size_t)(data[0] >> 1) + 1;
    if (run(data + 1, size - 1, expects_mask, piece) !=
        run(data + 1, size - 1, expects_mask, SIZE_MAX))
        abort();
    return 0;
}
