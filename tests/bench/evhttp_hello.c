/* The reference of the HTTP benchmark: libevent's own server answering every request with a body of
 * a given size. usage: evhttp_hello PORT BYTES; prints the port it listens on. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BODY_MAX_BYTES (64UL * 1024 * 1024)

struct body {
    char *bytes;
    size_t len;
};

/* evhttp writes head and body apart; without this the kernel holds the second back for 40 ms, and
 * we would be measured against a sleep. */
static void hurry(struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void answer(struct evhttp_request *request, void *arg)
{
    const struct body *body = arg;
    struct evbuffer *out = evbuffer_new();

    hurry(request);

    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                      "application/json");
    evbuffer_add(out, body->bytes, body->len);
    evhttp_send_reply(request, HTTP_OK, "OK", out);
    evbuffer_free(out);
}

static int port_of(struct evhttp_bound_socket *bound)
{
    struct sockaddr_in address;
    ev_socklen_t len = sizeof address;

    if (getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len) != 0)
        return -1;
    return ntohs(address.sin_port);
}

int main(int argc, char **argv)
{
    unsigned long port = argc == 3 ? strtoul(argv[1], NULL, 10) : 65536;
    struct body body = {.len = argc == 3 ? strtoul(argv[2], NULL, 10) : 0};

    if (port > 65535 || body.len > BODY_MAX_BYTES) {
        fprintf(stderr, "usage: evhttp_hello PORT BYTES\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a client that leaves is no end of the run */
    body.bytes = malloc(body.len + 1);
    struct event_base *base = event_base_new();
    struct evhttp *http = base ? evhttp_new(base) : NULL;
    if (!body.bytes || !http)
        return 1;
    memset(body.bytes, 'x', body.len);
    evhttp_set_gencb(http, answer, &body);
    struct evhttp_bound_socket *bound =
        evhttp_bind_socket_with_handle(http, "127.0.0.1", (ev_uint16_t)port);
    if (!bound)
        return 1;
    printf("%d\n", port_of(bound));
    fflush(stdout);
    event_base_dispatch(base);
    evhttp_free(http);
    event_base_free(base);
    free(body.bytes);
    return 0;
}
