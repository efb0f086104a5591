#include "supervisor/api/note.h"

#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "supervisor/api/session.h"

#define PATH_SHOWN_BYTES 96

/* All that is known of who asks. */
static void note_who(const struct http_request *request, struct audit_entry *entry)
{
    const struct principal *who = session_principal(request);
    entry->address = http_request_peer(request);
    entry->wallet = who->wallet[0] ? who->wallet : NULL;
    switch (who->kind) {
    case PRINCIPAL_OWNER_TOKEN:
        entry->principal = "owner-token";
        break;
    case PRINCIPAL_LOCAL:
        entry->principal = "local";
        break;
    case PRINCIPAL_TOKEN:
    case PRINCIPAL_SESSION:
        entry->principal = who->id;
        break;
    default:
        break;
    }
}

int note_render(const struct api_call *call, const struct note *note, struct buffer *out)
{
    char before[KV_VERSIONSTAMP_HEX + 1];
    struct audit_entry entry = {.event = note->event, .sid = note->sid, .detail = note->detail};

    if (note->before != NULL) {
        kv_versionstamp_to_hex(note->before, before);
        entry.before = before;
    }
    note_who(call->request, &entry);
    return audit_render(&entry, out);
}

int note_attach(const struct api_call *call, const struct note *note, struct kv_atomic *atomic)
{
    struct buffer text;
    int error = note_render(call, note, &text);

    if (error == 0)
        error = kv_atomic_note(atomic, text.data, text.len);
    buffer_free(&text);
    return error;
}

int note_credential(void *arg, const struct credential *credential, const char *ended,
                    struct kv_atomic *atomic)
{
    const struct note_credential *about = arg;
    char detail[AUDIT_DETAIL_MAX_BYTES];
    const struct note note = {.event = about->event, .detail = detail};
    bool is_session = credential->kind == PRINCIPAL_SESSION;

    if (about->is_stranger &&
        !audit_admits(about->call->api->needs.audit, http_request_peer(about->call->request)))
        return 0;

    snprintf(detail, sizeof(detail), "%s %s%s%s%s%s%s%s", is_session ? "session" : "token",
             credential->id, is_session ? "" : " ", is_session ? "" : role_name(credential->role),
             credential->wallet[0] ? " of " : "", credential->wallet,
             ended[0] ? "; made room: " : "", ended);
    return note_attach(about->call, &note, atomic);
}

void note_refusal(struct api *api, const struct http_request *request, int status,
                  const char *reason)
{
    const char *event = status == 401   ? "unauthorized"
                        : status == 403 ? "forbidden"
                        : status == 429 ? "too-many-requests"
                                        : NULL;
    const char *path = http_request_path(request);
    char detail[AUDIT_DETAIL_MAX_BYTES];
    struct audit_entry entry = {.event = event, .outcome = AUDIT_REFUSED, .detail = detail};

    if (event == NULL)
        return;
    note_who(request, &entry);
    snprintf(detail, sizeof(detail), "%s %.*s: %s", http_request_method(request),
             (int)utf8_cut(path, strlen(path), PATH_SHOWN_BYTES), path, reason);
    audit_note(api->needs.audit, &entry);
}

void note_refused_connection(void *arg, enum http_refusal what, const char *who)
{
    static const enum audit_count counts[HTTP_REFUSAL_MAX] = {
        [HTTP_REFUSED_FULL] = AUDIT_COUNT_FULL,
        [HTTP_REFUSED_ADDRESS] = AUDIT_COUNT_ADDRESS,
        [HTTP_REFUSED_HANDSHAKE] = AUDIT_COUNT_HANDSHAKE,
    };
    struct api *api = arg;

    if (what == HTTP_REFUSED_USER)
        audit_note(api->needs.audit, &(struct audit_entry){.event = "forbidden",
                                                           .outcome = AUDIT_REFUSED,
                                                           .address = who,
                                                           .detail = "the unix socket"});
    else
        audit_count(api->needs.audit, counts[what], who);
}
