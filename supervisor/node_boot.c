#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/endpoints.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/auth/node_wallet.h"
#include "supervisor/http/tls.h"
#include "supervisor/node.h"

#define REASON_BYTES     512
#define INSTALLED_RUNNER "/usr/lib/amid/amid-runner"
#define RUNNER_NAME      "amid-runner"

static enum exit_code refuse(enum exit_code code, const char *reason)
{
    log_error(&(struct log_about){.event = "boot-failed"}, "%s", reason);
    return code;
}

static enum exit_code refuse_error(enum exit_code code, const char *what, int error)
{
    log_error(&(struct log_about){.event = "boot-failed"}, "%s: %s", what, error_text(error));
    return code;
}

/* As far as it goes; the fleet refuses the workers that even that does not allow. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_runner_at(const char *path, int *ret_fd)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat stat;

    if (fd < 0)
        return -1;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode) || (stat.st_mode & 0111) == 0) {
        close(fd);
        errno = EACCES;
        return -1;
    }
    *ret_fd = fd;
    return 0;
}

/* Opened once and while we may still reach it: every zygote is executed from this descriptor. */
static enum exit_code open_runner(struct node *node)
{
    char path[PATH_MAX];
    ssize_t len;
    char *slash;

    if (node->config.node_runner[0] != '\0') {
        if (open_runner_at(node->config.node_runner, &node->runner_fd) == 0)
            return EXIT_CODE_OK;
        log_error(NULL, "node.runner: cannot open %s: %s", node->config.node_runner,
                  strerror(errno));
        return EXIT_CODE_SYSTEM;
    }
    len = readlink("/proc/self/exe", path, sizeof(path) - sizeof(RUNNER_NAME));
    if (len > 0) {
        path[len] = '\0';
        slash = strrchr(path, '/');
        memcpy(slash != NULL ? slash + 1 : path, RUNNER_NAME, sizeof(RUNNER_NAME));
        if (open_runner_at(path, &node->runner_fd) == 0)
            return EXIT_CODE_OK;
    }
    if (open_runner_at(INSTALLED_RUNNER, &node->runner_fd) == 0)
        return EXIT_CODE_OK;
    return refuse(EXIT_CODE_SYSTEM, "amid-runner is neither beside amid nor at " INSTALLED_RUNNER
                                    "; name it with node.runner");
}

static enum exit_code open_loop(struct node *node)
{
    node->base = event_base_new();
    if (node->base == NULL)
        return refuse(EXIT_CODE_SYSTEM, "cannot create an event loop");
    node->timers = timers_new(node->base);
    node->defer = defer_new(node->base);
    if (node->timers == NULL || node->defer == NULL || node_signals_open(node) != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "event loop", AMID_E_NOMEM);
    return EXIT_CODE_OK;
}

/* While we may still read what root alone may. */
static enum exit_code open_tls(struct node *node)
{
    const struct config *config = &node->config;
    char reason[REASON_BYTES];
    struct http_tls *tls;

    if (config->http_tls_cert[0] == '\0')
        return EXIT_CODE_OK;
    if (http_tls_new(config->http_tls_cert, config->http_tls_key, &tls, reason, sizeof(reason)) !=
        0)
        return refuse(EXIT_CODE_SETTINGS, reason);
    http_server_set_tls(node->http, tls);
    node->has_tls = true;
    return EXIT_CODE_OK;
}

static enum exit_code open_sockets(struct node *node)
{
    const struct http_limits limits = {.connections = node->config.http_connections,
                                       .per_address = node->config.http_connections_per_address,
                                       .cors_origin = node->config.http_cors,
                                       .trusted_proxies = node->config.http_trusted_proxies};
    char reason[REASON_BYTES];
    bool is_default = node->config.from[CONFIG_http_listen].origin == CONFIG_FROM_DEFAULT;
    size_t index = 0;
    int error = http_server_new(node->base, node->timers, node->defer, &limits, &node->http);

    if (error != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "HTTP server", error);
    for (const char *item = node->config.http_listen; item != NULL; index++) {
        char address[128];
        size_t len = strcspn(item, ",");

        snprintf(address, sizeof(address), "%.*s", (int)len, item);
        error = http_server_listen(node->http, address, reason, sizeof(reason));
        if (error == 0)
            node->listening |= UINT64_C(1) << index;
        else if (error == AMID_E_UNSUPPORTED && is_default)
            log_warn(NULL, "%s", reason); /* no IPv6 on this machine, say */
        else
            return refuse(EXIT_CODE_LISTEN, reason);
        item = item[len] == ',' ? item + len + 1 : NULL;
    }
    if (node->listening == 0)
        return refuse(EXIT_CODE_LISTEN, "there is no address left to listen on");
    http_server_hold(node->http, true);
    return open_tls(node);
}

