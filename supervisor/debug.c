#include "supervisor/debug.h"

#ifdef AMID_TEST_HOOKS

#include <cjson/cJSON.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/trace.h"

#define LINE_MAX_BYTES   8192
#define UNREAD_MAX_BYTES ((size_t)16 * 1024 * 1024) /* a client that does not read is dropped */
#define ADVANCE_MAX_MS   (INT64_C(100) * 365 * 24 * 3600 * 1000)

struct debug_client {
    struct debug_client *next;
    struct debug_socket *debug;
    struct bufferevent *stream;
    struct event *step; /* the next step of an advance */
    int64_t advance_until_ms;
};

struct debug_socket {
    struct event_base *base;
    struct timers *timers;
    struct evconnlistener *listener;
    struct debug_client *clients;
    char *kept[DEBUG_EVENTS_KEPT]; /* the line of event n is at n % DEBUG_EVENTS_KEPT */
    uint64_t last_event;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
};

static void client_free(struct debug_client *client)
{
    struct debug_client **place = &client->debug->clients;

    while (*place != client)
        place = &(*place)->next;
    *place = client->next;
    event_free(client->step);
    bufferevent_free(client->stream);
    free(client);
}

static void client_send(struct debug_client *client, const char *line, size_t len)
{
    /* Freed by its own event callback, which the failed write brings about. */
    if (evbuffer_get_length(bufferevent_get_output(client->stream)) > UNREAD_MAX_BYTES)
        shutdown(bufferevent_getfd(client->stream), SHUT_RDWR);
    else
        bufferevent_write(client->stream, line, len);
}

static void client_answer(struct debug_client *client, const char *line)
{
    client_send(client, line, strlen(line));
}

static void on_trace(void *arg, const char *event, const char *json_members)
{
    struct debug_socket *debug = arg;
    struct buffer line;
    size_t slot;

    buffer_init(&line, LINE_MAX_BYTES);
    buffer_printf(&line, "{\"event\":\"%s\",\"n\":%" PRIu64 ",\"at\":%" PRId64 "%s%s}\n", event,
                  debug->last_event + 1, clock_mono_ms(), json_members[0] != '\0' ? "," : "",
                  json_members);
    if (buffer_status(&line) != 0) {
        buffer_free(&line);
        return;
    }
    debug->last_event++;
    for (struct debug_client *client = debug->clients; client != NULL; client = client->next)
        client_send(client, line.data, line.len);
    slot = (size_t)(debug->last_event % DEBUG_EVENTS_KEPT);
    free(debug->kept[slot]);
    debug->kept[slot] = buffer_take(&line, NULL);
}

static void client_resend(struct debug_client *client, uint64_t since)
{
    struct debug_socket *debug = client->debug;
    uint64_t first =
        debug->last_event >= DEBUG_EVENTS_KEPT ? debug->last_event - DEBUG_EVENTS_KEPT + 1 : 1;

    for (uint64_t n = since >= first ? since + 1 : first; n <= debug->last_event; n++) {
        const char *line = debug->kept[n % DEBUG_EVENTS_KEPT];

        if (line != NULL)
            bufferevent_write(client->stream, line, strlen(line));
    }
    client_answer(client, "{\"ok\":true}\n");
}

/* To the next deadline or the end of the way, whichever comes first. */
static void client_step(evutil_socket_t fd, short what, void *arg)
{
    struct debug_client *client = arg;
    struct timers *timers = client->debug->timers;
    int64_t now_ms = clock_mono_ms();
    int64_t next_ms = timers_next_ms(timers);

    (void)fd;
    (void)what;
    if (now_ms < client->advance_until_ms) {
        int64_t to_ms = client->advance_until_ms;

        if (next_ms >= 0 && next_ms < to_ms)
            to_ms = next_ms;
        if (to_ms > now_ms)
            clock_advance_ms(to_ms - now_ms);
        timers_advance(timers);
        event_add(client->step, &(struct timeval){0, 0});
        return;
    }
    timers_advance(timers);
    bufferevent_enable(client->stream, EV_READ);
    client_answer(client, "{\"ok\":true}\n");
    bufferevent_trigger(client->stream, EV_READ, BEV_OPT_DEFER_CALLBACKS);
}

static void client_advance(struct debug_client *client, double ms)
{
    if (!(ms >= 0 && ms <= (double)ADVANCE_MAX_MS)) {
        client_answer(client, "{\"ok\":false,\"error\":\"advance out of range\"}\n");
        return;
    }
    client->advance_until_ms = clock_mono_ms() + (int64_t)ms;
    /* Further lines wait until this one is answered. */
    bufferevent_disable(client->stream, EV_READ);
    event_add(client->step, &(struct timeval){0, 0});
}

