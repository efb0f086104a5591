#ifndef AMID_NOTIFY_H
#define AMID_NOTIFY_H

#include <event2/event.h>

/* What systemd hears of us (Type=notify): readiness, reload, stop, a status line, and the
 * watchdog's beat from the loop, in real time whatever the test clock says. All do nothing
 * elsewhere. */
struct notify;

/* status writes the line shown by `systemctl status`; asked about every ten seconds. NULL when out
 * of memory. */
struct notify *notify_new(struct event_base *base,
                          void (*status)(void *arg, char *text, size_t size), void *arg);
void notify_free(struct notify *notify);
void notify_ready(struct notify *notify);
void notify_reloading(struct notify *notify);
void notify_stopping(struct notify *notify);

#endif
