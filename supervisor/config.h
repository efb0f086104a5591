#ifndef AMID_CONFIG_H
#define AMID_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The one table of settings: the INI reader, the environment (AMID_<SECTION>_<KEY>),
 * --check-config, docs/settings.md and the man page are all generated from it. X(member, type,
 * section, key, default text, least, most, reload, what it does) Types: STR, U32, BOOL, LIST
 * (comma-separated text, kept as text). reload: 1 = SIGHUP applies it.
 */
#define CONFIG_SETTINGS(X)                                                                         \
    X(node_nid, STR, "node", "nid", "s-0001", 1, 64, 0, "Id of this node, unique in its network")  \
    X(node_network, STR, "node", "network", "localnet", 1, 64, 0, "Name of the network")           \
    X(node_title, STR, "node", "title", "amid", 0, 128, 1, "Name shown to people")                 \
    X(node_state, STR, "node", "state", "/var/lib/amid", 1, 1024, 0,                               \
      "Folder of the database, token and caches")                                                  \
    X(node_user, STR, "node", "user", "amid", 1, 64, 0,                                            \
      "User to become when started as root; nobody if there is no such user")                      \
    X(node_runner, STR, "node", "runner", "", 0, 1024, 0,                                          \
      "Path of amid-runner; empty = beside amid, then /usr/lib/amid/amid-runner")                  \
    X(node_modules, STR, "node", "modules", "", 0, 1024, 0,                                        \
      "Folder of installed packages; empty = modules in node.state")                               \
    X(node_address, STR, "node", "address", "", 0, 256, 0,                                         \
      "Address that other nodes of a cluster are told; empty = the first of http.listen")          \
    X(http_listen, LIST, "http", "listen", "127.0.0.1:3000,[::1]:3000", 1, 1024, 0,                \
      "Addresses to listen on")                                                                    \
    X(http_insecure, BOOL, "http", "insecure", "no", 0, 1, 0,                                      \
      "Allow listening beyond loopback without TLS")                                               \
    X(http_tls_cert, STR, "http", "tls_cert", "", 0, 1024, 1,                                      \
      "Certificate chain (PEM) of the listener; with http.tls_key it speaks TLS only")             \
    X(http_tls_key, STR, "http", "tls_key", "", 0, 1024, 1,                                        \
      "Its key (PEM, no passphrase); SIGHUP reads both again")                                     \
    X(http_connections, U32, "http", "connections", "1024", 1, 100000, 1,                          \
      "Open connections at most")                                                                  \
    X(http_connections_per_address, U32, "http", "connections_per_address", "64", 1, 100000, 1,    \
      "Of them from one client address (IPv6: one /64); 127.0.0.1 and ::1 are not counted")        \
    X(http_trusted_proxies, LIST, "http", "trusted_proxies", "", 0, 1024, 1,                       \
      "Proxies (addresses, networks such as 10.0.0.0/8) whose X-Forwarded-For says who asks")      \
    X(http_socket, STR, "http", "socket", "auto", 0, 107, 0,                                       \
      "Unix socket for amictl, without a token; auto = amid.sock in systemd's RUNTIME_DIRECTORY, " \
      "else in node.state; empty = none")                                                          \
    X(http_cors, LIST, "http", "cors", "*", 1, 1024, 1,                                            \
      "Origins allowed to call from a browser; * = every")                                         \
    X(http_public_url, STR, "http", "public_url", "", 0, 256, 1,                                   \
      "http(s)://host[:port] under which clients reach this node; empty = as they asked")          \
    X(auth_owners, LIST, "auth", "owners", "", 0, 8192, 1,                                         \
      "Wallets (addresses) that may do everything")                                                \
    X(auth_developers, LIST, "auth", "developers", "", 0, 8192, 1,                                 \
      "Wallets that may create workers and change their own")                                      \
    X(auth_viewers, LIST, "auth", "viewers", "", 0, 8192, 1,                                       \
      "Wallets that may look at everything but the text of scripts")                               \
    X(auth_session_days, U32, "auth", "session_days", "30", 1, 3650, 1,                            \
      "Days without use after which a session ends")                                               \
    X(auth_sessions_per_wallet, U32, "auth", "sessions_per_wallet", "16", 1, 256, 1,               \
      "Sessions of one wallet at once; the oldest goes")                                           \
    X(auth_sign_ins_per_address, U32, "auth", "sign_ins_per_address", "30", 1, 100000, 1,          \
      "Tries to sign in per minute from one client address (IPv6: one /64); 127.0.0.1 and ::1 "    \
      "are not counted")                                                                           \
    X(auth_sign_ins_per_wallet, U32, "auth", "sign_ins_per_wallet", "20", 1, 100000, 1,            \
      "Sign-ins of one wallet per minute")                                                         \
    X(auth_key_file, STR, "auth", "key_file", "", 0, 1024, 0,                                      \
      "File with the key (64 hex digits) that secrets and the node's wallet are encrypted with; "  \
      "empty = the systemd credential amid.key, then node.key in node.state (wallet not "          \
      "encrypted)")                                                                                \
    X(log_level, STR, "log", "level", "info", 1, 8, 1, "debug, info, warn or error")               \
    X(log_ring, U32, "log", "ring", "200", 10, 10000, 0, "Log lines kept per worker for the API")  \
    X(audit_rows, U32, "audit", "rows", "200000", 1000, 10000000, 1,                               \
      "Rows of the audit table kept, about; the oldest go")                                        \
    X(audit_days, U32, "audit", "days", "0", 0, 36500, 1,                                          \
      "Days after which a row of the audit table goes; 0 = never for its age")                     \
    X(runner_heap_mib, U32, "runner", "heap_mib", "32", 2, 1024, 1, "JavaScript heap per worker")  \
    X(runner_turn_cpu_ms, U32, "runner", "turn_cpu_ms", "10000", 50, 600000, 1,                    \
      "CPU time one turn may use")                                                                 \
    X(runner_turn_wall_ms, U32, "runner", "turn_wall_ms", "60000", 100, 3600000, 1,                \
      "Wall time one turn may take")                                                               \
    X(runner_stop_grace_ms, U32, "runner", "stop_grace_ms", "5000", 0, 60000, 1,                   \
      "From STOP to SIGKILL")                                                                      \
    X(runner_workers, U32, "runner", "workers", "5000", 1, 100000, 1,                              \
      "Workers running at once on this node")                                                      \
    X(compile_parallel, U32, "compile", "parallel", "2", 1, 16, 0, "Compiles at once")             \
    X(compile_queue, U32, "compile", "queue", "64", 1, 4096, 0,                                    \
      "Compiles waiting at most; more get 503")                                                    \
    X(compile_heap_mib, U32, "compile", "heap_mib", "64", 32, 1024, 0,                             \
      "JavaScript heap of one compile")                                                            \
    X(compile_cache_mib, U32, "compile", "cache_mib", "64", 1, 4096, 0,                            \
      "Compiled scripts kept on disk")                                                             \
    X(policy_network_stops, BOOL, "policy", "network_stops", "yes", 0, 1, 1,                       \
      "Whether 50 consecutive errors stop a worker even if all were network errors")               \
    X(leader_ttl_s, U32, "leader", "ttl_s", "60", 5, 3600, 0,                                      \
      "Seconds after which the lease of a node that is silent ends, and another may lead")         \
    X(leader_renew_s, U32, "leader", "renew_s", "0", 0, 1800, 0,                                   \
      "Seconds between two renewals of the lease, at most half of leader.ttl_s; 0 = half of it")   \
    X(leader_margin_s, U32, "leader", "margin_s", "0", 0, 1800, 0,                                 \
      "Seconds before the lease could end at which a leader stops; 0 = a quarter of leader.ttl_s") \
    X(files_quota_mib, U32, "files", "quota_mib", "64", 0, 1048576, 1,                             \
      "What the files of one worker may hold together; 0 = no files")                              \
    X(files_count, U32, "files", "count", "1000", 0, 10000, 1,                                     \
      "Files and folders of one worker at most")                                                   \
    X(fetch_allow, LIST, "fetch", "allow", "", 0, 4096, 1,                                         \
      "Hosts that scripts may reach: name, *.name or address, each also with :port; * = all")      \
    X(fetch_allow_private, LIST, "fetch", "allow_private", "", 0, 4096, 1,                         \
      "Those of them whose address may be loopback, private or this node's own; for a port of "    \
      "amid or of cluster.etcd, with :port")                                                       \
    X(fetch_ca_file, STR, "fetch", "ca_file", "", 0, 1024, 1,                                      \
      "Certificate authorities (PEM) to believe besides the system's")                             \
    X(fetch_timeout_ms, U32, "fetch", "timeout_ms", "60000", 100, 3600000, 1,                      \
      "Until an answer begins, and between two pieces of it")                                      \
    X(fetch_body_mib, U32, "fetch", "body_mib", "64", 1, 4095, 1, "Longest body of an answer")     \
    X(fetch_parallel, U32, "fetch", "parallel", "16", 1, 256, 1,                                   \
      "Requests of one worker on their way at once; more wait")                                    \
    X(fetch_web_sockets, U32, "fetch", "web_sockets", "16", 1, 512, 1,                             \
      "WebSockets of one worker open at once")                                                     \
    X(fetch_message_kib, U32, "fetch", "message_kib", "1024", 1, 3072, 1,                          \
      "Longest WebSocket message")                                                                 \
    X(fetch_ping_ms, U32, "fetch", "ping_ms", "30000", 0, 3600000, 1,                              \
      "Between pings on a silent WebSocket; 0 = none")                                             \
    X(cluster_etcd, LIST, "cluster", "etcd", "", 0, 4096, 0,                                       \
      "Servers of etcd, http(s)://host:port each, that hold what the network shares; empty = "     \
      "this "                                                                                      \
      "node alone")                                                                                \
    X(cluster_user, STR, "cluster", "user", "", 0, 256, 0, "User of etcd; empty = none")           \
    X(cluster_password_file, STR, "cluster", "password_file", "", 0, 1024, 0,                      \
      "File whose first line is that user's password; read whenever a token is asked for")         \
    X(cluster_ca_file, STR, "cluster", "ca_file", "", 0, 1024, 0,                                  \
      "Certificate authorities (PEM) of etcd; empty = the system's")                               \
    X(cluster_cert, STR, "cluster", "cert", "", 0, 1024, 0,                                        \
      "Certificate (PEM) that this node shows to etcd; empty = none")                              \
    X(cluster_key, STR, "cluster", "key", "", 0, 1024, 0, "Its key (PEM, no passphrase)")          \
    X(cluster_timeout_ms, U32, "cluster", "timeout_ms", "2000", 100, 60000, 0,                     \
      "How long one server of etcd may take to answer a request")                                  \
    X(serve_ports, LIST, "serve", "ports", "8000-8999", 0, 1024, 1,                                \
      "Ports that scripts may listen on: single ones and ranges")                                  \
    X(serve_address, LIST, "serve", "address", "127.0.0.1", 1, 256, 0,                             \
      "Addresses that scripts listen on; beyond loopback only with http.insecure = yes")           \
    X(serve_connections, U32, "serve", "connections", "1024", 1, 100000, 0,                        \
      "Open connections to all workers' ports at most")                                            \
    X(serve_port_connections, U32, "serve", "port_connections", "256", 1, 100000, 1,               \
      "Open connections to one port of a worker at most; applies when the port is opened")         \
    X(serve_wait_ms, U32, "serve", "wait_ms", "15000", 100, 600000, 1,                             \
      "How long a request waits for its worker, and a port for the next process of it")            \
    X(serve_answer_ms, U32, "serve", "answer_ms", "60000", 100, 3600000, 1,                        \
      "How long a worker may take until its answer begins")                                        \
    X(serve_body_mib, U32, "serve", "body_mib", "16", 1, 4096, 1,                                  \
      "Longest body of a request to a worker; applies when the port is opened")

