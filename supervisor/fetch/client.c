#include <stdlib.h>

#include "common/error.h"
#include "supervisor/fetch/attempt.h"

/* Connections kept for the next request of the same client, and for how long after the last one. */
#define KEPT_CONNECTIONS 4
#define KEPT_MS          15000

/* What becomes of a finished handle is told to the attempt that set it up. */
static void handle_ended(CURL *curl, CURLcode result)
{
    struct attempt *attempt = NULL;

    libcurl.easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&attempt);
    attempt_result(attempt, result);
}

void client_drop_connections(struct fetch_client *client)
{
    if (client->attempts > 0)
        return;
    timer_stop(&client->idle);
    curl_loop_close(&client->curl);
}

static void on_idle(void *arg)
{
    client_drop_connections(arg);
}

int client_add(struct fetch_client *client, CURL *curl)
{
    int error = curl_loop_add(&client->curl, curl);

    if (error != 0)
        return error;
    timer_stop(&client->idle);
    client->attempts++;
    client->fetch->attempts++;
    return 0;
}

void client_remove(struct fetch_client *client, CURL *curl)
{
    curl_loop_remove(&client->curl, curl);
    client->attempts--;
    client->fetch->attempts--;
    fetch_pump(client->fetch);
    if (client->attempts == 0 && timer_start(&client->idle, KEPT_MS) != 0)
        client_drop_connections(client);
}

struct fetch_client *fetch_client_open(struct fetch *fetch, fetch_may_fn may, void *arg)
{
    struct fetch_client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        return NULL;
    client->fetch = fetch;
    client->may = may;
    client->arg = arg;
    if (curl_loop_init(&client->curl, fetch->base, KEPT_CONNECTIONS, handle_ended) != 0) {
        free(client);
        return NULL;
    }
    timer_init(&client->idle, fetch->timers, on_idle, client);
    TAILQ_INIT(&client->waiting);
    TAILQ_INSERT_TAIL(&fetch->clients, client, link);
    return client;
}

void fetch_client_close(struct fetch_client *client)
{
    if (client == NULL)
        return;
    client_drop_connections(client);
    timer_stop(&client->idle);
    curl_loop_free(&client->curl);
    TAILQ_REMOVE(&client->fetch->clients, client, link);
    free(client);
}
