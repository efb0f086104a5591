#include "supervisor/api/session.h"

#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "supervisor/api/call.h"
#include "supervisor/api/note.h"
#include "supervisor/http/socket.h"

#define BEARER "Bearer "

#define UNKNOWN                                                                                    \
    "Unauthorized: no or a bad session; send a session or token in stels-session or as "           \
    "Authorization: Bearer"
#define FORBIDDEN_FORMAT "Forbidden: the role %s does not allow this"

_Static_assert(sizeof(struct principal) <= HTTP_NOTE_BYTES, "the principal fits into a note");

const struct principal *session_principal(const struct http_request *request)
{
    return http_request_noted(request);
}

bool session_identify(const struct api *api, const char *session, size_t len,
                      struct principal *ret_who)
{
    return auth_identify(api->needs.auth, session, len, ret_who) == 0;
}

bool session_may(const struct http_request *request, enum right right,
                 const struct registry_entry *entry)
{
    const struct principal *who = session_principal(request);
    return entry ? rights_allow(who, right, entry->worker->owner) : rights_has(who, right);
}

int session_renew(const struct api *api, struct http_request *request, enum right right,
                  const struct registry_entry *entry)
{
    struct principal *who = http_request_note(request);
    int error = auth_renew(api->needs.auth, who);
    if (error)
        *who = (struct principal){.kind = PRINCIPAL_NONE};
    else if (!session_may(request, right, entry))
        error = AMID_E_DENIED;
    return error;
}

void session_refuse(struct api *api, struct http_request *request)
{
    const struct principal *who = session_principal(request);
    if (who->kind == PRINCIPAL_NONE) {
        note_refusal(api, request, 401, "no or a bad session");
        http_request_add_header(request, "WWW-Authenticate", "Bearer");
        http_respond_error(request, 401, UNKNOWN);
    } else {
        note_refusal(api, request, 403, role_name(who->role));
        http_respond_error(request, 403, FORBIDDEN_FORMAT, role_name(who->role));
    }
}

void session_refuse_call(struct api_call *call)
{
    const struct principal *who = session_principal(call->request);
    if (who->kind == PRINCIPAL_NONE) {
        api_call_add_header(call, "WWW-Authenticate", "Bearer");
        api_call_refuse(call, 401, UNKNOWN);
    } else {
        api_call_refuse(call, 403, FORBIDDEN_FORMAT, role_name(who->role));
    }
}

static void identify(const struct api *api, struct http_request *request)
{
    const char *session = http_request_header(request, "stels-session");
    const char *authorization = http_request_header(request, "authorization");
    if (!session && authorization && strncasecmp(authorization, BEARER, sizeof BEARER - 1) == 0) {
        session = authorization + sizeof BEARER - 1;
        session += strspn(session, " ");
    }
    if (session)
        auth_identify(api->needs.auth, session, strlen(session), http_request_note(request));
    else if (http_request_is_local(request))
        *(struct principal *)http_request_note(request) =
            (struct principal){.role = ROLE_OWNER, .kind = PRINCIPAL_LOCAL};
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
    const struct api_route *route = http_request_route_arg(request);
    const char *path = http_request_path(request);
    if (is_socket(request))
        return true;
    identify(api, request);
    bool is_webfix = strcmp(path, "/") == 0 && strcmp(http_request_method(request), "POST") == 0;
    bool is_unreadable = is_webfix && !is_json(request);
    /* Some methods are for anybody; what is no method is told only to who is known. */
    if (!session_may(request, route->right, NULL) ||
        (is_unreadable && session_principal(request)->kind == PRINCIPAL_NONE)) {
        session_refuse(api, request);
        return false;
    }
    if (is_unreadable) {
        http_respond_error(request, 415, "Content-Type must be application/json");
        return false;
    }
    return true;
}
