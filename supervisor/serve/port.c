#include "supervisor/serve/port.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "supervisor/serve/port_internal.h"

/* After a port is given back: how long its connections have for their last answers, and how often
 * it is looked whether they are through. */
#define CLOSING_MS      60000
#define CLOSING_LOOK_MS 200

_Static_assert((SERVE_TAKEN_MAX & (SERVE_TAKEN_MAX - 1)) == 0, "a number's low bits are its slot");

void serve_list_add(struct serve_list *list, struct serve_request *request)
{
    request->previous = list->last;
    request->next = NULL;
    if (list->last != NULL)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

void serve_list_add_first(struct serve_list *list, struct serve_request *request)
{
    request->previous = NULL;
    request->next = list->first;
    if (list->first != NULL)
        list->first->previous = request;
    else
        list->last = request;
    list->first = request;
}

void serve_list_remove(struct serve_list *list, struct serve_request *request)
{
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        list->first = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    else
        list->last = request->previous;
    request->previous = request->next = NULL;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* One timer for all: requests wait equally long, so the oldest of a list is due first (one that was
 * given back may be late by a little). It may fire early. */
static void port_arm(struct serve_port *port)
{
    int64_t due_ms = INT64_MAX;

    if (port->waiting.first != NULL)
        due_ms = earlier(due_ms, port->waiting.first->due_ms);
    if (port->taken.first != NULL)
        due_ms = earlier(due_ms, port->taken.first->due_ms);
    if (port->state == PORT_PARKED)
        due_ms = earlier(due_ms, port->parked_until_ms);
    if (port->state == PORT_CLOSING)
        due_ms = clock_mono_ms() + CLOSING_LOOK_MS;
    if (due_ms == INT64_MAX || (timer_is_pending(&port->timer) && port->timer.due_ms <= due_ms))
        return;
    timer_start(&port->timer, due_ms - clock_mono_ms());
}

static void notify(void *arg)
{
    struct serve_port *port = arg;

    port->is_notifying = false;
    if (port->state == PORT_USED)
        port->user.waiting(port->user.arg);
}

void port_notify(struct serve_port *port)
{
    port_arm(port);
    if (port->state == PORT_USED && !port->is_notifying)
        port->is_notifying = defer_call(port->serve->needs.defer, notify, port) == 0;
}

void port_drop(struct serve_port *port, struct serve_request *request)
{
    if (request->state == SERVE_WAITS) {
        serve_list_remove(&port->waiting, request);
        return;
    }
    if (request->state == SERVE_TAKEN)
        serve_list_remove(&port->taken, request);
    port->slots[request->id % SERVE_TAKEN_MAX] = NULL;
    if (port->in_hand-- == SERVE_TAKEN_MAX && port->waiting.first != NULL)
        port_notify(port);
}

static uint32_t number_of(struct serve_port *port)
{
    do {
        port->last_slot = (port->last_slot + 1) % SERVE_TAKEN_MAX;
        if (port->last_slot == 0)
            port->generation++;
    } while (port->slots[port->last_slot] != NULL);
    return port->generation * SERVE_TAKEN_MAX + port->last_slot;
}

struct serve_request *serve_port_take(struct serve_port *port)
{
    struct serve_request *request = port->waiting.first;

    if (request == NULL || port->in_hand == SERVE_TAKEN_MAX)
        return NULL;
    serve_list_remove(&port->waiting, request);
    request->state = SERVE_TAKEN;
    request->id = number_of(port);
    request->due_ms = clock_mono_ms() + port->serve->needs.config->serve_answer_ms;
    port->slots[request->id % SERVE_TAKEN_MAX] = request;
    port->in_hand++;
    serve_list_add(&port->taken, request);
    port_arm(port);
    return request;
}

struct serve_request *serve_port_find(const struct serve_port *port, uint32_t id)
{
    struct serve_request *request = port->slots[id % SERVE_TAKEN_MAX];

    return request != NULL && request->id == id ? request : NULL;
}

static void expire(struct serve_port *port, int64_t now_ms)
{
    struct serve_request *request;

    while ((request = port->waiting.first) != NULL && request->due_ms <= now_ms)
        serve_request_refuse(request, 503, "This worker does not take requests at the moment");
    while ((request = port->taken.first) != NULL && request->due_ms <= now_ms) {
        port->user.gone(port->user.arg, request);
        port_notify(port);
        serve_request_refuse(request, 504, "This worker did not answer in time");
    }
}

static bool is_drained(const struct serve_port *port)
{
    struct http_counts counts;

    http_server_count(port->http, &counts);
    return counts.connections == 0;
}

static void port_timer(void *arg)
{
    struct serve_port *port = arg;
    int64_t now_ms = clock_mono_ms();
    struct log_about about = {.event = "serve", .sid = port->sid};

    if (port->state == PORT_CLOSING) {
        if (is_drained(port) || now_ms >= port->closing_until_ms) {
            port_free(port);
            return;
        }
    } else {
        expire(port, now_ms);
        if (port->state == PORT_PARKED && now_ms >= port->parked_until_ms) {
            log_warn(&about, "Port %u is closed: nothing has taken it up again",
                     (unsigned)port->number);
            port_close(port);
        }
    }
    port_arm(port);
}

void port_timer_init(struct serve_port *port)
{
    timer_init(&port->timer, port->serve->needs.timers, port_timer, port);
}

static void refuse_waiting(struct serve_port *port)
{
    while (port->waiting.first != NULL)
        serve_request_refuse(port->waiting.first, 503, "This worker has stopped");
}

void port_close(struct serve_port *port)
{
    port->state = PORT_CLOSING;
    port->is_shut = true;
    port->closing_until_ms = clock_mono_ms() + CLOSING_MS;
    http_server_unlisten(port->http);
    http_server_drain(port->http);
    refuse_waiting(port);
    timer_stop(&port->timer);
    port_arm(port);
}

void serve_port_shut(struct serve_port *port)
{
    if (port->is_shut)
        return;
    port->is_shut = true;
    http_server_unlisten(port->http);
    http_server_drain(port->http);
    port_notify(port);
}

bool serve_port_is_over(const struct serve_port *port)
{
    return port->is_shut && port->waiting.first == NULL;
}

uint16_t serve_port_number(const struct serve_port *port)
{
    return port->number;
}

const char *serve_port_hostname(const struct serve_port *port)
{
    return port->hostname;
}

void serve_port_release(struct serve_port *port)
{
    struct log_about about = {.event = "serve", .sid = port->sid};

    port->state = PORT_PARKED;
    for (size_t i = 0; i < SERVE_TAKEN_MAX; i++) {
        if (port->slots[i] != NULL)
            serve_request_refuse(port->slots[i], 502, "This worker ended before it answered");
    }
    if (port->is_shut || port->serve->is_closing) {
        log_info(&about, "Port %u is closed", (unsigned)port->number);
        port_close(port);
        return;
    }
    port->parked_until_ms = clock_mono_ms() + port->serve->needs.config->serve_wait_ms;
    port_arm(port);
}

void serve_forget(struct serve *serve, const char *sid)
{
    for (struct serve_port *port = serve->first; port != NULL; port = port->next) {
        if (port->state == PORT_PARKED && strcmp(port->sid, sid) == 0)
            port_close(port);
    }
}

void port_free(void *arg)
{
    struct serve_port *port = arg;
    struct serve *serve = port->serve;

    timer_stop(&port->timer);
    port->state = PORT_CLOSING;
    http_server_free(port->http);
    if (port->previous != NULL)
        port->previous->next = port->next;
    else
        serve->first = port->next;
    if (port->next != NULL)
        port->next->previous = port->previous;
    free(port->addresses);
    port->addresses = NULL;
    /* A notice may be due in this turn yet. */
    if (defer_call(serve->needs.defer, free, port) != 0)
        log_error(NULL, "no memory to free a port");
}
