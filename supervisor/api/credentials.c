#include "supervisor/api/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "supervisor/api/note.h"
#include "supervisor/api/session.h"
#include "supervisor/api/view.h"
#include "supervisor/auth/auth.h"

#define SESSIONS_PATH "/api/sessions/"
#define TOKENS_PATH   "/api/tokens/"

/* One change on behalf of a call. */
struct wish {
    struct api_call *call;
    struct auth_change *change;
};

static void append_credential(struct buffer *out, const struct credential *credential)
{
    buffer_append_str(out, "{\"id\":");
    view_append_text(out, credential->id);
    if (credential->kind == PRINCIPAL_TOKEN) {
        view_append_member_text(out, "name", credential->name);
        view_append_member_text(out, "role", role_name(credential->role));
    }
    view_append_member_text(out, "wallet", credential->wallet[0] ? credential->wallet : NULL);
    view_append_member_int(out, "created", credential->created_ms);
    view_append_member_time(out, "expires", credential->expires_ms);
    view_append_member_int(out, "seen", credential->seen_ms);
}

static void answer_list(struct api *api, struct http_request *request, enum principal_kind kind)
{
    const struct credential *credential;
    struct buffer body;
    struct api_call *call = api_call_new_list(api, request, &body);
    if (!call)
        return;
    for (size_t i = 0; (credential = auth_at(api->needs.auth, i)); i++) {
        if (credential->kind != kind)
            continue;
        if (body.len > 1)
            buffer_append_char(&body, ',');
        append_credential(&body, credential);
        buffer_append_char(&body, '}');
    }
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

void credentials_sessions(void *arg, struct http_request *request)
{
    answer_list(arg, request, PRINCIPAL_SESSION);
}

void credentials_tokens(void *arg, struct http_request *request)
{
    answer_list(arg, request, PRINCIPAL_TOKEN);
}

static void wish_abandon(void *arg)
{
    struct wish *wish = arg;
    auth_change_abandon(wish->change);
    free(wish);
}

/* NULL: answered. */
static struct wish *wish_new(struct api *api, struct http_request *request, cJSON *json)
{
    struct api_call *call = api_call_new(api, request, json);
    if (!call)
        return NULL;
    struct wish *wish = calloc(1, sizeof *wish);
    if (!wish) {
        api_call_fail(call, AMID_E_NOMEM);
        return NULL;
    }
    wish->call = call;
    return wish;
}

static void wish_done(void *arg, int error, const struct credential *credential, const char *secret)
{
    struct wish *wish = arg;
    struct api_call *call = wish->call;
    struct buffer body;
    call->abandon = NULL;
    if (error) {
        api_call_fail(call, error);
        free(wish);
        return;
    }
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    if (secret) {
        append_credential(&body, credential);
        view_append_member_text(&body, "secret", secret);
        buffer_append_char(&body, '}');
    } else {
        buffer_append_str(&body, "{\"success\":true}");
    }
    api_call_add_header(call, "Cache-Control", "no-store");
    api_call_answer(call, 200, &body);
    free(wish);
}

/* Consumes wish if error is one. */
static void wish_begun(struct wish *wish, int error)
{
    struct api_call *call = wish->call;
    if (!error) {
        call->abandon = wish_abandon;
        call->abandon_arg = wish;
        return;
    }
    free(wish);
    if (error == AMID_E_NOT_FOUND)
        api_call_refuse(call, 404, "There is none of that id");
    else if (error == AMID_E_CONFLICT)
        api_call_refuse(call, 409, "The owner token is being changed already");
    else if (error == AMID_E_LIMIT)
        api_call_refuse(call, 409, "There are as many as amid keeps; revoke one first");
    else
        api_call_fail(call, error);
}

static void revoke(struct api *api, struct http_request *request, enum principal_kind kind,
                   const char *id)
{
    char copy[PRINCIPAL_ID_LEN + 1];
    if (strlen(id) != PRINCIPAL_ID_LEN) {
        http_respond_error(request, 404, "There is none of that id");
        return;
    }
    memcpy(copy, id, sizeof copy);
    struct wish *wish = wish_new(api, request, NULL);
    if (!wish)
        return;
    struct note_credential about = {
        .call = wish->call, .event = kind == PRINCIPAL_SESSION ? "session-revoke" : "token-revoke"};
    const struct auth_note note = {.fn = note_credential, .arg = &about};
    wish_begun(wish,
               auth_revoke(api->needs.auth, kind, copy, &note, wish_done, wish, &wish->change));
}

void credentials_revoke_session(void *arg, struct http_request *request)
{
    revoke(arg, request, PRINCIPAL_SESSION, http_request_path(request) + sizeof SESSIONS_PATH - 1);
}

void credentials_revoke_token(void *arg, struct http_request *request)
{
    revoke(arg, request, PRINCIPAL_TOKEN, http_request_path(request) + sizeof TOKENS_PATH - 1);
}

static bool copy_text(const cJSON *json, const char *name, char *out, size_t size)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!item || cJSON_IsNull(item))
        return true;
    return cJSON_IsString(item) && snprintf(out, size, "%s", item->valuestring) < (int)size;
}

