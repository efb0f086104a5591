#ifndef AMID_COMMON_HOST_LIST_H
#define AMID_COMMON_HOST_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/host_pattern.h"

/* Host patterns with commas between them, as a setting has them; "" has nothing. What is wrong in a
 * list matches nothing. */

/* NULL, or static text that says what is wrong with an item. */
const char *host_list_fault(const char *list);
bool host_list_has(const char *list, const char *host, uint16_t port);
/* True only if an item names the port as well. */
bool host_list_names_port(const char *list, const char *host, uint16_t port);
/* Whether one item has all that the pattern has. */
bool host_list_covers(const char *list, const struct host_pattern *pattern);

#endif
