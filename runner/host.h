#ifndef AMID_RUNNER_HOST_H
#define AMID_RUNNER_HOST_H

#include <duktape.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/kv_key.h"
#include "proto/node_page.h"
#include "proto/status_page.h"
#include "runner/channel.h"

/* What a script's side has told C about its life; the worker loop acts on it between turns. */
struct host {
    struct status_page *status; /* NULL if amid gave none that can be mapped */
    bool is_single;
    bool answer_ok; /* the RUN under way wants ITERATION_OK */
    bool stopping;
    bool stopped;    /* nothing of the body is left pending */
    bool exit_asked; /* by Deno.exit: the turn is being undone */
    int exit_code;
    int pid;
    const struct node_page *node; /* NULL if amid gave none */
    uint32_t last_id;             /* of a request sent to amid */
    uint32_t waiting;             /* requests without an answer */
};

/* Answers a script may wait for at the same time. */
#define HOST_WAITING_MAX      1024
#define HOST_LOG_TEXT_MAX     8192
#define HOST_RANDOM_MAX_BYTES 65536

/* Pushes the object `host` that the prelude's boot function gets. */
void host_push(duk_context *ctx);
/* Adds the key-value calls to the object on top of the stack. */
void host_push_kv(duk_context *ctx);
/* Those of them that write; host_push_kv includes it. */
void host_push_atomic(duk_context *ctx);
/* The same for what works on bytes (search, base64) and for hashes and HMAC. */
void host_push_bytes(duk_context *ctx);
/* The bytes of a view or buffer, borrowed; throws TypeError for anything else. */
const uint8_t *host_require_bytes(duk_context *ctx, duk_idx_t idx, size_t *ret_len);
void host_push_crypto(duk_context *ctx);
/* Adds the uniform host calls (proto/message.h PROTO_CALLS). */
void host_push_calls(duk_context *ctx);
/* Adds the arithmetic of wallets. */
void host_push_wallet(duk_context *ctx);
/* Inside a turn: hands an answer (KV_GOT, KV_LISTED, KV_COMMITTED or a uniform call's) to
 * hooks.reply. False if the frame is not one that amid would send. */
bool host_reply(duk_context *ctx, const struct frame *frame);

/* Sends a frame written since channel_begin. A closed channel ends the process; a payload over its
 * limit is a RangeError to the script. */
void host_send(duk_context *ctx, enum proto_message type, uint32_t id, struct buffer *out);
/* The next request's id; RangeError when too many wait. */
uint32_t host_next_id(duk_context *ctx);
/* Sends it and returns its id to the script. */
duk_ret_t host_send_request(duk_context *ctx, enum proto_message type, uint32_t id,
                            struct buffer *out);
/* Argument idx as a key-value space; TypeError if it is none. */
uint8_t host_require_space(duk_context *ctx, duk_idx_t idx);
/* Encodes the array at idx; a bad part or too long a key is a TypeError. */
void host_require_key(duk_context *ctx, duk_idx_t idx, struct kv_key *ret_key);

#endif