static const char *unknown_member(const cJSON *json)
{
    static const char *const known[] = {"role", "name", "wallet", "expiresIn"};
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || strcmp(known[i], item->string) == 0;
        if (!is_known)
            return item->string;
    }
    return NULL;
}

/* What is wrong with the wish for a token, or NULL. */
static const char *read_token(const cJSON *json, struct credential *ret_token)
{
    const cJSON *expires = cJSON_GetObjectItemCaseSensitive(json, "expiresIn");
    char role[16] = "";
    if (!cJSON_IsObject(json) || unknown_member(json))
        return "Invalid body: an object of role, name, wallet and expiresIn expected";
    if (!copy_text(json, "role", role, sizeof role) || role_of_name(role) == ROLE_NONE)
        return "Invalid role: viewer, operator, developer or owner expected";
    ret_token->role = role_of_name(role);
    if (!copy_text(json, "name", ret_token->name, sizeof ret_token->name) ||
        !credential_name_is_valid(ret_token->name))
        return "Invalid name: at most 64 bytes without control characters expected";
    if (!copy_text(json, "wallet", ret_token->wallet, sizeof ret_token->wallet) ||
        (ret_token->wallet[0] && strlen(ret_token->wallet) != PRINCIPAL_WALLET_LEN))
        return "Invalid wallet: an address of 34 characters expected";
    if (ret_token->role == ROLE_DEVELOPER && !ret_token->wallet[0])
        return "Invalid wallet: a developer's token needs the wallet that its workers belong to";
    if (expires && !cJSON_IsNull(expires)) {
        double ms = cJSON_IsNumber(expires) ? expires->valuedouble : 0;
        if (!(ms >= 1000 && ms <= (double)TOKEN_EXPIRES_MAX_MS))
            return "Invalid expiresIn: milliseconds, a second to ten years, expected";
        ret_token->expires_ms = clock_real_ms() + (int64_t)ms;
    }
    return NULL;
}

void credentials_create(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct credential token = {0};
    struct json_fault fault;
    cJSON *json = NULL;
    size_t len;
    const char *text = http_request_body(request, &len);
    if (json_parse(text, len, &json, &fault) != 0) {
        http_respond_error(request, 400, "Invalid body: no JSON");
        return;
    }
    const char *complaint = read_token(json, &token);
    if (complaint) {
        cJSON_Delete(json);
        http_respond_error(request, 400, "%s", complaint);
        return;
    }
    struct wish *wish = wish_new(api, request, json);
    if (!wish)
        return;
    struct note_credential about = {.call = wish->call, .event = "token-create"};
    const struct auth_note note = {.fn = note_credential, .arg = &about};
    wish_begun(wish,
               auth_create_token(api->needs.auth, &token, &note, wish_done, wish, &wish->change));
}

static void change_owner(struct api *api, struct http_request *request, const char *event,
                         int (*change)(struct auth *auth, const struct auth_note *note,
                                       auth_done_fn fn, void *arg, struct auth_change **ret_change))
{
    struct wish *wish = wish_new(api, request, NULL);
    if (!wish)
        return;
    struct note_credential about = {.call = wish->call, .event = event};
    const struct auth_note note = {.fn = note_credential, .arg = &about};
    wish_begun(wish, change(api->needs.auth, &note, wish_done, wish, &wish->change));
}

void credentials_rotate_owner(void *arg, struct http_request *request)
{
    change_owner(arg, request, "owner-token-rotate", auth_rotate_owner);
}

void credentials_revoke_owner(void *arg, struct http_request *request)
{
    change_owner(arg, request, "owner-token-revoke", auth_revoke_owner);
}
