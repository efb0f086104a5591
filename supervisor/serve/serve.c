#include "supervisor/serve/serve.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/serve/port_internal.h"

int serve_open(const struct serve_needs *needs, struct serve **ret_serve)
{
    struct serve *serve = calloc(1, sizeof(*serve));

    if (serve == NULL)
        return AMID_E_NOMEM;
    serve->needs = *needs;
    serve->quota.most = needs->config->serve_connections;
    *ret_serve = serve;
    return 0;
}

void serve_close(struct serve *serve)
{
    if (serve == NULL)
        return;
    serve->is_closing = true;
    while (serve->first != NULL)
        port_free(serve->first);
    free(serve);
}

/* The next address of a list of them, without brackets. */
static bool next_address(const char **list, char *out, size_t size)
{
    size_t len = strcspn(*list, ",");
    const char *at = *list;

    if (len == 0)
        return false;
    *list = at[len] == ',' ? at + len + 1 : at + len;
    if (at[0] == '[' && at[len - 1] == ']') {
        at++;
        len -= 2;
    }
    if (len >= size)
        return false;
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

static bool is_loopback(const char *address)
{
    struct in6_addr v6;
    struct in_addr v4;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool is_wildcard(const char *address)
{
    return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

/* Loopback always; others as far as serve.address goes. */
static bool may_listen_on(const struct serve *serve, const char *hostname)
{
    const char *list = serve->needs.config->serve_address;
    char address[INET6_ADDRSTRLEN];
    bool is_v6 = strchr(hostname, ':') != NULL;

    if (is_loopback(hostname))
        return true;
    while (next_address(&list, address, sizeof(address))) {
        if (strcmp(address, hostname) == 0 ||
            (is_wildcard(address) && (strchr(address, ':') != NULL) == is_v6))
            return true;
    }
    return false;
}

/* What a script's hostname means here, as a list of addresses (borrowed). */
static int addresses_of(const struct serve *serve, const char *hostname, const char **ret_list,
                        char *reason, size_t reason_size)
{
    struct in6_addr any;

    if (hostname == NULL || is_wildcard(hostname)) {
        *ret_list = serve->needs.config->serve_address;
        return 0;
    }
    if (strcmp(hostname, "localhost") == 0) {
        *ret_list = "127.0.0.1";
        return 0;
    }
    if (inet_pton(AF_INET, hostname, &any) != 1 && inet_pton(AF_INET6, hostname, &any) != 1) {
        snprintf(reason, reason_size, "hostname \"%.64s\" is no address of this node", hostname);
        return AMID_E_INVALID;
    }
    if (!may_listen_on(serve, hostname)) {
        snprintf(reason, reason_size, "this node does not allow to listen on %s: serve.address",
                 hostname);
        return AMID_E_DENIED;
    }
    *ret_list = hostname;
    return 0;
}

static int bind_all(struct serve_port *port, char *reason, size_t reason_size)
{
    char item[INET6_ADDRSTRLEN], address[INET6_ADDRSTRLEN + 16];
    const char *list = port->addresses;
    int error = AMID_E_INVALID;
    size_t count = 0;

    while (next_address(&list, item, sizeof(item))) {
        snprintf(address, sizeof(address), strchr(item, ':') != NULL ? "[%s]:%u" : "%s:%u", item,
                 (unsigned)port->number);
        error = http_server_listen(port->http, address, reason, reason_size);
        if (error == AMID_E_UNSUPPORTED) /* this machine lacks the family */
            continue;
        if (error != 0)
            return error;
        if (count++ == 0)
            memcpy(port->hostname, item, sizeof(port->hostname));
    }
    return count > 0 ? 0 : error;
}

static int port_new(struct serve *serve, const char *sid, const char *addresses, uint16_t number,
                    struct serve_port **ret_port, char *reason, size_t reason_size)
{
    const struct config *config = serve->needs.config;
    struct http_limits limits = {.connections = config->serve_port_connections,
                                 .body_bytes = (uint64_t)config->serve_body_mib * 1024 * 1024,
                                 .quota = &serve->quota};
    struct serve_port *port = calloc(1, sizeof(*port));
    int error = AMID_E_NOMEM;

    snprintf(reason, reason_size, "out of memory");
    if (port == NULL)
        return AMID_E_NOMEM;
    port->serve = serve;
    port->number = number;
    port->addresses = strdup(addresses);
    snprintf(port->sid, sizeof(port->sid), "%s", sid);
    port_timer_init(port);
    if (port->addresses != NULL)
        error = http_server_new(serve->needs.base, serve->needs.timers, serve->needs.defer, &limits,
                                &port->http);
    if (error == 0)
        error = bind_all(port, reason, reason_size);
    if (error != 0) {
        http_server_free(port->http);
        free(port->addresses);
        free(port);
        return error;
    }
    http_server_forward(port->http, request_arrived, port);
    port->next = serve->first;
    if (port->next != NULL)
        port->next->previous = port;
    serve->first = port;
    *ret_port = port;
    return 0;
}

static struct serve_port *find_open(struct serve *serve, uint16_t number)
{
    struct serve_port *port = serve->first;

    while (port != NULL && (port->number != number || port->is_shut))
        port = port->next;
    return port;
}

static size_t count_of(const struct serve *serve, const char *sid)
{
    size_t count = 0;

    for (const struct serve_port *port = serve->first; port != NULL; port = port->next)
        count += port->state != PORT_CLOSING && strcmp(port->sid, sid) == 0;
    return count;
}

/* The port as it stands for this worker: to be taken over, in the way, or (0 and NULL) free. */
static int find_parked(struct serve *serve, const char *sid, const char *addresses, uint16_t number,
                       struct serve_port **ret_port)
{
    struct serve_port *port = find_open(serve, number);

    *ret_port = NULL;
    if (port == NULL)
        return 0;
    if (port->state != PORT_PARKED || strcmp(port->sid, sid) != 0)
        return AMID_E_ADDR_IN_USE;
    if (strcmp(port->addresses, addresses) == 0)
        *ret_port = port;
    else /* the next version listens elsewhere */
        port_close(port);
    return 0;
}

int serve_port_listen(struct serve *serve, const char *sid, const char *hostname, uint16_t number,
                      const struct serve_user *user, struct serve_port **ret_port, char *reason,
                      size_t reason_size)
{
    struct log_about about = {.event = "serve", .sid = sid};
    struct serve_port *port = NULL;
    const char *addresses;
    int error = addresses_of(serve, hostname, &addresses, reason, reason_size);

    if (error != 0)
        return error;
    error = find_parked(serve, sid, addresses, number, &port);
    if (error != 0) {
        snprintf(reason, reason_size, "port %u is taken by %s", (unsigned)number,
                 strcmp(find_open(serve, number)->sid, sid) == 0 ? "this worker itself"
                                                                 : "another worker");
        return error;
    }
    if (port == NULL && count_of(serve, sid) >= SERVE_PORTS_MAX) {
        snprintf(reason, reason_size, "a worker may listen on %d ports", SERVE_PORTS_MAX);
        return AMID_E_LIMIT;
    }
    if (port == NULL) {
        error = port_new(serve, sid, addresses, number, &port, reason, reason_size);
        if (error != 0)
            return error;
        log_info(&about, "Serving on port %u of %s", (unsigned)number, port->hostname);
    }
    port->state = PORT_USED;
    port->user = *user;
    if (port->waiting.first != NULL)
        port_notify(port);
    *ret_port = port;
    return 0;
}
