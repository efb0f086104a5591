#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/host_list.h"
#include "common/json.h"
#include "common/log.h"
#include "supervisor/api/attempts.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/note.h"
#include "supervisor/api/view.h"
#include "supervisor/auth/replay.h"
#include "supervisor/auth/rights.h"
#include "supervisor/auth/roster.h"
#include "supervisor/auth/sign_in.h"
#include "supervisor/http/rate.h"

#define URL_BYTES    320
#define REPLAYED     "this transaction was used before; sign a new one"
#define RETRY_FULL_S "10" /* by then those that sign in just now have done so */

/* A wallet on its way in. */
struct entry {
    struct api_call *call;
    struct sign_in sign_in;
    struct auth_change *session; /* under way */
    struct roster_change *request;
    bool is_first; /* the roster does not know this wallet yet */
};

static void log_outcome(const struct api_call *call, bool is_refused, const char *wallet,
                        const char *text)
{
    const struct log_about about = {.event = is_refused ? "sign-in-refused" : "sign-in",
                                    .peer = http_request_peer(call->request)};

    log_at(is_refused ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, &about, "%s%s%s", wallet,
           wallet[0] ? ": " : "", text);
}

static void refuse(struct api_call *call, const char *wallet, const char *reason)
{
    log_outcome(call, true, wallet, reason);
    api_call_refuse(call, 401, "%s", reason);
}

/* True, or it is answered: too many tries. */
static bool may_try(struct api_call *call, const char *wallet, int64_t wait_ms)
{
    char seconds[24];

    if (wait_ms == 0)
        return true;
    snprintf(seconds, sizeof seconds, "%lld", (long long)http_rate_retry_s(wait_ms));
    log_outcome(call, true, wallet, "too many tries");
    api_call_add_header(call, "Retry-After", seconds);
    api_call_refuse(call, 429, "Too many sign-ins; try again in %s s", seconds);
    return false;
}

static void entry_abandon(void *arg)
{
    struct entry *entry = arg;

    if (entry->session)
        auth_change_abandon(entry->session);
    if (entry->request)
        roster_change_abandon(entry->request);
    free(entry);
}

/* The call goes on without the entry. */
static struct api_call *entry_finish(struct entry *entry)
{
    struct api_call *call = entry->call;

    call->abandon = NULL;
    free(entry);
    return call;
}

/* Where the client is to go on: as the settings say, else as it came. False: it did not say, or
 * nothing that could be passed on as it is. */
static bool find_address(const struct api_call *call, char out[URL_BYTES])
{
    const char *url = call->api->needs.config->http_public_url;
    const char *host = http_request_header(call->request, "host");

    if (url[0] != '\0')
        return snprintf(out, URL_BYTES, "%s", url) < URL_BYTES;
    return host && host_is_authority(host) &&
           snprintf(out, URL_BYTES, "http%s://%s", http_request_is_tls(call->request) ? "s" : "",
                    host) < URL_BYTES;
}

static void answer_session(struct api_call *call, const char *wallet, const char *secret)
{
    const struct config *config = call->api->needs.config;
    struct principal who = {.role = roster_role(call->api->needs.roster, wallet)};
    char url[URL_BYTES] = "";
    struct buffer body;

    find_address(call, url);
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_printf(&body,
                  "{\"raw\":{\"session\":\"%s\",\"token\":\"%s\",\"info\":{\"network\":", secret,
                  secret);
    view_append_text(&body, config->node_network);
    view_append_member_text(&body, "title", config->node_title);
    view_append_member_text(&body, "nid", config->node_nid);
    view_append_member_text(&body, "api", url);
    /* "http" and "https" become "ws" and "wss"; the rest needs no escapes. */
    buffer_printf(&body, ",\"connector\":{\"socket\":\"ws%s\",\"protocols\":[\"webfix\"]}",
                  url + strlen("http"));
    /* It decides whether the editor shows workers at all. */
    buffer_printf(&body, ",\"developer\":%s}}}",
                  rights_has(&who, RIGHT_WORKER_READ) ? "true" : "false");
    api_call_answer(call, 200, &body);
}

static void signed_in(void *arg, int error, const struct credential *credential, const char *secret)
{
    struct entry *entry = arg;
    struct sign_in sign_in = entry->sign_in;
    struct api_call *call = entry_finish(entry);

    (void)credential;
    if (error == AMID_E_CONFLICT) {
        refuse(call, sign_in.wallet, REPLAYED);
    } else if (error == AMID_E_LIMIT) {
        log_outcome(call, true, sign_in.wallet, "there is no room for another session");
        api_call_add_header(call, "Retry-After", RETRY_FULL_S);
        api_call_refuse(call, 503, "There is no room for another session");
    } else if (error) {
        log_outcome(call, true, sign_in.wallet, error_text(error));
        api_call_fail(call, error);
    } else {
        attempts_count_wallet(call->api->attempts, sign_in.wallet);
        log_outcome(call, false, sign_in.wallet,
                    role_name(roster_role(call->api->needs.roster, sign_in.wallet)));
        answer_session(call, sign_in.wallet, secret);
    }
}

