#include "supervisor/curl/curl_loop.h"

#include "common/error.h"

/* Finished handles; what becomes of each is the owner's. */
static void take_results(struct curl_loop *loop)
{
    CURLMsg *message;
    int left;

    while (loop->multi != NULL && (message = libcurl.multi_info_read(loop->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            loop->ended(message->easy_handle, message->data.result);
    }
}

static void on_socket_event(evutil_socket_t fd, short what, void *arg)
{
    struct curl_loop *loop = arg;
    int mask = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
               ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int running;

    libcurl.multi_socket_action(loop->multi, fd, mask, &running);
    take_results(loop);
}

static void on_curl_timer(evutil_socket_t fd, short what, void *arg)
{
    struct curl_loop *loop = arg;
    int running;

    (void)fd;
    (void)what;
    if (loop->multi == NULL)
        return;
    libcurl.multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_results(loop);
}

/* Called by curl: which events of a socket it waits for. The libevent event hangs on the socket. */
static int watch_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *watched)
{
    struct curl_loop *loop = arg;
    struct event *event = watched;
    short events = EV_PERSIST;

    (void)curl;
    if (event != NULL)
        event_free(event);
    libcurl.multi_assign(loop->multi, fd, NULL);
    if (what == CURL_POLL_REMOVE)
        return 0;
    if ((what & CURL_POLL_IN) != 0)
        events |= EV_READ;
    if ((what & CURL_POLL_OUT) != 0)
        events |= EV_WRITE;
    event = event_new(loop->base, fd, events, on_socket_event, loop);
    if (event == NULL || event_add(event, NULL) != 0) {
        if (event != NULL)
            event_free(event);
        return -1; /* curl ends what uses the multi with an error */
    }
    libcurl.multi_assign(loop->multi, fd, event);
    return 0;
}

/* Called by curl. Its delays are those of a protocol's steps, not of anything a test would move. */
static int set_curl_timer(CURLM *multi, long delay_ms, void *arg)
{
    struct curl_loop *loop = arg;
    struct timeval delay;

    (void)multi;
    if (delay_ms < 0) {
        evtimer_del(loop->timer);
        return 0;
    }
    delay.tv_sec = delay_ms / 1000;
    delay.tv_usec = delay_ms % 1000 * 1000;
    return evtimer_add(loop->timer, &delay);
}

int curl_loop_init(struct curl_loop *loop, struct event_base *base, long connections,
                   void (*ended)(CURL *curl, CURLcode result))
{
    *loop = (struct curl_loop){.base = base, .connections = connections, .ended = ended};
    loop->timer = evtimer_new(base, on_curl_timer, loop);
    return loop->timer == NULL ? AMID_E_NOMEM : 0;
}

void curl_loop_free(struct curl_loop *loop)
{
    curl_loop_close(loop);
    if (loop->timer != NULL)
        event_free(loop->timer);
    loop->timer = NULL;
}

static int open_multi(struct curl_loop *loop)
{
    CURLM *multi = libcurl.multi_init();

    if (multi == NULL)
        return AMID_E_NOMEM;
    libcurl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    libcurl.multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
    libcurl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_curl_timer);
    libcurl.multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
    libcurl.multi_setopt(multi, CURLMOPT_MAXCONNECTS, loop->connections);
    /* One transfer per connection: an answer that its owner does not read holds up no other. */
    libcurl.multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    loop->multi = multi;
    return 0;
}

int curl_loop_add(struct curl_loop *loop, CURL *curl)
{
    if (loop->multi == NULL && open_multi(loop) != 0)
        return AMID_E_NOMEM;
    return libcurl.multi_add_handle(loop->multi, curl) == CURLM_OK ? 0 : AMID_E_NOMEM;
}

void curl_loop_remove(struct curl_loop *loop, CURL *curl)
{
    libcurl.multi_remove_handle(loop->multi, curl);
}

void curl_loop_close(struct curl_loop *loop)
{
    if (loop->multi == NULL)
        return;
    libcurl.multi_cleanup(loop->multi);
    loop->multi = NULL;
    evtimer_del(loop->timer);
}
