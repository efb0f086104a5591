#include "supervisor/fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/fetch/authorities.h"
#include "supervisor/fetch/fetch_internal.h"

static void on_wake(evutil_socket_t fd, short what, void *arg);

static void settings_free(struct fetch_settings *settings)
{
    free((char *)settings->allow_private);
    free((char *)settings->ca_file);
}

static int settings_copy(const struct fetch_settings *from, struct fetch_settings *ret_copy)
{
    struct fetch_settings copy = *from;

    copy.allow_private = strdup(from->allow_private);
    copy.ca_file = strdup(from->ca_file);
    copy.state_folder = NULL;
    if (copy.allow_private == NULL || copy.ca_file == NULL) {
        settings_free(&copy);
        return AMID_E_NOMEM;
    }
    *ret_copy = copy;
    return 0;
}

int fetch_set_settings(struct fetch *fetch, const struct fetch_settings *settings, char *reason,
                       size_t reason_size)
{
    struct fetch_settings copy;
    struct fetch_client *client;
    int error = 0;

    if (settings->ca_file[0] != '\0')
        error = authorities_check(settings->ca_file, reason, reason_size);
    if (error != 0)
        return error;
    error = settings_copy(settings, &copy);
    if (error != 0) {
        snprintf(reason, reason_size, "%s", error_text(error));
        return error;
    }
    settings_free(&fetch->settings);
    fetch->settings = copy;
    fetch->has_authorities = false;
    /* What is open was made under the old ones. */
    TAILQ_FOREACH(client, &fetch->clients, link)
    {
        client_drop_connections(client);
    }
    fetch_pump(fetch);
    return 0;
}

int fetch_open(struct event_base *base, struct timers *timers,
               const struct fetch_settings *settings, struct fetch **ret_fetch, char *reason,
               size_t reason_size)
{
    struct fetch *fetch = calloc(1, sizeof(*fetch));
    int error = AMID_E_NOMEM;

    snprintf(reason, reason_size, "out of memory");
    if (fetch == NULL)
        return AMID_E_NOMEM;
    fetch->base = base;
    fetch->timers = timers;
    TAILQ_INIT(&fetch->clients);
    TAILQ_INIT(&fetch->queue);
    TAILQ_INIT(&fetch->news);
    fetch->wake = event_new(base, -1, 0, on_wake, fetch);
    if (fetch->wake != NULL &&
        asprintf(&fetch->authorities, "%s/" AUTHORITIES_FOLDER, settings->state_folder) >= 0)
        error = resolver_new(base, &fetch->resolver);
    if (error == 0)
        error = fetch_set_settings(fetch, settings, reason, reason_size);
    if (error != 0) {
        fetch_close(fetch);
        return error;
    }
    *ret_fetch = fetch;
    return 0;
}

void fetch_close(struct fetch *fetch)
{
    if (fetch == NULL)
        return;
    resolver_free(fetch->resolver);
    free(fetch->authorities);
    settings_free(&fetch->settings);
    if (fetch->wake != NULL)
        event_free(fetch->wake);
    free(fetch);
}

int fetch_need(struct fetch *fetch, char *fault, size_t fault_size)
{
    int error = curl_library_need(fault, fault_size);

    if (error != 0 || fetch->has_authorities)
        return error;
    error = authorities_write(fetch->authorities, fetch->settings.ca_file, fault, fault_size);
    fetch->has_authorities = error == 0;
    return error;
}

void fetch_set_guarded_ports(struct fetch *fetch, const uint16_t *ports, size_t count)
{
    fetch->guarded_count = count < FETCH_GUARDED_MAX ? count : FETCH_GUARDED_MAX;
    memcpy(fetch->guarded_ports, ports, fetch->guarded_count * sizeof(*ports));
}

static bool is_guarded_port(const struct fetch *fetch, uint16_t port)
{
    for (size_t i = 0; i < fetch->guarded_count; i++) {
        if (fetch->guarded_ports[i] == port)
            return true;
    }
    return false;
}

