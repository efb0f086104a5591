#ifndef AMID_COMMON_PORT_RANGE_H
#define AMID_COMMON_PORT_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ports as settings and permissions name them: "8000" or "8000-8999"; 0 is none. */
struct port_range {
    uint16_t first, last; /* inclusive */
};

bool port_parse(const char *text, size_t len, uint16_t *ret_port);
bool port_range_parse(const char *text, size_t len, struct port_range *ret_range);

#endif
