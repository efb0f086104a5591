#include "supervisor/api/access.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/api/note.h"
#include "supervisor/api/view.h"
#include "supervisor/auth/roster.h"

#define ACCESS_PATH "/api/access/"

struct decision {
    struct api_call *call;
    struct roster_change *change;
    char wallet[PRINCIPAL_WALLET_LEN + 1];
};

static void append_entry(struct buffer *out, const struct roster_entry *entry)
{
    buffer_append_str(out, "{\"wallet\":");
    view_append_text(out, entry->wallet);
    view_append_member_text(out, "state", roster_state_name(entry->state));
    view_append_member_int(out, "timestamp", entry->at_ms);
    buffer_append_char(out, '}');
}

void access_list(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct buffer body;
    struct api_call *call = api_call_new_list(api, request, &body);
    const struct roster_entry *entry;

    if (!call)
        return;
    for (size_t i = 0; (entry = roster_at(api->needs.roster, i)); i++) {
        if (i > 0)
            buffer_append_char(&body, ',');
        append_entry(&body, entry);
    }
    buffer_append_char(&body, ']');
    api_call_answer(call, 200, &body);
}

static void decision_abandon(void *arg)
{
    struct decision *decision = arg;

    if (decision->change)
        roster_change_abandon(decision->change);
    free(decision);
}

static void decided(void *arg, int error)
{
    struct decision *decision = arg;
    struct api_call *call = decision->call;
    const struct roster_entry *entry = roster_find(call->api->needs.roster, decision->wallet);
    struct buffer body;

    call->abandon = NULL;
    free(decision);
    if (error == AMID_E_INVALID) {
        api_call_refuse(call, 400, "Invalid wallet: an address expected");
    } else if (error == AMID_E_LIMIT) {
        api_call_refuse(call, 409,
                        "There are decisions about as many wallets as amid keeps; name "
                        "developers in auth.developers");
    } else if (error || !entry) {
        api_call_fail(call, error ? error : AMID_E_INTERNAL);
    } else {
        buffer_init(&body, API_ANSWER_MAX_BYTES);
        append_entry(&body, entry);
        api_call_answer(call, 200, &body);
    }
}

static void decide(struct api *api, struct http_request *request, const char *wallet,
                   enum roster_state state)
{
    const struct note note = {.event = state == ROSTER_APPROVED ? "access-approve" : "access-deny",
                              .detail = wallet};
    struct api_call *call = api_call_new(api, request, NULL);
    struct decision *decision = call ? calloc(1, sizeof *decision) : NULL;
    struct kv_atomic *atomic;
    int error;

    if (!call)
        return;
    if (!decision) {
        api_call_fail(call, AMID_E_NOMEM);
        return;
    }
    decision->call = call;
    memcpy(decision->wallet, wallet, sizeof decision->wallet);
    call->abandon = decision_abandon;
    call->abandon_arg = decision;
    atomic = kv_atomic_new();
    error = atomic ? note_attach(call, &note, atomic) : AMID_E_NOMEM;
    if (error)
        kv_atomic_free(atomic);
    else
        error = roster_set(api->needs.roster, decision->wallet, state, atomic, decided, decision,
                           &decision->change);
    if (error)
        decided(decision, error);
}

void access_decide(void *arg, struct http_request *request)
{
    const char *rest = http_request_path(request) + sizeof ACCESS_PATH - 1;
    size_t len = strcspn(rest, "/");
    char wallet[PRINCIPAL_WALLET_LEN + 1];

    if (len != PRINCIPAL_WALLET_LEN) {
        http_respond_error(request, 404, "Not found");
        return;
    }
    memcpy(wallet, rest, len);
    wallet[len] = '\0';
    if (strcmp(rest + len, "/approve") == 0)
        decide(arg, request, wallet, ROSTER_APPROVED);
    else if (strcmp(rest + len, "/deny") == 0)
        decide(arg, request, wallet, ROSTER_DENIED);
    else
        http_respond_error(request, 404, "Not found");
}
