#ifndef AMID_ETCD_ETCD_INTERNAL_H
#define AMID_ETCD_ETCD_INTERNAL_H

#include <sys/queue.h>

#include "common/buffer.h"
#include "common/endpoints.h"
#include "supervisor/curl/curl_loop.h"
#include "supervisor/etcd/answer.h"
#include "supervisor/etcd/etcd.h"
#include "supervisor/etcd/messages.h"

/* What the files of this room share. */

#define ETCD_PATH_MAX_BYTES  64
#define ETCD_FAULT_MAX_BYTES 256

/* One HTTP request to one server; attempt.c alone speaks with curl. */
struct etcd_attempt {
    struct etcd *etcd;
    CURL *curl; /* NULL = none under way */
    struct curl_slist *headers;
    const char *body; /* borrowed */
    size_t len;
    size_t taken; /* of the body, by curl: from the first byte on a server may act on it */
    size_t endpoint;
    int data_error;
    long status;
    char curl_fault[CURL_ERROR_SIZE];
    /* From inside curl: nothing may be asked of it there. Not 0 ends the attempt with that. */
    int (*data)(struct etcd_attempt *attempt, const char *bytes, size_t len);
    /* error: 0, AMID_E_NETWORK, AMID_E_TIMEOUT, AMID_E_NOMEM or what data returned. The attempt has
     * been stopped. */
    void (*ended)(struct etcd_attempt *attempt, int error);
};

struct etcd_call {
    TAILQ_ENTRY(etcd_call) link; /* in waiting, active or refused */
    struct etcd_attempt attempt;
    enum etcd_kind kind;
    const char *path;
    char *body; /* owned */
    size_t len;
    size_t tries;
    size_t endpoint;
    bool is_active;
    bool is_token;     /* asks for a token, so does not wait for one */
    bool was_renewed;  /* a new token has been asked for because of it */
    uint64_t token_at; /* the token it was sent with */
    int refusal;       /* of one in refused */
    int64_t sent_boot_ms;
    struct buffer answer;
    etcd_fn fn;
    void *arg;
};

struct etcd_stream {
    TAILQ_ENTRY(etcd_stream) link;
    struct etcd *etcd;
    struct etcd_attempt attempt;
    const char *path;
    char *body; /* owned */
    size_t len;
    bool is_waiting; /* for a token */
    bool has_news;
    bool is_telling; /* a callback is under way: freed after it */
    bool is_freed;
    bool is_over;
    int error; /* once it is over */
    char fault[ETCD_FAULT_MAX_BYTES];
    struct messages messages;
    const struct etcd_stream_fns *fns;
    void *arg;
};

TAILQ_HEAD(etcd_calls, etcd_call);

enum etcd_token_state { ETCD_TOKEN_NONE, ETCD_TOKEN_ASKED, ETCD_TOKEN_HELD };

struct etcd {
    struct event_base *base;
    struct timers *timers;
    struct curl_loop curl;
    struct endpoints endpoints;
    size_t preferred;
    char *user; /* owned, as are the next four */
    char *password_file;
    char *ca_file;
    char *cert;
    char *key;
    uint32_t timeout_ms;
    struct etcd_calls waiting;
    struct etcd_calls active;
    struct etcd_calls refused; /* told at the end of the turn */
    size_t calls;
    size_t active_count;
    size_t body_bytes;
    size_t answer_bytes;
    TAILQ_HEAD(, etcd_stream) streams;
    struct event *wake; /* tells refusals and what streams have received */
    enum etcd_token_state token_state;
    char token[ETCD_TOKEN_MAX_BYTES];
    uint64_t token_number;  /* of the last one that was held */
    int64_t denied_mono_ms; /* when none was to be had; 0 = not lately */
    bool denied_told;
    bool is_closing;
};

/* client.c */
void etcd_wake(struct etcd *etcd);
/* Starts what may be started. */
void etcd_pump(struct etcd *etcd);
/* That server has failed: another is asked first. */
void etcd_endpoint_failed(struct etcd *etcd, size_t endpoint);

/* attempt.c. 0 or AMID_E_NOMEM. timeout_ms 0: no end, once it is connected. */
int etcd_attempt_start(struct etcd_attempt *attempt, const char *path, uint32_t timeout_ms);
/* Fine for one that is not under way. */
void etcd_attempt_stop(struct etcd_attempt *attempt);
void etcd_attempt_ended(CURL *curl, CURLcode result);

/* call.c */
int etcd_call_new(struct etcd *etcd, enum etcd_kind kind, const char *path, char *body, size_t len,
                  etcd_fn fn, void *arg, struct etcd_call **ret_call);
void etcd_call_start(struct etcd_call *call);
/* Takes it out of its list and answers. */
void etcd_call_finish(struct etcd_call *call, int error, const cJSON *json, const char *fault);
/* Takes it out of waiting; answered at the end of the turn. */
void etcd_call_refuse(struct etcd_call *call, int error);

/* stream.c */
void etcd_stream_start(struct etcd_stream *stream);
void etcd_stream_refuse(struct etcd_stream *stream, int error, const char *fault);
void etcd_streams_tell(struct etcd *etcd);

/* token.c */
/* Whether requests may go out; asks for a token if that is what is missing. */
bool etcd_token_ready(struct etcd *etcd);
/* It does not count any more, unless there is a newer one already. */
void etcd_token_drop(struct etcd *etcd, uint64_t number);

#endif
