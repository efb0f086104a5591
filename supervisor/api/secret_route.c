#include "supervisor/api/secret_route.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/api/note.h"
#include "supervisor/api/view.h"

#define SECRETS_PATH "/api/secrets/"
#define BAD_NAME     "A secret's name has letters, digits, '.', '_' and '-', 64 at most"

static void listed(void *arg, int error, const struct secret_item *items, size_t count)
{
    struct api_call *call = api_wait_end(arg);
    struct buffer body;
    if (!call)
        return;
    if (error) {
        api_call_fail(call, error);
        return;
    }
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '[');
    for (size_t i = 0; i < count; i++) {
        buffer_append_str(&body, i > 0 ? ",{\"name\":" : "{\"name\":");
        view_append_text(&body, items[i].name);
        if (items[i].sid[0] != '\0')
            view_append_member_text(&body, "worker", items[i].sid);
        view_append_member_int(&body, "updated", items[i].updated_ms);
        buffer_append_char(&body, '}');
    }
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

void secret_route_list(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct api_wait *wait = api_wait_new(api, request);
    if (!wait)
        return;
    int error = secrets_list(api->needs.secrets, listed, wait);
    if (error)
        api_call_fail(api_wait_end(wait), error);
}

static void refuse(struct api_call *call, int error)
{
    if (error == AMID_E_NOT_FOUND)
        api_call_refuse(call, 404, "There is no secret of this name");
    else if (error == AMID_E_TOO_LARGE)
        api_call_refuse(call, 413, "A secret has %d bytes at most", SECRET_VALUE_MAX_BYTES);
    else if (error == AMID_E_INVALID)
        api_call_refuse(call, 400, "A secret is UTF-8 text that is not empty and has no NUL");
    else if (error == AMID_E_LIMIT)
        api_call_refuse(call, 409, "There are %d secrets already", SECRETS_MAX);
    else
        api_call_fail(call, error);
}

static void changed(void *arg, int error)
{
    struct api_call *call = api_wait_end(arg);
    struct buffer body;
    if (!call)
        return;
    if (error) {
        refuse(call, error);
        return;
    }
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"success\":true}");
    api_call_answer(call, 200, &body);
}

/* The name behind the path, or NULL: answered. */
static const char *name_of(struct http_request *request)
{
    const char *name = http_request_path(request) + strlen(SECRETS_PATH);
    if (secret_name_is_valid(name))
        return name;
    http_respond_error(request, 400, BAD_NAME);
    return NULL;
}

void secret_route_set(void *arg, struct http_request *request)
{
    struct api *api = arg;
    const char *name = name_of(request);
    char sid[ID_UUID_LEN + 1] = "";
    size_t len = 0;
    if (!name)
        return;
    const char *worker = http_request_query(request, "worker");
    if (worker && !api_sid_normalize(worker, strlen(worker), sid)) {
        http_respond_error(request, 400, "Invalid worker: its UUID is expected");
        return;
    }
    struct api_wait *wait = api_wait_new(api, request);
    if (!wait)
        return;
    const struct note note = {.event = "secret-set", .sid = sid, .detail = name};
    const char *value = http_request_body(request, &len);
    struct buffer text;
    int error = note_render(wait->call, &note, &text);
    if (!error)
        error = secrets_set(api->needs.secrets, name, sid, value ? value : "", len, text.data,
                            changed, wait);
    buffer_free(&text);
    if (error)
        refuse(api_wait_end(wait), error);
}

void secret_route_remove(void *arg, struct http_request *request)
{
    struct api *api = arg;
    const char *name = name_of(request);
    struct api_wait *wait = name ? api_wait_new(api, request) : NULL;
    if (!wait)
        return;
    const struct note note = {.event = "secret-remove", .detail = name};
    struct buffer text;
    int error = note_render(wait->call, &note, &text);
    if (!error)
        error = secrets_remove(api->needs.secrets, name, text.data, changed, wait);
    buffer_free(&text);
    if (error)
        refuse(api_wait_end(wait), error);
}
