#include "supervisor/http/server.h"

#include <errno.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/http/connection.h"
#include "supervisor/http/forwarded.h"
#include "supervisor/http/local.h"
#include "supervisor/http/tls.h"

#define LISTENERS_MAX      17 /* CONFIG_LISTEN_MAX and the unix socket */
#define LISTEN_BACKLOG     511
#define ACCEPT_PAUSE_MS    1000
#define REFUSED_AT_ONCE    64 /* connections over the limit that still get their 503 */
#define REFUSED_OF_ADDRESS 4  /* the same of one address */
#define LOCAL_MAX          64 /* over the unix socket, beside all others */

struct http_server {
    struct http_context context;
    uint32_t limit;
    struct evconnlistener *listeners[LISTENERS_MAX];
    uint16_t ports[LISTENERS_MAX];
    size_t listener_count;
    struct timer accept_again;
    uint32_t per_address;
    char *local_path; /* NULL = none */
    gid_t local_group;
    uid_t runner;
};

static void accept_again(void *arg)
{
    struct http_server *server = arg;
    if (server->context.is_draining)
        return;
    for (size_t i = 0; i < server->listener_count; i++)
        evconnlistener_enable(server->listeners[i]);
}

static void tell_refused(const struct http_server *server, enum http_refusal what, const char *who)
{
    if (server->context.refused)
        server->context.refused(server->context.refused_arg, what, who);
}

static void tell_over(const struct http_server *server, bool is_crowd, const struct sockaddr *peer)
{
    char who[HTTP_PEER_BYTES];
    connection_write_peer(peer, who);
    tell_refused(server, is_crowd ? HTTP_REFUSED_ADDRESS : HTTP_REFUSED_FULL, who);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int peer_len, void *arg)
{
    struct http_server *server = arg;
    struct http_counts *counts = &server->context.counts;
    (void)listener;
    (void)peer_len;
    counts->accepted++;
    uint32_t of_peer = http_forwarded_is_proxy(server->context.trusted_proxies, peer)
                           ? 0
                           : http_crowd_count(&server->context.crowd, peer);
    bool is_crowd = server->per_address > 0 && of_peer >= server->per_address;
    const struct http_quota *quota = server->context.quota;
    bool over = is_crowd || counts->connections >= server->limit ||
                (quota != NULL && quota->open >= quota->most);
    if (over) {
        counts->refused++;
        tell_over(server, is_crowd, peer);
    }
    if ((is_crowd && of_peer >= (uint64_t)server->per_address + REFUSED_OF_ADDRESS) ||
        counts->connections >= (uint64_t)server->limit + REFUSED_AT_ONCE ||
        (quota != NULL && quota->open >= (uint64_t)quota->most + REFUSED_AT_ONCE)) {
        evutil_closesocket(fd);
        return;
    }
    if (connection_open(&server->context, fd, peer, over) != 0)
        log_error(NULL, "no memory for a connection");
}

static void on_accept_local(struct evconnlistener *listener, evutil_socket_t fd,
                            struct sockaddr *peer, int peer_len, void *arg)
{
    struct http_server *server = arg;
    const struct sockaddr local = {.sa_family = AF_UNIX};
    struct http_counts *counts = &server->context.counts;
    (void)listener;
    (void)peer;
    (void)peer_len;
    char who[HTTP_PEER_BYTES];
    counts->accepted++;
    bool is_stranger = !http_local_admits(fd, server->local_group, server->runner);
    if (is_stranger ||
        counts->connections >= (uint64_t)server->limit + REFUSED_AT_ONCE + LOCAL_MAX) {
        counts->refused++;
        http_local_name(fd, who, sizeof who);
        tell_refused(server, is_stranger ? HTTP_REFUSED_USER : HTTP_REFUSED_FULL, who);
        evutil_closesocket(fd);
        return;
    }
    if (connection_open(&server->context, fd, &local, false) != 0)
        log_error(NULL, "no memory for a connection");
}

