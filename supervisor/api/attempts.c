#include "supervisor/api/attempts.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/peer.h"
#include "supervisor/http/rate.h"

#define LOCAL "local" /* what http_request_peer says of the unix socket */

struct attempts {
    const struct config *config;
    struct http_rate *addresses;
    struct http_rate *wallets;
};

struct attempts *attempts_new(const struct config *config)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);

    if (!attempts)
        return NULL;
    attempts->config = config;
    attempts->addresses = http_rate_new();
    attempts->wallets = http_rate_new();
    if (attempts->addresses && attempts->wallets)
        return attempts;
    attempts_free(attempts);
    return NULL;
}

void attempts_free(struct attempts *attempts)
{
    if (!attempts)
        return;
    http_rate_free(attempts->addresses);
    http_rate_free(attempts->wallets);
    free(attempts);
}

int64_t attempts_take_address(struct attempts *attempts, const char *peer)
{
    struct http_rate_limit limit =
        http_rate_per_minute(attempts->config->auth_sign_ins_per_address);
    int64_t now_ms = clock_mono_ms(), wait_ms;
    char client[PEER_CLIENT_BYTES];

    peer_client(peer, client);
    if (peer_is_loopback(client) || strcmp(client, LOCAL) == 0)
        return 0;
    wait_ms = http_rate_wait(attempts->addresses, &limit, client, now_ms);
    if (wait_ms == 0)
        http_rate_count(attempts->addresses, &limit, client, now_ms);
    return wait_ms;
}

int64_t attempts_wait_wallet(const struct attempts *attempts, const char *wallet)
{
    struct http_rate_limit limit = http_rate_per_minute(attempts->config->auth_sign_ins_per_wallet);

    return http_rate_wait(attempts->wallets, &limit, wallet, clock_mono_ms());
}

void attempts_count_wallet(struct attempts *attempts, const char *wallet)
{
    struct http_rate_limit limit = http_rate_per_minute(attempts->config->auth_sign_ins_per_wallet);

    http_rate_count(attempts->wallets, &limit, wallet, clock_mono_ms());
}
