#include "supervisor/fetch/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "supervisor/fetch/transfer_internal.h"

#define USER_AGENT "amid/" AMID_VERSION

static int prepare(struct attempt *attempt);
static void attempt_has_ended(struct attempt *attempt, int error);

static const struct attempt_kind transfer_kind = {prepare, attempt_has_ended};

static void stop_attempt(struct transfer *transfer)
{
    if (transfer->is_attempting)
        attempt_end(&transfer->attempt);
    transfer->is_attempting = false;
    fetch_slot_leave(transfer->attempt.client, &transfer->slot);
}

/* Host and path are still asked for when the attempt is over. */
static void keep_target(struct transfer *transfer)
{
    if (transfer->target.url == NULL && transfer->is_attempting) {
        transfer->target = transfer->attempt.target;
        transfer->attempt.target = (struct target){0};
    }
}

static void drop_body(struct transfer *transfer)
{
    transfer->attempt.client->body_bytes -= transfer->body_len;
    free(transfer->body);
    transfer->body = NULL;
    transfer->body_len = 0;
}

static void finish(struct transfer *transfer)
{
    keep_target(transfer);
    stop_attempt(transfer);
    drop_body(transfer);
    timer_stop(&transfer->silence);
    timer_stop(&transfer->whole);
    fetch_news_tell(transfer->attempt.client->fetch, &transfer->news);
}

void transfer_fail(struct transfer *transfer, int error, const char *fault)
{
    if (transfer->failure != 0)
        return;
    transfer->failure = error;
    snprintf(transfer->fault, sizeof(transfer->fault), "%s", fault);
    finish(transfer);
}

void transfer_progress(struct transfer *transfer)
{
    timer_start(&transfer->silence, transfer->attempt.client->fetch->settings.timeout_ms);
    fetch_news_tell(transfer->attempt.client->fetch, &transfer->news);
}

static void on_silence(void *arg)
{
    struct transfer *transfer = arg;
    char fault[FETCH_FAULT_BYTES];
    uint16_t port;
    const char *host = transfer_host(transfer, &port);

    if (transfer->slot.state == FETCH_SLOT_WAITING)
        snprintf(fault, sizeof(fault), "too many requests of this worker are under way");
    else if (transfer->is_paused)
        snprintf(fault, sizeof(fault), "the answer of %.200s was not read for %u ms", host,
                 (unsigned)transfer->attempt.client->fetch->settings.timeout_ms);
    else
        snprintf(fault, sizeof(fault), "%.200s sent nothing for %u ms", host,
                 (unsigned)transfer->attempt.client->fetch->settings.timeout_ms);
    transfer_fail(transfer, AMID_E_TIMEOUT, fault);
}

static void on_whole(void *arg)
{
    transfer_fail(arg, AMID_E_TIMEOUT, "the request took longer than its timeout");
}

