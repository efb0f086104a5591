#ifndef AMID_COMMON_ENDPOINTS_H
#define AMID_COMMON_ENDPOINTS_H

#include <stddef.h>
#include <stdint.h>

#define ENDPOINTS_MAX          16
#define ENDPOINT_URL_MAX_BYTES 256

/* The servers of a cluster, as cluster.etcd names them. */
struct endpoints {
    size_t count;
    char urls[ENDPOINTS_MAX][ENDPOINT_URL_MAX_BYTES]; /* scheme://host:port, nothing after it */
    uint16_t ports[ENDPOINTS_MAX];
};

/* http:// or https://, a host name or address (IPv6 in brackets), a port; white space around each
 * is fine. AMID_E_INVALID with the reason. */
int endpoints_parse(const char *text, struct endpoints *ret_endpoints, char *reason,
                    size_t reason_size);

#endif
