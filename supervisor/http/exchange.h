#ifndef AMID_HTTP_EXCHANGE_H
#define AMID_HTTP_EXCHANGE_H

#include <event2/bufferevent.h>

#include "supervisor/http/connection.h"
#include "supervisor/http/crowd.h"
#include "supervisor/http/parser.h"

/*
 * One request and its answer, on the connection below: connection.c moves bytes, keeps time and
 * owns the phases; exchange.c decides what a head deserves and writes answers.
 */
enum connection_phase {
    PHASE_HANDSHAKE, /* of TLS */
    PHASE_IDLE,      /* between requests */
    PHASE_HEAD,      /* a request has begun */
    PHASE_BODY,      /* its head is complete */
    PHASE_ANSWERING, /* a handler has it */
    PHASE_SOCKET,    /* it became a WebSocket */
    PHASE_DROP,      /* it is answered; the rest of its body is still coming */
    PHASE_FLUSH,     /* the last answer is being sent */
    PHASE_LINGER,    /* it is sent; waiting for the client to close */
    PHASE_DEAD
};

struct http_connection {
    struct http_context *context;
    struct http_connection *previous, *next;
    struct bufferevent *bev;
    struct http_request *request; /* being read or answered */
    struct http_socket *socket;   /* in PHASE_SOCKET */
    struct http_parser parser;
    enum connection_phase phase;
    struct timer timer; /* may fire early: the deadline counts */
    int64_t deadline_ms;
    uint64_t sent_bytes;
    uint64_t sent_when_set; /* sent_bytes at the time the deadline was set */
    size_t lingered_bytes;
    bool is_processing; /* its loop is on the stack and goes on by itself */
    bool refuses;       /* over the limit of connections */
    bool is_paused;     /* more input than is wanted is there */
    bool read_closed;   /* the client sends no more */
    bool message_done;
    struct http_crowd_seat seat;
    bool is_local; /* over the unix socket */
    bool is_tls;
    char peer[HTTP_PEER_BYTES];
};

static inline struct evbuffer *connection_output(const struct http_connection *c)
{
    return bufferevent_get_output(c->bev);
}

static inline struct evbuffer *connection_input(const struct http_connection *c)
{
    return bufferevent_get_input(c->bev);
}

/* After the answer to the request under way was written and the request freed. */
void connection_answered(struct http_connection *c, bool keep_alive);
/* Instead of an answer: frees the request; the connection is the socket's from now on. */
void connection_become_socket(struct http_connection *c, struct http_socket *socket);

bool exchange_may_keep_alive(const struct http_connection *c);
void exchange_tell_to_continue(struct http_connection *c);
/* Gives the request to whom it is forwarded. */
void exchange_hand_over(struct http_connection *c);
/* The head is complete. Everything that needs no body is decided here. */
void exchange_head(struct http_connection *c);
/* Answers what cannot be understood, or not any more; the connection ends with it. reason: static.
 */
void exchange_refuse(struct http_connection *c, int status, const char *reason);

#endif
