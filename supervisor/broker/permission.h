#ifndef AMID_BROKER_PERMISSION_H
#define AMID_BROKER_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/broker/broker.h"

/* What a worker may: what its record allows (registry/permissions.h) and its node's settings too
 * (RULES 24). The caller refuses with host_call_deny, which names the permission. */

/* host: lower case, an address without brackets. */
bool permission_fetch(const struct broker_worker *worker, const char *host, uint16_t port);
bool permission_serve(const struct broker_worker *worker, uint16_t port);
/* An encoded key. What is amid's own is another matter: reserved.h. */
bool permission_kv(const struct broker_worker *worker, bool is_net, const uint8_t *key, size_t len);
bool permission_wallet(const struct broker_worker *worker);

/* Cuts ranges, in the order of their keys, to what the worker may read: *ret_parts gets the parts
 * that are left, in the same order, to be freed. Returns their number, AMID_E_DENIED if there is
 * none, or AMID_E_NOMEM. */
int permission_cut(const struct broker_worker *worker, bool is_net, const struct kv_range *ranges,
                   size_t count, struct kv_range **ret_parts);

/* A refusal's record in the journal. A worker that runs into them again and again is noted a few
 * times, then counted. */
#define PERMISSION_DENIED_LINES     10
#define PERMISSION_DENIED_WINDOW_MS 10000
void permission_denied(struct broker_worker *worker, const char *permission, const char *what);
/* Tells what was only counted. */
void permission_denied_flush(struct broker_worker *worker);
/* "kv.net" and the key as JSON, cut to fit. */
#define PERMISSION_WHAT_BYTES 160
const char *permission_kv_name(bool is_net);
void permission_kv_what(const uint8_t *key, size_t len, char what[PERMISSION_WHAT_BYTES]);

/* What the worker may has changed: takes effect with the next call; what it holds open and may no
 * more is closed. permissions: borrowed until the next change or the worker's end. */
void permission_changed(struct broker_worker *worker, const struct permissions *permissions);

/* Whether the settings allow all that a record names: a host pattern, a range of ports. */
bool permission_node_fetch(const struct config *config, const char *pattern);
bool permission_node_serve(const struct config *config, const struct port_range *ports);

#endif
