#ifndef AMID_HTTP_WEBSOCKET_H
#define AMID_HTTP_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* Frames of RFC 6455, both sides of it; no extensions. */

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10
};

/* Codes of section 7.4.1 that amid itself uses. */
enum websocket_code {
    WEBSOCKET_CODE_NORMAL = 1000,
    WEBSOCKET_CODE_AWAY = 1001,
    WEBSOCKET_CODE_PROTOCOL = 1002,
    WEBSOCKET_CODE_KIND = 1003,
    WEBSOCKET_CODE_NONE = 1005,     /* a close without a code; never sent */
    WEBSOCKET_CODE_ABNORMAL = 1006, /* no close at all; never sent */
    WEBSOCKET_CODE_DATA = 1007,
    WEBSOCKET_CODE_TOO_LARGE = 1009,
    WEBSOCKET_CODE_RESTART = 1012, /* of the registry that section 11.7 founds, like the next */
    WEBSOCKET_CODE_LATER = 1013
};

#define WEBSOCKET_HEADER_MAX_BYTES  14
#define WEBSOCKET_CONTROL_MAX_BYTES 125 /* section 5.5 */
#define WEBSOCKET_REASON_MAX_BYTES  (WEBSOCKET_CONTROL_MAX_BYTES - 2)

enum websocket_event {
    WEBSOCKET_EVENT_MORE,    /* all was taken, nothing is complete */
    WEBSOCKET_EVENT_MESSAGE, /* in message; is_text says which kind */
    WEBSOCKET_EVENT_PING,    /* in control */
    WEBSOCKET_EVENT_PONG,
    WEBSOCKET_EVENT_CLOSE, /* code, and the reason in control */
    WEBSOCKET_EVENT_FAILED /* code and fault; nothing more is read */
};

struct websocket_parser {
    /* Valid until the next feed: */
    struct buffer message;
    bool is_text;
    uint8_t control[WEBSOCKET_CONTROL_MAX_BYTES + 1]; /* ended by a NUL */
    size_t control_len;
    uint16_t code;
    const char *fault; /* static text */

    /* The parser's own: */
    bool expects_mask;
    bool is_in_message; /* a fragment has come, its last has not */
    bool is_complete;   /* the message has been told of */
    bool has_header;
    bool has_failed;
    uint8_t header[WEBSOCKET_HEADER_MAX_BYTES];
    size_t header_len;
    uint64_t payload_left;
    uint64_t payload_at;
};

/* expects_mask: on the server's side. */
void websocket_parser_init(struct websocket_parser *parser, bool expects_mask,
                           size_t message_max_bytes);
void websocket_parser_free(struct websocket_parser *parser);
/* Takes up to len bytes, as many as lead to one event. */
enum websocket_event websocket_parser_feed(struct websocket_parser *parser, const uint8_t *data,
                                           size_t len, size_t *ret_consumed);

/* Appends one whole frame; mask NULL = the server's side. 0 or buffer_status of out. */
int websocket_frame_add(struct buffer *out, enum websocket_opcode opcode, const uint8_t mask[4],
                        const void *data, size_t len);
/* A close frame; code WEBSOCKET_CODE_NONE = without one, and without a reason. */
int websocket_close_add(struct buffer *out, const uint8_t mask[4], uint16_t code,
                        const char *reason);
/* True for codes that may be sent (section 7.4). */
bool websocket_code_is_valid(unsigned code);

#endif
