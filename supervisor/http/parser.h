#ifndef AMID_HTTP_PARSER_H
#define AMID_HTTP_PARSER_H

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/http/message.h"

/*
 * Bytes → messages: llhttp in its strict mode, our limits, and what llhttp lets pass: a line must
 * end in CR LF, and neither may stand alone in the framing. Knows no sockets, so that it can be
 * fuzzed.
 */
enum http_parse {
    HTTP_PARSE_MORE,  /* everything was read, nothing is complete yet */
    HTTP_PARSE_HEAD,  /* the message's head is complete; called once per message */
    HTTP_PARSE_DONE,  /* the message is complete */
    HTTP_PARSE_FAILED /* status and reason say why; the connection cannot go on */
};

#define HTTP_TARGET_MAX_BYTES (8 * 1024)
/* Bytes of a chunked body's framing: this much plus a multiple of the payload. */
#define HTTP_FRAMING_MAX_BYTES     (64 * 1024)
#define HTTP_FRAMING_MAX_MULTIPLE  8
#define HTTP_PARSER_REMEMBER_BYTES 24

struct http_parser {
    llhttp_t llhttp;
    struct http_message *message; /* borrowed; NULL = the body is read and dropped */
    bool in_body;
    bool in_target;
    char last;           /* last framing byte */
    const char *framing; /* while feeding: first byte whose line ending was not looked at */
    size_t head_bytes;
    uint64_t body_bytes;
    size_t framing_bytes;
    uint64_t body_max;  /* HTTP_BODY_MAX_BYTES unless set after http_parser_init */
    int status;         /* after HTTP_PARSE_FAILED */
    const char *reason; /* static */
    size_t start_len;
    char start[HTTP_PARSER_REMEMBER_BYTES]; /* the message's first bytes */
};

void http_parser_init(struct http_parser *parser);
/* Ready for the next message, which is written into `message`. */
void http_parser_begin(struct http_parser *parser, struct http_message *message);
/* Reads at most len bytes; stops behind the byte that completes the head or the message. */
enum http_parse http_parser_feed(struct http_parser *parser, const char *data, size_t len,
                                 size_t *ret_consumed);
/* What is left of the body is dropped; the message may be freed. */
void http_parser_drop_body(struct http_parser *parser);

#endif
