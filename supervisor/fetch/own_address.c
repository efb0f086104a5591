#include "supervisor/fetch/own_address.h"

#include <ifaddrs.h>

#include "common/clock.h"

#define FRESH_MS 1000

static bool read_interfaces(struct own_addresses *own)
{
    struct ifaddrs *list;

    if (getifaddrs(&list) != 0)
        return false;
    own->count = 0;
    for (const struct ifaddrs *at = list; at != NULL && own->count < OWN_ADDRESSES_MAX;
         at = at->ifa_next) {
        socklen_t len;

        if (at->ifa_addr == NULL)
            continue;
        len = at->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                 : sizeof(struct sockaddr_in6);
        if (address_of(at->ifa_addr, len, &own->items[own->count]) == 0)
            own->count++;
    }
    freeifaddrs(list);
    own->read_ms = clock_mono_ms();
    return true;
}

bool own_address_is(struct own_addresses *own, const struct address *address)
{
    if ((own->read_ms == 0 || clock_mono_ms() - own->read_ms > FRESH_MS) && !read_interfaces(own))
        return true;
    for (size_t i = 0; i < own->count; i++) {
        if (address_is_same_host(&own->items[i], address))
            return true;
    }
    return false;
}
