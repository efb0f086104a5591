#ifndef AMID_SERVE_PORT_H
#define AMID_SERVE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/serve/request.h"
#include "supervisor/serve/serve.h"

/*
 * One port of a worker and the requests that came in on it. A process that serves the port is its
 * user; without one the port is parked: requests wait, and after serve.wait_ms it is given back.
 */
struct serve_port;

/* Requests that a user may have in hand at once; more wait. */
#define SERVE_TAKEN_MAX 128

struct serve_user {
    /* From the loop: there is something to take, or nothing will come any more. */
    void (*waiting)(void *arg);
    /* More of a taken request's body can be read; an answer can be written on. */
    void (*readable)(void *arg, struct serve_request *request);
    void (*writable)(void *arg, struct serve_request *request);
    /* Nobody waits for this answer any more: the client has gone, or got one of ours. waiting
     * follows. */
    void (*gone)(void *arg, struct serve_request *request);
    /* A request is about to be freed while its reader or writer waits: they must be let go. */
    void (*over)(void *arg, struct serve_request *request);
    void *arg;
};

/* hostname: an address, "localhost", or NULL, "0.0.0.0" and "::", which mean serve.address. A port
 * that this worker has parked is taken over with what waits there. 0; AMID_E_ADDR_IN_USE,
 * AMID_E_DENIED (an address that serve.address does not allow), AMID_E_INVALID, AMID_E_LIMIT or
 * another error, with a sentence in reason. */
int serve_port_listen(struct serve *serve, const char *sid, const char *hostname, uint16_t number,
                      const struct serve_user *user, struct serve_port **ret_port, char *reason,
                      size_t reason_size);
uint16_t serve_port_number(const struct serve_port *port);
/* The first address it listens on. Borrowed. */
const char *serve_port_hostname(const struct serve_port *port);
/* The oldest waiting request, from now on in the user's hands. NULL: none, or he has enough. */
struct serve_request *serve_port_take(struct serve_port *port);
/* A request in his hands; NULL for any other number. */
struct serve_request *serve_port_find(const struct serve_port *port, uint32_t id);
/* Accepts nothing new; what waits can still be taken. */
void serve_port_shut(struct serve_port *port);
/* Shut, and nothing waits. */
bool serve_port_is_over(const struct serve_port *port);
/* The user lets go: what he has in hand is answered for him, or cut. */
void serve_port_release(struct serve_port *port);

#endif
