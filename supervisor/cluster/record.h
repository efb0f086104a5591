#ifndef AMID_CLUSTER_RECORD_H
#define AMID_CLUSTER_RECORD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* Members of the records that nodes write for each other. Wall clocks and generations are whole
 * numbers that JSON keeps exactly; a lease's number may be larger and is text, hexadecimal without
 * leading zeros. */
#define RECORD_INT_MOST  9007199254740991.0
#define RECORD_TIME_MOST 1e15

void record_add_text(struct buffer *out, const char *name, const char *text);
void record_add_int(struct buffer *out, const char *name, int64_t number);
void record_add_lease(struct buffer *out, int64_t lease);
/* Each: false, and nothing is taken, for what is missing, of another type or out of bounds. */
bool record_text(const cJSON *json, const char *name, char *out, size_t size);
bool record_int(const cJSON *json, const char *name, double most, int64_t *ret_number);
bool record_lease(const cJSON *json, int64_t *ret_lease);

#endif
