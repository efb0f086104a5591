#include "supervisor/api/call.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/json.h"
#include "supervisor/api/note.h"

#define CHANNEL_PREFIX     "ami.worker."
#define REFUSAL_MAX_BYTES  1024
#define RETRY_AFTER_BUSY_S "1"

struct api_call *api_call_new(struct api *api, struct http_request *request, cJSON *json)
{
    struct api_call *call = calloc(1, sizeof *call);
    if (!call) {
        cJSON_Delete(json);
        http_respond_error(request, 500, "Internal server error");
        return NULL;
    }
    call->api = api;
    call->request = request;
    call->json = json;
    call->internal_error = "Internal server error";
    call->next = api->calls;
    if (call->next)
        call->next->previous = call;
    api->calls = call;
    return call;
}

struct api_call *api_call_new_list(struct api *api, struct http_request *request,
                                   struct buffer *ret_body)
{
    struct api_call *call = api_call_new(api, request, NULL);
    if (!call)
        return NULL;
    buffer_init(ret_body, API_ANSWER_MAX_BYTES);
    buffer_append_char(ret_body, '[');
    return call;
}

static void wait_abandon(void *arg)
{
    struct api_wait *wait = arg;
    wait->call = NULL;
}

struct api_wait *api_wait_new(struct api *api, struct http_request *request)
{
    struct api_wait *wait = calloc(1, sizeof *wait);
    if (!wait) {
        http_respond_error(request, 500, "Internal server error");
        return NULL;
    }
    wait->call = api_call_new(api, request, NULL);
    if (!wait->call) {
        free(wait);
        return NULL;
    }
    wait->call->abandon = wait_abandon;
    wait->call->abandon_arg = wait;
    return wait;
}

struct api_call *api_wait_end(struct api_wait *wait)
{
    struct api_call *call = wait->call;
    free(wait);
    if (call)
        call->abandon = NULL;
    return call;
}

static void api_call_free(struct api_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->api->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    cJSON_Delete(call->json);
    free(call);
}

void api_calls_close(struct api *api)
{
    while (api->calls) {
        struct api_call *call = api->calls;
        if (call->abandon)
            call->abandon(call->abandon_arg);
        api_call_refuse(call, 503, "amid is stopping");
    }
}

/* What is read while the cluster's store is away is true of the time before. */
static void mark_stale(struct api_call *call)
{
    if (!registry_is_stale(call->api->needs.registry))
        return;
    http_request_add_header(call->request, "Amid-Stale", "net");
    http_request_add_header(call->request, "Access-Control-Expose-Headers", "Amid-Stale");
}

void api_call_answer(struct api_call *call, int status, struct buffer *body)
{
    size_t len = 0;
    mark_stale(call);
    char *bytes = buffer_take(body, &len);
    buffer_free(body);
    if (!bytes)
        http_respond_error(call->request, 500, "%s", call->internal_error);
    else
        http_respond_owned(call->request, status, NULL, bytes, len);
    api_call_free(call);
}

void api_call_refuse(struct api_call *call, int status, const char *format, ...)
{
    char text[REFUSAL_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    note_refusal(call->api, call->request, status, text);
    http_respond_error(call->request, status, "%s", text);
    api_call_free(call);
}

void api_call_fail(struct api_call *call, int error)
{
    int status = error_http_status(error);
    if (status == 503)
        http_request_add_header(call->request, "Retry-After", RETRY_AFTER_BUSY_S);
    if (status < 500 || status == 503) {
        api_call_refuse(call, status, "%s", error_text(error));
        return;
    }
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"error\":");
    json_append_string(&body, call->internal_error, strlen(call->internal_error));
    buffer_append_str(&body, ",\"message\":");
    json_append_string(&body, error_text(error), strlen(error_text(error)));
    buffer_append_char(&body, '}');
    api_call_answer(call, status, &body);
}

void api_call_add_header(struct api_call *call, const char *name, const char *value)
{
    http_request_add_header(call->request, name, value);
}

const char *api_call_string(const struct api_call *call, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(call->body, name));
}

bool api_sid_normalize(const char *text, size_t len, char *out)
{
    char sid[ID_UUID_LEN + 1];
    if (len != ID_UUID_LEN)
        return false;
    for (size_t i = 0; i < len; i++)
        sid[i] = (char)tolower((unsigned char)text[i]);
    sid[len] = '\0';
    if (!id_is_uuid(sid))
        return false;
    memcpy(out, sid, sizeof sid);
    return true;
}

bool api_sid_of_channel(const char *channel, char *out)
{
    size_t prefix = strlen(CHANNEL_PREFIX);
    if (strncmp(channel, CHANNEL_PREFIX, prefix) != 0)
        return false;
    return api_sid_normalize(channel + prefix, strlen(channel + prefix), out);
}

bool api_call_sid(const struct api_call *call, char *out)
{
    const char *sid = api_call_string(call, "sid");
    const char *channel = api_call_string(call, "channel");
    char from_channel[ID_UUID_LEN + 1];
    if (!sid)
        return channel && api_sid_of_channel(channel, out);
    if (!api_sid_normalize(sid, strlen(sid), out))
        return false;
    /* Both: they must mean the same worker. */
    return !channel ||
           (api_sid_of_channel(channel, from_channel) && strcmp(from_channel, out) == 0);
}
