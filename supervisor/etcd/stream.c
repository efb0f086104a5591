#include <stdio.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/etcd/etcd_internal.h"

static struct etcd_stream *stream_of(struct etcd_attempt *attempt)
{
    return (struct etcd_stream *)((char *)attempt - offsetof(struct etcd_stream, attempt));
}

static void stream_news(struct etcd_stream *stream)
{
    stream->has_news = true;
    etcd_wake(stream->etcd);
}

static int stream_data(struct etcd_attempt *attempt, const char *bytes, size_t len)
{
    struct etcd_stream *stream = stream_of(attempt);

    stream_news(stream);
    return messages_add(&stream->messages, bytes, len);
}

static void stream_ended(struct etcd_attempt *attempt, int error)
{
    struct etcd_stream *stream = stream_of(attempt);
    bool is_refusal = error == AMID_E_TOO_LARGE || error == AMID_E_NOMEM;

    etcd_stream_refuse(stream, is_refusal ? error : AMID_E_UNAVAILABLE,
                       error == 0 ? "the server ended the stream" : attempt->curl_fault);
}

void etcd_stream_refuse(struct etcd_stream *stream, int error, const char *fault)
{
    stream->is_waiting = false;
    stream->is_over = true;
    stream->error = error;
    etcd_fault_copy(stream->fault, sizeof(stream->fault), fault);
    stream_news(stream);
}

void etcd_stream_start(struct etcd_stream *stream)
{
    struct etcd *etcd = stream->etcd;

    stream->is_waiting = false;
    stream->attempt.body = stream->body;
    stream->attempt.len = stream->len;
    stream->attempt.endpoint = etcd->preferred;
    if (etcd_attempt_start(&stream->attempt, stream->path, 0) != 0)
        etcd_stream_refuse(stream, AMID_E_NOMEM, error_text(AMID_E_NOMEM));
}

int etcd_stream_open(struct etcd *etcd, const char *path, char *body, size_t len,
                     const struct etcd_stream_fns *fns, void *arg, struct etcd_stream **ret_stream)
{
    struct etcd_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL) {
        free(body);
        return AMID_E_NOMEM;
    }
    *stream =
        (struct etcd_stream){.etcd = etcd,
                             .path = path,
                             .body = body,
                             .len = len,
                             .is_waiting = true,
                             .fns = fns,
                             .arg = arg,
                             .attempt = {.etcd = etcd, .data = stream_data, .ended = stream_ended}};
    messages_init(&stream->messages, ETCD_ANSWER_MAX_BYTES);
    TAILQ_INSERT_TAIL(&etcd->streams, stream, link);
    *ret_stream = stream;
    etcd_pump(etcd);
    return 0;
}

void etcd_stream_free(struct etcd_stream *stream)
{
    if (stream == NULL)
        return;
    etcd_attempt_stop(&stream->attempt);
    stream->is_freed = true;
    stream->is_waiting = false;
    if (stream->is_telling)
        return;
    TAILQ_REMOVE(&stream->etcd->streams, stream, link);
    messages_free(&stream->messages);
    free(stream->body);
    free(stream);
}

/* What the message means, told; not 0 if the stream ends with it. */
static int message_tell(struct etcd_stream *stream, const char *text, size_t len)
{
    cJSON *json = NULL;
    struct json_fault fault;
    enum etcd_verdict verdict;
    const char *why = "a message that is not JSON of etcd's";

    if (json_parse(text, len, &json, &fault) != 0) {
        snprintf(stream->fault, sizeof(stream->fault), "%s", why);
        return AMID_E_PROTOCOL;
    }
    int error = etcd_answer_judge(200, json, ETCD_READ, &verdict, &why);
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(json, "result");
    if (error != 0) {
        if (verdict == ETCD_VERDICT_TOKEN)
            etcd_token_drop(stream->etcd, stream->etcd->token_number);
        etcd_fault_copy(stream->fault, sizeof(stream->fault), why);
    } else if (cJSON_IsObject(result)) {
        stream->fns->message(stream->arg, result);
    }
    cJSON_Delete(json);
    return error;
}

static void stream_tell(struct etcd_stream *stream)
{
    const char *text;
    size_t len;
    int more = 0;
    int error = 0;

    stream->has_news = false;
    stream->is_telling = true;
    while (error == 0 && !stream->is_freed &&
           (more = messages_next(&stream->messages, &text, &len)) == 1)
        error = message_tell(stream, text, len);
    if (more < 0) {
        error = more;
        snprintf(stream->fault, sizeof(stream->fault), "a message that is no JSON object");
    }
    if (!stream->is_freed && error == 0 && stream->is_over)
        error = stream->error;
    if (!stream->is_freed && error != 0) {
        etcd_attempt_stop(&stream->attempt);
        stream->fns->ended(stream->arg, error, stream->fault);
    }
    stream->is_telling = false;
    if (stream->is_freed)
        etcd_stream_free(stream);
}

void etcd_streams_tell(struct etcd *etcd)
{
    struct etcd_stream *stream;

    /* From the start again each time: what is told may open and free streams.
     * NOLINTBEGIN(clang-analyzer-unix.Malloc): a freed one is no longer in the list */
    do {
        TAILQ_FOREACH(stream, &etcd->streams, link)
        {
            if (stream->has_news)
                break;
        }
        if (stream != NULL)
            stream_tell(stream);
    } while (stream != NULL);
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
}
