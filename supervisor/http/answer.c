#include "supervisor/http/answer.h"

#include <time.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/http/cors.h"

#define HEAD_MAX_BYTES (8 * 1024)

const char *http_status_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } table[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {207, "Multi-Status"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {418, "I'm a teapot"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {451, "Unavailable For Legal Reasons"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].status == status)
            return table[i].phrase;
    }
    return "Status";
}

/* Rendered once a second. */
const char *http_date_text(void)
{
    static char text[40];
    static int64_t text_s = -1;
    int64_t now_s = clock_real_ms() / 1000;
    if (now_s != text_s) {
        time_t now = (time_t)now_s;
        struct tm parts;
        gmtime_r(&now, &parts);
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        text_s = now_s;
    }
    return text;
}

static void append_framing(struct buffer *head, const struct http_answer *answer)
{
    if (answer->framing == HTTP_FRAMING_NONE)
        return;
    buffer_append_str(head, "Content-Type: ");
    buffer_append_str(head, answer->type ? answer->type : "application/json");
    buffer_append_str(head, "\r\n");
    if (answer->framing == HTTP_FRAMING_LENGTH)
        buffer_printf(head, "Content-Length: %zu\r\n", answer->length);
    else if (answer->framing == HTTP_FRAMING_CHUNKED)
        buffer_append_str(head, "Transfer-Encoding: chunked\r\n");
}

int http_answer_write_head(struct evbuffer *out, const struct http_answer *answer)
{
    struct buffer head;
    buffer_init(&head, HEAD_MAX_BYTES);
    buffer_printf(&head, "HTTP/1.1 %d ", answer->status);
    buffer_append_str(&head, http_status_phrase(answer->status));
    buffer_append_str(&head, "\r\nDate: ");
    buffer_append_str(&head, http_date_text());
    buffer_append_str(&head, "\r\n");
    append_framing(&head, answer);
    buffer_append_str(&head, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                             "Content-Security-Policy: frame-ancestors 'none'\r\n");
    cors_append(&head, answer->origin, answer->asked_origin);
    if (answer->extra && answer->extra->len > 0)
        buffer_append(&head, answer->extra->data, answer->extra->len);
    if (!answer->keep_alive)
        buffer_append_str(&head, "Connection: close\r\n");
    else if (answer->is_old)
        buffer_append_str(&head, "Connection: keep-alive\r\n");
    buffer_append_str(&head, "\r\n");
    int error = buffer_status(&head);
    if (!error && evbuffer_add(out, head.data, head.len) != 0)
        error = AMID_E_NOMEM;
    buffer_free(&head);
    return error;
}
