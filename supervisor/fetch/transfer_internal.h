#ifndef AMID_FETCH_TRANSFER_INTERNAL_H
#define AMID_FETCH_TRANSFER_INTERNAL_H

#include "supervisor/fetch/attempt.h"
#include "supervisor/fetch/transfer.h"
#include "supervisor/fetch/unpack.h"

struct transfer {
    struct attempt attempt; /* first, so that one is found from the other */
    struct fetch_slot slot;
    struct fetch_news news;
    void (*owner_news)(void *arg);
    void *owner;
    struct timer silence; /* until the answer begins, then between pieces of it */
    struct timer whole;

    struct target target; /* of the first attempt until the slot is held */
    struct curl_slist *headers;
    uint8_t *body;
    size_t body_len;

    struct answer_head head;
    char *location; /* where the answer under way leads; its body is dropped */
    size_t dropped;
    uint8_t *buffer; /* TRANSFER_BUFFER_BYTES, while there is something in it */
    size_t buffered;
    struct unpack *unpack; /* NULL for a body as it is */
    uint64_t read_bytes;   /* given to the owner */

    enum request_redirect redirect;
    unsigned redirects;
    int failure;
    bool is_attempting;
    bool has_body;
    bool has_answer; /* head is what the owner gets */
    bool is_complete;
    bool is_paused;
    bool is_unpacked; /* the packed data are at their end */
    char method[REQUEST_METHOD_MAX_BYTES + 1];
    char fault[FETCH_FAULT_BYTES];
};

/* transfer.c */
void transfer_fail(struct transfer *transfer, int error, const char *fault);
void transfer_progress(struct transfer *transfer);

/* transfer_answer.c: what curl calls with the answer. */
size_t transfer_on_header(char *line, size_t size, size_t count, void *arg);
size_t transfer_on_body(char *bytes, size_t size, size_t count, void *arg);
void transfer_answer_free(struct transfer *transfer);
/* Forgets a redirect's answer before the next attempt. */
void transfer_answer_reset(struct transfer *transfer);

#endif
