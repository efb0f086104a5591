#include "supervisor/api/logs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/log_line.h"
#include "supervisor/api/note.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"

/* A line of LOG_TEXT_MAX_BYTES, every character of it escaped, and its members. */
#define LINE_MAX_BYTES (8 * LOG_TEXT_MAX_BYTES)

struct log_stream {
    struct log_stream *previous, *next;
    struct api *api;
    struct http_request *request;
    char sid[ID_UUID_LEN + 1];
    struct journal_follow *follow; /* NULL: only what there is */
    const struct log_dialect *dialect;
    uint64_t skipped; /* lines the client was too slow for */
};

/* What a reader takes for a line, as the JSON of one event. */
struct log_dialect {
    void (*line)(struct buffer *out, const struct journal_line *line);
    void (*skipped)(struct buffer *out, uint64_t count);
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

static void append_skipped(struct buffer *out, uint64_t count)
{
    buffer_append_str(out, "{\"skipped\":");
    json_append_int(out, (int64_t)count);
    buffer_append_char(out, '}');
}

static const struct log_dialect own_dialect = {append_line, append_skipped};

/* A row of the web client: its text is shown as it is, and coloured by the level in brackets. */
static void append_row(struct buffer *out, const char *text, size_t len)
{
    buffer_append_str(out, "{\"type\":\"log\",\"content\":");
    json_append_string(out, text, len);
    buffer_append_char(out, '}');
}

static void append_client_line(struct buffer *out, const struct journal_line *line)
{
    char level[16], date[LOG_LINE_TIME_BYTES];
    struct buffer text;
    snprintf(level, sizeof level, "%s", log_level_name(line->level));
    for (char *at = level; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    log_line_time(line->real_ms, date);
    buffer_init(&text, LINE_MAX_BYTES);
    buffer_printf(&text, "[%s] [%s] ", date, level);
    buffer_append_str(&text, line->text);
    buffer_append_char(&text, '\n');
    append_row(out, text.data, text.len);
    buffer_free(&text);
}

static void append_client_skipped(struct buffer *out, uint64_t count)
{
    char text[64];
    int len = snprintf(text, sizeof text, "# %llu lines were too fast for this reader\n",
                       (unsigned long long)count);
    append_row(out, text, (size_t)len);
}

static const struct log_dialect client_dialect = {append_client_line, append_client_skipped};

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
        buffer_append_str(&event, "data: ");
        stream->dialect->skipped(&event, stream->skipped);
        buffer_append_str(&event, "\n\n");
    }
    buffer_append_str(&event, "data: ");
    stream->dialect->line(&event, line);
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

/* One reader alone may not take all of them. */
static bool is_room(const struct api *api, const struct http_request *request)
{
    const struct principal *who = session_principal(request);
    size_t count = 0, own = 0;
    for (const struct log_stream *stream = api->streams; stream; stream = stream->next) {
        count++;
        own += strcmp(session_principal(stream->request)->id, who->id) == 0;
    }
    return count < LOGS_STREAMS_MAX && (own < LOGS_STREAMS_EACH || who->kind == PRINCIPAL_LOCAL);
}

/* Answers 503 if there is none to be had. */
static struct log_stream *begin_stream(struct api *api, struct http_request *request,
                                       const char *sid, const struct log_dialect *dialect,
                                       bool follows)
{
    struct log_stream *stream = NULL;
    if (is_room(api, request))
        stream = calloc(1, sizeof *stream);
    if (!stream) {
        http_request_add_header(request, "Retry-After", "1");
        http_respond_error(request, 503, "Too many log streams");
        return NULL;
    }
    stream->api = api;
    memcpy(stream->sid, sid, ID_UUID_LEN);
    stream->request = request;
    stream->dialect = dialect;
    if (follows)
        stream->follow = journal_follow_new(api->needs.journal, sid, stream_line, stream);
    if ((follows && !stream->follow) || http_stream_begin(request, 200, "text/event-stream") != 0) {
        journal_follow_free(stream->follow);
        free(stream);
        http_respond_error(request, 503, "Too many log streams");
        return NULL;
    }
    stream->next = api->streams;
    if (stream->next)
        stream->next->previous = stream;
    api->streams = stream;
    if (follows && !timer_is_pending(&api->streams_timer))
        timer_start(&api->streams_timer, LOGS_RENEW_MS);
    http_request_on_gone(request, stream_gone, stream);
    return stream;
}

static void follow_lines(struct api *api, struct http_request *request, const char *sid,
                         size_t lines)
{
    struct log_stream *stream = begin_stream(api, request, sid, &own_dialect, true);
    if (stream)
        journal_tail(api->needs.journal, sid, 0, lines, stream_line, stream);
}

/* {"type":…,"member":text}; nobody waits for such an event, so one that does not fit is dropped. */
static void stream_tell(struct log_stream *stream, const char *type, const char *member,
                        const char *text)
{
    struct buffer event;
    buffer_init(&event, LINE_MAX_BYTES);
    buffer_printf(&event, "data: {\"type\":\"%s\"", type);
    if (member)
        view_append_member_text(&event, member, text);
    buffer_append_str(&event, "}\n\n");
    stream_write(stream, &event);
    buffer_free(&event);
}

static void answer_array(struct api *api, struct http_request *request, const char *sid,
                         size_t lines)
{
    struct buffer body;
    struct api_call *call = api_call_new_list(api, request, &body);
    if (!call)
        return;
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

/* -1: neither. NULL: not asked for. */
static int parse_follow(const char *text)
{
    if (!text || strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
        return 0;
    return strcmp(text, "1") == 0 || strcmp(text, "true") == 0 ? 1 : -1;
}

void logs_answer(struct api *api, struct http_request *request, const char *sid)
{
    int follows = parse_follow(http_request_query(request, "follow"));
    size_t lines;
    if (!registry_find(api->needs.registry, sid))
        http_respond_error(request, 404, "Worker not found");
    else if (!parse_lines(http_request_query(request, "lines"), &lines))
        http_respond_error(request, 400, "Invalid lines: a number up to %d expected",
                           LOGS_LINES_MAX);
    else if (follows < 0)
        http_respond_error(request, 400, "Invalid follow: 1 or 0 expected");
    else if (follows)
        follow_lines(api, request, sid, lines);
    else
        answer_array(api, request, sid, lines);
}

/* The web client reads no status and no headers, only events: who asks for a worker that is gone is
 * told so by one. */
void logs_stream(void *arg, struct http_request *request)
{
    struct api *api = arg;
    const char *asked = http_request_query(request, "sid");
    int follows = parse_follow(http_request_query(request, "follow"));
    char sid[ID_UUID_LEN + 1];
    if (!asked || !api_sid_normalize(asked, strlen(asked), sid)) {
        http_respond_error(request, 400, "Invalid sid: a UUID expected");
        return;
    }
    if (follows < 0) {
        http_respond_error(request, 400, "Invalid follow: true or false expected");
        return;
    }
    const struct registry_entry *entry = registry_find(api->needs.registry, sid);
    bool is_known = entry != NULL;
    if (entry && !session_may(request, RIGHT_WORKER_READ, entry)) {
        session_refuse(api, request);
        return;
    }
    struct log_stream *stream =
        begin_stream(api, request, sid, &client_dialect, follows && is_known);
    if (!stream)
        return;
    if (is_known) {
        stream_tell(stream, "connected", "sid", sid);
        journal_tail(api->needs.journal, sid, 0, LOGS_LINES_MAX, stream_line, stream);
    } else {
        stream_tell(stream, "error", "message", "Worker not found");
    }
    if (is_known && follows)
        return;
    if (is_known)
        stream_tell(stream, "complete", NULL, NULL);
    stream_end(stream);
}

/* Whether who reads may do so still: of the worker that has this sid now, if there is one. */
static bool may_go_on(struct api *api, const struct log_stream *stream)
{
    const struct registry_entry *entry = registry_find(api->needs.registry, stream->sid);
    return session_renew(api, stream->request, RIGHT_WORKER_READ, entry) == 0;
}

void logs_tick(void *arg)
{
    struct api *api = arg;
    struct log_stream *next;
    bool is_wanted = false;
    for (struct log_stream *stream = api->streams; stream; stream = next) {
        next = stream->next;
        if (may_go_on(api, stream)) {
            is_wanted = true;
            continue;
        }
        note_refusal(api, stream->request, 401,
                     "a log stream whose reader may not read it any more");
        http_request_on_gone(stream->request, NULL, NULL);
        stream_end(stream);
    }
    if (is_wanted)
        timer_start(&api->streams_timer, LOGS_RENEW_MS);
}

void logs_close(struct api *api)
{
    struct log_stream *next;
    timer_stop(&api->streams_timer);
    for (struct log_stream *stream = api->streams; stream; stream = next) {
        next = stream->next;
        http_request_on_gone(stream->request, NULL, NULL);
        stream_end(stream);
    }
}
