#ifndef AMID_SERVE_PORT_INTERNAL_H
#define AMID_SERVE_PORT_INTERNAL_H

#include <netinet/in.h>

#include "common/id.h"
#include "supervisor/http/server.h"
#include "supervisor/serve/port.h"

struct serve_list { /* in the order of coming, so that deadlines are in order too */
    struct serve_request *first, *last;
};

enum serve_port_state {
    PORT_USED,   /* a process serves it */
    PORT_PARKED, /* the next one is awaited */
    PORT_CLOSING /* given back; connections still get their last answers */
};

struct serve_port {
    struct serve *serve;
    struct serve_port *previous, *next;
    enum serve_port_state state;
    char sid[ID_UUID_LEN + 1];
    char hostname[INET6_ADDRSTRLEN]; /* the first address */
    uint16_t number;
    char *addresses; /* what it was asked to listen on; equal for the next process */
    struct http_server *http;
    struct serve_user user; /* of PORT_USED */
    bool is_shut;
    bool is_notifying; /* user.waiting is due at the end of the turn */
    struct serve_list waiting, taken;
    struct serve_request *slots[SERVE_TAKEN_MAX]; /* taken and answering ones by number */
    uint32_t last_slot, generation;
    size_t in_hand;
    struct timer timer;
    int64_t parked_until_ms;
    int64_t closing_until_ms;
};

struct serve {
    struct serve_needs needs;
    struct serve_port *first;
    struct http_quota quota;
    bool is_closing;
};

void serve_list_add(struct serve_list *list, struct serve_request *request);
void serve_list_add_first(struct serve_list *list, struct serve_request *request);
void serve_list_remove(struct serve_list *list, struct serve_request *request);
/* Takes it out of whatever the port keeps of it. */
void port_drop(struct serve_port *port, struct serve_request *request);
void port_timer_init(struct serve_port *port);
/* Gives the port back. */
void port_close(struct serve_port *port);
/* Tells the user at the end of the turn that there is something to take or know. */
void port_notify(struct serve_port *port);
/* A request has come; see http_server_forward. */
void request_arrived(void *arg, struct http_request *http);
/* Now, with its connections. */
void port_free(void *arg);

#endif
