#include "supervisor/api/logs.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "supervisor/api/view.h"

/* A line of LOG_TEXT_MAX_BYTES, every character of it escaped, and its members. */
#define LINE_MAX_BYTES (8 * LOG_TEXT_MAX_BYTES)

struct log_stream {
    struct log_stream *previous, *next;
    struct api *api;
    struct http_request *request;
    struct journal_follow *follow;
    uint64_t skipped; /* lines the client was too slow for */
};

static void append_line(struct buffer *out, const struct journal_line *line)
{
    buffer_append_str(out, "{\"sequence\":");
    json_append_int(out, (int64_t)line->sequence);
    view_append_member_int(out, "timestamp", line->real_ms);
    view_append_member_text(out, "level", log_level_name(line->level));
    view_append_member_int(out, "instance", (int64_t)line->instance);
    buffer_append_str(out, ",\"source\":");
    buffer_append_str(out, line->from_script ? "\"script\"" : "\"amid\"");
    view_append_member_text(out, "event", line->event);
    view_append_member_text(out, "text", line->text);
    buffer_append_char(out, '}');
}

static void array_add(void *arg, const struct journal_line *line)
{
    struct buffer *body = arg;
    if (body->len > 1)
        buffer_append_char(body, ',');
    append_line(body, line);
}

static int stream_write(struct log_stream *stream, const struct buffer *event)
{
    if (buffer_status(event) != 0)
        return buffer_status(event);
    return http_stream_write(stream->request, event->data, event->len);
}

/* Called for past and live lines; only copies. A reader who is too slow is told what he missed. */
static void stream_line(void *arg, const struct journal_line *line)
{
    struct log_stream *stream = arg;
    struct buffer event;
    buffer_init(&event, LINE_MAX_BYTES);
    if (stream->skipped > 0) {
        buffer_append_str(&event, "data: {\"skipped\":");
        json_append_int(&event, (int64_t)stream->skipped);
        buffer_append_str(&event, "}\n\n");
    }
    buffer_append_str(&event, "data: ");
    append_line(&event, line);
    buffer_append_str(&event, "\n\n");
    if (stream_write(stream, &event) == 0)
        stream->skipped = 0;
    else
        stream->skipped++;
    buffer_free(&event);
}

static void stream_end(struct log_stream *stream)
{
    journal_follow_free(stream->follow);
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        stream->api->streams = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    http_stream_end(stream->request);
    free(stream);
}

static void stream_gone(void *arg)
{
    stream_end(arg);
}

static size_t count_streams(const struct api *api)
{
    size_t count = 0;
    for (const struct log_stream *stream = api->streams; stream; stream = stream->next)
        count++;
    return count;
}

static void begin_stream(struct api *api, struct http_request *request, const char *sid,
                         size_t lines)
{
    struct log_stream *stream = NULL;
    if (count_streams(api) < LOGS_STREAMS_MAX)
        stream = calloc(1, sizeof *stream);
    if (!stream) {
        http_request_add_header(request, "Retry-After", "1");
        http_respond_error(request, 503, "Too many log streams");
        return;
    }
    stream->api = api;
    stream->request = request;
    stream->follow = journal_follow_new(api->needs.journal, sid, stream_line, stream);
    if (!stream->follow || http_stream_begin(request, 200, "text/event-stream") != 0) {
        journal_follow_free(stream->follow);
        free(stream);
        http_respond_error(request, 503, "Too many log streams");
        return;
    }
    stream->next = api->streams;
    if (stream->next)
        stream->next->previous = stream;
    api->streams = stream;
    http_request_on_gone(request, stream_gone, stream);
    journal_tail(api->needs.journal, sid, 0, lines, stream_line, stream);
}

static void answer_array(struct api *api, struct http_request *request, const char *sid,
                         size_t lines)
{
    struct api_call *call = api_call_new(api, request, NULL);
    struct buffer body;
    if (!call)
        return;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '[');
    journal_tail(api->needs.journal, sid, 0, lines, array_add, &body);
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

static bool parse_lines(const char *text, size_t *ret_lines)
{
    char *end;
    if (!text) {
        *ret_lines = LOGS_LINES_DEFAULT;
        return true;
    }
    if (*text < '0' || *text > '9')
        return false;
    unsigned long lines = strtoul(text, &end, 10);
    if (*end != '\0' || lines > LOGS_LINES_MAX)
        return false;
    *ret_lines = lines;
    return true;
}

void logs_answer(struct api *api, struct http_request *request, const char *sid)
{
    const char *follow = http_request_query(request, "follow");
    size_t lines;
    if (!registry_find(api->needs.registry, sid)) {
        http_respond_error(request, 404, "Worker not found");
    } else if (!parse_lines(http_request_query(request, "lines"), &lines)) {
        http_respond_error(request, 400, "Invalid lines: a number up to %d expected",
                           LOGS_LINES_MAX);
    } else if (follow && (strcmp(follow, "1") == 0 || strcmp(follow, "true") == 0)) {
        begin_stream(api, request, sid, lines);
    } else if (!follow || strcmp(follow, "0") == 0 || strcmp(follow, "false") == 0) {
        answer_array(api, request, sid, lines);
    } else {
        http_respond_error(request, 400, "Invalid follow: 1 or 0 expected");
    }
}

void logs_close(struct api *api)
{
    struct log_stream *next;
    for (struct log_stream *stream = api->streams; stream; stream = next) {
        next = stream->next;
        http_request_on_gone(stream->request, NULL, NULL);
        stream_end(stream);
    }
}
