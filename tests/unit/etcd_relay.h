#ifndef AMID_TESTS_ETCD_RELAY_H
#define AMID_TESTS_ETCD_RELAY_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "common/kv_key.h"

/* Stands between a client and its etcd, on the same loop and with real connections, and does to
 * them what a network may: loses a request or an answer, or lets a connection live in silence. */
enum relay_fate {
    RELAY_PASS,
    RELAY_DENY, /* the request never reaches etcd, and the connection ends */
    RELAY_LOSE, /* etcd has answered, and the connection ends before the answer is through */
    RELAY_MUTE  /* the connection stays, and nothing comes through it any more */
};

/* What is lost next: so many requests, or answers to them, that hold the text and name the key. */
struct relay_loss {
    const char *path;
    const char *text;
    struct kv_key key; /* of amid/testnet/; empty = whatever they name */
    enum relay_fate fate;
    size_t left;
    size_t seen; /* since it was asked for, lost or not */
};

struct etcd_relay {
    struct event_base *base;
    struct evconnlistener *listener;
    char url[64];
    uint16_t target;
    TAILQ_HEAD(, relay_link) links;
    /* Of a whole request; NULL = all pass. */
    enum relay_fate (*judge)(void *arg, const char *path, const char *body);
    void *arg;
    struct relay_loss loss;
    size_t lost;       /* answers */
    size_t watches;    /* asked for */
    bool cuts_pieces;  /* the next stream is cut behind the first piece of a change in several */
    bool has_cut_such; /* it was */
};

/* target: as the fixture's url. */
void etcd_relay_start(struct etcd_relay *relay, struct event_base *base, const char *target);
void etcd_relay_stop(struct etcd_relay *relay);
/* Of the connections that were last asked for this. */
void etcd_relay_mute(struct etcd_relay *relay, const char *path);
void etcd_relay_cut(struct etcd_relay *relay, const char *path);
/* The first of this path with this text; path NULL = none. */
void etcd_relay_lose(struct etcd_relay *relay, const char *path, const char *text,
                     enum relay_fate fate);
/* Whether the body names the key of the network. */
bool etcd_relay_is_about(const char *body, const char *network, const struct kv_key *key);

#endif
