#include "supervisor/http/parser.h"

#include <string.h>

#include "supervisor/http/server.h"

static int fail(struct http_parser *parser, int status, const char *reason)
{
    parser->status = status;
    parser->reason = reason;
    return HPE_USER;
}

static int append_head(struct http_parser *parser, const char *at, size_t len)
{
    buffer_append(&parser->message->text, at, len);
    if (buffer_status(&parser->message->text) != 0)
        return fail(parser, 431, "The request's head is too large");
    return 0;
}

static int on_target(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;
    parser->in_target = true;
    if (parser->message->text.len + len > HTTP_TARGET_MAX_BYTES)
        return fail(parser, 414, "The request's target is too long");
    return append_head(parser, at, len);
}

static int on_target_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    parser->in_target = false;
    parser->message->target_len = parser->message->text.len;
    return append_head(parser, "", 1);
}

static int on_name(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;
    struct http_message *message = parser->message;
    if (parser->in_body) /* a trailer */
        return 0;
    if (message->header_count == HTTP_HEADERS_MAX)
        return fail(parser, 431, "The request has too many headers");
    if (message->headers[message->header_count].name == 0)
        message->headers[message->header_count].name = (uint16_t)message->text.len;
    return append_head(parser, at, len);
}

static int on_name_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    struct http_message *message = parser->message;
    if (parser->in_body)
        return 0;
    if (append_head(parser, "", 1) != 0)
        return HPE_USER;
    message->headers[message->header_count].value = (uint16_t)message->text.len;
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;
    return parser->in_body ? 0 : append_head(parser, at, len);
}

static int on_value_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    struct http_message *message = parser->message;
    if (parser->in_body)
        return 0;
    struct buffer *text = &message->text;
    size_t start = message->headers[message->header_count].value;
    while (text->len > start && strchr(" \t", text->data[text->len - 1]))
        text->data[--text->len] = '\0';
    message->header_count++;
    return append_head(parser, "", 1);
}

static int on_head_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;
    struct http_message *message = parser->message;
    message->method = llhttp->method;
    message->major = llhttp->http_major;
    message->minor = llhttp->http_minor;
    message->keep_alive = llhttp_should_keep_alive(llhttp) != 0;
    message->has_length = http_message_header(message, "content-length") != NULL;
    message->content_length = message->has_length ? llhttp->content_length : 0;
    /* An offered upgrade may be ignored (RFC 9110 7.8); the body is read as usual. */
    llhttp->upgrade = 0;
    return HPE_PAUSED;
}

/* CR and LF only together and no line begins with space, in everything but the payload. */
static bool lines_are_sane(struct http_parser *parser, const char *end)
{
    for (const char *at = parser->framing; at < end; at++) {
        if ((*at == '\n') != (parser->last == '\r'))
            return false;
        /* A folded header (RFC 9112 5.2) is read as two by some. */
        if (parser->last == '\n' && (*at == ' ' || *at == '\t'))
            return false;
        parser->last = *at;
    }
    parser->framing_bytes += (size_t)(end - parser->framing);
    parser->framing = end;
    return true;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;
    if (!lines_are_sane(parser, at))
        return fail(parser, 400, "Malformed request: bad line ending or folded header");
    parser->framing = at + len;
    parser->last = '\0';
    parser->body_bytes += len;
    if (parser->body_bytes > parser->body_max)
        return fail(parser, 413, "The request's body is too large");
    if (!parser->message)
        return 0;
    buffer_append(&parser->message->body, at, len);
    if (buffer_status(&parser->message->body) != 0)
        return fail(parser, 500, "out of memory");
    return 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
    (void)llhttp;
    return HPE_PAUSED;
}

static llhttp_settings_t settings;

void http_parser_init(struct http_parser *parser)
{
    llhttp_settings_init(&settings);
    settings.on_url = on_target;
    settings.on_url_complete = on_target_complete;
    settings.on_header_field = on_name;
    settings.on_header_field_complete = on_name_complete;
    settings.on_header_value = on_value;
    settings.on_header_value_complete = on_value_complete;
    settings.on_headers_complete = on_head_complete;
    settings.on_body = on_body;
    settings.on_message_complete = on_message_complete;
    *parser = (struct http_parser){.body_max = HTTP_BODY_MAX_BYTES};
    llhttp_init(&parser->llhttp, HTTP_REQUEST, &settings);
    parser->llhttp.data = parser;
}

