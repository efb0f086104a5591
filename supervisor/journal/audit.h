#ifndef AMID_AUDIT_H
#define AMID_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "supervisor/config.h"
#include "supervisor/kv/store.h"
#include "supervisor/loop/timer.h"

/*
 * Who did what: rows of the store's hash-chained table (common/chain.h), each also a record of the
 * journal (AMID_EVENT, AMID_PEER, WORKER_SID and the row as JSON in AMID_AUDIT) once it is durable.
 * A change's row is part of the change's own commit: neither exists without the other.
 */
struct audit;

/* What failed has changed nothing, and so has no row. */
enum audit_outcome { AUDIT_DONE, AUDIT_REFUSED, AUDIT_OUTCOME_MAX };

/* Only event is needed; NULL = does not apply. All is borrowed for the call. Never put a secret,
 * a token or a script in detail: names and reasons only. */
struct audit_entry {
    const char *event; /* a fixed identifier of ours: "worker-update", "sign-in" … */
    enum audit_outcome outcome;
    const char *wallet;    /* who: his address */
    const char *principal; /* who: public id of the session or token, or "owner-token", "local" */
    const char *address;   /* the peer, with or without its port */
    const char *sid;       /* the worker it is about */
    const char *before;    /* versionstamp of the record that was changed; the one it has after is
                              the row's own */
    const char *detail;    /* one line, cut to AUDIT_DETAIL_MAX_BYTES */
};

#define AUDIT_MEMBER_MAX_BYTES 128
#define AUDIT_DETAIL_MAX_BYTES 384
#define AUDIT_TEXT_MAX_BYTES   8000 /* of a row's text, all members full and escaped */

/* config is borrowed: audit.rows and audit.days may change while amid runs. */
int audit_open(struct store *store, struct timers *timers, const struct config *config,
               struct audit **ret_audit);
/* Before the store is drained: what was only counted is still written; from then on refusals are
 * not noted any more. NULL = nothing. */
void audit_flush(struct audit *audit);
/* After the store is drained. NULL = nothing. */
void audit_close(struct audit *audit);

/* A row of its own, written soon; what cannot be written is at least logged. Refusals of one peer
 * or worker are noted a few times, then counted (audit_limit.h). audit NULL = nothing. */
void audit_note(struct audit *audit, const struct audit_entry *entry);
/* Whether one more row about a refusal or a stranger at this address is written; if not, it is
 * counted instead. audit NULL = yes. */
bool audit_admits(struct audit *audit, const char *address);
/* Connections that ended before anybody could say who he is: counted, and told in one row when the
 * window ends, so that they cannot take the places of refusals that name somebody. */
enum audit_count { AUDIT_COUNT_FULL, AUDIT_COUNT_ADDRESS, AUDIT_COUNT_HANDSHAKE, AUDIT_COUNT_MAX };
/* address: of the last one, told with the number. */
void audit_count(struct audit *audit, enum audit_count what, const char *address);
/* A row in the same commit as what atomic changes: to be added before kv_commit, which then refuses
 * what this refused. audit NULL = nothing. */
int audit_attach(struct audit *audit, struct kv_atomic *atomic, const struct audit_entry *entry);
/* The text of such a row, for kv_atomic_note or the registry. Initializes out, which is freed with
 * buffer_free whatever is returned. */
int audit_render(const struct audit_entry *entry, struct buffer *out);

#endif
