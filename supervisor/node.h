#ifndef AMID_NODE_H
#define AMID_NODE_H

#include <event2/event.h>
#include <stdbool.h>

#include "supervisor/api/api.h"
#include "supervisor/cluster/membership.h"
#include "supervisor/config.h"
#include "supervisor/debug.h"
#include "supervisor/exit_code.h"
#include "supervisor/fetch/fetch.h"
#include "supervisor/files/files.h"
#include "supervisor/kv/etcd_space.h"
#include "supervisor/kv/store.h"
#include "supervisor/notify.h"
#include "supervisor/privilege.h"
#include "supervisor/serve/serve.h"

/*
 * The one context of the daemon: owns everything that lives as long as it does, in the order it is
 * opened; closed in reverse. Members are NULL or -1 until then. Only the boot files see it, every
 * room is handed what it needs.
 */
#define NODE_SIGNALS 3

struct node {
    const char *config_path; /* NULL = none */
    struct config config;
    struct privilege privilege;
    int state_fd;
    int runner_fd;
    struct event_base *base;
    struct timers *timers;
    struct defer *defer;
    struct event *signals[NODE_SIGNALS];
    struct http_server *http;
    uint64_t listening; /* bit n: item n of http.listen, or 0 where this machine lacks its family */
    bool has_tls;
    struct journal *journal;
    struct store *store;
    struct etcd_space *cluster; /* NULL without cluster.etcd */
    struct audit *audit;
    struct node_key *key;
    struct secrets *secrets;
    struct auth *auth;
    struct roster *roster;
    struct wallet *wallet;
    struct membership *membership;
    char address[MEMBER_ADDRESS_MAX + 1]; /* what other nodes are told */
    struct registry *registry;
    struct files *files;
    struct fetch *fetch;
    struct serve *serve;
    struct fleet *fleet;
    struct api *api;
    struct notify *notify;
#ifdef AMID_TEST_HOOKS
    struct debug_socket *debug;
#endif
    bool is_stopping;
    int64_t stopping_since_ms; /* clock_mono_ms */
    enum exit_code exit_code;
};

/* Boots, runs until a signal or a fatal error, closes. Consumes the settings. */
enum exit_code node_run(const char *config_path, struct config *config);

/* node_boot.c: each step says in the log why it failed. */
enum exit_code node_boot(struct node *node);
void node_close(struct node *node);
struct fetch_settings node_fetch_settings(const struct config *config);
struct etcd_space_settings node_etcd_settings(const struct config *config);
/* node_migrate.c: what a node alone holds of the net space goes into etcd, said on stdout. */
enum exit_code node_migrate(const struct config *config);
/* The space that the network shares: etcd's, or of a node alone its own. */
struct kv *node_net(struct node *node);
/* How long a session lives without use. */
int64_t node_session_ms(const struct config *config);

/* node_cluster.c */
int node_open_membership(struct node *node, struct kv *net);

/* node_signal.c */
int node_signals_open(struct node *node);
void node_signals_close(struct node *node);
/* Ends the loop after the workers have been told to stop; code is what the process exits with. */
void node_stop(struct node *node, enum exit_code code);

#endif
