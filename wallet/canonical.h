#ifndef AMID_WALLET_CANONICAL_H
#define AMID_WALLET_CANONICAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "common/buffer.h"

/*
 * "gls-det-1", the network's deterministic JSON: members sorted by UTF-16 code units, no white
 * space, values as ECMAScript's JSON.stringify writes them, names between quotes but not escaped.
 * Members of the outermost object named in without (NULL-terminated, may be NULL) are left out.
 * AMID_E_INVALID for a tree deeper than JSON_DEPTH_MAX, else the state of the buffer.
 */
int canonical_json(const cJSON *value, const char *const *without, struct buffer *out);
/* Whether every name within is free of quotes, backslashes and control characters. Otherwise the
 * text of another value could be the same, for names are not escaped. value: of json_parse, which
 * bounds its depth. */
bool canonical_names_are_plain(const cJSON *value);

#endif
