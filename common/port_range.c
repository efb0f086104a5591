#include "common/port_range.h"

#include <string.h>

#define PORT_DIGITS_MAX 5

bool port_parse(const char *text, size_t len, uint16_t *ret_port)
{
    unsigned long port = 0;

    if (len == 0 || len > PORT_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

bool port_range_parse(const char *text, size_t len, struct port_range *ret_range)
{
    const char *dash = memchr(text, '-', len);
    size_t first_len = dash == NULL ? len : (size_t)(dash - text);
    const char *last = dash == NULL ? text : dash + 1;
    struct port_range range;

    if (!port_parse(text, first_len, &range.first) ||
        !port_parse(last, (size_t)(text + len - last), &range.last) || range.last < range.first)
        return false;
    *ret_range = range;
    return true;
}
