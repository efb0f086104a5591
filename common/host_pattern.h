#ifndef AMID_COMMON_HOST_PATTERN_H
#define AMID_COMMON_HOST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Hosts as settings and permissions name them:
 *   api.example.com   that host      *.example.com   every host below it, not itself
 *   192.0.2.7 [::1]   that address   *               every host
 * with an optional :port, without which every port is meant (an IPv6 address then stands in
 * brackets). Letters may be of any case. Hosts asked about have no brackets.
 */
#define HOST_NAME_MAX_BYTES  253 /* RFC 1035, without the dot at the end */
#define HOST_LABEL_MAX_BYTES 63

struct host_pattern {
    const char *name; /* borrowed, without brackets and "*." */
    size_t len;
    bool is_any;
    bool is_below; /* what lies below the name */
    bool is_v6;
    uint16_t port; /* 0 = every port */
};

/* NULL, or static text that says what is wrong; *ret_pattern borrows text. */
const char *host_pattern_parse(const char *text, size_t len, struct host_pattern *ret_pattern);
bool host_pattern_has(const struct host_pattern *pattern, const char *host, uint16_t port);
/* Whether all that inner has outer has, too. */
bool host_pattern_covers(const struct host_pattern *outer, const struct host_pattern *inner);
/* What stands behind "http://" in a URL: a name or address, of IPv6 in brackets, with a port or
 * without. */
bool host_is_authority(const char *text);

#endif
