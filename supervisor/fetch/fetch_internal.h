#ifndef AMID_FETCH_FETCH_INTERNAL_H
#define AMID_FETCH_FETCH_INTERNAL_H

#include <sys/queue.h>

#include "supervisor/curl/curl_library.h"
#include "supervisor/curl/curl_loop.h"
#include "supervisor/fetch/fetch.h"
#include "supervisor/fetch/own_address.h"
#include "supervisor/fetch/resolver.h"
#include "supervisor/fetch/target.h"

/* What the files of this room share. */

/* A place among the transfers that are on their way at once; asked for in order, per client. */
struct fetch_slot {
    TAILQ_ENTRY(fetch_slot) link;
    enum { FETCH_SLOT_NONE, FETCH_SLOT_WAITING, FETCH_SLOT_HELD } state;
    void (*start)(void *arg); /* from the loop, once it is held */
    void *arg;
};

/* Something of a client that has news for its owner, told at the end of the turn. */
struct fetch_news {
    TAILQ_ENTRY(fetch_news) link;
    bool is_queued;
    void (*tell)(void *arg);
    void *arg;
};

struct fetch_client {
    struct fetch *fetch;
    TAILQ_ENTRY(fetch_client) link;
    TAILQ_ENTRY(fetch_client) queue_link; /* while it is_queued: it has slots waiting */
    bool is_queued;
    fetch_may_fn may;
    void *arg;
    struct curl_loop curl; /* closed while nothing has been asked for some time */
    struct timer idle;     /* since the last transfer */
    TAILQ_HEAD(, fetch_slot) waiting;
    unsigned held;
    unsigned attempts; /* handles that the multi holds */
    unsigned web_sockets;
    size_t body_bytes; /* of requests that may still have to be sent */
};

struct fetch {
    struct event_base *base;
    struct timers *timers;
    struct fetch_settings settings; /* texts are owned */
    struct resolver *resolver;
    char *authorities;    /* the folder */
    bool has_authorities; /* it holds what the settings say */
    struct own_addresses own;
    uint16_t guarded_ports[FETCH_GUARDED_MAX];
    size_t guarded_count;
    TAILQ_HEAD(, fetch_client) clients;
    TAILQ_HEAD(, fetch_client) queue; /* they take turns */
    unsigned held;
    unsigned attempts; /* of all clients */
    unsigned web_sockets;
    struct event *wake;  /* runs what is below */
    bool is_awake;       /* what the wake is for is being done */
    bool has_free_slots; /* or new ones who wait */
    TAILQ_HEAD(fetch_news_list, fetch_news) news;
};

/* fetch.c */
/* Before anything else of a request: libcurl and the authorities are there. 0, or an error with a
 * sentence. */
int fetch_need(struct fetch *fetch, char *fault, size_t fault_size);
/* Gives slots to those who wait, at the end of the turn. */
void fetch_pump(struct fetch *fetch);
void fetch_slot_ask(struct fetch_client *client, struct fetch_slot *slot);
/* Gives it back or leaves the queue; fine for one that is neither. */
void fetch_slot_leave(struct fetch_client *client, struct fetch_slot *slot);
void fetch_news_tell(struct fetch *fetch, struct fetch_news *news);
void fetch_news_forget(struct fetch *fetch, struct fetch_news *news);
/* Whether a request to target may go to the address. On refusal AMID_E_DENIED and the reason. */
int fetch_may_connect(struct fetch *fetch, const struct target *target,
                      const struct address *address, char fault[FETCH_FAULT_BYTES]);

/* client.c */
/* 0 or AMID_E_NOMEM. */
int client_add(struct fetch_client *client, CURL *curl);
void client_remove(struct fetch_client *client, CURL *curl);
void client_drop_connections(struct fetch_client *client);

#endif
