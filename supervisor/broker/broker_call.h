#ifndef AMID_BROKER_CALL_H
#define AMID_BROKER_CALL_H

#include "supervisor/broker/broker.h"

/* A host call under way. It outlives its worker, whose pointer is then NULL. */
struct broker_call {
    struct broker_worker *worker;
    struct broker_call *previous, *next;
    enum proto_message answer;
    uint32_t id;
    uint32_t units;
    /* Called once, if the script lets go of the call or the process ends: it must end the call,
     * now or soon. NULL = the answer is waited for. */
    void (*cancel)(struct broker_call *call, void *arg);
    void *cancel_arg;
};

/* size: of the structure that begins with a broker_call. NULL when out of memory. */
void *broker_call_new(struct broker_worker *worker, size_t size, enum proto_message answer,
                      uint32_t id, uint32_t units);
/* Sends payload, if the worker is still there, and frees the call. */
void broker_call_answer(struct broker_call *call, const struct buffer *payload);
/* Same with an error; message NULL = the error's own text. */
void broker_call_fail(struct broker_call *call, int error, const char *message);
/* An error for which no call was made. */
void broker_refuse(struct broker_worker *worker, enum proto_message answer, uint32_t id, int error,
                   const char *message);
/* An iteration has ended: every call that can be cancelled is. */
void broker_calls_cancel(struct broker_worker *worker);
/* Applies what units and the flood mark ask for. */
void broker_hold(struct broker_worker *worker);

/* Why a key is out of bounds, for the script, or NULL; noted in the journal. */
#define BROKER_REFUSAL_BYTES 256
const char *broker_kv_forbidden(struct broker_worker *worker, bool is_net, const struct kv_key *key,
                                bool is_write, char text[BROKER_REFUSAL_BYTES]);

int broker_kv_get(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len);
int broker_kv_list(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len);
int broker_kv_atomic(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len);
int broker_log(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len);
void broker_log_begin(struct broker_worker *worker);
void broker_log_end(struct broker_worker *worker);

#endif
