#include "etcd_relay.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "etcd_fixture.h"

#define PATH_BYTES 64
#define PIECE      "\"fragment\":true"
#define PIECE_NEXT "{\"result\":"

struct relay_link {
    TAILQ_ENTRY(relay_link) entry;
    struct etcd_relay *relay;
    struct bufferevent *client, *server;
    char path[PATH_BYTES]; /* of the last request */
    enum relay_fate fate;
    bool is_over; /* as soon as the client has what is for it */
};

static void must(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "etcd relay: %s\n", what);
        abort();
    }
}

static void link_free(struct relay_link *link)
{
    TAILQ_REMOVE(&link->relay->links, link, entry);
    bufferevent_free(link->client);
    bufferevent_free(link->server);
    free(link);
}

static void link_end(struct relay_link *link)
{
    link->is_over = true;
    if (evbuffer_get_length(bufferevent_get_output(link->client)) == 0)
        link_free(link);
}

static void on_sent(struct bufferevent *client, void *arg)
{
    struct relay_link *link = arg;

    (void)client;
    if (link->is_over)
        link_free(link);
}

static void on_event(struct bufferevent *side, short what, void *arg)
{
    struct relay_link *link = arg;

    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
        return;
    if (side == link->client)
        link_free(link);
    else
        link_end(link);
}

static size_t body_len(const char *head)
{
    const char *line = strcasestr(head, "\r\nContent-Length:");

    return line == NULL ? 0 : strtoul(line + sizeof("\r\nContent-Length:") - 1, NULL, 10);
}

/* The head of the next request and its end, NULL = not all of it is there. */
static char *request_take(struct evbuffer *input, size_t *ret_head, size_t *ret_len)
{
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    size_t have = evbuffer_get_length(input);
    char *text;

    if (end.pos < 0)
        return NULL;
    text = calloc(1, have + 1);
    must(text != NULL && evbuffer_copyout(input, text, have) == (ev_ssize_t)have, "memory");
    *ret_head = (size_t)end.pos + 4;
    char kept = text[*ret_head];
    text[*ret_head] = '\0';
    *ret_len = *ret_head + body_len(text);
    text[*ret_head] = kept;
    if (*ret_len <= have) {
        text[*ret_len] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

static void on_request(struct bufferevent *client, void *arg)
{
    struct relay_link *link = arg;
    struct etcd_relay *relay = link->relay;
    struct evbuffer *input = bufferevent_get_input(client);
    size_t head, len;
    char *text = request_take(input, &head, &len);

    if (text == NULL)
        return;
    must(sscanf(text, "POST %63s ", link->path) == 1, "no request of the client's");
    relay->watches += strcmp(link->path, "/v3/watch") == 0;
    if (link->fate != RELAY_MUTE)
        link->fate =
            relay->judge == NULL ? RELAY_PASS : relay->judge(relay->arg, link->path, text + head);
    free(text);
    if (link->fate == RELAY_DENY)
        link_free(link);
    else
        evbuffer_remove_buffer(input, bufferevent_get_output(link->server), len);
}

/* Once the next piece begins. */
static void piece_cut(struct relay_link *link, struct evbuffer *input)
{
    struct evbuffer_ptr at = evbuffer_search(input, PIECE, sizeof(PIECE) - 1, NULL);

    if (at.pos >= 0)
        at = evbuffer_search(input, PIECE_NEXT, sizeof(PIECE_NEXT) - 1, &at);
    if (at.pos < 0)
        return;
    evbuffer_remove_buffer(input, bufferevent_get_output(link->client), (size_t)at.pos);
    evbuffer_drain(input, evbuffer_get_length(input));
    link->relay->cuts_pieces = false;
    link->relay->has_cut_such = true;
    link_end(link);
}

static void on_answer(struct bufferevent *server, void *arg)
{
    struct relay_link *link = arg;
    struct etcd_relay *relay = link->relay;
    struct evbuffer *input = bufferevent_get_input(server);

    if (link->is_over || link->fate == RELAY_MUTE) {
        evbuffer_drain(input, evbuffer_get_length(input));
    } else if (link->fate == RELAY_LOSE) {
        relay->lost++;
        link_free(link);
    } else if (relay->cuts_pieces && strcmp(link->path, "/v3/watch") == 0 &&
               evbuffer_search(input, PIECE, sizeof(PIECE) - 1, NULL).pos >= 0) {
        piece_cut(link, input);
    } else {
        evbuffer_remove_buffer(input, bufferevent_get_output(link->client),
                               evbuffer_get_length(input));
    }
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *from, int len, void *arg)
{
    struct etcd_relay *relay = arg;
    struct relay_link *link = calloc(1, sizeof(*link));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(relay->target)};

    (void)listener;
    (void)from;
    (void)len;
    must(link != NULL, "memory");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    link->relay = relay;
    link->client = bufferevent_socket_new(relay->base, fd, BEV_OPT_CLOSE_ON_FREE);
    link->server = bufferevent_socket_new(relay->base, -1, BEV_OPT_CLOSE_ON_FREE);
    must(link->client != NULL && link->server != NULL, "memory");
    TAILQ_INSERT_TAIL(&relay->links, link, entry);
    bufferevent_setcb(link->client, on_request, on_sent, on_event, link);
    bufferevent_setcb(link->server, on_answer, NULL, on_event, link);
    bufferevent_enable(link->client, EV_READ | EV_WRITE);
    bufferevent_enable(link->server, EV_READ | EV_WRITE);
    if (bufferevent_socket_connect(link->server, (struct sockaddr *)&address, sizeof(address)) != 0)
        link_free(link);
}

void etcd_relay_start(struct etcd_relay *relay, struct event_base *base, const char *target)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint16_t port = free_port();

    *relay = (struct etcd_relay){.base = base};
    TAILQ_INIT(&relay->links);
    relay->target = (uint16_t)strtoul(strrchr(target, ':') + 1, NULL, 10);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    relay->listener = evconnlistener_new_bind(base, on_connection, relay,
                                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 128,
                                              (struct sockaddr *)&address, sizeof(address));
    must(relay->listener != NULL, "cannot listen");
    snprintf(relay->url, sizeof(relay->url), "http://127.0.0.1:%u", (unsigned)port);
}