int fetch_may_connect(struct fetch *fetch, const struct target *target,
                      const struct address *address, char fault[FETCH_FAULT_BYTES])
{
    const char *allowed = fetch->settings.allow_private;
    const char *what = address_fault(address);
    char text[ADDRESS_TEXT_BYTES];

    if (what == NULL && own_address_is(&fetch->own, address))
        what = "this node's own";
    if (what == NULL)
        return 0;
    if (is_guarded_port(fetch, address_port(address))
            ? host_list_names_port(allowed, target->host, target->port)
            : host_list_has(allowed, target->host, target->port))
        return 0;
    address_text(address, text);
    snprintf(fault, FETCH_FAULT_BYTES,
             "%.253s:%u: the address is %s, %s, and fetch.allow_private does not name the host",
             target->host, (unsigned)target->port, text, what);
    return AMID_E_DENIED;
}

/* Of the clients with something to start, the one whose turn it is; NULL if none may. */
static struct fetch_client *next_client(struct fetch *fetch)
{
    struct fetch_client *client;

    TAILQ_FOREACH(client, &fetch->queue, queue_link)
    {
        if (client->held < fetch->settings.parallel && client->attempts < FETCH_OPEN_MAX)
            return client;
    }
    return NULL;
}

static void queue_client(struct fetch_client *client, bool is_queued)
{
    if (client->is_queued)
        TAILQ_REMOVE(&client->fetch->queue, client, queue_link);
    client->is_queued = is_queued;
    if (is_queued)
        TAILQ_INSERT_TAIL(&client->fetch->queue, client, queue_link);
}

static void give_slots(struct fetch *fetch)
{
    struct fetch_client *client;

    while (fetch->held < FETCH_PARALLEL_ALL && fetch->attempts < FETCH_OPEN_ALL &&
           (client = next_client(fetch)) != NULL) {
        struct fetch_slot *slot = TAILQ_FIRST(&client->waiting);

        TAILQ_REMOVE(&client->waiting, slot, link);
        queue_client(client, !TAILQ_EMPTY(&client->waiting));
        slot->state = FETCH_SLOT_HELD;
        client->held++;
        fetch->held++;
        slot->start(slot->arg);
    }
}

static void tell_news(struct fetch *fetch)
{
    struct fetch_news *news;
    size_t count = 0;

    /* News that come of these wait for another turn, so that sockets get theirs. */
    TAILQ_FOREACH(news, &fetch->news, link)
    {
        count++;
    }
    while (count-- > 0 && (news = TAILQ_FIRST(&fetch->news)) != NULL) {
        fetch_news_forget(fetch, news);
        news->tell(news->arg);
    }
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct fetch *fetch = arg;

    (void)fd;
    (void)what;
    fetch->is_awake = true;
    if (fetch->has_free_slots) {
        fetch->has_free_slots = false;
        give_slots(fetch);
    }
    tell_news(fetch);
    fetch->is_awake = false;
    if (!TAILQ_EMPTY(&fetch->news) || fetch->has_free_slots)
        event_add(fetch->wake, &(struct timeval){0, 0});
}

static void wake(struct fetch *fetch)
{
    if (!fetch->is_awake)
        event_active(fetch->wake, EV_TIMEOUT, 1);
}

void fetch_pump(struct fetch *fetch)
{
    fetch->has_free_slots = true;
    wake(fetch);
}

void fetch_slot_ask(struct fetch_client *client, struct fetch_slot *slot)
{
    TAILQ_INSERT_TAIL(&client->waiting, slot, link);
    slot->state = FETCH_SLOT_WAITING;
    if (!client->is_queued)
        queue_client(client, true);
    fetch_pump(client->fetch);
}

void fetch_slot_leave(struct fetch_client *client, struct fetch_slot *slot)
{
    if (slot->state == FETCH_SLOT_WAITING) {
        TAILQ_REMOVE(&client->waiting, slot, link);
        if (TAILQ_EMPTY(&client->waiting))
            queue_client(client, false);
    } else if (slot->state == FETCH_SLOT_HELD) {
        client->held--;
        client->fetch->held--;
        fetch_pump(client->fetch);
    }
    slot->state = FETCH_SLOT_NONE;
}

void fetch_news_tell(struct fetch *fetch, struct fetch_news *news)
{
    if (news->is_queued)
        return;
    TAILQ_INSERT_TAIL(&fetch->news, news, link);
    news->is_queued = true;
    wake(fetch);
}

void fetch_news_forget(struct fetch *fetch, struct fetch_news *news)
{
    if (news->is_queued)
        TAILQ_REMOVE(&fetch->news, news, link);
    news->is_queued = false;
}
