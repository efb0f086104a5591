/* Any address: the filter decides alike on what it is asked twice, an IPv4 address within an IPv6
 * one is never public, and texts read back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/fetch/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address address = {.len = sizeof(struct sockaddr_in6)}, again;
    char text[ADDRESS_TEXT_BYTES], *port;
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (size < 18)
        return 0;
    address.v6.sin6_family = AF_INET6;
    memcpy(&address.v6.sin6_addr, data, 16);
    memcpy(&address.v6.sin6_port, data + 16, 2);
    if (address_fault(&address) == NULL && data[0] >> 5 != 1)
        abort();
    if (memcmp(data, mapped, sizeof(mapped)) == 0 && address_fault(&address) == NULL)
        abort();
    address_text(&address, text);
    port = strrchr(text, ':');
    port[-1] = '\0';
    if (address_parse(text + 1, (uint16_t)atoi(port + 1), &again) != 0 ||
        !address_is_same_host(&address, &again) || address_port(&address) != address_port(&again))
        abort();
    return 0;
}
