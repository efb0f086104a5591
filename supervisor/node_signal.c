#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/http/tls.h"
#include "supervisor/node.h"

#define REASON_BYTES 512
/* A terminal and a wrapper that forwards, or timeout(1), send one wish to stop as two signals. */
#define SAME_SIGNAL_MS 500

static void has_left(void *arg)
{
    struct node *node = arg;

    /* Not before what is active in this turn has run: answers under way may still go out. */
    event_base_loopexit(node->base, NULL);
}

static void workers_have_stopped(void *arg)
{
    struct node *node = arg;

    if (node->membership != NULL)
        membership_leave(node->membership, has_left, node);
    else
        has_left(node);
}

void node_stop(struct node *node, enum exit_code code)
{
    if (node->is_stopping)
        return;
    node->is_stopping = true;
    node->stopping_since_ms = clock_mono_ms();
    node->exit_code = code;
    notify_stopping(node->notify);
    http_server_drain(node->http);
    if (node->api != NULL)
        fleet_stop(node->fleet, workers_have_stopped, node);
    else
        workers_have_stopped(node);
}

static void on_end_signal(evutil_socket_t fd, short what, void *arg)
{
    struct node *node = arg;

    (void)what;
    if (node->is_stopping && clock_mono_ms() - node->stopping_since_ms < SAME_SIGNAL_MS)
        return;
    if (node->is_stopping) {
        /* The runners die with us; acknowledged writes are on the disk. */
        log_warn(NULL, "second signal: ending at once");
        journal_close(node->journal);
        _exit(EXIT_CODE_IMPATIENT);
    }
    log_info(&(struct log_about){.event = "stopping"}, "%s: stopping the workers",
             fd == SIGTERM ? "SIGTERM" : "SIGINT");
    node_stop(node, EXIT_CODE_OK);
}

/* TLS is neither begun nor ended here: where we listen was allowed for what it was at the start. */
static void reload_tls(struct node *node)
{
    const struct log_about about = {.event = "reload"};
    const struct config *config = &node->config;
    struct http_tls *tls;
    char reason[REASON_BYTES];

    if (node->has_tls != (config->http_tls_cert[0] != '\0')) {
        log_warn(&about, "TLS stays %s until the next start", node->has_tls ? "on" : "off");
        return;
    }
    if (!node->has_tls)
        return;
    if (http_tls_new(config->http_tls_cert, config->http_tls_key, &tls, reason, sizeof(reason)) !=
        0) {
        log_error(&about, "the certificate in use stays: %s", reason);
        return;
    }
    http_server_set_tls(node->http, tls);
    log_info(&about, "certificate %s and its key read again", config->http_tls_cert);
}

static void node_reload(struct node *node)
{
    struct config fresh;
    struct http_limits limits;
    struct fetch_settings settings;
    enum log_level level;
    char reason[REASON_BYTES];

    if (config_load(node->config_path, &fresh, reason, sizeof(reason)) != 0) {
        log_error(&(struct log_about){.event = "reload"}, "settings stay as they were: %s", reason);
        return;
    }
    config_reload(&node->config, &fresh);
    if (log_level_parse(node->config.log_level, &level) == 0)
        log_set_level(level);
    limits = (struct http_limits){.connections = node->config.http_connections,
                                  .per_address = node->config.http_connections_per_address,
                                  .cors_origin = node->config.http_cors,
                                  .trusted_proxies = node->config.http_trusted_proxies};
    http_server_set_limits(node->http, &limits);
    reload_tls(node);
    settings = node_fetch_settings(&node->config);
    if (fetch_set_settings(node->fetch, &settings, reason, sizeof(reason)) != 0)
        log_error(&(struct log_about){.event = "reload"}, "fetch goes on as before: %s", reason);
    if (node->auth != NULL)
        auth_set_limits(node->auth, node_session_ms(&node->config),
                        node->config.auth_sessions_per_wallet);
    fleet_config_changed(node->fleet);
    config_free(&fresh); /* the old texts; nobody borrows them any more */
    log_info(&(struct log_about){.event = "reload"}, "settings reloaded");
}

static void on_reload_signal(evutil_socket_t fd, short what, void *arg)
{
    struct node *node = arg;

    (void)fd;
    (void)what;
    if (node->is_stopping || node->api == NULL)
        return;
    notify_reloading(node->notify);
    node_reload(node);
    notify_ready(node->notify);
}

int node_signals_open(struct node *node)
{
    static const struct {
        int number;
        event_callback_fn fn;
    } wanted[NODE_SIGNALS] = {
        {SIGTERM, on_end_signal}, {SIGINT, on_end_signal}, {SIGHUP, on_reload_signal}};

    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < NODE_SIGNALS; i++) {
        node->signals[i] = evsignal_new(node->base, wanted[i].number, wanted[i].fn, node);
        if (node->signals[i] == NULL || event_add(node->signals[i], NULL) != 0)
            return AMID_E_NOMEM;
    }
    return 0;
}

void node_signals_close(struct node *node)
{
    for (int i = 0; i < NODE_SIGNALS; i++) {
        if (node->signals[i] != NULL)
            event_free(node->signals[i]);
        node->signals[i] = NULL;
    }
}