static enum exit_code exit_code_of_store(int error)
{
    switch (error) {
    case AMID_E_BUSY:
        return EXIT_CODE_BUSY;
    case AMID_E_CORRUPT:
    case AMID_E_UNSUPPORTED:
        return EXIT_CODE_DATA;
    case AMID_E_NOMEM:
        return EXIT_CODE_SYSTEM;
    default:
        return EXIT_CODE_IO;
    }
}

/* What the key opens: the wallet and the secrets. */
static int open_key(struct node *node, char *reason, size_t reason_size)
{
    const char *folder = node->config.node_state;
    int error = 0;

    if (node->key == NULL)
        error = node_key_from_state(folder, &node->key, reason, reason_size);
    if (error == 0)
        error = node_wallet_open(folder, node->key, &node->wallet, reason, reason_size);
    if (error != 0)
        return error;
    error = secrets_open(store_local(node->store), node->key, &node->secrets);
    if (error != 0)
        snprintf(reason, reason_size, "secrets: %s", error_text(error));
    return error;
}

struct etcd_space_settings node_etcd_settings(const struct config *config)
{
    return (struct etcd_space_settings){.network = config->node_network,
                                        .etcd = {.endpoints = config->cluster_etcd,
                                                 .user = config->cluster_user,
                                                 .password_file = config->cluster_password_file,
                                                 .ca_file = config->cluster_ca_file,
                                                 .cert = config->cluster_cert,
                                                 .key = config->cluster_key,
                                                 .timeout_ms = config->cluster_timeout_ms}};
}

static enum exit_code open_cluster(struct node *node)
{
    const struct config *config = &node->config;
    const struct etcd_space_settings settings = node_etcd_settings(config);
    char reason[REASON_BYTES];
    char text[REASON_BYTES];
    int error;

    if (config->cluster_etcd[0] == '\0')
        return EXIT_CODE_OK;
    error = etcd_space_open(node->base, node->timers, &settings, &node->cluster, reason,
                            sizeof(reason));
    if (error == 0)
        return EXIT_CODE_OK;
    snprintf(text, sizeof(text), "cluster.etcd: %.400s", reason);
    return refuse(error == AMID_E_NOMEM ? EXIT_CODE_SYSTEM : EXIT_CODE_SETTINGS, text);
}

static enum exit_code open_state(struct node *node)
{
    const char *folder = node->config.node_state;
    char reason[REASON_BYTES] = "";
    int error = journal_open(node->config.log_ring, &node->journal);

    if (error != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "log writer", error);
    journal_set_node(node->journal, node->config.node_nid);
    error = store_open(folder, node->base, node->defer, node->timers, &node->store, reason,
                       sizeof(reason));
    if (error != 0)
        return refuse(exit_code_of_store(error), reason);
    error = audit_open(node->store, node->timers, &node->config, &node->audit);
    if (error != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "audit", error);
    error = open_key(node, reason, sizeof(reason));
    if (error != 0)
        return refuse(EXIT_CODE_STATE, reason);
    error = files_open(folder, node->base, &node->files, reason, sizeof(reason));
    if (error != 0)
        return refuse(EXIT_CODE_STATE, reason);
#ifdef AMID_TEST_HOOKS
    error = debug_open(node->base, node->timers, folder, &node->debug);
    if (error != 0)
        return refuse_error(EXIT_CODE_STATE, "debug socket", error);
#endif
    return EXIT_CODE_OK;
}

/* A name that is too long is no reason to refuse the start when nobody chose it. */
static enum exit_code open_local_socket(struct node *node)
{
    const char *path = node->config.http_socket;
    const char *runtime = getenv("RUNTIME_DIRECTORY"); /* systemd.exec(5) */
    bool is_auto = strcmp(path, "auto") == 0;
    uid_t runner = node->privilege.has_runner_user ? node->privilege.runner_uid : (uid_t)-1;
    char reason[REASON_BYTES];
    char own[PATH_MAX];
    int error;

    if (path[0] == '\0')
        return EXIT_CODE_OK;
    if (is_auto) {
        snprintf(own, sizeof(own), "%s/amid.sock",
                 runtime != NULL && runtime[0] == '/' ? runtime : node->config.node_state);
        path = own;
    }
    error = http_server_listen_local(node->http, path, runner, reason, sizeof(reason));
    if (error != 0 && is_auto && error != AMID_E_ADDR_IN_USE) {
        log_warn(NULL, "no unix socket: %s", reason);
        return EXIT_CODE_OK;
    }
    if (error != 0)
        return refuse(EXIT_CODE_LISTEN, reason);
    http_server_hold(node->http, true);
    return EXIT_CODE_OK;
}

