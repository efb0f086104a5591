#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "supervisor/etcd/etcd_internal.h"

static int call_data(struct etcd_attempt *attempt, const char *bytes, size_t len)
{
    struct etcd_call *call =
        (struct etcd_call *)((char *)attempt - offsetof(struct etcd_call, attempt));

    if (attempt->etcd->answer_bytes + len > ETCD_ANSWERS_MAX_BYTES)
        return AMID_E_TOO_LARGE;
    buffer_append(&call->answer, bytes, len);
    int error = buffer_status(&call->answer);
    if (error == 0)
        attempt->etcd->answer_bytes += len;
    return error;
}

static void answer_drop(struct etcd_call *call)
{
    call->attempt.etcd->answer_bytes -= call->answer.len;
    buffer_free(&call->answer);
}

static void call_leave(struct etcd_call *call)
{
    struct etcd *etcd = call->attempt.etcd;

    if (call->is_active) {
        TAILQ_REMOVE(&etcd->active, call, link);
        etcd->active_count--;
        call->is_active = false;
    } else if (call->refusal != 0) {
        TAILQ_REMOVE(&etcd->refused, call, link);
    } else {
        TAILQ_REMOVE(&etcd->waiting, call, link);
    }
}

void etcd_call_finish(struct etcd_call *call, int error, const cJSON *json, const char *fault)
{
    struct etcd *etcd = call->attempt.etcd;
    char printable[ETCD_FAULT_MAX_BYTES];

    etcd_fault_copy(printable, sizeof(printable), fault);
    call_leave(call);
    etcd_attempt_stop(&call->attempt);
    answer_drop(call);
    etcd->calls--;
    etcd->body_bytes -= call->len;
    const struct etcd_answer answer = {
        .json = error == 0 ? json : NULL, .sent_boot_ms = call->sent_boot_ms, .fault = printable};
    call->fn(call->arg, error, &answer);
    free(call->body);
    free(call);
}

void etcd_call_refuse(struct etcd_call *call, int error)
{
    struct etcd *etcd = call->attempt.etcd;

    call_leave(call);
    call->refusal = error;
    TAILQ_INSERT_TAIL(&etcd->refused, call, link);
    etcd_wake(etcd);
}

/* Waits, before those who came after it. */
static void call_again(struct etcd_call *call)
{
    struct etcd *etcd = call->attempt.etcd;

    answer_drop(call);
    call_leave(call);
    TAILQ_INSERT_HEAD(&etcd->waiting, call, link);
}

/* It has not been done; whether another server is asked. One more than there are, as a connection
 * that was kept may have died in the meantime. */
static bool call_elsewhere(struct etcd_call *call)
{
    struct etcd *etcd = call->attempt.etcd;

    etcd_endpoint_failed(etcd, call->endpoint);
    if (call->tries > etcd->endpoints.count)
        return false;
    call->endpoint = (call->endpoint + 1) % etcd->endpoints.count;
    call_again(call);
    return true;
}

static void call_failed(struct etcd_call *call, int error)
{
    bool may_be_done = call->kind == ETCD_WRITE && call->attempt.taken > 0;
    const char *fault = call->attempt.curl_fault;

    if (may_be_done) {
        etcd_endpoint_failed(call->attempt.etcd, call->endpoint);
        etcd_call_finish(call, AMID_E_UNCERTAIN, NULL, fault);
    } else if (error == AMID_E_NOMEM || error == AMID_E_TOO_LARGE) {
        etcd_call_finish(call, error, NULL, fault);
    } else if (!call_elsewhere(call)) {
        etcd_call_finish(call, AMID_E_UNAVAILABLE, NULL, fault);
    }
}

static void call_renew(struct etcd_call *call, const char *fault)
{
    if (call->was_renewed || call->is_token || call->attempt.etcd->user[0] == '\0') {
        etcd_call_finish(call, AMID_E_DENIED, NULL, fault);
        return;
    }
    call->was_renewed = true;
    etcd_token_drop(call->attempt.etcd, call->token_at);
    call_again(call);
}

static void call_answered(struct etcd_call *call)
{
    cJSON *json = NULL;
    struct json_fault fault;
    enum etcd_verdict verdict;
    const char *text;

    if (json_parse(call->answer.data == NULL ? "" : call->answer.data, call->answer.len, &json,
                   &fault) != 0 ||
        !cJSON_IsObject(json)) {
        cJSON_Delete(json);
        strcpy(call->attempt.curl_fault, "the answer is not JSON of etcd's");
        call_failed(call, AMID_E_PROTOCOL);
        return;
    }
    int error = etcd_answer_judge(call->attempt.status, json, call->kind, &verdict, &text);
    if (verdict == ETCD_VERDICT_TOKEN)
        call_renew(call, text);
    else if (verdict == ETCD_VERDICT_FINAL || !call_elsewhere(call))
        etcd_call_finish(call, error, json, text);
    cJSON_Delete(json);
}

static void call_ended(struct etcd_attempt *attempt, int error)
{
    struct etcd_call *call =
        (struct etcd_call *)((char *)attempt - offsetof(struct etcd_call, attempt));
    struct etcd *etcd = attempt->etcd;

    if (error == 0)
        call_answered(call);
    else
        call_failed(call, error);
    etcd_pump(etcd);
}

int etcd_call_new(struct etcd *etcd, enum etcd_kind kind, const char *path, char *body, size_t len,
                  etcd_fn fn, void *arg, struct etcd_call **ret_call)
{
    int error = 0;

    if (len > ETCD_BODY_MAX_BYTES)
        error = AMID_E_TOO_LARGE;
    else if (etcd->calls >= ETCD_CALLS_MAX || etcd->body_bytes + len > ETCD_BODIES_MAX_BYTES)
        error = AMID_E_BUSY;
    struct etcd_call *call = error == 0 ? calloc(1, sizeof(*call)) : NULL;
    if (call == NULL) {
        free(body);
        return error == 0 ? AMID_E_NOMEM : error;
    }
    *call = (struct etcd_call){.kind = kind,
                               .path = path,
                               .body = body,
                               .len = len,
                               .endpoint = etcd->preferred,
                               .fn = fn,
                               .arg = arg,
                               .attempt = {.etcd = etcd, .data = call_data, .ended = call_ended}};
    buffer_init(&call->answer, ETCD_ANSWER_MAX_BYTES);
    etcd->calls++;
    etcd->body_bytes += len;
    TAILQ_INSERT_TAIL(&etcd->waiting, call, link);
    *ret_call = call;
    return 0;
}

void etcd_call_start(struct etcd_call *call)
{
    struct etcd *etcd = call->attempt.etcd;

    if (call->tries == 0)
        call->endpoint = etcd->preferred;
    call->tries++;
    call->token_at = etcd->token_number;
    call->sent_boot_ms = clock_boot_ms();
    call->attempt.body = call->body;
    call->attempt.len = call->len;
    call->attempt.endpoint = call->endpoint;
    if (etcd_attempt_start(&call->attempt, call->path, etcd->timeout_ms) != 0) {
        etcd_call_refuse(call, AMID_E_NOMEM);
        return;
    }
    TAILQ_REMOVE(&etcd->waiting, call, link);
    TAILQ_INSERT_TAIL(&etcd->active, call, link);
    call->is_active = true;
    etcd->active_count++;
}

int etcd_call(struct etcd *etcd, enum etcd_kind kind, const char *path, char *body, size_t len,
              etcd_fn fn, void *arg)
{
    struct etcd_call *call;
    int error = etcd_call_new(etcd, kind, path, body, len, fn, arg, &call);

    if (error == 0)
        etcd_pump(etcd);
    return error;
}
