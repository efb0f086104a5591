#ifndef AMID_SERVE_REQUEST_H
#define AMID_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/http/forward.h"

struct serve_port;

/* A client's request on a worker's port, from its head to the end of its answer. */
struct serve_request {
    struct serve_port *port;
    struct serve_request *previous, *next;
    struct http_request *http;
    enum { SERVE_WAITS, SERVE_TAKEN, SERVE_ANSWERING } state;
    bool was_given_back;
    uint32_t id; /* once taken */
    int64_t due_ms;
    /* The user's own: what waits for more of the body, or for room to write. */
    void *reader;
    void *writer;
};

/* Each of these ends the request and frees it. */
void serve_request_answer(struct serve_request *request, const struct http_forward_head *head,
                          const void *body, size_t len);
void serve_request_end(struct serve_request *request);
void serve_request_cut(struct serve_request *request);
/* An answer of ours, {"error":"…"}; after the head of another is out, a cut. */
void serve_request_refuse(struct serve_request *request, int status, const char *text);

/* A taken one waits again, before all others; only once. Nothing of its body may have been taken.
 */
void serve_request_give_back(struct serve_request *request);
/* See http_forward_begin. */
int serve_request_begin(struct serve_request *request, const struct http_forward_head *head);

#endif
