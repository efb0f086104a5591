#include "supervisor/api/session.h"

#include <string.h>
#include <strings.h>

#include "supervisor/api/call.h"
#include "supervisor/api/note.h"
#include "supervisor/http/socket.h"

#define BEARER "Bearer "

static bool needs_session(const char *path)
{
    return strcmp(path, "/healthz") != 0 && strcmp(path, "/readyz") != 0;
}

bool session_identify(const struct api *api, const char *session, size_t len,
                      struct principal *ret_who)
{
    if (!owner_token_matches(api->needs.owner_token, session, len))
        return false;
    *ret_who = (struct principal){.role = ROLE_OWNER, .kind = PRINCIPAL_OWNER_TOKEN};
    return true;
}

static bool has_session(const struct api *api, const struct http_request *request)
{
    struct principal who;
    const char *session = http_request_header(request, "stels-session");
    const char *authorization = http_request_header(request, "authorization");
    if (!session && authorization && strncasecmp(authorization, BEARER, sizeof BEARER - 1) == 0) {
        session = authorization + sizeof BEARER - 1;
        session += strspn(session, " ");
    }
    return session && session_identify(api, session, strlen(session), &who);
}

/* Browsers send no headers with these, and take a refusal for the end of everything: sockets.c lets
 * them in or sends them away. */
static bool is_socket(const struct http_request *request)
{
    return strcmp(http_request_path(request), "/") == 0 &&
           strcmp(http_request_method(request), "GET") == 0 && http_socket_is_asked(request);
}

static bool is_json(const struct http_request *request)
{
    static const char json[] = "application/json";
    const char *type = http_request_header(request, "content-type");
    if (!type || strncasecmp(type, json, sizeof json - 1) != 0)
        return false;
    type += sizeof json - 1;
    type += strspn(type, " \t");
    return *type == '\0' || *type == ';';
}

bool session_admit(void *arg, struct http_request *request)
{
    struct api *api = arg;
    const char *path = http_request_path(request);
    if (is_socket(request))
        return true;
    if (needs_session(path) && !has_session(api, request)) {
        note_refusal(api, request, 401, "no or a bad session");
        http_request_add_header(request, "WWW-Authenticate", "Bearer");
        http_respond_error(request, 401,
                           "Unauthorized: no or a bad session; send the owner token in "
                           "stels-session or as Authorization: Bearer");
        return false;
    }
    if (strcmp(path, "/") == 0 && strcmp(http_request_method(request), "POST") == 0 &&
        !is_json(request)) {
        http_respond_error(request, 415, "Content-Type must be application/json");
        return false;
    }
    return true;
}
