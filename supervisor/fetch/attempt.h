#ifndef AMID_FETCH_ATTEMPT_H
#define AMID_FETCH_ATTEMPT_H

#include "supervisor/fetch/fetch_internal.h"

/*
 * One request to one host, from the permission to curl's result: a transfer makes one for each
 * redirect it follows, a WebSocket one altogether. Every check of where it goes is in here.
 */
struct attempt;

struct attempt_kind {
    /* Sets what is its own in attempt->curl. 0 or AMID_E_NOMEM. */
    int (*prepare)(struct attempt *attempt);
    /* From the loop. error 0, or what is told to the script with attempt->fault. */
    void (*ended)(struct attempt *attempt, int error);
};

struct attempt {
    struct fetch_client *client;
    const struct attempt_kind *kind;
    struct target target; /* owned while begun */
    struct resolver_job *job;
    CURL *curl;
    struct curl_slist *resolved;
    int refusal; /* why a callback of ours made curl give up, 0 = none */
    char fault[FETCH_FAULT_BYTES];
    char curl_fault[CURL_ERROR_SIZE];
};

void attempt_init(struct attempt *attempt, struct fetch_client *client,
                  const struct attempt_kind *kind);
/* Takes the target over in any case. An error (with fault) means that it did not begin; ended is
 * then not called. */
int attempt_begin(struct attempt *attempt, const struct target *target);
/* Lets go of everything; ended is not called any more. Never from one of curl's callbacks. */
void attempt_end(struct attempt *attempt);
/* client.c alone. */
void attempt_result(struct attempt *attempt, CURLcode result);
/* Words for a fault, from a callback of curl; the first one counts. */
void attempt_refuse(struct attempt *attempt, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
