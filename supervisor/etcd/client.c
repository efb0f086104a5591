#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/etcd/etcd_internal.h"

#define KEPT_CONNECTIONS 8

void etcd_wake(struct etcd *etcd)
{
    if (!etcd->is_closing)
        event_active(etcd->wake, 0, 0);
}

static void refusals_tell(struct etcd *etcd)
{
    struct etcd_call *call;

    /* What the answers ask for anew is for the next turn. */
    for (size_t left = etcd->calls; left > 0; left--) {
        call = TAILQ_FIRST(&etcd->refused);
        if (call == NULL)
            return;
        etcd_call_finish(call, call->refusal, NULL, error_text(call->refusal));
    }
    if (!TAILQ_EMPTY(&etcd->refused))
        etcd_wake(etcd);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct etcd *etcd = arg;

    (void)fd;
    (void)what;
    refusals_tell(etcd);
    etcd_streams_tell(etcd);
    etcd_pump(etcd);
}

void etcd_pump(struct etcd *etcd)
{
    struct etcd_call *call;
    struct etcd_stream *stream;

    if (etcd->is_closing)
        return;
    call = TAILQ_FIRST(&etcd->waiting);
    bool streams_wait = false;
    TAILQ_FOREACH(stream, &etcd->streams, link)
    {
        streams_wait = streams_wait || stream->is_waiting;
    }
    if (call == NULL && !streams_wait)
        return;
    bool is_ready = etcd_token_ready(etcd);
    while (etcd->active_count < ETCD_CALLS_PARALLEL &&
           (call = TAILQ_FIRST(&etcd->waiting)) != NULL && (is_ready || call->is_token))
        etcd_call_start(call);
    TAILQ_FOREACH(stream, &etcd->streams, link)
    {
        if (is_ready && stream->is_waiting)
            etcd_stream_start(stream);
    }
}

void etcd_endpoint_failed(struct etcd *etcd, size_t endpoint)
{
    if (endpoint == etcd->preferred)
        etcd_prefer_next(etcd);
}

void etcd_prefer_next(struct etcd *etcd)
{
    etcd->preferred = (etcd->preferred + 1) % etcd->endpoints.count;
}

const char *etcd_preferred(const struct etcd *etcd)
{
    return etcd->endpoints.urls[etcd->preferred];
}

static bool settings_copy(struct etcd *etcd, const struct etcd_settings *settings)
{
    etcd->user = strdup(settings->user);
    etcd->password_file = strdup(settings->password_file);
    etcd->ca_file = strdup(settings->ca_file);
    etcd->cert = strdup(settings->cert);
    etcd->key = strdup(settings->key);
    etcd->timeout_ms = settings->timeout_ms;
    return etcd->user != NULL && etcd->password_file != NULL && etcd->ca_file != NULL &&
           etcd->cert != NULL && etcd->key != NULL;
}

int etcd_open(struct event_base *base, struct timers *timers, const struct etcd_settings *settings,
              struct etcd **ret_etcd, char *reason, size_t reason_size)
{
    struct etcd *etcd = calloc(1, sizeof(*etcd));
    int error = etcd == NULL ? AMID_E_NOMEM : 0;

    if (error != 0) {
        snprintf(reason, reason_size, "%s", error_text(error));
        return error;
    }
    etcd->base = base;
    etcd->timers = timers;
    TAILQ_INIT(&etcd->waiting);
    TAILQ_INIT(&etcd->active);
    TAILQ_INIT(&etcd->refused);
    TAILQ_INIT(&etcd->streams);
    etcd->wake = event_new(base, -1, 0, on_wake, etcd);
    if (!settings_copy(etcd, settings) || etcd->wake == NULL ||
        curl_loop_init(&etcd->curl, base, KEPT_CONNECTIONS, etcd_attempt_ended) != 0) {
        error = AMID_E_NOMEM;
        snprintf(reason, reason_size, "%s", error_text(error));
    }
    if (error == 0)
        error = endpoints_parse(settings->endpoints, &etcd->endpoints, reason, reason_size);
    if (error == 0)
        error = curl_library_need(reason, reason_size);
    if (error != 0) {
        etcd_close(etcd);
        return error;
    }
    *ret_etcd = etcd;
    return 0;
}

static void close_calls(struct etcd_calls *calls)
{
    struct etcd_call *call;

    while ((call = TAILQ_FIRST(calls)) != NULL)
        etcd_call_finish(call, AMID_E_CLOSED, NULL, "closed");
}

void etcd_close(struct etcd *etcd)
{
    if (etcd == NULL)
        return;
    etcd->is_closing = true;
    close_calls(&etcd->active);
    close_calls(&etcd->waiting);
    close_calls(&etcd->refused);
    curl_loop_free(&etcd->curl);
    if (etcd->wake != NULL)
        event_free(etcd->wake);
    free(etcd->user);
    free(etcd->password_file);
    free(etcd->ca_file);
    free(etcd->cert);
    free(etcd->key);
    free(etcd);
}
