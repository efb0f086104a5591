#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/broker/broker_serve.h"
#include "supervisor/broker/term.h"

/* One request's JSON beyond the batch's mark: a head in which every byte is escaped. */
#define BATCH_JSON_MAX_BYTES (SERVE_BATCH_JSON_BYTES + 6 * HTTP_HEADER_MAX_BYTES + 4096)
#define BATCH_DATA_MAX_BYTES ((size_t)SERVE_BATCH_MAX * HTTP_FORWARD_WHOLE_BYTES)

/* They are about the connection, which is amid's. */
static bool is_ours(const char *name)
{
    static const char *const names[] = {"connection", "expect",          "keep-alive",
                                        "te",         "trailer",         "transfer-encoding",
                                        "upgrade",    "proxy-connection"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Bytes as the characters of the same numbers, as scripts expect of headers. */
static void append_latin1(struct buffer *out, const char *text, size_t len)
{
    size_t plain = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];

        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            continue;
        buffer_append(out, text + plain, i - plain);
        plain = i + 1;
        if (c >= 0x80) {
            buffer_append_char(out, (char)(0xc0 | c >> 6));
            buffer_append_char(out, (char)(0x80 | (c & 0x3f)));
        } else {
            buffer_printf(out, "\\u%04x", c);
        }
    }
    buffer_append(out, text + plain, len - plain);
}

/* In lower case; a name is a token. */
static void append_name(struct buffer *json, const char *name)
{
    for (; *name != '\0'; name++)
        buffer_append_char(json, *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name);
}

/* Name, value, name, value …, with line feeds between, which neither can hold. */
static void append_headers(struct buffer *json, const struct http_request *http)
{
    const char *name, *value;
    bool is_first = true;

    for (size_t i = 0; http_forward_header(http, i, &name, &value); i++) {
        if (is_ours(name))
            continue;
        if (!is_first)
            buffer_append_str(json, "\\n");
        is_first = false;
        append_name(json, name);
        buffer_append_str(json, "\\n");
        append_latin1(json, value, strlen(value));
    }
}

/* What was asked for, as the URL it is; who names no host asked this port. */
static void append_url(struct buffer *json, const struct server *server,
                       const struct http_request *http)
{
    const char *host = http_request_header(http, "host");
    const char *local = serve_port_hostname(server->port);
    size_t len;
    const char *target = http_forward_target(http, &len);

    if (target[0] == '/' || target[0] == '*') {
        buffer_append_str(json, "http://");
        if (host != NULL && host[0] != '\0')
            append_latin1(json, host, strlen(host));
        else
            buffer_printf(json, strchr(local, ':') != NULL ? "[%s]:%u" : "%s:%u", local,
                          (unsigned)serve_port_number(server->port));
    }
    if (target[0] == '*')
        buffer_append_char(json, '/');
    append_latin1(json, target, len);
}

/* A body that is all there goes along; it stays here too, for a process that gives the request
 * back. */
static enum body_kind append_body(struct serve_request *request, struct buffer *data,
                                  size_t *ret_len)
{
    size_t len;
    const char *body;
    bool is_end;

    *ret_len = 0;
    if (!http_forward_has_body(request->http))
        return BODY_NONE;
    if (http_forward_awaits(request->http)) /* to be told to go on once somebody reads */
        return BODY_TO_READ;
    body = http_forward_body(request->http, &len, &is_end);
    if (!is_end || len > HTTP_FORWARD_WHOLE_BYTES)
        return BODY_TO_READ;
    buffer_append(data, body, len);
    *ret_len = len;
    return BODY_HERE;
}

/* [id, method, URL, headers, peer, body kind, length of the body in the data] */
static void append_request(struct buffer *json, struct buffer *data, const struct server *server,
                           struct serve_request *request)
{
    struct http_request *http = request->http;
    size_t body_len;
    enum body_kind kind = append_body(request, data, &body_len);

    buffer_append_char(json, '[');
    json_append_int(json, request->id);
    buffer_append_str(json, ",\"");
    buffer_append_str(json, http_forward_method(http));
    buffer_append_str(json, "\",\"");
    append_url(json, server, http);
    buffer_append_str(json, "\",\"");
    append_headers(json, http);
    buffer_append_str(json, "\",\"");
    buffer_append_str(json, http_request_peer(http));
    buffer_append_str(json, "\",");
    json_append_int(json, kind);
    buffer_append_char(json, ',');
    json_append_int(json, (int64_t)body_len);
    buffer_append_char(json, ']');
}

static void append_aborted(struct buffer *json, struct server *server)
{
    for (size_t i = 0; i < server->aborted_count; i++) {
        if (i > 0)
            buffer_append_char(json, ',');
        json_append_int(json, server->aborted[i]);
    }
    server->aborted_count = 0;
}

static size_t append_requests(struct buffer *json, struct buffer *data, struct server *server)
{
    struct serve_request *request;
    size_t count = 0;

    while (!server->is_finishing && count < SERVE_BATCH_MAX && json->len < SERVE_BATCH_JSON_BYTES &&
           (request = serve_port_take(server->port)) != NULL) {
        if (count++ > 0)
            buffer_append_char(json, ',');
        append_request(json, data, server, request);
    }
    return count;
}

void server_answer_next(struct server *server)
{
    struct host_call *call = server->next;
    bool has_aborted = server->aborted_count > 0;
    struct buffer json, data;
    size_t count;

    if (call == NULL)
        return;
    if (term_is_over(server->resource.worker)) { /* what waited while we slept is not for us */
        server->next = NULL;
        host_call_fail(call, AMID_E_LEASE_LOST, NULL);
        return;
    }
    buffer_init(&json, BATCH_JSON_MAX_BYTES);
    buffer_init(&data, BATCH_DATA_MAX_BYTES);
    buffer_append_str(&json, "[[");
    count = append_requests(&json, &data, server);
    buffer_append_str(&json, "],[");
    append_aborted(&json, server);
    buffer_append_str(&json, "]]");
    if (count > 0 || has_aborted) {
        server->next = NULL;
        if (buffer_status(&json) != 0 || buffer_status(&data) != 0)
            host_call_fail(call, AMID_E_NOMEM, NULL);
        else
            host_call_done(call, json.data, data.data, data.len);
    } else if (server->is_finishing || serve_port_is_over(server->port)) {
        server->next = NULL;
        host_call_done(call, NULL, NULL, 0);
    }
    buffer_free(&json);
    buffer_free(&data);
}
