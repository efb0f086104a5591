#include "ctl/client.h"

#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "ctl/stream.h"

#define READ_BYTES        16384
#define REQUEST_MAX_BYTES 4096

struct exchange {
    struct client_answer *answer;
    client_piece_fn each;
    void *arg;
    bool is_done;
    bool is_ended; /* by each */
};

static int on_head(llhttp_t *parser)
{
    struct exchange *exchange = parser->data;
    exchange->answer->status = parser->status_code;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct exchange *exchange = parser->data;
    if (exchange->each && exchange->answer->status == 200) {
        exchange->is_ended = !exchange->each(exchange->arg, at, len);
        return exchange->is_ended ? HPE_USER : 0;
    }
    buffer_append(&exchange->answer->body, at, len);
    return buffer_status(&exchange->answer->body) == 0 ? 0 : HPE_USER;
}

static int on_done(llhttp_t *parser)
{
    struct exchange *exchange = parser->data;
    exchange->is_done = exchange->answer->status >= 200;
    return exchange->is_done ? HPE_PAUSED : 0;
}

/* body NULL = none. */
static bool send_request(struct stream *stream, const struct settings *settings, const char *method,
                         const char *path, const struct client_body *body)
{
    struct buffer text;
    bool is_v6 = strchr(settings->host, ':') != NULL;
    buffer_init(&text, REQUEST_MAX_BYTES);
    buffer_printf(&text, "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\n", method, path, is_v6 ? "[" : "",
                  settings->host, is_v6 ? "]" : "", settings->port);
    buffer_append_str(&text, "User-Agent: amictl/" AMID_VERSION "\r\nConnection: close\r\n");
    if (settings->token[0])
        buffer_printf(&text, "stels-session: %s\r\n", settings->token);
    if (body)
        buffer_printf(&text, "Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n",
                      body->len);
    else if (strcmp(method, "POST") == 0)
        buffer_append_str(&text, "Content-Length: 0\r\n");
    buffer_append_str(&text, "\r\n");
    bool sent = buffer_status(&text) == 0 && stream_write(stream, text.data, text.len);
    sent = sent && (!body || stream_write(stream, body->bytes, body->len));
    buffer_free(&text);
    return sent;
}

/* Reads until the answer is complete; prints why if it never becomes so. */
static enum ctl_exit receive(struct stream *stream, const struct settings *settings,
                             struct exchange *exchange)
{
    llhttp_settings_t callbacks;
    llhttp_t parser;
    char bytes[READ_BYTES];

    llhttp_settings_init(&callbacks);
    callbacks.on_headers_complete = on_head;
    callbacks.on_body = on_body;
    callbacks.on_message_complete = on_done;
    llhttp_init(&parser, HTTP_RESPONSE, &callbacks);
    parser.data = exchange;
    while (!exchange->is_done && !exchange->is_ended) {
        ssize_t got = stream_read(stream, bytes, sizeof bytes);
        if (got < 0) {
            fprintf(stderr, "amictl: %s: %s\n", settings->url, stream->fault);
            return CTL_UNREACHABLE;
        }
        if (got == 0) {
            llhttp_finish(&parser);
            break;
        }
        enum llhttp_errno error = llhttp_execute(&parser, bytes, (size_t)got);
        if (error != HPE_OK && error != HPE_PAUSED && !exchange->is_ended) {
            fprintf(stderr, "amictl: what answers at %s does not speak HTTP as amid does\n",
                    settings->url);
            return CTL_UNREACHABLE;
        }
    }
    if (exchange->is_done || exchange->is_ended)
        return CTL_OK;
    fprintf(stderr, "amictl: %s: the connection was closed in the middle of the answer\n",
            settings->url);
    return CTL_UNREACHABLE;
}

static enum ctl_exit exchange_run(const struct settings *settings, const char *method,
                                  const char *path, const struct client_body *body,
                                  struct exchange *exchange)
{
    struct client_answer *answer = exchange->answer;
    enum ctl_exit result = CTL_UNREACHABLE;
    struct stream stream;

    *answer = (struct client_answer){0};
    buffer_init(&answer->body, CLIENT_ANSWER_MAX_BYTES);
    if (!stream_open(&stream, settings, exchange->each ? 0 : CLIENT_TIME_MAX_S))
        return CTL_UNREACHABLE;
    if (send_request(&stream, settings, method, path, body))
        result = receive(&stream, settings, exchange);
    else
        fprintf(stderr, "amictl: %s: %s\n", settings->url, stream.fault);
    stream_close(&stream);
    return result;
}

enum ctl_exit client_exchange(const struct settings *settings, const char *method, const char *path,
                              client_piece_fn each, void *arg, struct client_answer *ret_answer)
{
    struct exchange exchange = {.answer = ret_answer, .each = each, .arg = arg};
    return exchange_run(settings, method, path, NULL, &exchange);
}

enum ctl_exit client_send(const struct settings *settings, const char *method, const char *path,
                          const struct client_body *body, struct client_answer *ret_answer)
{
    struct exchange exchange = {.answer = ret_answer};
    return exchange_run(settings, method, path, body, &exchange);
}
