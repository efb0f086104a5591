#include "supervisor/api/sockets.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/log.h"
#include "supervisor/api/note.h"
#include "supervisor/api/session.h"
#include "supervisor/api/sonar.h"
#include "supervisor/auth/rights.h"
#include "supervisor/http/cors.h"
#include "supervisor/http/socket.h"
#include "supervisor/http/websocket.h"

#define PROTOCOL      "webfix"
#define SIGN_IN_AGAIN "sign in again"

struct client_socket {
    struct client_socket *previous, *next;
    struct api *api;
    struct http_socket *socket;
    struct principal who;
    bool is_subscribed;
    unsigned answers; /* to subscriptions, in this period */
};

static void send_sonar(struct client_socket *client)
{
    struct buffer frame;

    buffer_init(&frame, SONAR_MAX_BYTES);
    sonar_append(&frame, client->api, rights_has(&client->who, RIGHT_NODE_READ));
    /* Who is too slow for this one gets the next, which holds all that this one does. */
    if (buffer_status(&frame) == 0)
        http_socket_send(client->socket, frame.data, frame.len);
    buffer_free(&frame);
}

static void forget(struct client_socket *client)
{
    if (client->previous)
        client->previous->next = client->next;
    else
        client->api->sockets = client->next;
    if (client->next)
        client->next->previous = client->previous;
    client->api->socket_count--;
    free(client);
}

void sockets_tick(void *arg)
{
    struct api *api = arg;
    struct client_socket *next;
    bool is_wanted = false;

    for (struct client_socket *client = api->sockets; client; client = next) {
        next = client->next;
        if (auth_renew(api->needs.auth, &client->who) != 0) {
            struct http_socket *socket = client->socket;

            forget(client);
            http_socket_close(socket, SOCKETS_CODE_UNKNOWN, SIGN_IN_AGAIN);
            continue;
        }
        is_wanted = true;
        client->answers = 0;
        if (client->is_subscribed)
            send_sonar(client);
    }
    if (is_wanted)
        timer_start(&api->sockets_timer, SOCKETS_PERIOD_MS);
}

static void on_gone(void *arg)
{
    forget(arg);
}

/* Whatever is no subscription means nothing yet, and is no reason to lose the client. */
static void on_message(void *arg, const char *text, size_t len)
{
    struct client_socket *client = arg;
    struct json_fault fault;
    cJSON *json = NULL;
    const char *method;

    if (json_parse(text, len, &json, &fault) != 0)
        return;
    method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "method"));
    if (method && strcmp(method, "subscribe") == 0 &&
        cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "channel"))) {
        client->is_subscribed = true;
        if (client->answers++ < SOCKETS_ANSWERS_MAX)
            send_sonar(client);
    }
    cJSON_Delete(json);
}

static bool is_origin_allowed(const struct api *api, const struct http_request *request)
{
    const char *allowed = api->needs.config->http_cors;
    const char *origin = http_request_header(request, "origin");

    return !origin || cors_allows(allowed, origin);
}

/* A client holds one; all sockets are not for one session alone. */
static bool has_enough(const struct api *api, const struct principal *who)
{
    size_t own = 0, strangers = 0;

    for (const struct client_socket *client = api->sockets; client; client = client->next) {
        own += strcmp(client->who.id, who->id) == 0;
        strangers += client->who.role == ROLE_NONE;
    }
    return own >= SOCKETS_PER_SESSION_MAX ||
           (who->role == ROLE_NONE && strangers >= SOCKETS_STRANGERS_MAX);
}

/* Why the client must go again; 0 = it may stay. */
static uint16_t refusal(struct api *api, struct http_request *request, struct principal *who,
                        const char **ret_reason)
{
    const char *session = http_request_query(request, "session");

    if (api->socket_count >= SOCKETS_MAX) {
        *ret_reason = "busy";
        return WEBSOCKET_CODE_LATER;
    }
    if (!is_origin_allowed(api, request)) {
        *ret_reason = "this page's origin is not allowed";
        return SOCKETS_CODE_ORIGIN;
    }
    if (!session || !session_identify(api, session, strlen(session), who)) {
        *ret_reason = SIGN_IN_AGAIN;
        return SOCKETS_CODE_UNKNOWN;
    }
    if (has_enough(api, who)) {
        *ret_reason = "busy";
        return WEBSOCKET_CODE_LATER;
    }
    return 0;
}

/* What it would have been without a WebSocket, for the audit; 0 = nothing to note. */
static int refusal_status(uint16_t code)
{
    if (code == SOCKETS_CODE_UNKNOWN)
        return 401;
    return code == SOCKETS_CODE_ORIGIN ? 403 : 0;
}

static void send_away(struct api *api, struct http_request *request, uint16_t code,
                      const char *reason)
{
    static const struct http_socket_events none = {.arg = NULL};
    struct http_socket *socket;

    const struct log_about about = {.event = "socket-refused", .peer = http_request_peer(request)};

    note_refusal(api, request, refusal_status(code), reason);
    log_info(&about, "a WebSocket is closed with %u: %s", (unsigned)code, reason);
    if (http_socket_accept(request, PROTOCOL, &none, &socket) == 0)
        http_socket_close(socket, code, reason);
}

void sockets_open(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct principal who = {.role = ROLE_NONE};
    const char *reason = "";
    uint16_t code;

    if (!http_socket_is_asked(request)) {
        http_request_add_header(request, "Allow", "POST, OPTIONS");
        http_respond_error(request, 405, "Method not allowed here, only: POST, OPTIONS");
        return;
    }
    code = refusal(api, request, &who, &reason);
    if (code != 0) {
        send_away(api, request, code, reason);
        return;
    }
    struct client_socket *client = calloc(1, sizeof *client);
    if (!client) {
        send_away(api, request, WEBSOCKET_CODE_LATER, "busy");
        return;
    }
    struct http_socket_events events = {.message = on_message, .gone = on_gone, .arg = client};
    if (http_socket_accept(request, PROTOCOL, &events, &client->socket) != 0) {
        free(client);
        return;
    }
    client->api = api;
    client->who = who;
    client->next = api->sockets;
    if (client->next)
        client->next->previous = client;
    api->sockets = client;
    api->socket_count++;
    if (!timer_is_pending(&api->sockets_timer))
        timer_start(&api->sockets_timer, SOCKETS_PERIOD_MS);
}

void sockets_close(struct api *api)
{
    struct client_socket *next;

    timer_stop(&api->sockets_timer);
    for (struct client_socket *client = api->sockets; client; client = next) {
        struct http_socket *socket = client->socket;

        next = client->next;
        forget(client);
        http_socket_close(socket, WEBSOCKET_CODE_RESTART, "restarting");
    }
}
