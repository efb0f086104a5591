#ifndef AMID_BROKER_RESERVED_H
#define AMID_BROKER_RESERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/kv/kv.h"

/* Keys that begin with "ami" or "leader" are amid's own; of them a script may only read
 * ["leader","info",…] (RULES 23). */
bool reserved_may_read(const uint8_t *key, size_t len);
bool reserved_may_write(const uint8_t *key, size_t len);

/* Takes what is amid's out of a range: the parts that are left, in order of keys, at most
 * RESERVED_PARTS_MAX. Returns their number, or AMID_E_DENIED if the whole range is amid's. Only
 * start and end of range are looked at. */
#define RESERVED_PARTS_MAX 2
int reserved_cut(const struct kv_range *range, struct kv_range parts[RESERVED_PARTS_MAX]);

#endif
