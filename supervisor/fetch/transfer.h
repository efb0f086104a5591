#ifndef AMID_FETCH_TRANSFER_H
#define AMID_FETCH_TRANSFER_H

#include "supervisor/fetch/answer_head.h"
#include "supervisor/fetch/fetch.h"
#include "supervisor/fetch/request.h"

/*
 * One request as its owner sees it, redirects included. The answer's body is pulled: what is not
 * read stays with the other machine, but for a buffer.
 */
struct transfer;

#define TRANSFER_REDIRECTS_MAX 20           /* as the fetch standard has it */
#define TRANSFER_BUFFER_BYTES  (64u * 1024) /* of a body, as it came over the wire */

/*
 * Everything in request is copied. news is told from the loop, never from inside a call, whenever
 * one of the questions below may have another answer. AMID_E_INVALID, AMID_E_TOO_LARGE,
 * AMID_E_BUSY or AMID_E_NOMEM, with a sentence.
 */
int transfer_start(struct fetch_client *client, const struct request *request,
                   void (*news)(void *arg), void *arg, struct transfer **ret_transfer, char *fault,
                   size_t fault_size);
/* Whatever it is at; its connection is closed if an answer was under way. */
void transfer_free(struct transfer *transfer);

/* NULL until the answer has begun. Valid as long as the transfer. */
const struct answer_head *transfer_head(const struct transfer *transfer);
bool transfer_is_redirected(const struct transfer *transfer);
/* True if the body is read otherwise than its content-encoding and content-length say. */
bool transfer_unpacks(const struct transfer *transfer);
/* The address that answered, to be freed with free; NULL when out of memory. */
char *transfer_url(const struct transfer *transfer);
/* Host and port that answered, or are being asked. */
const char *transfer_host(const struct transfer *transfer, uint16_t *ret_port);
/* 0, or why it failed with a sentence in *ret_fault. What came before can still be read. */
int transfer_failure(const struct transfer *transfer, const char **ret_fault);
/*
 * Moves up to *len bytes of the body to out. 0 with *len 0 if there is nothing yet; *ret_is_end
 * once all has been read. A negative error as transfer_failure tells it.
 */
int transfer_read(struct transfer *transfer, uint8_t *out, size_t *len, bool *ret_is_end);

#endif
