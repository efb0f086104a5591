#include "supervisor/http/websocket.h"

#include <string.h>

#include "common/error.h"
#include "common/utf8.h"

#define BIT_FINAL     0x80
#define BITS_RESERVED 0x70
#define BITS_OPCODE   0x0f
#define BIT_MASKED    0x80
#define BITS_LENGTH   0x7f
#define LENGTH_16     126
#define LENGTH_64     127

void websocket_parser_init(struct websocket_parser *parser, bool expects_mask,
                           size_t message_max_bytes)
{
    *parser = (struct websocket_parser){.expects_mask = expects_mask};
    buffer_init(&parser->message, message_max_bytes);
}

void websocket_parser_free(struct websocket_parser *parser)
{
    buffer_free(&parser->message);
}

static enum websocket_event fail(struct websocket_parser *parser, uint16_t code, const char *fault)
{
    parser->has_failed = true;
    parser->code = code;
    parser->fault = fault;
    return WEBSOCKET_EVENT_FAILED;
}

static enum websocket_opcode opcode_of(const struct websocket_parser *parser)
{
    return (enum websocket_opcode)(parser->header[0] & BITS_OPCODE);
}

static bool is_control(enum websocket_opcode opcode)
{
    return opcode >= WEBSOCKET_CLOSE;
}

static bool is_final(const struct websocket_parser *parser)
{
    return (parser->header[0] & BIT_FINAL) != 0;
}

static size_t header_size(const struct websocket_parser *parser)
{
    size_t length = parser->header[1] & BITS_LENGTH;
    size_t size = 2 + (length == LENGTH_16 ? 2U : length == LENGTH_64 ? 8U : 0U);

    return size + ((parser->header[1] & BIT_MASKED) != 0 ? 4U : 0U);
}

static const uint8_t *mask_of(const struct websocket_parser *parser)
{
    return parser->header + header_size(parser) - 4;
}

/* The length, which must be written as shortly as it can. False if it is not. */
static bool read_length(const struct websocket_parser *parser, uint64_t *ret_length)
{
    uint64_t length = parser->header[1] & BITS_LENGTH, least = 0;
    size_t bytes = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;

    if (bytes > 0) {
        least = bytes == 2 ? LENGTH_16 : UINT64_C(0x10000);
        length = 0;
        for (size_t i = 0; i < bytes; i++)
            length = length << 8 | parser->header[2 + i];
    }
    *ret_length = length;
    return length >= least && length >> 63 == 0;
}

/* What a header says, against the message under way. NULL, or what is wrong. */
static const char *check_header(const struct websocket_parser *parser, uint64_t length)
{
    enum websocket_opcode opcode = opcode_of(parser);

    if ((parser->header[0] & BITS_RESERVED) != 0)
        return "a frame uses an extension that was not agreed on";
    if (((parser->header[1] & BIT_MASKED) != 0) != parser->expects_mask)
        return parser->expects_mask ? "a frame is not masked" : "a frame is masked";
    switch (opcode) {
    case WEBSOCKET_TEXT:
    case WEBSOCKET_BINARY:
        return parser->is_in_message ? "a message begins within another" : NULL;
    case WEBSOCKET_CONTINUATION:
        return parser->is_in_message ? NULL : "a message goes on that has not begun";
    case WEBSOCKET_CLOSE:
    case WEBSOCKET_PING:
    case WEBSOCKET_PONG:
        return is_final(parser) && length <= WEBSOCKET_CONTROL_MAX_BYTES
                   ? NULL
                   : "a control frame is fragmented or too long";
    default:
        return "a frame is of an unknown kind";
    }
}

static enum websocket_event begin_frame(struct websocket_parser *parser)
{
    enum websocket_opcode opcode = opcode_of(parser);
    uint64_t length;
    const char *fault;

    if (!read_length(parser, &length))
        return fail(parser, WEBSOCKET_CODE_PROTOCOL, "a frame has a malformed length");
    fault = check_header(parser, length);
    if (fault != NULL)
        return fail(parser, WEBSOCKET_CODE_PROTOCOL, fault);
    parser->has_header = true;
    parser->payload_left = length;
    parser->payload_at = 0;
    if (is_control(opcode)) {
        parser->control_len = 0;
        return WEBSOCKET_EVENT_MORE;
    }
    if (opcode != WEBSOCKET_CONTINUATION) {
        parser->is_text = opcode == WEBSOCKET_TEXT;
        parser->is_in_message = true;
    }
    if (length > parser->message.max_bytes - parser->message.len)
        return fail(parser, WEBSOCKET_CODE_TOO_LARGE, "a message is too long");
    return WEBSOCKET_EVENT_MORE;
}

static void take_payload(struct websocket_parser *parser, const uint8_t *data, size_t len)
{
    uint8_t *to;

    if (is_control(opcode_of(parser))) {
        memcpy(parser->control + parser->control_len, data, len);
        to = parser->control + parser->control_len;
        parser->control_len += len;
    } else {
        buffer_append(&parser->message, data, len);
        if (parser->message.failed)
            return;
        to = (uint8_t *)parser->message.data + parser->message.len - len;
    }
    if (parser->expects_mask) {
        const uint8_t *mask = mask_of(parser);

        for (size_t i = 0; i < len; i++)
            to[i] ^= mask[(parser->payload_at + i) % 4];
    }
}

