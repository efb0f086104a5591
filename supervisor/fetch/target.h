#ifndef AMID_FETCH_TARGET_H
#define AMID_FETCH_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/host_list.h"
#include "supervisor/curl/curl_library.h"

#define TARGET_URL_MAX_BYTES 16384

/*
 * Where a request goes. curl itself takes the address apart and is handed the very parts that were
 * checked, so that there are no two readings of one URL. The host is lower case, without brackets
 * and without a dot at the end; an address is in its one canonical form.
 */
struct target {
    CURLU *url;
    bool is_secure;
    bool is_address; /* the host is an IPv4 or IPv6 address */
    uint16_t port;
    char host[HOST_NAME_MAX_BYTES + 1];
};

enum target_kind { TARGET_HTTP, TARGET_SOCKET }; /* http and https, or also ws and wss */

/* url: an absolute address. 0, AMID_E_NOMEM, or AMID_E_INVALID with static text in *ret_fault.
 * Free with target_free. */
int target_parse(const char *url, enum target_kind kind, struct target *ret_target,
                 const char **ret_fault);
/* Where `location` leads from there; the fragment is not kept. Errors as above. */
int target_follow(const struct target *from, const char *location, struct target *ret_target,
                  const char **ret_fault);
void target_free(struct target *target);
/* The address as text, to be freed with free; NULL when out of memory. */
char *target_text(const struct target *target);
/* Path and query, to be freed with free. */
char *target_path(const struct target *target);
bool target_is_same_origin(const struct target *a, const struct target *b);

#endif