void etcd_relay_stop(struct etcd_relay *relay)
{
    struct relay_link *link, *next;

    for (link = TAILQ_FIRST(&relay->links); link != NULL; link = next) {
        next = TAILQ_NEXT(link, entry);
        link_free(link);
    }
    evconnlistener_free(relay->listener);
}

void etcd_relay_mute(struct etcd_relay *relay, const char *path)
{
    struct relay_link *link;

    TAILQ_FOREACH(link, &relay->links, entry)
    {
        if (strcmp(link->path, path) == 0)
            link->fate = RELAY_MUTE;
    }
}

void etcd_relay_cut(struct etcd_relay *relay, const char *path)
{
    struct relay_link *link, *next;

    for (link = TAILQ_FIRST(&relay->links); link != NULL; link = next) {
        next = TAILQ_NEXT(link, entry);
        if (strcmp(link->path, path) == 0)
            link_free(link);
    }
}

bool etcd_relay_is_about(const char *body, const char *network, const struct kv_key *key)
{
    uint8_t raw[KV_KEY_MAX_BYTES + 128];
    char text[sizeof(raw) * 2];
    int len = snprintf((char *)raw, sizeof(raw), "amid/%s/", network);

    memcpy(raw + len, key->bytes, key->len);
    sodium_bin2base64(text, sizeof(text), raw, (size_t)len + key->len,
                      sodium_base64_VARIANT_ORIGINAL);
    return strstr(body, text) != NULL;
}

static enum relay_fate lose(void *arg, const char *path, const char *body)
{
    struct relay_loss *loss = arg;

    if (strcmp(path, loss->path) != 0 || strstr(body, loss->text) == NULL ||
        (loss->key.len != 0 && !etcd_relay_is_about(body, "testnet", &loss->key)))
        return RELAY_PASS;
    loss->seen++;
    if (loss->left == 0)
        return RELAY_PASS;
    loss->left--;
    return loss->fate;
}

void etcd_relay_lose(struct etcd_relay *relay, const char *path, const char *text,
                     enum relay_fate fate)
{
    relay->loss = (struct relay_loss){.path = path, .text = text, .fate = fate, .left = 1};
    relay->judge = path == NULL ? NULL : lose;
    relay->arg = &relay->loss;
}