static void node_status(void *arg, char *text, size_t size)
{
    const struct node *node = arg;

    snprintf(text, size, "%zu of %zu workers running", fleet_running(node->fleet),
             registry_count(node->registry));
}

static void log_addresses(const struct node *node)
{
    size_t index = 0, opened = 0;

    for (const char *item = node->config.http_listen; item != NULL; index++) {
        size_t len = strcspn(item, ",");
        size_t host_len = len;

        while (host_len > 0 && item[host_len - 1] != ':')
            host_len--;
        /* Port 0 asked for any; the log tells which it became. */
        if ((node->listening >> index & 1) != 0)
            log_info(&(struct log_about){.event = "listening"}, "listening on %.*s%u",
                     (int)host_len, item, (unsigned)http_server_port(node->http, opened++));
        item = item[len] == ',' ? item + len + 1 : NULL;
    }
}

static int open_api(struct node *node)
{
    const struct api_needs needs = {.config = &node->config,
                                    .timers = node->timers,
                                    .http = node->http,
                                    .registry = node->registry,
                                    .membership = node->membership,
                                    .fleet = node->fleet,
                                    .journal = node->journal,
                                    .audit = node->audit,
                                    .store = node->store,
                                    .secrets = node->secrets,
                                    .auth = node->auth,
                                    .roster = node->roster};
    int error = api_open(&needs, &node->api);

    if (error == 0)
        error = fleet_start(node->fleet);
    return error;
}

/* Sessions, tokens and records are known: from here on there is something true to answer. */
static void auth_is_ready(void *arg, int error, const char *why)
{
    struct node *node = arg;

    if (error != 0) {
        log_error(&(struct log_about){.event = "boot-failed"}, "%s", why);
        node_stop(node, EXIT_CODE_STATE);
        return;
    }
    if (node->is_stopping)
        return;
    error = open_api(node);
    if (error != 0) {
        log_error(&(struct log_about){.event = "boot-failed"}, "cannot start: %s",
                  error_text(error));
        node_stop(node, EXIT_CODE_INTERNAL);
        return;
    }
    http_server_hold(node->http, false);
    log_addresses(node);
    log_info(&(struct log_about){.event = "ready"},
             "amid " AMID_VERSION " is ready: node %s of %s, "
             "%zu workers known",
             node->config.node_nid, node->config.node_network, registry_count(node->registry));
    notify_ready(node->notify);
}

int64_t node_session_ms(const struct config *config)
{
    return (int64_t)config->auth_session_days * 24 * 3600 * 1000;
}

static int open_auth(struct node *node)
{
    const struct auth_needs needs = {.local = store_local(node->store),
                                     .state_folder = node->config.node_state,
                                     .session_ms = node_session_ms(&node->config),
                                     .sessions_per_wallet = node->config.auth_sessions_per_wallet,
                                     .role_of = roster_role,
                                     .role_arg = node->roster};

    return auth_open(&needs, auth_is_ready, node, &node->auth);
}

static bool has_failed(struct node *node, const char *what, int error)
{
    if (error == 0)
        return false;
    log_error(&(struct log_about){.event = "boot-failed"}, "%s cannot be read: %s", what,
              error_text(error));
    node_stop(node, EXIT_CODE_IO);
    return true;
}

static void roster_is_ready(void *arg, int error)
{
    struct node *node = arg;

    if (!has_failed(node, "the decisions about wallets", error) && !node->is_stopping)
        has_failed(node, "sessions and tokens", open_auth(node));
}

static void registry_is_ready(void *arg, int error)
{
    struct node *node = arg;

    if (!has_failed(node, "the worker records", error) && !node->is_stopping)
        has_failed(node, "the decisions about wallets",
                   roster_open(store_local(node->store), &node->config, roster_is_ready, node,
                               &node->roster));
}

struct fetch_settings node_fetch_settings(const struct config *config)
{
    return (struct fetch_settings){.allow_private = config->fetch_allow_private,
                                   .ca_file = config->fetch_ca_file,
                                   .state_folder = config->node_state,
                                   .timeout_ms = config->fetch_timeout_ms,
                                   .body_bytes = config->fetch_body_mib * 1024 * 1024,
                                   .parallel = config->fetch_parallel,
                                   .web_sockets = config->fetch_web_sockets,
                                   .message_bytes = config->fetch_message_kib * 1024,
                                   .ping_ms = config->fetch_ping_ms};
}

