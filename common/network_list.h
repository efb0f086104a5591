#ifndef AMID_COMMON_NETWORK_LIST_H
#define AMID_COMMON_NETWORK_LIST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* Addresses and networks with commas between them, as a setting has them: "127.0.0.1,10.0.0.0/8,
 * fd00::/8"; "" has nothing. IPv4 is the same written as IPv6 (::ffff:127.0.0.1). */

/* Numbers only, without brackets, port or zone. AMID_E_INVALID. */
int network_address_parse(const char *text, size_t len, struct in6_addr *ret_address);
/* NULL, or static text that says what is wrong with an item. */
const char *network_list_fault(const char *list);
/* What is wrong in a list has nothing. */
bool network_list_has(const char *list, const struct in6_addr *address);

#endif