#define CONFIG_LISTEN_MAX 16 /* addresses in http.listen */

#define CONFIG_C_STR  char *
#define CONFIG_C_LIST char *
#define CONFIG_C_U32  uint32_t
#define CONFIG_C_BOOL bool

enum config_setting {
#define X(member, type, section, key, text, least, most, reload, help) CONFIG_##member,
    CONFIG_SETTINGS(X)
#undef X
        CONFIG_SETTING_MAX
};

enum config_origin { CONFIG_FROM_DEFAULT, CONFIG_FROM_FILE, CONFIG_FROM_ENVIRONMENT };

struct config {
#define X(member, type, section, key, text, least, most, reload, help) CONFIG_C_##type member;
    CONFIG_SETTINGS(X)
#undef X
    /* Where each value came from, for --check-config and for messages. */
    struct {
        enum config_origin origin;
        uint32_t line; /* of the file */
    } from[CONFIG_SETTING_MAX];
};

/* Defaults, then the file (NULL = none), then the environment. On failure nothing is kept and
 * reason says file:line, the key and what is wrong. */
int config_load(const char *path, struct config *ret_config, char *reason, size_t reason_size);
/* Same from an open file (NULL = none) that messages call name, and a list like environ. */
int config_load_from(FILE *file, const char *name, char *const *environment,
                     struct config *ret_config, char *reason, size_t reason_size);
void config_free(struct config *config);
/* Takes over what SIGHUP may change; names of settings that differ but need a restart go to the
 * log. fresh then holds the old values: free it once nobody borrows them any more. */
void config_reload(struct config *config, struct config *fresh);
/* What is in force, as an INI file (--check-config). */
void config_print(const struct config *config, FILE *out);
/* The table of settings as docs/settings.md (--settings-markdown) and docs/man/amid.conf.5
 * (--settings-man). */
void config_print_markdown(FILE *out);
void config_print_man(FILE *out);

#endif
