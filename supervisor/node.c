#include "supervisor/node.h"

#include <unistd.h>

#include "common/log.h"
#include "wallet/wallet.h"

#define SETTLE_TURNS 4 /* reads, their answers, those on the wire */

/* What was accepted is written and answered while those who asked still exist. */
static void node_settle(struct node *node)
{
    audit_flush(node->audit);
    if (node->store != NULL)
        store_drain(node->store);
    for (int turn = 0; node->base != NULL && turn < SETTLE_TURNS; turn++)
        event_base_loop(node->base, EVLOOP_NONBLOCK);
}

struct kv *node_net(struct node *node)
{
    return node->cluster != NULL ? etcd_space_kv(node->cluster) : store_net(node->store);
}

/* The first thing that is opened is closed last. */
void node_close(struct node *node)
{
    node->is_stopping = true;
    node_settle(node);
    notify_free(node->notify);
    if (node->api != NULL)
        api_close(node->api);
    if (node->fleet != NULL)
        fleet_close(node->fleet);
    membership_close(node->membership);
    files_close(node->files);
    fetch_close(node->fetch);
    serve_close(node->serve);
    /* libevent frees connections in its loop only. */
    for (int turn = 0; node->base != NULL && turn < SETTLE_TURNS; turn++)
        event_base_loop(node->base, EVLOOP_NONBLOCK);
    if (node->registry != NULL)
        registry_close(node->registry);
    if (node->http != NULL)
        http_server_free(node->http);
    auth_close(node->auth);
    roster_close(node->roster);
    wallet_free(node->wallet);
#ifdef AMID_TEST_HOOKS
    debug_close(node->debug);
#endif
    etcd_space_close(node->cluster);
    audit_close(node->audit);
    if (node->store != NULL)
        store_close(node->store);
    secrets_close(node->secrets);
    defer_free(node->defer);
    node_signals_close(node);
    timers_free(node->timers);
    if (node->base != NULL)
        event_base_free(node->base);
    node_key_free(node->key); /* reads that ended with the loop used it */
    journal_close(node->journal);
    if (node->runner_fd >= 0)
        close(node->runner_fd);
    if (node->state_fd >= 0)
        close(node->state_fd);
    config_free(&node->config);
}

enum exit_code node_run(const char *config_path, struct config *config)
{
    struct node node = {
        .config_path = config_path, .config = *config, .state_fd = -1, .runner_fd = -1};
    enum exit_code code = node_boot(&node);

    if (code == EXIT_CODE_OK) {
        if (event_base_dispatch(node.base) < 0) {
            log_error(NULL, "the event loop failed");
            node.exit_code = EXIT_CODE_INTERNAL;
        }
        code = node.exit_code;
    }
    node_close(&node);
    if (code == EXIT_CODE_OK)
        log_info(&(struct log_about){.event = "stopped"}, "amid has stopped");
    return code;
}
