#ifndef AMID_FETCH_FETCH_H
#define AMID_FETCH_FETCH_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/loop/timer.h"

/*
 * Requests to other machines: HTTP(S) transfers (transfer.h) and WebSockets (web_socket.h) by way
 * of libcurl, which is loaded for the first of them (curl_library.h). It knows nothing of workers:
 * who asks is a client, and each client has connections of its own that no other ever uses.
 *
 * No address that is not public is connected to unless fetch.allow_private names the host. That is
 * decided on numbers, three times: on what the resolver answered, when a socket is opened, and
 * before every request that goes out on a connection, new or reused.
 */
struct fetch;
struct fetch_client;

#define FETCH_FAULT_BYTES     448 /* of a message that says what went wrong */
#define FETCH_GUARDED_MAX     32  /* ports */
#define FETCH_PARALLEL_ALL    256 /* transfers on their way at once, of all clients */
#define FETCH_OPEN_MAX        64 /* of a client, answers that are not read and WebSockets included */
#define FETCH_OPEN_ALL        2048
#define FETCH_BODIES_BYTES    (16u * 1024 * 1024) /* of one client's requests under way */
#define FETCH_WEB_SOCKETS_ALL 1024                /* WebSockets open at once, of all clients */

struct fetch_settings {
    const char *allow_private; /* common/host_list.h; copied */
    const char *ca_file;       /* copied */
    const char *state_folder;  /* for authorities.h; copied when it is opened, then ignored */
    uint32_t timeout_ms;       /* for the answer to begin, and between two pieces of it */
    uint32_t body_bytes;       /* of one answer, unpacked */
    uint32_t parallel;         /* transfers of one client */
    uint32_t web_sockets;      /* of one client */
    uint32_t message_bytes;    /* of one WebSocket message */
    uint32_t ping_ms;          /* between pings on a silent WebSocket; 0 = none */
};

/* AMID_E_NOMEM, or what authorities_check says about ca_file, with the reason in full. */
int fetch_open(struct event_base *base, struct timers *timers,
               const struct fetch_settings *settings, struct fetch **ret_fetch, char *reason,
               size_t reason_size);
/* Every client has been closed. */
void fetch_close(struct fetch *fetch);
/* For what begins from now on. On failure (ca_file, as above) nothing changes. */
int fetch_set_settings(struct fetch *fetch, const struct fetch_settings *settings, char *reason,
                       size_t reason_size);
/* Ports of amid itself and of the cluster's etcd, where a request could do what no script may: at
 * addresses that are not public they stay closed to an item of allow_private that does not name the
 * port as well. */
void fetch_set_guarded_ports(struct fetch *fetch, const uint16_t *ports, size_t count);

/* Asked before each request, redirected ones included: whether the client may talk to the host. */
typedef bool (*fetch_may_fn)(void *arg, const char *host, uint16_t port);

/* NULL when out of memory. */
struct fetch_client *fetch_client_open(struct fetch *fetch, fetch_may_fn may, void *arg);
/* Its transfers and sockets have been freed. Closes its connections. NULL is fine. */
void fetch_client_close(struct fetch_client *client);

#endif
