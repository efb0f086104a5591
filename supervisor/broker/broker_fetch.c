#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "common/utf8.h"
#include "supervisor/broker/fetch_client.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/broker/permission.h"
#include "supervisor/broker/term.h"
#include "supervisor/fetch/target.h"
#include "supervisor/fetch/transfer.h"

#define PIECE_MAX_BYTES  (64u * 1024) /* of a body, in one answer */
#define ANSWER_MAX_BYTES (512u * 1024)
#define TIMEOUT_MAX_MS   (24 * 3600 * 1000)

/* A response of which the script may still read. */
struct fetch_resource {
    struct resource resource;
    struct transfer *transfer;
    struct host_call *start; /* waits for the answer to begin */
    struct host_call *read;  /* waits for more of it */
};

static void fetch_resource_close(struct resource *resource)
{
    struct fetch_resource *fetch = (struct fetch_resource *)resource;

    transfer_free(fetch->transfer);
    if (fetch->start != NULL)
        host_call_fail(fetch->start, AMID_E_STOPPED, "the request was aborted");
    if (fetch->read != NULL)
        host_call_fail(fetch->read, AMID_E_STOPPED, "the request was aborted");
    free(fetch);
}

static bool fetch_resource_is_allowed(const struct resource *resource)
{
    const struct fetch_resource *fetch = (const struct fetch_resource *)resource;
    uint16_t port;
    const char *host = transfer_host(fetch->transfer, &port);

    return permission_fetch(resource->worker, host, port);
}

static const struct resource_kind fetch_kind = {"response", fetch_resource_close,
                                                fetch_resource_is_allowed};

static void on_cancel(struct broker_call *call, void *arg)
{
    struct fetch_resource *fetch = arg;

    (void)call;
    resource_close(&fetch->resource);
}

/* Ends the call with what the transfer failed of, and the resource with it. */
static void fail_and_close(struct fetch_resource *fetch, struct host_call **waiting)
{
    struct host_call *call = *waiting;
    const char *fault;
    int error = transfer_failure(fetch->transfer, &fault);

    *waiting = NULL;
    if (error == AMID_E_DENIED)
        host_call_deny(call, "fetch", fault);
    else
        host_call_fail(call, error, fault);
    resource_close(&fetch->resource);
}

/* Header values are bytes, each a character of Latin-1, says the fetch standard. */
static void append_bytes(struct buffer *json, const char *bytes)
{
    size_t len = strlen(bytes), at = 0;
    char *text = malloc(2 * len + 1);

    if (text == NULL) {
        json->failed = json->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (byte >= 0x80)
            text[at++] = (char)(0xc0 | byte >> 6);
        text[at++] = (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
    }
    json_append_string(json, text, at);
    free(text);
}

static void append_headers(struct buffer *json, const struct fetch_resource *fetch)
{
    const struct answer_head *head = transfer_head(fetch->transfer);
    bool is_unpacked = transfer_unpacks(fetch->transfer);
    const char *at = NULL, *name, *value, *comma = "";

    buffer_append_char(json, '[');
    while (answer_head_next(head, &at, &name, &value)) {
        if (is_unpacked &&
            (strcmp(name, "content-encoding") == 0 || strcmp(name, "content-length") == 0))
            continue;
        buffer_append_str(json, comma);
        append_bytes(json, name);
        buffer_append_char(json, ',');
        append_bytes(json, value);
        comma = ",";
    }
    buffer_append_char(json, ']');
}

static int describe_answer(struct buffer *json, const struct fetch_resource *fetch)
{
    const struct answer_head *head = transfer_head(fetch->transfer);
    char *url = transfer_url(fetch->transfer);

    if (url == NULL)
        return AMID_E_NOMEM;
    buffer_printf(json, "{\"rid\":%u,\"status\":%d,\"redirected\":%s,\"statusText\":",
                  (unsigned)fetch->resource.rid, head->status,
                  transfer_is_redirected(fetch->transfer) ? "true" : "false");
    append_bytes(json, head->reason);
    buffer_append_str(json, ",\"url\":");
    json_append_string(json, url, strlen(url));
    buffer_append_str(json, ",\"headers\":");
    append_headers(json, fetch);
    buffer_append_char(json, '}');
    free(url);
    return buffer_status(json);
}

static void answer_start(struct fetch_resource *fetch)
{
    struct host_call *call = fetch->start;
    struct buffer json;
    int error;

    buffer_init(&json, ANSWER_MAX_BYTES);
    error = describe_answer(&json, fetch);
    fetch->start = NULL;
    if (error == 0) {
        host_call_done(call, json.data, NULL, 0);
    } else {
        host_call_fail(call, error, NULL);
        resource_close(&fetch->resource);
    }
    buffer_free(&json);
}

static void answer_read(struct fetch_resource *fetch)
{
    struct host_call *call = fetch->read;
    size_t len = PIECE_MAX_BYTES;
    uint8_t *piece = malloc(len);
    bool is_end = false;
    int error = AMID_E_NOMEM;

    if (piece != NULL)
        error = transfer_read(fetch->transfer, piece, &len, &is_end);
    if (piece == NULL) {
        fetch->read = NULL;
        host_call_fail(call, error, NULL);
        resource_close(&fetch->resource);
    } else if (error != 0) {
        fail_and_close(fetch, &fetch->read);
    } else if (len > 0 || is_end) {
        fetch->read = NULL;
        host_call_done(call, is_end ? "true" : "false", piece, len);
        if (is_end)
            resource_close(&fetch->resource);
    }
    free(piece);
}

static void on_news(void *arg)
{
    struct fetch_resource *fetch = arg;
    const char *fault;

    if (fetch->start != NULL && transfer_head(fetch->transfer) != NULL)
        answer_start(fetch);
    else if (fetch->start != NULL && transfer_failure(fetch->transfer, &fault) != 0)
        fail_and_close(fetch, &fetch->start);
    else if (fetch->read != NULL)
        answer_read(fetch);
}

/* Characters above U+00FF cannot be in a header; the others become one byte each, in place. */
static bool to_bytes(char *text)
{
    size_t len = strlen(text), out = 0;

    for (size_t i = 0; i < len;) {
        size_t width = utf8_width(text + i, len - i);
        uint32_t c = width > 0 ? utf8_char(text + i, width) : UINT32_MAX;

        if (c > 0xff)
            return false;
        text[out++] = (char)c;
        i += width;
    }
    text[out] = '\0';
    return true;
}

/* args.headers is name, value, name, value, … Into list, which has room for REQUEST_HEADERS_MAX;
 * borrowed from args, whose texts it changes. */
static bool take_headers(struct host_call *call, const cJSON *args, struct request_header *list,
                         size_t *ret_count)
{
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive(args, "headers");
    const cJSON *item = cJSON_IsArray(headers) ? headers->child : NULL;
    size_t count = 0;

    while (item != NULL) {
        const cJSON *value = item->next;

        if (!cJSON_IsString(item) || !cJSON_IsString(value) || count == REQUEST_HEADERS_MAX) {
            host_call_failf(call, AMID_E_INVALID, "headers are at most %d names and values",
                            REQUEST_HEADERS_MAX);
            return false;
        }
        if (!to_bytes(item->valuestring) || !to_bytes(value->valuestring)) {
            host_call_fail(call, AMID_E_INVALID, "a header holds characters beyond U+00FF");
            return false;
        }
        list[count++] = (struct request_header){item->valuestring, value->valuestring};
        item = value->next;
    }
    *ret_count = count;
    return true;
}

static bool take_redirect(struct host_call *call, const cJSON *args,
                          enum request_redirect *ret_redirect)
{
    static const char *const words[] = {
        [REQUEST_FOLLOW] = "follow", [REQUEST_REFUSE] = "error", [REQUEST_MANUAL] = "manual"};
    const char *word;

    if (!host_call_text(call, args, "redirect", 16, &word))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_redirect = (enum request_redirect)i;
            return true;
        }
    }
    host_call_fail(call, AMID_E_INVALID, "redirect is follow, error or manual");
    return false;
}

