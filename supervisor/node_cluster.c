#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "supervisor/node.h"

/* What this node is among others. */

static void load(void *arg, uint32_t *ret_running, uint32_t *ret_limit)
{
    const struct node *node = arg;

    *ret_running = node->fleet == NULL ? 0 : (uint32_t)fleet_running(node->fleet);
    *ret_limit = node->config.runner_workers;
}

static void refused(void *arg, const char *why)
{
    log_error(&(struct log_about){.event = "boot-failed"}, "cannot start: %s", why);
    node_stop(arg, EXIT_CODE_BUSY);
}

/* As others are told it: the port that was opened, not the 0 that asked for any. */
static void find_address(struct node *node)
{
    const char *first = node->config.http_listen;
    size_t len = strcspn(first, ",");

    if (node->config.node_address[0] != '\0') {
        snprintf(node->address, sizeof(node->address), "%s", node->config.node_address);
        return;
    }
    while (len > 0 && first[len - 1] != ':')
        len--;
    snprintf(node->address, sizeof(node->address), "%.*s%u", (int)len, first,
             (unsigned)http_server_port(node->http, 0));
}

int node_open_membership(struct node *node, struct kv *net)
{
    const struct membership_needs needs = {.net = net,
                                           .local = store_local(node->store),
                                           .timers = node->timers,
                                           .config = &node->config,
                                           .version = AMID_VERSION,
                                           .address = node->address,
                                           .load = load,
                                           .refused = refused,
                                           .arg = node};

    find_address(node);
    return membership_open(&needs, &node->membership);
}
