#ifndef AMID_FETCH_OWN_ADDRESS_H
#define AMID_FETCH_OWN_ADDRESS_H

#include "supervisor/fetch/address.h"

/* More interfaces than this are cut off; who has them names what workers may reach. */
#define OWN_ADDRESSES_MAX 256

/* The addresses of this machine's interfaces, as they were at most a second ago. */
struct own_addresses {
    struct address items[OWN_ADDRESSES_MAX];
    size_t count;
    int64_t read_ms; /* clock_mono_ms, 0 = never */
};

/* Reads the interfaces anew if what is known is too old. Also true if they cannot be read: an
 * address that may be ours is treated as if it were. */
bool own_address_is(struct own_addresses *own, const struct address *address);

#endif