static void client_move_clock(struct debug_client *client, const cJSON *ms, void (*move)(int64_t))
{
    if (!cJSON_IsNumber(ms) || !(fabs(ms->valuedouble) <= (double)ADVANCE_MAX_MS)) {
        client_answer(client, "{\"ok\":false,\"error\":\"move out of range\"}\n");
        return;
    }
    move((int64_t)ms->valuedouble);
    timers_advance(client->debug->timers);
    client_answer(client, "{\"ok\":true}\n");
}

static void client_line(struct debug_client *client, const char *line, size_t len)
{
    struct json_fault fault;
    cJSON *json = NULL;
    const cJSON *member;

    if (json_parse(line, len, &json, &fault) != 0) {
        client_answer(client, "{\"ok\":false,\"error\":\"not JSON\"}\n");
        return;
    }
    if ((member = cJSON_GetObjectItemCaseSensitive(json, "advance")) != NULL) {
        client_advance(client, cJSON_IsNumber(member) ? member->valuedouble : -1);
    } else if ((member = cJSON_GetObjectItemCaseSensitive(json, "since")) != NULL) {
        client_resend(client, member->valuedouble > 0 ? (uint64_t)member->valuedouble : 0);
    } else if ((member = cJSON_GetObjectItemCaseSensitive(json, "freeze")) != NULL) {
        clock_freeze(cJSON_IsTrue(member));
        timers_advance(client->debug->timers);
        client_answer(client, "{\"ok\":true}\n");
    } else if ((member = cJSON_GetObjectItemCaseSensitive(json, "step_real")) != NULL) {
        client_move_clock(client, member, clock_step_real_ms);
    } else if ((member = cJSON_GetObjectItemCaseSensitive(json, "suspend")) != NULL) {
        client_move_clock(client, member, clock_suspend_ms);
    } else if (cJSON_HasObjectItem(json, "ping")) {
        client_answer(client, "{\"ok\":true}\n");
    } else {
        client_answer(client, "{\"ok\":false,\"error\":\"unknown command\"}\n");
    }
    cJSON_Delete(json);
}

static void on_read(struct bufferevent *stream, void *arg)
{
    struct debug_client *client = arg;
    char *line;
    size_t len;

    while (!event_pending(client->step, EV_TIMEOUT, NULL) &&
           (line = evbuffer_readln(bufferevent_get_input(stream), &len, EVBUFFER_EOL_LF)) != NULL) {
        client_line(client, line, len);
        free(line);
    }
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    (void)what;
    client_free(arg);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int len, void *arg)
{
    struct debug_socket *debug = arg;
    struct debug_client *client = calloc(1, sizeof(*client));

    (void)listener;
    (void)address;
    (void)len;
    if (client == NULL) {
        close(fd);
        return;
    }
    client->debug = debug;
    client->step = event_new(debug->base, -1, 0, client_step, client);
    client->stream = bufferevent_socket_new(debug->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (client->step == NULL || client->stream == NULL)
        abort(); /* a test without its eyes is worth nothing */
    client->next = debug->clients;
    debug->clients = client;
    bufferevent_setcb(client->stream, on_read, NULL, on_end, client);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
}

int debug_open(struct event_base *base, struct timers *timers, const char *state_folder,
               struct debug_socket **ret_debug)
{
    struct debug_socket *debug = calloc(1, sizeof(*debug));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *freeze = getenv("AMID_TEST_FREEZE");
    int len;

    if (debug == NULL)
        return AMID_E_NOMEM;
    debug->base = base;
    debug->timers = timers;
    len = snprintf(debug->path, sizeof(debug->path), "%s/debug.sock", state_folder);
    if (len < 0 || (size_t)len >= sizeof(debug->path)) {
        free(debug);
        return AMID_E_TOO_LARGE;
    }
    memcpy(address.sun_path, debug->path, sizeof(address.sun_path));
    unlink(debug->path);
    debug->listener = evconnlistener_new_bind(base, on_accept, debug,
                                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
                                              (struct sockaddr *)&address, sizeof(address));
    if (debug->listener == NULL) {
        free(debug);
        return AMID_E_IO;
    }
    if (freeze != NULL && strcmp(freeze, "1") == 0)
        clock_freeze(1);
    trace_set_sink(on_trace, debug);
    *ret_debug = debug;
    return 0;
}

void debug_close(struct debug_socket *debug)
{
    if (debug == NULL)
        return;
    trace_set_sink(NULL, NULL);
    for (struct debug_client *client = debug->clients, *next; client != NULL; client = next) {
        next = client->next;
        /* The last events are what a test waits for; one try is all that the loop's end leaves. */
        evbuffer_write(bufferevent_get_output(client->stream), bufferevent_getfd(client->stream));
        client_free(client);
    }
    evconnlistener_free(debug->listener);
    unlink(debug->path);
    for (size_t i = 0; i < DEBUG_EVENTS_KEPT; i++)
        free(debug->kept[i]);
    free(debug);
}

#else
/* ISO C wants at least one declaration in a file. */
typedef int debug_is_for_tests;
#endif
