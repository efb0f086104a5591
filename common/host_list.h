#ifndef AMID_COMMON_HOST_LIST_H
#define AMID_COMMON_HOST_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Hosts as settings and permissions name them. An item is one of
 *   api.example.com   that host      *.example.com   every host below it, not itself
 *   192.0.2.7 [::1]   that address   *               every host
 * with an optional :port, without which every port is meant. A list is items with commas between
 * them. Hosts asked about are in the form that fetch brings them to: lower case, no brackets, no
 * dot at the end.
 */
#define HOST_NAME_MAX_BYTES 253 /* RFC 1035, without the dot at the end */
#define HOST_ITEM_MAX_BYTES (HOST_NAME_MAX_BYTES + 8)

/* Static text that says what is wrong with an item, or NULL. */
const char *host_item_fault(const char *item, size_t len);
/* What stands behind "http://" in a URL: a name or address, of IPv6 in brackets, with a port or
 * without. */
bool host_is_authority(const char *text);
bool host_item_has(const char *item, size_t len, const char *host, uint16_t port);
/* Same for a list; "" has nothing. */
const char *host_list_fault(const char *list);
bool host_list_has(const char *list, const char *host, uint16_t port);
/* True only if an item names the port as well. */
bool host_list_names_port(const char *list, const char *host, uint16_t port);

#endif
