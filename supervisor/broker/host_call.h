#ifndef AMID_BROKER_HOST_CALL_H
#define AMID_BROKER_HOST_CALL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/broker/broker_call.h"

/*
 * A host call of the uniform kind (proto/message.h PROTO_CALLS): arguments as a JSON object and
 * bytes in, a JSON result and bytes out. Each family has a table of handlers, listed in
 * host_call.c. A handler is given a call that it must end exactly once, at once or later, with one
 * of done, fail and deny; the process may be gone by then (call->call.worker is NULL), which these
 * bear with.
 */
struct host_call {
    struct broker_call call;
};

struct broker_op {
    enum proto_message type; /* 0 ends a family's table */
    /* args: checked JSON (depth, UTF-8, no member twice), owned by the caller and freed after the
     * handler returns; anything in it may be of the wrong type. data: borrowed likewise. */
    void (*handle)(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len);
};

extern const struct broker_op broker_kv_ops[];
extern const struct broker_op broker_files_ops[];
extern const struct broker_op broker_serve_ops[];
extern const struct broker_op broker_fetch_ops[];
extern const struct broker_op broker_socket_ops[];
extern const struct broker_op broker_wallet_ops[];
extern const struct broker_op broker_secret_ops[];

/* 0, or AMID_E_PROTOCOL for a payload that no honest runner sends. */
int host_call_handle(struct broker_worker *worker, enum proto_message type, uint32_t id,
                     const uint8_t *payload, size_t len);

/* json NULL = null; data may be NULL when len is 0. An answer over its limit becomes
 * AMID_E_TOO_LARGE. */
void host_call_done(struct host_call *call, const char *json, const void *data, size_t len);
/* message NULL = the error's own text. */
void host_call_fail(struct host_call *call, int error, const char *message);
void host_call_failf(struct host_call *call, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* PermissionDenied that names the permission, such as "fetch" or "kv.net", and what was asked for;
 * noted in the journal (AMID_EVENT=denied). */
void host_call_deny(struct host_call *call, const char *permission, const char *what);

/* cancel is called once, if the script lets go of the call or its process ends before the call
 * does; it must end the call, now or soon. */
void host_call_on_cancel(struct host_call *call,
                         void (*cancel)(struct broker_call *call, void *arg), void *arg);

/* Members of args. On a wrong type or length each ends the call with a TypeError that names the
 * member and returns false. A text is borrowed from args, in UTF-8 without NUL. */
bool host_call_text(struct host_call *call, const cJSON *args, const char *name, size_t max_bytes,
                    const char **ret_text);
/* A whole number from least to most; absent: fallback. */
bool host_call_int(struct host_call *call, const cJSON *args, const char *name, int64_t least,
                   int64_t most, int64_t fallback, int64_t *ret_number);
/* absent: false */
bool host_call_flag(struct host_call *call, const cJSON *args, const char *name, bool *ret_flag);
/* The resource args.rid names; one that is not there is a BadResource error. */
bool host_call_resource(struct host_call *call, const cJSON *args, const struct resource_kind *kind,
                        struct resource **ret_resource);

#endif
