#ifndef AMID_BROKER_PERMISSION_H
#define AMID_BROKER_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/broker/broker.h"

/* What a worker may: never more than its node's settings allow (RULES 24). Pure; the caller refuses
 * with host_call_deny, which names the permission. */

/* host: lower case, an address without brackets. fetch.allow lists hosts, each "name", "*.name"
 * (what ends in .name), an address, any of them with ":port" behind it, or "*" for every host. */
bool permission_fetch(const struct broker_worker *worker, const char *host, uint16_t port);
/* serve.ports lists ports and ranges: 8000-8999,9100. */
bool permission_serve(const struct broker_worker *worker, uint16_t port);
bool permission_kv(const struct broker_worker *worker, bool is_net, const uint8_t *key, size_t len);
bool permission_wallet(const struct broker_worker *worker);

/* The two lists' own rules, for settings and for a worker's record. text is one item. */
bool permission_host_matches(const char *text, size_t len, const char *host, uint16_t port);
bool permission_port_matches(const char *text, size_t len, uint16_t port);

#endif
