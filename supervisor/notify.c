#include "supervisor/notify.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define STATUS_PERIOD_S 10
#define STATUS_BYTES    128

struct notify {
    struct event *watchdog;
    struct event *status_due;
    void (*status)(void *arg, char *text, size_t size);
    void *arg;
    char last_status[STATUS_BYTES];
};

static void notify_beat(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    sd_notify(0, "WATCHDOG=1");
}

static void notify_status(evutil_socket_t fd, short what, void *arg)
{
    struct notify *notify = arg;
    char text[STATUS_BYTES] = "";

    (void)fd;
    (void)what;
    notify->status(notify->arg, text, sizeof(text));
    if (strcmp(text, notify->last_status) == 0)
        return;
    memcpy(notify->last_status, text, sizeof(text));
    sd_notifyf(0, "STATUS=%s", text);
}

static int notify_start(struct notify *notify, struct event_base *base)
{
    const struct timeval status_period = {STATUS_PERIOD_S, 0};
    uint64_t watchdog_us = 0;

    notify->status_due = event_new(base, -1, EV_PERSIST, notify_status, notify);
    if (notify->status_due == NULL || event_add(notify->status_due, &status_period) != 0)
        return -1;
    if (sd_watchdog_enabled(0, &watchdog_us) > 0 && watchdog_us >= 2) {
        struct timeval half;

        half.tv_sec = (time_t)(watchdog_us / 2 / 1000000);
        half.tv_usec = (suseconds_t)(watchdog_us / 2 % 1000000);
        notify->watchdog = event_new(base, -1, EV_PERSIST, notify_beat, NULL);
        if (notify->watchdog == NULL || event_add(notify->watchdog, &half) != 0)
            return -1;
    }
    return 0;
}

struct notify *notify_new(struct event_base *base,
                          void (*status)(void *arg, char *text, size_t size), void *arg)
{
    struct notify *notify = calloc(1, sizeof(*notify));

    if (notify == NULL)
        return NULL;
    notify->status = status;
    notify->arg = arg;
    if (getenv("NOTIFY_SOCKET") != NULL && notify_start(notify, base) != 0) {
        notify_free(notify);
        return NULL;
    }
    return notify;
}

void notify_free(struct notify *notify)
{
    if (notify == NULL)
        return;
    if (notify->watchdog != NULL)
        event_free(notify->watchdog);
    if (notify->status_due != NULL)
        event_free(notify->status_due);
    free(notify);
}

void notify_ready(struct notify *notify)
{
    sd_notify(0, "READY=1");
    notify_status(-1, 0, notify);
}

void notify_reloading(struct notify *notify)
{
    struct timespec ts;

    (void)notify;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
               (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

void notify_stopping(struct notify *notify)
{
    (void)notify;
    sd_notify(0, "STOPPING=1\nSTATUS=stopping the workers");
}