bool websocket_code_is_valid(unsigned code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != WEBSOCKET_CODE_NONE &&
            code != WEBSOCKET_CODE_ABNORMAL) ||
           (code >= 3000 && code <= 4999);
}

/* Leaves the reason alone in control. */
static enum websocket_event end_close(struct websocket_parser *parser)
{
    size_t len = parser->control_len;

    parser->code = WEBSOCKET_CODE_NONE;
    if (len == 1)
        return fail(parser, WEBSOCKET_CODE_PROTOCOL, "a close frame has half a code");
    if (len >= 2) {
        parser->code = (uint16_t)(parser->control[0] << 8 | parser->control[1]);
        if (!websocket_code_is_valid(parser->code))
            return fail(parser, WEBSOCKET_CODE_PROTOCOL, "a close frame has an invalid code");
        memmove(parser->control, parser->control + 2, len - 2);
        parser->control_len = len - 2;
        if (!utf8_is_valid((const char *)parser->control, parser->control_len))
            return fail(parser, WEBSOCKET_CODE_DATA, "the reason of a close frame is not UTF-8");
    }
    parser->control[parser->control_len] = '\0';
    return WEBSOCKET_EVENT_CLOSE;
}

static enum websocket_event end_frame(struct websocket_parser *parser)
{
    parser->has_header = false;
    parser->header_len = 0;
    switch (opcode_of(parser)) {
    case WEBSOCKET_PING:
        return WEBSOCKET_EVENT_PING;
    case WEBSOCKET_PONG:
        return WEBSOCKET_EVENT_PONG;
    case WEBSOCKET_CLOSE:
        return end_close(parser);
    default:
        break;
    }
    if (!is_final(parser))
        return WEBSOCKET_EVENT_MORE;
    parser->is_in_message = false;
    parser->is_complete = true;
    if (parser->is_text && !utf8_is_valid(parser->message.data, parser->message.len))
        return fail(parser, WEBSOCKET_CODE_DATA, "a text message is not UTF-8");
    return WEBSOCKET_EVENT_MESSAGE;
}

/* The next byte of a header. */
static enum websocket_event take_header_byte(struct websocket_parser *parser, uint8_t byte)
{
    parser->header[parser->header_len++] = byte;
    if (parser->header_len < 2 || parser->header_len < header_size(parser))
        return WEBSOCKET_EVENT_MORE;
    return begin_frame(parser);
}

enum websocket_event websocket_parser_feed(struct websocket_parser *parser, const uint8_t *data,
                                           size_t len, size_t *ret_consumed)
{
    enum websocket_event event = parser->has_failed ? WEBSOCKET_EVENT_FAILED : WEBSOCKET_EVENT_MORE;
    size_t at = 0;

    if (parser->is_complete)
        buffer_clear(&parser->message);
    parser->is_complete = false;
    while (event == WEBSOCKET_EVENT_MORE && at < len) {
        if (!parser->has_header) {
            event = take_header_byte(parser, data[at++]);
        } else {
            size_t part = len - at;

            if (part > parser->payload_left)
                part = (size_t)parser->payload_left;
            take_payload(parser, data + at, part);
            at += part;
            parser->payload_at += part;
            parser->payload_left -= part;
        }
        if (event == WEBSOCKET_EVENT_MORE && parser->message.failed)
            event = fail(parser, WEBSOCKET_CODE_TOO_LARGE, "there is no memory for a message");
        if (event == WEBSOCKET_EVENT_MORE && parser->has_header && parser->payload_left == 0)
            event = end_frame(parser);
    }
    *ret_consumed = at;
    return event;
}

int websocket_frame_add(struct buffer *out, enum websocket_opcode opcode, const uint8_t mask[4],
                        const void *data, size_t len)
{
    uint8_t header[WEBSOCKET_HEADER_MAX_BYTES] = {(uint8_t)(BIT_FINAL | opcode)};
    size_t at = 2, bytes = len < LENGTH_16 ? 0 : len < 0x10000 ? 2 : 8;

    header[1] = (uint8_t)(bytes == 0 ? len : bytes == 2 ? LENGTH_16 : LENGTH_64);
    for (size_t i = 0; i < bytes; i++)
        header[at++] = (uint8_t)((uint64_t)len >> (8 * (bytes - 1 - i)));
    if (mask != NULL) {
        header[1] |= BIT_MASKED;
        memcpy(header + at, mask, 4);
        at += 4;
    }
    buffer_append(out, header, at);
    if (len > 0)
        buffer_append(out, data, len);
    if (mask != NULL && !out->failed) {
        uint8_t *payload = (uint8_t *)out->data + out->len - len;

        for (size_t i = 0; i < len; i++)
            payload[i] ^= mask[i % 4];
    }
    return buffer_status(out);
}

int websocket_close_add(struct buffer *out, const uint8_t mask[4], uint16_t code,
                        const char *reason)
{
    uint8_t payload[WEBSOCKET_CONTROL_MAX_BYTES] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t len = utf8_cut(reason, strlen(reason), WEBSOCKET_REASON_MAX_BYTES);

    if (code == WEBSOCKET_CODE_NONE)
        return websocket_frame_add(out, WEBSOCKET_CLOSE, mask, payload, 0);
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result): a payload has no NUL
    memcpy(payload + 2, reason, len);
    return websocket_frame_add(out, WEBSOCKET_CLOSE, mask, payload, len + 2);
}