void http_parser_begin(struct http_parser *parser, struct http_message *message)
{
    llhttp_t llhttp = parser->llhttp;
    uint64_t body_max = parser->body_max;
    *parser = (struct http_parser){.llhttp = llhttp, .message = message, .body_max = body_max};
    llhttp_reset(&parser->llhttp);
}

void http_parser_drop_body(struct http_parser *parser)
{
    parser->message = NULL;
}

/* A method we do not know is no malformed request, as long as it is a token. */
static bool starts_with_token(const struct http_parser *parser)
{
    size_t i = 0;
    while (i < parser->start_len && parser->start[i] >= 'A' && parser->start[i] <= 'Z')
        i++;
    return i > 0 && (i == parser->start_len || parser->start[i] == ' ' || parser->start[i] == '-');
}

static enum http_parse refuse(struct http_parser *parser, enum llhttp_errno error)
{
    if (parser->status != 0)
        return HTTP_PARSE_FAILED;
    switch (error) {
    case HPE_INVALID_METHOD:
        if (starts_with_token(parser))
            fail(parser, 501, "Unknown method");
        else
            fail(parser, 400, "Malformed request: not HTTP");
        break;
    case HPE_INVALID_VERSION:
    case HPE_PAUSED_H2_UPGRADE:
        fail(parser, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here");
        break;
    case HPE_INVALID_URL:
        fail(parser, 400, "Malformed request: bad target");
        break;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_CONTENT_LENGTH:
        fail(parser, 400, "Malformed request: bad, repeated or contradicted Content-Length");
        break;
    case HPE_INVALID_TRANSFER_ENCODING:
        fail(parser, 400, "Malformed request: bad or contradicted Transfer-Encoding");
        break;
    case HPE_INVALID_CHUNK_SIZE:
        fail(parser, 400, "Malformed request: bad chunk size");
        break;
    case HPE_INVALID_HEADER_TOKEN:
        fail(parser, 400, "Malformed request: bad header");
        break;
    default:
        fail(parser, 400, "Malformed request");
        break;
    }
    return HTTP_PARSE_FAILED;
}

static enum http_parse framing_verdict(struct http_parser *parser, const char *end)
{
    if (!lines_are_sane(parser, end)) {
        fail(parser, 400, "Malformed request: bad line ending or folded header");
        return HTTP_PARSE_FAILED;
    }
    if (!parser->in_body && parser->framing_bytes > HTTP_HEADER_MAX_BYTES) {
        if (parser->in_target)
            fail(parser, 414, "The request's target is too long");
        else
            fail(parser, 431, "The request's head is too large");
        return HTTP_PARSE_FAILED;
    }
    if (parser->in_body &&
        parser->framing_bytes - parser->head_bytes >
            HTTP_FRAMING_MAX_BYTES + HTTP_FRAMING_MAX_MULTIPLE * parser->body_bytes) {
        fail(parser, 413, "The request's chunks carry too little");
        return HTTP_PARSE_FAILED;
    }
    return HTTP_PARSE_MORE;
}

enum http_parse http_parser_feed(struct http_parser *parser, const char *data, size_t len,
                                 size_t *ret_consumed)
{
    *ret_consumed = 0;
    if (!parser->in_body && parser->start_len < sizeof parser->start) {
        size_t keep = sizeof parser->start - parser->start_len;
        keep = keep < len ? keep : len;
        memcpy(parser->start + parser->start_len, data, keep);
        parser->start_len += keep;
    }
    parser->framing = data;
    enum llhttp_errno error = llhttp_execute(&parser->llhttp, data, len);
    if (error != HPE_OK && error != HPE_PAUSED)
        return refuse(parser, error);
    const char *end = error == HPE_OK ? data + len : llhttp_get_error_pos(&parser->llhttp);
    *ret_consumed = (size_t)(end - data);
    if (framing_verdict(parser, end) == HTTP_PARSE_FAILED)
        return HTTP_PARSE_FAILED;
    if (error == HPE_OK)
        return HTTP_PARSE_MORE;
    llhttp_resume(&parser->llhttp);
    if (parser->in_body)
        return HTTP_PARSE_DONE;
    parser->in_body = true;
    parser->head_bytes = parser->framing_bytes;
    return HTTP_PARSE_HEAD;
}
