#ifndef AMID_ETCD_ANSWER_H
#define AMID_ETCD_ANSWER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/etcd/etcd.h"

/*
 * What the JSON gateway's answers are made of: 64-bit numbers are strings, keys and values base64,
 * and what is zero or empty is left out.
 */

/* A member that is a whole number; 0 if it is left out. AMID_E_PROTOCOL for anything else. */
int etcd_member_int64(const cJSON *object, const char *name, int64_t *ret_number);
/* A member in base64, allocated with a NUL behind it; "" if it is left out. AMID_E_TOO_LARGE beyond
 * max_bytes, AMID_E_PROTOCOL, AMID_E_NOMEM. */
int etcd_member_bytes(const cJSON *object, const char *name, size_t max_bytes, uint8_t **ret_bytes,
                      size_t *ret_len);
bool etcd_member_bool(const cJSON *object, const char *name);
/* header.revision; 0 if there is none. */
int64_t etcd_header_revision(const cJSON *answer);

/* What an answer that is an error means for the request. */
enum etcd_verdict {
    ETCD_VERDICT_FINAL,
    ETCD_VERDICT_ELSEWHERE, /* not done, and another server may */
    ETCD_VERDICT_TOKEN,     /* not done for want of a token that counts */
    ETCD_VERDICT_MAX
};

/* Of a whole answer. 0 and ETCD_VERDICT_FINAL for one that is none. Otherwise one of etcd_fn's
 * errors; *ret_text is the server's text, borrowed from json. */
int etcd_answer_judge(long status, const cJSON *json, enum etcd_kind kind,
                      enum etcd_verdict *ret_verdict, const char **ret_text);
/* Copies a text of the server's or of curl's with unprintable bytes as '?'. */
void etcd_fault_copy(char *out, size_t size, const char *text);

#endif
