#ifndef AMID_REGISTRY_PERMISSIONS_H
#define AMID_REGISTRY_PERMISSIONS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/kv_key.h"
#include "common/port_range.h"

/*
 * What one worker may do of what its node allows (RULES 24), as its record's raw.permissions says:
 *   {fetch:[hosts], serve:[ports and "a-b"], kv:{net:[prefixes], local:[prefixes]}, wallet:bool,
 *    secrets:[names], exchanges:[names]}
 * A member that is not there takes nothing away; secrets and exchanges are granted by name only.
 * Immutable and shared: whoever keeps one holds a reference. NULL stands for "all that the node
 * allows" wherever one is asked. Used by one thread.
 */
#define PERMISSIONS_ITEMS_MAX        64 /* of each list */
#define PERMISSIONS_NAME_MAX_BYTES   128
#define PERMISSIONS_PREFIX_MAX_BYTES 512 /* encoded; several levels of names */
#define PERMISSIONS_PREFIX_MAX_PARTS 16
#define PERMISSIONS_JSON_MAX_BYTES   16384 /* of the record's 64 KiB */

struct permission_prefix {
    size_t len;
    uint8_t bytes[PERMISSIONS_PREFIX_MAX_BYTES];
};

struct permissions;

/* 0, or AMID_E_INVALID with a sentence about "<prefix>.permissions…" in reason, or AMID_E_NOMEM. */
int permissions_parse(const cJSON *json, const char *prefix, struct permissions **ret_permissions,
                      char *reason, size_t reason_size);
struct permissions *permissions_ref(struct permissions *permissions); /* NULL stays NULL */
void permissions_unref(struct permissions *permissions);
/* As it was given, without white space. */
const char *permissions_json(const struct permissions *permissions);

/* host: lower case, no brackets. */
bool permissions_fetch(const struct permissions *permissions, const char *host, uint16_t port);
bool permissions_serve(const struct permissions *permissions, uint16_t port);
/* Whole parts count: ["a"] covers ["a"] and ["a","b"], and nothing else that begins with its bytes.
 */
bool permissions_kv(const struct permissions *permissions, bool is_net, const uint8_t *key,
                    size_t len);
bool permissions_wallet(const struct permissions *permissions);
bool permissions_secret(const struct permissions *permissions, const char *name);
bool permissions_exchange(const struct permissions *permissions, const char *name);
/* The prefixes of a space in the order of their keys, none of them inside another; false = it is
 * not limited. */
bool permissions_prefixes(const struct permissions *permissions, bool is_net,
                          const struct permission_prefix **ret_prefixes, size_t *ret_count);
/* Hosts and port ranges that are named; 0 where there is no list. For warnings. */
size_t permissions_hosts(const struct permissions *permissions, char *const **ret_hosts);
size_t permissions_ports(const struct permissions *permissions,
                         const struct port_range **ret_ports);

#endif
