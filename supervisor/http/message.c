#include "supervisor/http/message.h"

#include <string.h>
#include <strings.h>

#include "supervisor/http/server.h"

/* Room for the terminators beside the bytes that arrive. */
#define TEXT_MAX_BYTES (HTTP_HEADER_MAX_BYTES + 2 * HTTP_HEADERS_MAX + 2)
_Static_assert(TEXT_MAX_BYTES <= UINT16_MAX, "offsets into the text are 16 bits wide");

void http_message_init(struct http_message *message)
{
    *message = (struct http_message){0};
    buffer_init(&message->text, TEXT_MAX_BYTES);
    buffer_init(&message->body, HTTP_BODY_MAX_BYTES);
}

void http_message_free(struct http_message *message)
{
    buffer_free(&message->text);
    buffer_free(&message->body);
}

const char *http_message_header(const struct http_message *message, const char *name)
{
    for (size_t i = 0; i < message->header_count; i++) {
        if (strcasecmp(message->text.data + message->headers[i].name, name) == 0)
            return message->text.data + message->headers[i].value;
    }
    return NULL;
}

size_t http_message_header_count(const struct http_message *message, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < message->header_count; i++)
        count += strcasecmp(message->text.data + message->headers[i].name, name) == 0;
    return count;
}

bool http_token_is_listed(const char *value, const char *token)
{
    size_t token_len = strlen(token);
    while (value && *value) {
        value += strspn(value, " \t,");
        size_t len = strcspn(value, ",");
        size_t trimmed = len;
        while (trimmed > 0 && (value[trimmed - 1] == ' ' || value[trimmed - 1] == '\t'))
            trimmed--;
        if (trimmed == token_len && strncasecmp(value, token, token_len) == 0)
            return true;
        value += len;
    }
    return false;
}

int http_message_check(const struct http_message *message, const char **ret_reason)
{
    /* Two of one of these could be read differently by a proxy in front of us. */
    static const char *const single[] = {"host",          "content-length", "content-type",
                                         "authorization", "expect",         "if-match",
                                         "stels-session"};
    if (message->major != 1) {
        *ret_reason = "Only HTTP/1.1 and HTTP/1.0 are spoken here";
        return 505;
    }
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        if (http_message_header_count(message, single[i]) > 1) {
            *ret_reason = "A header that must be sent once was sent twice";
            return 400;
        }
    }
    if (message->minor >= 1 && !http_message_header(message, "host")) {
        *ret_reason = "HTTP/1.1 requires a Host header";
        return 400;
    }
    const char *coding = http_message_header(message, "transfer-encoding");
    if (coding) {
        if (message->has_length || message->minor == 0) {
            *ret_reason = "Transfer-Encoding beside Content-Length or in HTTP/1.0";
            return 400;
        }
        if (strcasecmp(coding, "chunked") != 0 ||
            http_message_header_count(message, "transfer-encoding") > 1) {
            *ret_reason = "The only transfer coding spoken here is chunked";
            return 501;
        }
    }
    const char *expect = http_message_header(message, "expect");
    if (expect && message->minor >= 1 && strcasecmp(expect, "100-continue") != 0) {
        *ret_reason = "The only expectation met here is 100-continue";
        return 417;
    }
    return 0;
}
