#ifndef AMID_API_NOTE_H
#define AMID_API_NOTE_H

#include "supervisor/api/call.h"
#include "supervisor/auth/credential.h"
#include "supervisor/journal/audit.h"
#include "supervisor/kv/kv.h"

/* What the audit is told of a call: who asked and from where, added to what is said here. */
struct note {
    const char *event;
    const char *sid;
    const struct kv_versionstamp *before; /* NULL = there was no record */
    const char *detail;                   /* may be NULL */
};

/* The text of the row that goes with a change. Initializes out, which is freed with buffer_free
 * whatever is returned. */
int note_render(const struct api_call *call, const struct note *note, struct buffer *out);
/* Adds that row to what is about to be committed. */
int note_attach(const struct api_call *call, const struct note *note, struct kv_atomic *atomic);
/* The fn of a struct auth_note, whose arg is one of these. */
struct note_credential {
    const struct api_call *call;
    const char *event;
    bool is_stranger; /* who may do nothing: not all of his rows are kept, or he could flood them */
};
int note_credential(void *arg, const struct credential *credential, const char *ended,
                    struct kv_atomic *atomic);
/* Of http_server_on_refused: connections are counted, strangers at the unix socket named. arg:
 * struct api. */
void note_refused_connection(void *arg, enum http_refusal what, const char *who);
/* A row of its own for what the request was refused with: 401, 403 or 429; any other status is
 * nothing to note. */
void note_refusal(struct api *api, const struct http_request *request, int status,
                  const char *reason);

#endif