/* Scripts have no business with amid's own ports and those of the cluster's etcd. */
static void guard_ports(struct node *node)
{
    uint16_t ports[CONFIG_LISTEN_MAX + ENDPOINTS_MAX];
    char reason[REASON_BYTES];
    struct endpoints etcd = {0};
    size_t count = 0;

    for (uint64_t left = node->listening; left != 0; left &= left - 1) {
        ports[count] = http_server_port(node->http, count);
        count++;
    }
    if (node->config.cluster_etcd[0] != '\0')
        (void)endpoints_parse(node->config.cluster_etcd, &etcd, reason, sizeof(reason));
    memcpy(ports + count, etcd.ports, etcd.count * sizeof(ports[0]));
    fetch_set_guarded_ports(node->fetch, ports, count + etcd.count);
}

static enum exit_code open_fetch(struct node *node)
{
    const struct fetch_settings settings = node_fetch_settings(&node->config);
    char reason[REASON_BYTES];
    int error =
        fetch_open(node->base, node->timers, &settings, &node->fetch, reason, sizeof(reason));

    if (error != 0)
        return refuse(error == AMID_E_NOMEM ? EXIT_CODE_SYSTEM : EXIT_CODE_SETTINGS, reason);
    guard_ports(node);
    return EXIT_CODE_OK;
}

static int open_serve(struct node *node)
{
    const struct serve_needs needs = {
        .base = node->base, .timers = node->timers, .defer = node->defer, .config = &node->config};

    return serve_open(&needs, &node->serve);
}

static enum exit_code open_workers(struct node *node)
{
    struct fleet_needs needs = {.base = node->base,
                                .timers = node->timers,
                                .defer = node->defer,
                                .config = &node->config,
                                .local = store_local(node->store),
                                .net = node_net(node),
                                .journal = node->journal,
                                .audit = node->audit,
                                .secrets = node->secrets,
                                .files = node->files,
                                .fetch = node->fetch,
                                .fetch_files = FETCH_OPEN_ALL,
                                .wallet = node->wallet,
                                .runner_fd = node->runner_fd,
                                .runner_uid = (unsigned)-1,
                                .runner_gid = (unsigned)-1};
    int error;

    if (node->privilege.has_runner_user) {
        needs.runner_uid = node->privilege.runner_uid;
        needs.runner_gid = node->privilege.runner_gid;
    }
    node->notify = notify_new(node->base, node_status, node);
    if (node->notify == NULL)
        return refuse_error(EXIT_CODE_SYSTEM, "notify", AMID_E_NOMEM);
    error = node_open_membership(node, needs.net);
    if (error != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "membership", error);
    needs.membership = node->membership;
    error = registry_open(needs.local, needs.net, node->timers, registry_is_ready, node,
                          &node->registry);
    if (error != 0)
        return refuse_error(exit_code_of_store(error), "worker records", error);
    error = open_serve(node);
    if (error != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "ports of workers", error);
    needs.registry = node->registry;
    needs.serve = node->serve;
    error = fleet_open(&needs, &node->fleet);
    if (error != 0)
        return refuse_error(EXIT_CODE_SYSTEM, "runners", error);
    return EXIT_CODE_OK;
}

/* Everything that needs root comes before the drop, every thread and every file of the state after
 * it. */
enum exit_code node_boot(struct node *node)
{
    const char *folder = node->config.node_state;
    char reason[REASON_BYTES] = "";
    enum exit_code code;

    raise_file_limit();
    if (privilege_plan(node->config.node_user, &node->privilege, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_PRIVILEGE, reason);
    if (privilege_open_state(&node->privilege, folder, &node->state_fd, reason, sizeof(reason)) !=
        0)
        return refuse(EXIT_CODE_STATE, reason);
    code = open_loop(node);
    if (code == EXIT_CODE_OK)
        code = open_sockets(node);
    if (code == EXIT_CODE_OK)
        code = open_runner(node);
    if (code != EXIT_CODE_OK)
        return code;
    if (node_key_from_outside(node->config.auth_key_file, getenv("CREDENTIALS_DIRECTORY"),
                              &node->key, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_SETTINGS, reason);
    if (privilege_drop(&node->privilege, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_PRIVILEGE, reason);
    if (privilege_check_state(folder, node->state_fd, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_STATE, reason);
    code = open_state(node);
    if (code == EXIT_CODE_OK)
        code = open_cluster(node);
    if (code == EXIT_CODE_OK)
        code = open_local_socket(node);
    if (code == EXIT_CODE_OK)
        code = open_fetch(node);
    return code == EXIT_CODE_OK ? open_workers(node) : code;
}
