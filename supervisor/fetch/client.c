#include <stdlib.h>

#include "common/error.h"
#include "supervisor/fetch/attempt.h"

/* Connections kept for the next request of the same client, and for how long after the last one. */
#define KEPT_CONNECTIONS 4
#define KEPT_MS          15000

/* Finished handles; what becomes of each is told to the attempt that set it up. */
static void take_results(struct fetch_client *client)
{
    CURLMsg *message;
    int left;

    while (client->multi != NULL &&
           (message = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct attempt *attempt = NULL;
        CURLcode result = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&attempt);
        attempt_result(attempt, result);
    }
}

static void on_socket_event(evutil_socket_t fd, short what, void *arg)
{
    struct fetch_client *client = arg;
    int mask = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
               ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int running;

    curl_multi_socket_action(client->multi, fd, mask, &running);
    take_results(client);
}

static void on_curl_timer(evutil_socket_t fd, short what, void *arg)
{
    struct fetch_client *client = arg;
    int running;

    (void)fd;
    (void)what;
    if (client->multi == NULL)
        return;
    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_results(client);
}

/* Called by curl: which events of a socket it waits for. The libevent event hangs on the socket. */
static int watch_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *watched)
{
    struct fetch_client *client = arg;
    struct event *event = watched;
    short events = EV_PERSIST;

    (void)curl;
    if (event != NULL)
        event_free(event);
    curl_multi_assign(client->multi, fd, NULL);
    if (what == CURL_POLL_REMOVE)
        return 0;
    if ((what & CURL_POLL_IN) != 0)
        events |= EV_READ;
    if ((what & CURL_POLL_OUT) != 0)
        events |= EV_WRITE;
    event = event_new(client->fetch->base, fd, events, on_socket_event, client);
    if (event == NULL || event_add(event, NULL) != 0) {
        if (event != NULL)
            event_free(event);
        return -1; /* curl ends what uses the multi with an error */
    }
    curl_multi_assign(client->multi, fd, event);
    return 0;
}

/* Called by curl. Its delays are those of a protocol's steps, not of anything a test would move. */
static int set_curl_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct fetch_client *client = arg;
    struct timeval delay;

    (void)multi;
    if (delay_ms < 0) {
        evtimer_del(client->curl_timer);
        return 0;
    }
    delay.tv_sec = delay_ms / 1000;
    delay.tv_usec = delay_ms % 1000 * 1000;
    return evtimer_add(client->curl_timer, &delay);
}

void client_drop_connections(struct fetch_client *client)
{
    if (client->multi == NULL || client->attempts > 0)
        return;
    timer_stop(&client->idle);
    curl_multi_cleanup(client->multi);
    client->multi = NULL;
    evtimer_del(client->curl_timer);
}

static void on_idle(void *arg)
{
    client_drop_connections(arg);
}

static int open_multi(struct fetch_client *client)
{
    CURLM *multi = curl_multi_init();

    if (multi == NULL)
        return AMID_E_NOMEM;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_curl_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    /* One transfer per connection: an answer that its script does not read holds up no other. */
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    client->multi = multi;
    return 0;
}

int client_add(struct fetch_client *client, CURL *curl)
{
    if (client->multi == NULL && open_multi(client) != 0)
        return AMID_E_NOMEM;
    timer_stop(&client->idle);
    if (curl_multi_add_handle(client->multi, curl) != CURLM_OK)
        return AMID_E_NOMEM;
    client->attempts++;
    client->fetch->attempts++;
    return 0;
}

void client_remove(struct fetch_client *client, CURL *curl)
{
    curl_multi_remove_handle(client->multi, curl);
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
    client->curl_timer = evtimer_new(fetch->base, on_curl_timer, client);
    if (client->curl_timer == NULL) {
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
    event_free(client->curl_timer);
    TAILQ_REMOVE(&client->fetch->clients, client, link);
    free(client);
}
