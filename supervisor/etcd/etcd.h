#ifndef AMID_ETCD_ETCD_H
#define AMID_ETCD_ETCD_H

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/loop/timer.h"

/*
 * A client of etcd (3.4 or later) by way of its JSON gateway: several servers with failover, a
 * deadline for every request, user and password, TLS. It knows nothing of kv.h. Every answer is
 * taken for hostile: checked as JSON before anything is built from it, and bounded.
 *
 * A write that may have reached a server and was not answered is never sent again; a read is, once
 * to each server. The client asks servers that know a leader only ("hasleader"), so that one that
 * is cut off from the others refuses instead of keeping a stream silent.
 */
#define ETCD_CALLS_PARALLEL     64                  /* on their way at once; more wait */
#define ETCD_CALLS_MAX          4096                /* those that wait included */
#define ETCD_BODIES_MAX_BYTES   (64u * 1024 * 1024) /* of all of them */
#define ETCD_BODY_MAX_BYTES     (4u * 1024 * 1024)  /* of one, as JSON; etcd itself takes 1.5 MiB */
#define ETCD_ANSWER_MAX_BYTES   (8u * 1024 * 1024)  /* of one answer, or one message of a stream */
#define ETCD_ANSWERS_MAX_BYTES  (64u * 1024 * 1024) /* of all that are being read */
#define ETCD_PASSWORD_MAX_BYTES 1024
#define ETCD_TOKEN_MAX_BYTES    4096 /* a JWT of etcd's has about 500 */

struct etcd;
struct etcd_stream;

struct etcd_settings {     /* copied */
    const char *endpoints; /* comma-separated http(s)://host:port */
    const char *user;      /* empty = none */
    const char *password_file;
    const char *ca_file; /* empty = the system's authorities */
    const char *cert;    /* of this client; empty = none */
    const char *key;
    uint32_t timeout_ms; /* of one request at one server */
};

struct etcd_answer {
    const cJSON *json;    /* valid until the callback returns; NULL unless the error is 0 */
    int64_t sent_boot_ms; /* clock_boot_ms before the request was sent */
    const char *fault;    /* what the server or curl said, without unprintable bytes; never NULL */
};

/*
 * Called exactly once, in a later turn. error: 0; AMID_E_UNAVAILABLE: no server answered and
 * nothing was written; AMID_E_UNCERTAIN: of a write, no answer, it may have happened;
 * AMID_E_NOT_FOUND; AMID_E_CONFLICT: the revision asked for was compacted; AMID_E_INVALID;
 * AMID_E_TOO_LARGE: the request for etcd, or the answer for us; AMID_E_DENIED: user, password or
 * rights; AMID_E_DISK_FULL: the space of etcd is used up; AMID_E_CLOSED: by etcd_close.
 */
typedef void (*etcd_fn)(void *arg, int error, const struct etcd_answer *answer);

/* AMID_E_INVALID (endpoints), AMID_E_NOMEM, with the reason in full. Connects to nothing yet. */
int etcd_open(struct event_base *base, struct timers *timers, const struct etcd_settings *settings,
              struct etcd **ret_etcd, char *reason, size_t reason_size);
/* What is under way is told AMID_E_CLOSED from inside this call. Every stream has been freed. */
void etcd_close(struct etcd *etcd);

enum etcd_kind { ETCD_READ, ETCD_WRITE };

/* path: "/v3/kv/range" …, a literal. Takes body (allocated with malloc) whatever it returns: 0,
 * AMID_E_BUSY, AMID_E_TOO_LARGE or AMID_E_NOMEM. */
int etcd_call(struct etcd *etcd, enum etcd_kind kind, const char *path, char *body, size_t len,
              etcd_fn fn, void *arg);

struct etcd_stream_fns {
    /* One message, {"result":…} already taken apart. May free the stream. */
    void (*message)(void *arg, const cJSON *result);
    /* Nothing more comes; the owner frees it now or later. */
    void (*ended)(void *arg, int error, const char *fault);
};

/* A request whose answer goes on, at the server that is preferred at the moment; it has no deadline
 * once it is connected. */
int etcd_stream_open(struct etcd *etcd, const char *path, char *body, size_t len,
                     const struct etcd_stream_fns *fns, void *arg, struct etcd_stream **ret_stream);
/* NULL is fine. */
void etcd_stream_free(struct etcd_stream *stream);

/* Another server is asked first from now on. */
void etcd_prefer_next(struct etcd *etcd);
/* The server that is asked first. */
const char *etcd_preferred(const struct etcd *etcd);

#endif