/* Without file descriptors the listener would report the same failure again and again. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct http_server *server = arg;
    (void)listener;
    log_warn(NULL, "cannot accept connections: %s",
             evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    for (size_t i = 0; i < server->listener_count; i++)
        evconnlistener_disable(server->listeners[i]);
    timer_start(&server->accept_again, ACCEPT_PAUSE_MS);
}

int http_server_new(struct event_base *base, struct timers *timers, struct defer *defer,
                    const struct http_limits *limits, struct http_server **ret_server)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server)
        return AMID_E_NOMEM;
    server->context.base = base;
    server->context.timers = timers;
    server->context.defer = defer;
    http_crowd_init(&server->context.crowd);
    timer_init(&server->accept_again, timers, accept_again, server);
    http_server_set_limits(server, limits);
    if (!server->context.cors_origin || !server->context.trusted_proxies) {
        free(server->context.cors_origin);
        free(server->context.trusted_proxies);
        free(server);
        return AMID_E_NOMEM;
    }
    *ret_server = server;
    return 0;
}

static int listen_error(int errnum, const char *address, char *reason, size_t reason_size)
{
    snprintf(reason, reason_size, "cannot listen on %s: %s", address, strerror(errnum));
    if (errnum == EADDRINUSE)
        return AMID_E_ADDR_IN_USE;
    if (errnum == EAFNOSUPPORT || errnum == EADDRNOTAVAIL)
        return AMID_E_UNSUPPORTED;
    return error_from_errno(errnum);
}

static uint16_t port_of(struct evconnlistener *listener)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } bound = {.in6 = {0}};
    socklen_t len = sizeof bound;
    if (getsockname(evconnlistener_get_fd(listener), &bound.any, &len) != 0)
        return 0;
    return ntohs(bound.any.sa_family == AF_INET6 ? bound.in6.sin6_port : bound.in.sin_port);
}

/* evutil_parse_sockaddr_port refuses port 0. */
static bool parse_address(const char *text, struct sockaddr_storage *ret_address, int *ret_len)
{
    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(text, ':');
    size_t host_len = colon ? (size_t)(colon - text) : 0;
    if (host_len == 0 || host_len >= sizeof host || colon[1] == '\0' || strlen(colon + 1) > 5 ||
        colon[1 + strspn(colon + 1, "0123456789")] != '\0')
        return false;
    unsigned long port = strtoul(colon + 1, NULL, 10);
    memcpy(host, text, host_len);
    host[host_len] = '\0';
    if (port > 65535)
        return false;
    if (host[0] == '[' && host[host_len - 1] == ']') {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ret_address;
        host[host_len - 1] = '\0';
        *v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
        *ret_len = sizeof *v6;
        return evutil_inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1;
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ret_address;
    *v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    *ret_len = sizeof *v4;
    return evutil_inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

int http_server_listen(struct http_server *server, const char *address, char *reason,
                       size_t reason_size)
{
    struct sockaddr_storage parsed = {0};
    int len = sizeof parsed;
    unsigned flags = LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    if (server->listener_count == LISTENERS_MAX) {
        snprintf(reason, reason_size, "more than %d addresses to listen on", LISTENERS_MAX);
        return AMID_E_LIMIT;
    }
    if (!parse_address(address, &parsed, &len)) {
        snprintf(reason, reason_size, "\"%s\" is no address:port", address);
        return AMID_E_INVALID;
    }
    if (parsed.ss_family == AF_INET6)
        flags |= LEV_OPT_BIND_IPV6ONLY;
    struct evconnlistener *listener =
        evconnlistener_new_bind(server->context.base, on_accept, server, flags, LISTEN_BACKLOG,
                                (struct sockaddr *)&parsed, len);
    if (!listener)
        return listen_error(errno, address, reason, reason_size);
    evconnlistener_set_error_cb(listener, on_accept_error);
    server->listeners[server->listener_count] = listener;
    server->ports[server->listener_count++] = port_of(listener);
    return 0;
}

int http_server_listen_local(struct http_server *server, const char *path, uid_t runner,
                             char *reason, size_t reason_size)
{
    int fd;
    char *copy = strdup(path);
    int error = copy && server->listener_count < LISTENERS_MAX ? 0 : AMID_E_NOMEM;
    if (error)
        snprintf(reason, reason_size, "%s: %s", path, error_text(error));
    else
        error = http_local_bind(path, &fd, &server->local_group, reason, reason_size);
    if (error) {
        free(copy);
        return error;
    }
    server->local_path = copy;
    server->runner = runner;
    /* It listens already: backlog 0 says so. */
    struct evconnlistener *listener =
        evconnlistener_new(server->context.base, on_accept_local, server,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (!listener) {
        evutil_closesocket(fd);
        snprintf(reason, reason_size, "%s: out of memory", path);
        return AMID_E_NOMEM;
    }
    evconnlistener_set_error_cb(listener, on_accept_error);
    server->listeners[server->listener_count++] = listener;
    return 0;
}

void http_server_hold(struct http_server *server, bool held)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        if (held)
            evconnlistener_disable(server->listeners[i]);
        else
            evconnlistener_enable(server->listeners[i]);
    }
}

uint16_t http_server_port(const struct http_server *server, size_t index)
{
    return index < server->listener_count ? server->ports[index] : 0;
}

/* Without memory what was there stays. */
static void replace_text(char **text, const char *fresh)
{
    char *copy = strdup(fresh);
    if (!copy)
        return;
    free(*text);
    *text = copy;
}

void http_server_set_limits(struct http_server *server, const struct http_limits *limits)
{
    const char *origin = limits->cors_origin ? limits->cors_origin : "*";
    server->limit = limits->connections;
    server->per_address = limits->per_address;
    server->context.body_max = limits->body_bytes > 0 ? limits->body_bytes : HTTP_BODY_MAX_BYTES;
    server->context.quota = limits->quota;
    replace_text(&server->context.trusted_proxies,
                 limits->trusted_proxies ? limits->trusted_proxies : "");
    if (!strpbrk(origin, "\r\n"))
        replace_text(&server->context.cors_origin, origin);
}

void http_server_set_tls(struct http_server *server, struct http_tls *tls)
{
    http_tls_free(server->context.tls);
    server->context.tls = tls;
}

int http_server_route(struct http_server *server, const char *method, const char *path,
                      http_handler_fn fn, void *arg)
{
    return http_routes_add(&server->context.routes, method, path, fn, arg);
}

void http_server_on_refused(struct http_server *server, http_refused_fn fn, void *arg)
{
    server->context.refused = fn;
    server->context.refused_arg = arg;
}

void http_server_set_admit(struct http_server *server, http_admit_fn fn, void *arg)
{
    server->context.admit = fn;
    server->context.admit_arg = arg;
}

struct http_context *http_server_context(struct http_server *server)
{
    return &server->context;
}

void http_server_count(const struct http_server *server, struct http_counts *ret_counts)
{
    *ret_counts = server->context.counts;
}

void http_server_unlisten(struct http_server *server)
{
    timer_stop(&server->accept_again);
    for (size_t i = 0; i < server->listener_count; i++)
        evconnlistener_free(server->listeners[i]);
    server->listener_count = 0;
    if (server->local_path)
        unlink(server->local_path);
    free(server->local_path);
    server->local_path = NULL;
}

void http_server_drain(struct http_server *server)
{
    server->context.is_draining = true;
    for (size_t i = 0; i < server->listener_count; i++)
        evconnlistener_disable(server->listeners[i]);
    struct http_connection *connection = server->context.first;
    while (connection) {
        struct http_connection *next = connection_next(connection);
        connection_drain(connection);
        connection = next;
    }
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    http_server_unlisten(server);
    while (server->context.first)
        connection_close(server->context.first);
    http_tls_free(server->context.tls);
    free(server->context.cors_origin);
    free(server->context.trusted_proxies);
    free(server);
}
