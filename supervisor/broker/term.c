#include "supervisor/broker/term.h"

#include <string.h>

#include "common/error.h"
#include "supervisor/cluster/election.h"

bool term_concerns(enum proto_message type)
{
    switch (type) {
    case PROTO_KV_ATOMIC:
    case PROTO_FETCH_START:
    case PROTO_SOCKET_CONNECT:
    case PROTO_SOCKET_SEND:
    case PROTO_SERVE_LISTEN:
    case PROTO_SERVE_NEXT:
    case PROTO_SERVE_RESPOND:
    case PROTO_SERVE_WRITE:
    case PROTO_FILE_WRITE:
    case PROTO_FILE_CHANGE:
    case PROTO_WALLET_SIGN:
        return true;
    default:
        return false;
    }
}

void term_end(struct broker_worker *worker)
{
    if (worker->lease_lost != NULL)
        worker->lease_lost(worker->arg);
}

/* Lost and won again, the seat is for the next process, however long this one takes to end. */
static bool is_own_term(const struct broker_worker *worker)
{
    return memcmp(worker->seat.bytes, worker->election->stamp.bytes, sizeof(worker->seat.bytes)) ==
           0;
}

bool term_is_over(struct broker_worker *worker)
{
    if (worker->election == NULL || (is_own_term(worker) && election_may_act(worker->election)))
        return false;
    term_end(worker);
    return true;
}

uint32_t term_cut_ms(const struct broker_worker *worker, uint32_t limit_ms)
{
    int64_t left_ms;

    if (worker->election == NULL)
        return limit_ms;
    left_ms = election_effect_ms(worker->election);
    if (left_ms < 1)
        left_ms = 1;
    return limit_ms == 0 || left_ms < (int64_t)limit_ms ? (uint32_t)left_ms : limit_ms;
}

int term_fence(const struct broker_worker *worker, struct kv_atomic *atomic)
{
    struct kv_key key;
    int error;

    if (worker->election == NULL)
        return 0;
    error = seat_key(&key, worker->sid);
    return error != 0 ? error : kv_atomic_fence(atomic, &key, &worker->seat);
}