static int prepare(struct attempt *attempt)
{
    struct transfer *transfer = (struct transfer *)attempt;
    CURL *curl = attempt->curl;
    int failed = 0;

#define SET(option, value) failed |= libcurl.easy_setopt(curl, option, value) != CURLE_OK
    SET(CURLOPT_HTTP_VERSION,
        (long)(libcurl.has_http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    if (transfer->has_body) {
        SET(CURLOPT_POSTFIELDS, transfer->body_len > 0 ? (const char *)transfer->body : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body_len);
    } else if (strcmp(transfer->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, transfer->method);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_HEADERFUNCTION, transfer_on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, transfer_on_body);
    SET(CURLOPT_WRITEDATA, transfer);
#undef SET
    return failed == 0 ? 0 : AMID_E_NOMEM;
}

static void begin_attempt(struct transfer *transfer, const struct target *target)
{
    int error = attempt_begin(&transfer->attempt, target);

    if (error != 0)
        transfer_fail(transfer, error, transfer->attempt.fault);
    else
        transfer->is_attempting = true;
}

static void slot_is_held(void *arg)
{
    struct transfer *transfer = arg;
    struct target target = transfer->target;

    transfer->target = (struct target){0};
    begin_attempt(transfer, &target);
}

static void drop_headers(struct transfer *transfer, const char *const *names, size_t count)
{
    struct curl_slist **at = &transfer->headers;

    while (*at != NULL) {
        struct curl_slist *line = *at;
        bool is_dropped = false;

        for (size_t i = 0; i < count; i++) {
            size_t len = strlen(names[i]);

            is_dropped |= strncasecmp(line->data, names[i], len) == 0 &&
                          (line->data[len] == ':' || line->data[len] == ';');
        }
        if (!is_dropped) {
            at = &line->next;
            continue;
        }
        *at = line->next;
        line->next = NULL;
        libcurl.slist_free_all(line);
    }
}

/* What the fetch standard does to a request that is sent somewhere else (4.4, HTTP-redirect). */
static void adapt_request(struct transfer *transfer, bool is_same_origin)
{
    static const char *const of_body[] = {"content-encoding", "content-language",
                                          "content-location", "content-type"};
    static const char *const of_origin[] = {"authorization", "cookie"};
    int status = transfer->head.status;
    bool is_post = strcmp(transfer->method, "POST") == 0;
    bool is_get = strcmp(transfer->method, "GET") == 0 || strcmp(transfer->method, "HEAD") == 0;

    if (((status == 301 || status == 302) && is_post) || (status == 303 && !is_get)) {
        snprintf(transfer->method, sizeof(transfer->method), "GET");
        transfer->has_body = false;
        drop_body(transfer);
        drop_headers(transfer, of_body, sizeof(of_body) / sizeof(of_body[0]));
    }
    if (!is_same_origin)
        drop_headers(transfer, of_origin, sizeof(of_origin) / sizeof(of_origin[0]));
}

static void follow(struct transfer *transfer)
{
    struct target next;
    const char *fault = NULL;
    char text[FETCH_FAULT_BYTES];
    int error;

    if (transfer->redirect == REQUEST_REFUSE) {
        transfer_fail(transfer, AMID_E_NETWORK,
                      "the answer is a redirect, which the request does not want");
        return;
    }
    if (++transfer->redirects > TRANSFER_REDIRECTS_MAX) {
        transfer_fail(transfer, AMID_E_NETWORK, "redirected too many times");
        return;
    }
    error = target_follow(&transfer->attempt.target, transfer->location, &next, &fault);
    if (error != 0) {
        snprintf(text, sizeof(text), "cannot follow a redirect: %s",
                 error == AMID_E_INVALID ? fault : error_text(error));
        transfer_fail(transfer, error == AMID_E_INVALID ? AMID_E_NETWORK : error, text);
        return;
    }
    adapt_request(transfer, target_is_same_origin(&transfer->attempt.target, &next));
    attempt_end(&transfer->attempt);
    transfer->is_attempting = false;
    transfer_answer_reset(transfer);
    begin_attempt(transfer, &next);
}

static void attempt_has_ended(struct attempt *attempt, int error)
{
    struct transfer *transfer = (struct transfer *)attempt;

    /* Its body is of no interest, so neither is how that ended. */
    if (transfer->location != NULL) {
        follow(transfer);
        return;
    }
    if (error == 0 && transfer->has_answer) {
        transfer->is_complete = true;
        finish(transfer);
        return;
    }
    if (error == 0) {
        transfer_fail(transfer, AMID_E_NETWORK, "the answer has no complete headers");
        return;
    }
    transfer_fail(transfer, error, attempt->fault);
}

static void tell(void *arg)
{
    struct transfer *transfer = arg;

    transfer->owner_news(transfer->owner);
}

static int copy_headers(struct transfer *transfer, const struct request *request)
{
    bool has_agent = false, has_type = false, has_accept = false, has_range = false;
    int error = 0;

    for (size_t i = 0; i < request->header_count && error == 0; i++) {
        const struct request_header *header = &request->headers[i];

        has_agent |= strcasecmp(header->name, "user-agent") == 0;
        has_type |= strcasecmp(header->name, "content-type") == 0;
        has_accept |= strcasecmp(header->name, "accept") == 0;
        has_range |= strcasecmp(header->name, "range") == 0;
        error = request_header_add(&transfer->headers, header->name, header->value);
    }
    if (error == 0 && !has_agent)
        error = request_header_add(&transfer->headers, "User-Agent", USER_AGENT);
    if (error == 0 && !has_accept)
        error = request_header_add(&transfer->headers, "Accept", "*/*");
    if (error == 0) /* a part of a packed body could not be unpacked */
        error = request_header_add(&transfer->headers, "Accept-Encoding",
                                   has_range ? "identity" : "gzip");
    /* What curl would add by itself: "name:" leaves it out. */
    for (size_t i = 0; i < 2 && error == 0; i++) {
        static const char *const unwanted[] = {"Expect:", "Content-Type:"};
        struct curl_slist *longer;

        if (i == 1 && has_type)
            break;
        longer = libcurl.slist_append(transfer->headers, unwanted[i]);
        error = longer == NULL ? AMID_E_NOMEM : 0;
        if (longer != NULL)
            transfer->headers = longer;
    }
    return error;
}

static int copy_request(struct transfer *transfer, const struct request *request)
{
    struct fetch_client *client = transfer->attempt.client;

    snprintf(transfer->method, sizeof(transfer->method), "%s", request->method);
    transfer->has_body = request->has_body;
    transfer->redirect = request->redirect;
    if (request->body_len > FETCH_BODIES_BYTES - client->body_bytes)
        return AMID_E_BUSY;
    if (request->body_len > 0) {
        transfer->body = malloc(request->body_len);
        if (transfer->body == NULL)
            return AMID_E_NOMEM;
        memcpy(transfer->body, request->body, request->body_len);
        transfer->body_len = request->body_len;
        client->body_bytes += request->body_len;
    }
    return copy_headers(transfer, request);
}

int transfer_start(struct fetch_client *client, const struct request *request,
                   void (*news)(void *arg), void *arg, struct transfer **ret_transfer, char *fault,
                   size_t fault_size)
{
    struct fetch *fetch = client->fetch;
    struct transfer *transfer;
    const char *why = "";
    int error = request_check(request, fault, fault_size);

    if (error == 0)
        error = fetch_need(fetch, fault, fault_size);
    if (error != 0)
        return error;
    snprintf(fault, fault_size, "%s", error_text(AMID_E_NOMEM));
    transfer = calloc(1, sizeof(*transfer));
    if (transfer == NULL)
        return AMID_E_NOMEM;
    attempt_init(&transfer->attempt, client, &transfer_kind);
    answer_head_init(&transfer->head);
    transfer->slot = (struct fetch_slot){.start = slot_is_held, .arg = transfer};
    transfer->news = (struct fetch_news){.tell = tell, .arg = transfer};
    transfer->owner_news = news;
    transfer->owner = arg;
    timer_init(&transfer->silence, fetch->timers, on_silence, transfer);
    timer_init(&transfer->whole, fetch->timers, on_whole, transfer);
    error = target_parse(request->url, TARGET_HTTP, &transfer->target, &why);
    if (error == AMID_E_INVALID)
        snprintf(fault, fault_size, "%s", why);
    if (error == 0)
        error = copy_request(transfer, request);
    if (error == AMID_E_BUSY)
        snprintf(fault, fault_size, "requests with more than %u bytes of body are under way",
                 FETCH_BODIES_BYTES);
    if (error == 0)
        error = timer_start(&transfer->silence, fetch->settings.timeout_ms);
    if (error == 0 && request->timeout_ms > 0)
        error = timer_start(&transfer->whole, request->timeout_ms);
    if (error != 0) {
        transfer_free(transfer);
        return error;
    }
    fetch_slot_ask(client, &transfer->slot);
    *ret_transfer = transfer;
    return 0;
}

void transfer_free(struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    stop_attempt(transfer);
    timer_stop(&transfer->silence);
    timer_stop(&transfer->whole);
    fetch_news_forget(transfer->attempt.client->fetch, &transfer->news);
    transfer_answer_free(transfer);
    target_free(&transfer->target);
    libcurl.slist_free_all(transfer->headers);
    drop_body(transfer);
    free(transfer);
}

const struct answer_head *transfer_head(const struct transfer *transfer)
{
    return transfer->has_answer ? &transfer->head : NULL;
}

bool transfer_is_redirected(const struct transfer *transfer)
{
    return transfer->redirects > 0;
}

bool transfer_unpacks(const struct transfer *transfer)
{
    return transfer->unpack != NULL;
}

static const struct target *current_target(const struct transfer *transfer)
{
    return transfer->target.url != NULL ? &transfer->target : &transfer->attempt.target;
}

char *transfer_url(const struct transfer *transfer)
{
    return target_text(current_target(transfer));
}

const char *transfer_host(const struct transfer *transfer, uint16_t *ret_port)
{
    *ret_port = current_target(transfer)->port;
    return current_target(transfer)->host;
}

int transfer_failure(const struct transfer *transfer, const char **ret_fault)
{
    *ret_fault = transfer->fault;
    return transfer->failure;
}
