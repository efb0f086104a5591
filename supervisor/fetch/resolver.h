#ifndef AMID_FETCH_RESOLVER_H
#define AMID_FETCH_RESOLVER_H

#include <event2/event.h>

#include "supervisor/fetch/address.h"

/*
 * Asks the system's resolver (getaddrinfo) for addresses, on threads of its own, because it may
 * block for as long as a name server keeps silent. Threads exist only while there is something to
 * ask. curl's own resolver is not used: it starts a thread for every name, without a bound.
 *
 * Test builds: the environment's AMID_TEST_HOSTS, as in "a.test=127.0.0.1+::1,b.test=192.0.2.1",
 * answers before the system does.
 */
struct resolver;
struct resolver_job;

#define RESOLVER_THREADS_MAX   8
#define RESOLVER_QUEUE_MAX     1024
#define RESOLVER_ADDRESSES_MAX 16 /* of one name; more are not tried */

typedef void (*resolver_done_fn)(void *arg, int error, const struct address *addresses,
                                 size_t count);

int resolver_new(struct event_base *base, struct resolver **ret_resolver);
/* No job may be left. What threads still ask is forgotten. */
void resolver_free(struct resolver *resolver);
/* host: a checked name. done is called once from the loop: error AMID_E_NOT_FOUND if there is no
 * such name, AMID_E_CLOSED if it could not be asked. AMID_E_BUSY if too many wait. */
int resolver_ask(struct resolver *resolver, const char *host, uint16_t port, resolver_done_fn done,
                 void *arg, struct resolver_job **ret_job);
/* done is not called any more. */
void resolver_forget(struct resolver_job *job);

#endif