static bool take_request(struct host_call *call, const cJSON *args, struct request *request,
                         struct request_header *headers)
{
    int64_t timeout_ms;

    request->headers = headers;
    if (!host_call_text(call, args, "method", REQUEST_METHOD_MAX_BYTES, &request->method) ||
        !host_call_text(call, args, "url", TARGET_URL_MAX_BYTES, &request->url) ||
        !take_redirect(call, args, &request->redirect) ||
        !host_call_flag(call, args, "hasBody", &request->has_body) ||
        !host_call_int(call, args, "timeoutMs", 0, TIMEOUT_MAX_MS, 0, &timeout_ms) ||
        !take_headers(call, args, headers, &request->header_count))
        return false;
    request->timeout_ms = term_cut_ms(call->call.worker, (uint32_t)timeout_ms);
    return true;
}

static void fetch_start(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct broker_worker *worker = call->call.worker;
    struct request_header headers[REQUEST_HEADERS_MAX];
    struct request request = {.body = data, .body_len = len};
    char fault[FETCH_FAULT_BYTES] = "";
    struct fetch_resource *fetch;
    int error;

    if (!take_request(call, args, &request, headers))
        return;
    fetch = calloc(1, sizeof(*fetch));
    error = fetch == NULL ? AMID_E_NOMEM : fetch_client_of(worker);
    if (error == 0)
        error = transfer_start(worker->fetch_client, &request, on_news, fetch, &fetch->transfer,
                               fault, sizeof(fault));
    if (error == 0) {
        error = resource_open(worker, &fetch->resource, &fetch_kind);
        if (error != 0)
            transfer_free(fetch->transfer);
        if (error == AMID_E_LIMIT)
            snprintf(fault, sizeof(fault), "too many responses and sockets are open");
    }
    if (error != 0) {
        free(fetch);
        host_call_fail(call, error, fault[0] != '\0' ? fault : NULL);
        return;
    }
    fetch->start = call;
    host_call_on_cancel(call, on_cancel, fetch);
}

static void fetch_read(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct resource *resource;
    struct fetch_resource *fetch;

    (void)data;
    (void)len;
    if (!host_call_resource(call, args, &fetch_kind, &resource))
        return;
    fetch = (struct fetch_resource *)resource;
    if (fetch->start != NULL || fetch->read != NULL) {
        host_call_fail(call, AMID_E_BUSY, "the response is being read already");
        return;
    }
    fetch->read = call;
    host_call_on_cancel(call, on_cancel, fetch);
    answer_read(fetch);
}

const struct broker_op broker_fetch_ops[] = {
    {PROTO_FETCH_START, fetch_start},
    {PROTO_FETCH_READ, fetch_read},
    {0, NULL},
};