static struct entry *entry_new(struct api_call *call, const struct sign_in *sign_in)
{
    struct entry *entry = calloc(1, sizeof *entry);

    if (!entry) {
        api_call_fail(call, AMID_E_NOMEM);
        return NULL;
    }
    entry->call = call;
    entry->sign_in = *sign_in;
    call->abandon = entry_abandon;
    call->abandon_arg = entry;
    return entry;
}

static void open_session(struct api_call *call, const struct sign_in *sign_in)
{
    struct api *api = call->api;
    char url[URL_BYTES];

    if (!find_address(call, url)) {
        api_call_refuse(call, 400, "Invalid Host: the address that clients reach this node by");
        return;
    }
    if (!may_try(call, sign_in->wallet, attempts_wait_wallet(api->attempts, sign_in->wallet)))
        return;
    struct entry *entry = entry_new(call, sign_in);
    struct note_credential about = {
        .call = call,
        .event = "sign-in",
        .is_stranger = roster_role(api->needs.roster, sign_in->wallet) == ROLE_NONE};
    const struct auth_note note = {.fn = note_credential, .arg = &about};
    int error;

    if (!entry)
        return;
    error = auth_sign_in(api->needs.auth, entry->sign_in.wallet, entry->sign_in.hash, &note,
                         signed_in, entry, &entry->session);
    if (error)
        signed_in(entry, error, NULL, NULL);
}

/* True, or it is answered. */
static bool check(struct api_call *call, enum sign_in_kind kind, struct sign_in *ret_sign_in)
{
    const char *reason = NULL;
    int error;

    if (!may_try(call, "",
                 attempts_take_address(call->api->attempts, http_request_peer(call->request))))
        return false;
    error = sign_in_check(call->body, kind, call->api->needs.config->node_network, clock_real_ms(),
                          ret_sign_in, &reason);
    if (error == AMID_E_NOMEM)
        api_call_fail(call, error);
    else if (error)
        refuse(call, "", reason);
    else /* for the audit: whose call this is, whatever becomes of it */
        memcpy(((struct principal *)http_request_note(call->request))->wallet, ret_sign_in->wallet,
               sizeof ret_sign_in->wallet);
    return error == 0;
}

void method_connection_node(struct api_call *call)
{
    struct sign_in sign_in;

    if (check(call, SIGN_IN_CONNECT, &sign_in))
        open_session(call, &sign_in);
}

static void answer_pending(struct api_call *call)
{
    struct buffer body;

    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"status\":\"pending\",\"text\":\"an owner of this node decides\"}");
    api_call_answer(call, 202, &body);
}

static void answer_request(struct api_call *call, const char *wallet, bool is_first)
{
    const struct roster_entry *known = roster_find(call->api->needs.roster, wallet);
    const struct log_about about = {.event = "access-request",
                                    .peer = http_request_peer(call->request)};

    attempts_count_wallet(call->api->attempts, wallet);
    if (is_first)
        log_info(&about, "%s asks to become a developer: amictl access approve %s", wallet, wallet);
    if (known && known->state == ROSTER_DENIED)
        api_call_refuse(call, 403, "An owner of this node has denied this wallet");
    else
        answer_pending(call);
}

static void requested(void *arg, int error)
{
    struct entry *entry = arg;
    struct sign_in sign_in = entry->sign_in;
    bool is_first = entry->is_first;
    struct api_call *call = entry_finish(entry);

    if (error == AMID_E_CONFLICT)
        refuse(call, sign_in.wallet, REPLAYED);
    else if (error == AMID_E_LIMIT)
        api_call_refuse(call, 429, "Too many wallets ask for access; an owner must decide first");
    else if (error)
        api_call_fail(call, error);
    else
        answer_request(call, sign_in.wallet, is_first);
}

/* Whatever it is answered, the transaction has been used: who has a copy must not become a
 * developer with it once an owner has approved. */
static void request_access(struct api_call *call, const struct sign_in *sign_in)
{
    const struct note note = {.event = "access-request"};
    struct api *api = call->api;
    struct kv_atomic *atomic;
    struct entry *entry;
    int error;

    if (!may_try(call, sign_in->wallet, attempts_wait_wallet(api->attempts, sign_in->wallet)))
        return;
    entry = entry_new(call, sign_in);
    if (!entry)
        return;
    entry->is_first = roster_find(api->needs.roster, sign_in->wallet) == NULL;
    atomic = kv_atomic_new();
    error = atomic ? replay_refuse(atomic, entry->sign_in.hash) : AMID_E_NOMEM;
    if (!error && entry->is_first)
        error = note_attach(call, &note, atomic);
    if (error)
        kv_atomic_free(atomic);
    else
        error = roster_ask(api->needs.roster, entry->sign_in.wallet, atomic, requested, entry,
                           &entry->request);
    if (error)
        requested(entry, error);
}

void method_request_developer_access(struct api_call *call)
{
    struct sign_in sign_in;

    if (!check(call, SIGN_IN_DEVELOPER, &sign_in))
        return;
    if (roster_role(call->api->needs.roster, sign_in.wallet) >= ROLE_DEVELOPER)
        open_session(call, &sign_in);
    else
        request_access(call, &sign_in);
}
